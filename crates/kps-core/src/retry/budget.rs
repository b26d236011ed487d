//! How many repetitions the calls of a client have together.

use std::sync::atomic::{AtomicU32, Ordering};

/// What a repetition costs. A call that succeeds at once brings 1.
const COST: u32 = 10;

/// In an outage every call fails, and repeating them all would triple what a service has to bear that cannot bear it.
#[derive(Debug)]
pub(crate) struct Budget {
    most: u32,
    left: AtomicU32,
}

impl Budget {
    pub(crate) const fn new(repetitions: u32) -> Self {
        let most = repetitions.saturating_mul(COST);
        Self { most, left: AtomicU32::new(most) }
    }

    /// Pays for a repetition, if there is enough left.
    pub(crate) fn spend(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(COST)).is_ok()
    }

    /// Takes in what a call brings that succeeded at its first attempt.
    pub(crate) fn earn(&self) {
        // Nearly always it is full, and nobody has to wait for who writes.
        if self.left.load(Ordering::Relaxed) < self.most {
            let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left < self.most).then(|| left + 1)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_successes_earn_a_repetition() {
        let budget = Budget::new(2);
        assert_eq!([budget.spend(), budget.spend(), budget.spend()], [true, true, false]);
        (0..9).for_each(|_| budget.earn());
        assert!(!budget.spend());
        budget.earn();
        assert_eq!([budget.spend(), budget.spend()], [true, false]);
        (0..1000).for_each(|_| budget.earn());
        assert_eq!([budget.spend(), budget.spend(), budget.spend()], [true, true, false]);
        assert!(!Budget::new(0).spend());
        assert!(Budget::new(u32::MAX).spend());
    }
}
