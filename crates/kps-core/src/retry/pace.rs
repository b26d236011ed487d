//! How fast the calls of a client may follow each other.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// So many calls in so long a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    calls: u32,
    window: Duration,
}

/// How far apart calls are after a throttling that did not say of what window, and for how long: 20 calls a second is
/// what the service documents for the key management on the same host.
const SPACING: Duration = Duration::from_millis(50);
const WINDOW: Duration = Duration::from_secs(10);

impl Rate {
    pub(crate) fn new(calls: u32, window: Duration) -> Self {
        Self { calls: calls.max(1), window }
    }

    pub(crate) fn spacing(self) -> Duration {
        self.window / self.calls
    }

    /// The limit a refusal names: `... over ratelimit,limit:200,time:5 minute`.
    pub(crate) fn in_text(text: &str) -> Option<Self> {
        let (_, behind) = text.split_once("limit:")?;
        let (calls, behind) = number(behind)?;
        let (count, unit) = number(behind.split_once("time:")?.1)?;
        let unit = unit.trim_start();
        let seconds = [("second", 1), ("minute", 60), ("hour", 3600), ("day", 86_400)];
        let (_, seconds) = seconds.iter().find(|(name, _)| unit.starts_with(name))?;
        let window = Duration::from_secs(u64::from(count).checked_mul(*seconds)?);
        // A window of more than a day is a slip, or somebody else's words.
        let plausible = calls > 0 && !window.is_zero() && window <= Duration::from_secs(86_400);
        plausible.then_some(Self { calls, window })
    }
}

/// The number at the beginning of a text, and what is behind it.
fn number(text: &str) -> Option<(u32, &str)> {
    let text = text.trim_start();
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (digits, behind) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, behind))
}

/// The calls of a client, one lane for each operation: the gateway counts by user and operation.
#[derive(Debug)]
pub(crate) struct Pace {
    /// The limit that is kept without being told.
    ahead: Option<Rate>,
    /// Whether there are lanes. Mostly there are none, and nobody has to wait for a lock.
    busy: AtomicBool,
    lanes: Mutex<HashMap<&'static str, Lane>>,
}

/// When the calls of one operation may go. All times are ticks.
#[derive(Debug, Default)]
struct Lane {
    /// The earliest moment of the next call.
    next: Duration,
    /// How far apart calls are until `slow_until`, told by the gateway.
    spacing: Duration,
    slow_until: Duration,
    /// When all calls so far would have gone, had they been spread evenly by the limit that is kept without being told.
    even: Duration,
}

impl Lane {
    fn opens(&self, ahead: Option<Rate>) -> Duration {
        let lead = |rate: Rate| rate.spacing().saturating_mul(rate.calls - 1);
        let by_limit = ahead.map_or(Duration::ZERO, |rate| self.even.saturating_sub(lead(rate)));
        self.next.max(by_limit)
    }

    fn take(&mut self, at: Duration, ahead: Option<Rate>) {
        if at < self.slow_until {
            self.next = at.saturating_add(self.spacing);
        }
        if let Some(rate) = ahead {
            self.even = self.even.max(at).saturating_add(rate.spacing());
        }
    }
}

impl Pace {
    pub(crate) fn new(ahead: Option<Rate>) -> Self {
        Self { ahead, busy: AtomicBool::new(ahead.is_some()), lanes: Mutex::default() }
    }

    /// When a call may go, not before `earliest`; its place is then taken. If that would be at `end` or later it takes none, and
    /// the error is that moment.
    pub(crate) fn turn(
        &self,
        operation: &'static str,
        earliest: Duration,
        end: Duration,
    ) -> Result<Duration, Duration> {
        if !self.busy.load(Ordering::Acquire) {
            return if earliest < end { Ok(earliest) } else { Err(earliest) };
        }
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(operation).or_default();
        let at = lane.opens(self.ahead).max(earliest);
        if at >= end {
            return Err(at);
        }
        lane.take(at, self.ahead);
        Ok(at)
    }

    /// Whether the service throttled calls of this operation lately.
    pub(crate) fn is_slow(&self, operation: &str, now: Duration) -> bool {
        if !self.busy.load(Ordering::Acquire) {
            return false;
        }
        let lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.get(operation).is_some_and(|lane| now < lane.slow_until)
    }

    /// Takes note of a throttled call: nobody goes before `open`, and then they go at the rate that was told.
    pub(crate) fn throttled(&self, operation: &'static str, open: Duration, rate: Option<Rate>) {
        let (spacing, window) = rate.map_or((SPACING, WINDOW), |rate| (rate.spacing(), rate.window));
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(operation).or_default();
        // Those who were refused together come back one after the other.
        lane.next = lane.next.max(open);
        lane.spacing = spacing;
        lane.slow_until = lane.slow_until.max(open.saturating_add(window));
        self.busy.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPERATION: &str = "ListKeypairs";
    const END: Duration = Duration::from_secs(100_000);

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    /// When so many calls go that are all made at this moment.
    fn turns(pace: &Pace, now: f64, count: usize) -> Vec<f64> {
        (0..count).map(|_| pace.turn(OPERATION, seconds(now), END).unwrap().as_secs_f64()).collect()
    }

    #[test]
    fn limits_are_read_from_the_words_of_the_gateway() {
        let behind = "The throttling threshold has been reached: policy user over ratelimit,limit:";
        for (text, expected) in [
            ("200,time:5 minute", Some((200, 300))),
            ("200, time:5 minute", Some((200, 300))),
            ("20,time:1 second", Some((20, 1))),
            ("1000,time:2 hours", Some((1000, 7200))),
            ("1,time:1day", Some((1, 86_400))),
            ("0,time:1 minute", None),
            ("200,time:0 minute", None),
            ("200,time:2 day", None),
            ("200,time:5 fortnights", None),
            ("200,time:99999999999 second", None),
            ("x,time:1 second", None),
            ("200", None),
            ("", None),
        ] {
            let expected = expected.map(|(calls, window)| Rate::new(calls, Duration::from_secs(window)));
            assert_eq!(Rate::in_text(&format!("{behind}{text}")), expected, "{text}");
        }
        assert_eq!(Rate::in_text("The throttling threshold has been reached"), None);
    }

    #[test]
    fn nobody_waits_where_nothing_was_said() {
        let pace = Pace::new(None);
        assert_eq!(turns(&pace, 1.0, 3), [1.0; 3]);
        assert_eq!(pace.turn(OPERATION, END, END), Err(END));
    }

    #[test]
    fn a_throttling_slows_everybody_down_for_a_window() {
        let pace = Pace::new(None);
        pace.throttled(OPERATION, seconds(3.0), Some(Rate::new(2, seconds(4.0))));
        // Another who was refused at the same time does not push the others back.
        pace.throttled(OPERATION, seconds(2.5), Some(Rate::new(2, seconds(4.0))));
        assert_eq!(turns(&pace, 1.0, 3), [3.0, 5.0, 7.0]);
        assert_eq!(turns(&pace, 20.0, 3), [20.0; 3], "the window is over");
        assert_eq!(pace.turn("CreateKeypair", seconds(1.0), END), Ok(seconds(1.0)), "another lane");
    }

    #[test]
    fn without_a_limit_in_its_words_calls_are_spread_a_little() {
        let pace = Pace::new(None);
        pace.throttled(OPERATION, seconds(2.0), None);
        assert_eq!(turns(&pace, 1.0, 3), [2.0, 2.05, 2.1]);
        assert_eq!(turns(&pace, 12.0, 2), [12.0, 12.0]);
    }

    #[test]
    fn who_would_go_too_late_takes_no_place() {
        let pace = Pace::new(None);
        pace.throttled(OPERATION, seconds(3.0), Some(Rate::new(1, seconds(2.0))));
        assert_eq!(pace.turn(OPERATION, seconds(1.0), seconds(3.0)), Err(seconds(3.0)));
        assert_eq!(turns(&pace, 1.0, 2), [3.0, 5.0]);
    }

    #[test]
    fn a_limit_that_is_known_ahead_lets_as_many_go_at_once_and_spreads_the_others() {
        let pace = Pace::new(Some(Rate::new(3, seconds(6.0))));
        assert_eq!(turns(&pace, 10.0, 5), [10.0, 10.0, 10.0, 12.0, 14.0]);
        assert_eq!(turns(&pace, 30.0, 4), [30.0, 30.0, 30.0, 32.0]);
    }

    proptest! {
        #[test]
        fn no_more_calls_go_in_a_window_than_twice_its_limit(
            calls in 1_u32..20, window in 1_u32..60, made in proptest::collection::vec(0_u32..200, 1..80),
        ) {
            let window = f64::from(window);
            let pace = Pace::new(Some(Rate::new(calls, seconds(window))));
            let mut made = made;
            made.sort_unstable();
            let went: Vec<f64> = made.iter().map(|now| turns(&pace, f64::from(*now), 1)[0]).collect();
            for (at, start) in went.iter().enumerate() {
                let within = went[at..].iter().filter(|other| **other < start + window).count();
                prop_assert!(within < 2 * calls as usize + 1, "{within} from {start}");
            }
        }
    }
}
