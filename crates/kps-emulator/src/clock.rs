//! The clocks that requests in process are handed over with.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// What time it is, and what a wait does to it. Clones share it.
#[derive(Clone)]
pub(crate) enum Clock {
    /// Somebody tells it: the system, or a test. A wait is none.
    Told(Arc<dyn Fn() -> SystemTime + Send + Sync>),
    /// It goes only while somebody waits, and then at once.
    Virtual(Arc<Virtual>),
}

pub(crate) struct Virtual(Mutex<Moment>);

/// They go together until there is no later time of day.
#[derive(Clone, Copy)]
struct Moment {
    now: SystemTime,
    passed: Duration,
}

impl Clock {
    pub(crate) fn starting_at(start: SystemTime) -> Self {
        Self::Virtual(Arc::new(Virtual(Mutex::new(Moment { now: start, passed: Duration::ZERO }))))
    }

    pub(crate) fn now(&self) -> SystemTime {
        match self {
            Self::Told(tell) => tell(),
            Self::Virtual(clock) => clock.moment().now,
        }
    }

    pub(crate) fn ticks(&self) -> Duration {
        match self {
            Self::Told(tell) => tell().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default(),
            Self::Virtual(clock) => clock.moment().passed,
        }
    }

    pub(crate) fn wait(&self, time: Duration) {
        if let Self::Virtual(clock) = self {
            clock.pass(time);
        }
    }
}

impl Virtual {
    fn moment(&self) -> MutexGuard<'_, Moment> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(&self, time: Duration) {
        let mut moment = self.moment();
        moment.passed = moment.passed.saturating_add(time);
        moment.now = moment.now.checked_add(time).unwrap_or(moment.now);
    }
}

#[expect(clippy::disallowed_methods, reason = "the one clock of this crate")]
pub(crate) fn system_clock() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_clock_goes_by_waits_and_never_back() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(7);
        let clock = Clock::starting_at(start);
        let shared = clock.clone();
        assert_eq!((clock.now(), clock.ticks()), (start, Duration::ZERO));
        clock.wait(Duration::from_millis(1500));
        let later = start + Duration::from_millis(1500);
        assert_eq!((shared.now(), shared.ticks()), (later, Duration::from_millis(1500)));
        clock.wait(Duration::MAX);
        assert_eq!((shared.now(), shared.ticks()), (later, Duration::MAX));
    }

    #[test]
    fn a_clock_that_is_told_does_not_go_by_waits() {
        let clock = Clock::Told(Arc::new(|| SystemTime::UNIX_EPOCH + Duration::from_secs(7)));
        clock.wait(Duration::from_secs(1));
        assert_eq!(clock.ticks(), Duration::from_secs(7));
        let early = Clock::Told(Arc::new(|| SystemTime::UNIX_EPOCH - Duration::from_secs(7)));
        assert_eq!(early.ticks(), Duration::ZERO);
    }
}
