use serde::{Deserialize, Serialize};

/// The clock of the tasks, in milliseconds since 1970. It goes with the one that requests are handed over with, unless
/// it is stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskClock {
    /// The latest moment a request was handed over at: time does not go back.
    latest: i64,
    /// How far it is ahead of that.
    ahead: i64,
    /// Where it stands, if it does.
    frozen: Option<i64>,
}

impl TaskClock {
    /// The time, when it is this by the clock of the requests.
    pub(crate) fn tell(&mut self, millis: i64) -> i64 {
        self.latest = self.latest.max(millis);
        self.now()
    }

    /// The time when it was last told, and what was added to it since.
    pub(crate) fn now(&self) -> i64 {
        // Thirteen digits, as the service has.
        self.frozen.unwrap_or_else(|| self.latest.saturating_add(self.ahead)).clamp(0, 9_999_999_999_999)
    }

    pub(crate) fn advance(&mut self, millis: i64) {
        match &mut self.frozen {
            Some(at) => *at = at.saturating_add(millis),
            None => self.ahead = self.ahead.saturating_add(millis),
        }
    }

    pub(crate) const fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    pub(crate) fn freeze(&mut self) {
        self.frozen = Some(self.now());
    }

    /// It goes on from where it stands.
    pub(crate) fn thaw(&mut self) {
        if self.frozen.is_some() {
            self.ahead = self.now().saturating_sub(self.latest);
            self.frozen = None;
        }
    }

    /// By how much it is ahead of the clock of the requests; less than zero where it is behind.
    pub(crate) fn ahead(&self) -> i64 {
        self.now().saturating_sub(self.latest)
    }

    /// As it was saved, and no earlier than it is by the clock of the requests.
    pub(crate) fn restore(&mut self, saved: Self) {
        *self = Self { latest: self.latest.max(saved.latest), ..saved };
    }

    /// Goes with the clock of the requests again.
    pub(crate) fn reset(&mut self) {
        *self = Self { latest: self.latest, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_with_the_requests_and_never_back() {
        let mut clock = TaskClock::default();
        let told: Vec<_> = [5, 7, 6, 7].into_iter().map(|millis| clock.tell(millis)).collect();
        assert_eq!(told, [5, 7, 7, 7]);
        clock.advance(100);
        assert_eq!((clock.tell(8), clock.ahead()), (108, 100));
        clock.advance(i64::MAX);
        clock.advance(i64::MAX);
        assert_eq!(clock.now(), 9_999_999_999_999);
    }

    #[test]
    fn it_stands_until_it_is_let_go_on_from_there() {
        let mut clock = TaskClock::default();
        clock.tell(1000);
        clock.advance(50);
        clock.freeze();
        assert_eq!((clock.tell(5000), clock.is_frozen(), clock.ahead()), (1050, true, -3950));
        clock.advance(10);
        clock.freeze();
        assert_eq!(clock.tell(6000), 1060, "to stop it twice changes nothing");
        clock.thaw();
        clock.thaw();
        assert_eq!((clock.tell(6000), clock.tell(6001), clock.is_frozen()), (1060, 1061, false));
        clock.freeze();
        clock.reset();
        assert_eq!((clock.tell(6002), clock.is_frozen()), (6002, false));
    }

    #[test]
    fn what_was_saved_goes_on_with_the_time_of_day() {
        let mut saved = TaskClock::default();
        saved.tell(1000);
        saved.advance(50);
        let mut clock = TaskClock::default();
        clock.tell(9000);
        clock.restore(saved);
        assert_eq!(clock.now(), 9050);
        let mut early = TaskClock::default();
        early.restore(saved);
        assert_eq!((early.now(), early.tell(3)), (1050, 1050), "not earlier than it was saved");
        saved.freeze();
        clock.restore(saved);
        assert_eq!((clock.now(), clock.tell(9001)), (1050, 1050));
    }
}
