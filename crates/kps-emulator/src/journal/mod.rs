//! What was asked of the emulator, and what became of it.

mod emulator;
pub(crate) mod mask;
mod record;

use std::collections::{BTreeMap, VecDeque};

use crate::Fault;

pub use record::CallRecord;
pub(crate) use record::{Course, Moment};

/// The latest calls, and how many of all there were the service has applied.
#[derive(Debug)]
pub(crate) struct Journal {
    calls: VecDeque<CallRecord>,
    /// How many are kept.
    most: usize,
    /// How many there were.
    count: u64,
    applied: BTreeMap<&'static str, usize>,
}

impl Journal {
    /// How many calls are kept if nothing is said.
    pub(crate) const MOST: usize = 10_000;

    pub(crate) const fn new(most: usize) -> Self {
        Self { calls: VecDeque::new(), most, count: 0, applied: BTreeMap::new() }
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.most);
    }

    /// Numbers a call, the first with 1, and keeps it in place of the oldest.
    pub(crate) fn write(&mut self, mut call: CallRecord) {
        self.count = self.count.saturating_add(1);
        call.number = self.count;
        let succeeded = call.status.is_some_and(|status| status.is_success());
        if let Some(operation) = call.operation.filter(|_| succeeded) {
            let count = self.applied.entry(operation).or_default();
            *count = count.saturating_add(1);
        }
        self.calls.push_back(call);
        if self.calls.len() > self.most {
            self.calls.pop_front();
        }
    }

    /// The number of the latest call, 0 if there was none.
    pub(crate) const fn last(&self) -> u64 {
        self.count
    }

    /// How many calls were forgotten for later ones.
    pub(crate) fn dropped(&self) -> u64 {
        self.count.saturating_sub(u64::try_from(self.calls.len()).unwrap_or(u64::MAX))
    }

    /// The calls that got to the gateway: who was refused the connection did not.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &CallRecord> {
        self.calls.iter().filter(|call| !call.faults.contains(&Fault::Refuse))
    }

    pub(crate) fn injected(&self) -> Vec<(&'static str, Fault)> {
        let of_call = |call: &CallRecord| {
            let operation = call.operation.unwrap_or_default();
            call.faults.clone().into_iter().map(move |fault| (operation, fault))
        };
        self.calls.iter().flat_map(of_call).collect()
    }

    pub(crate) fn applied(&self, operation: &str) -> usize {
        self.applied.get(operation).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn the_oldest_calls_are_forgotten_and_still_counted() {
        let mut journal = Journal::new(3);
        let call = |operation, status| {
            let mut call = CallRecord::blank();
            (call.operation, call.status, call.faults) = (Some(operation), status, vec![Fault::Garbage]);
            call
        };
        journal.write(call("First", Some(StatusCode::OK)));
        for status in [Some(StatusCode::ACCEPTED), Some(StatusCode::BAD_REQUEST), None] {
            journal.write(call("Second", status));
        }
        journal.write(call("Third", Some(StatusCode::NO_CONTENT)));
        journal.write(CallRecord::blank());
        let kept: Vec<_> = journal.calls().map(|call| (call.number, call.operation)).collect();
        assert_eq!(kept, [(4, Some("Second")), (5, Some("Third")), (6, None)]);
        assert_eq!((journal.dropped(), journal.injected().len()), (3, 2));
        let counts = ["First", "Second", "Third", "Fourth"].map(|operation| journal.applied(operation));
        assert_eq!(counts, [1, 1, 1, 0]);

        journal.clear();
        journal.write(CallRecord::blank());
        assert_eq!((journal.calls().count(), journal.dropped(), journal.applied("First")), (1, 0, 0));
    }

    #[test]
    fn none_need_be_kept() {
        let mut journal = Journal::new(0);
        journal.write(CallRecord::blank());
        assert_eq!((journal.calls().count(), journal.dropped()), (0, 1));
    }
}
