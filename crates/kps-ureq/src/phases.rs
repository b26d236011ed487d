//! How the time of an attempt is shared out among its phases.

use std::time::Duration;

use kps_core::HttpOptions;

/// What no phase may exceed, however long an attempt may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    connect: Duration,
    answer: Option<Duration>,
    body: Option<Duration>,
}

/// How long each phase may take. In sum that is no more than the attempt may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Phases {
    pub(crate) connect: Duration,
    /// Sending the head, and as long again for the body.
    pub(crate) send: Duration,
    pub(crate) answer: Duration,
    pub(crate) body: Duration,
}

impl Limits {
    pub(crate) const fn of(options: &HttpOptions) -> Self {
        Self {
            connect: options.connect_timeout(),
            answer: options.answer_timeout(),
            body: options.body_timeout(),
        }
    }

    pub(crate) fn phases(&self, attempt: Duration) -> Phases {
        let at_most = |time: Duration, limit: Option<Duration>| limit.map_or(time, |limit| time.min(limit));
        // Up to the head of the answer.
        let connect = self.connect.min(at_most(attempt, self.answer) / 3);
        let rest = attempt.saturating_sub(connect);
        let usual = connect.saturating_add(rest / 5 * 3);
        let head = at_most(usual, self.answer).saturating_sub(connect);
        let body = at_most(rest.saturating_sub(head), self.body);
        Phases {
            connect: at_least_a_moment(connect),
            send: at_least_a_moment(head / 6),
            answer: at_least_a_moment(head / 3 * 2),
            body: at_least_a_moment(body),
        }
    }
}

/// The system takes a socket's time-out of zero for none at all.
fn at_least_a_moment(timeout: Duration) -> Duration {
    timeout.max(Duration::from_millis(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(options: &HttpOptions, attempt: u64) -> [u64; 4] {
        let phases = Limits::of(options).phases(Duration::from_millis(attempt));
        let sum = phases.connect + phases.send * 2 + phases.answer + phases.body;
        // Five phases of a moment each may be more than nothing.
        assert!(sum <= Duration::from_millis(attempt.max(5)), "{phases:?}");
        [phases.connect, phases.send, phases.answer, phases.body]
            .map(|time| u64::try_from(time.as_millis()).unwrap())
    }

    #[test]
    fn phases_add_up_to_the_attempt() {
        let millis = Duration::from_millis;
        let plain = || HttpOptions::new();
        let long = || plain().with_attempt_timeout(millis(600_000));
        for (options, attempt, expected) in [
            (plain(), 60_000, [10_000, 5000, 20_000, 20_000]),
            (plain(), 3000, [1000, 200, 800, 800]),
            (plain(), 0, [1, 1, 1, 1]),
            (long().with_connect_timeout(millis(100)), 60_100, [100, 6000, 24_000, 24_000]),
            (long(), 600_000, [10_000, 59_000, 236_000, 236_000]),
            (plain().with_answer_timeout(millis(3000)), 60_000, [1000, 333, 1333, 57_000]),
            (plain().with_body_timeout(millis(50)), 60_000, [10_000, 5000, 20_000, 50]),
            (plain().with_answer_timeout(millis(90_000)), 60_000, [10_000, 5000, 20_000, 20_000]),
        ] {
            assert_eq!(shared(&options, attempt), expected, "{options:?} {attempt}");
        }
    }
}
