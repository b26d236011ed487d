use std::collections::{BTreeMap, VecDeque};

use http::StatusCode;

use super::Fault;

/// A call of an operation that got as far as the gateway, and what became of it. It holds no values of the call.
///
/// ```
/// use kps_core::{ListKeypairs, Region, blocking};
/// use kps_emulator::{Emulator, Fault, FaultRule};
///
/// let emulator = Emulator::new();
/// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
/// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
/// emulator.inject(FaultRule::new(Fault::Garbage).nth(1));
/// assert!(kps.send(ListKeypairs::new()).is_err());
/// let call = &emulator.calls()[0];
/// assert_eq!(call.operation, "ListKeypairs");
/// assert_eq!(call.status, Some(http::StatusCode::OK));
/// assert_eq!(call.faults, [Fault::Garbage]);
/// # Ok::<(), kps_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallRecord {
    /// The official name of the operation.
    pub operation: &'static str,
    /// The status with which the service answered, whatever the client got to see. `None` if a fault kept it from acting.
    pub status: Option<StatusCode>,
    /// The faults that were injected into this call.
    pub faults: Vec<Fault>,
}

/// How many calls are kept.
const MOST: usize = 100_000;

/// The latest calls, and how many of all there were the service has applied.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    calls: VecDeque<CallRecord>,
    applied: BTreeMap<&'static str, usize>,
}

impl Journal {
    pub(crate) fn write(&mut self, call: CallRecord) {
        if call.status.is_some_and(|status| status.is_success()) {
            let count = self.applied.entry(call.operation).or_default();
            *count = count.saturating_add(1);
        }
        if self.calls.len() == MOST {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// The calls that got to the gateway: who was refused the connection did not.
    pub(crate) fn calls(&self) -> Vec<CallRecord> {
        self.calls.iter().filter(|call| !call.faults.contains(&Fault::Refuse)).cloned().collect()
    }

    pub(crate) fn injected(&self) -> Vec<(&'static str, Fault)> {
        let of_call = |call: &CallRecord| {
            let operation = call.operation;
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
    use super::*;

    #[test]
    fn the_oldest_calls_are_forgotten_and_still_counted() {
        let mut journal = Journal::default();
        let call = |operation, status| CallRecord { operation, status, faults: vec![Fault::Garbage] };
        journal.write(call("First", Some(StatusCode::OK)));
        for status in [Some(StatusCode::ACCEPTED), Some(StatusCode::BAD_REQUEST), None] {
            journal.write(call("Second", status));
        }
        for _ in 3..MOST {
            journal.write(call("Third", Some(StatusCode::NO_CONTENT)));
        }
        assert_eq!(journal.calls().len(), MOST);
        assert_eq!(journal.injected().len(), MOST);
        assert_eq!(journal.calls()[0].operation, "Second");
        let counts = ["First", "Second", "Third", "Fourth"].map(|operation| journal.applied(operation));
        assert_eq!(counts, [1, 1, MOST - 3, 0]);
    }
}
