use std::time::Duration;

/// The calls since a window was opened.
#[derive(Debug, Default)]
pub(crate) struct Window {
    /// In milliseconds since 1970.
    opened: Option<i64>,
    calls: u32,
}

impl Window {
    /// Counts a call, and tells whether it is within the limit.
    pub(crate) fn admits(&mut self, limit: u32, length: Duration, clock: i64) -> bool {
        let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        let is_over = self.opened.is_none_or(|opened| clock.saturating_sub(opened) >= length);
        if is_over {
            *self = Self { opened: Some(clock), calls: 0 };
        }
        self.calls = self.calls.saturating_add(1);
        self.calls <= limit
    }
}

/// As the gateway tells its policy.
pub(crate) fn message(limit: u32, window: Duration) -> String {
    // It has no unit below the second.
    let seconds = window.as_secs().saturating_add(u64::from(window.subsec_nanos() > 0)).max(1);
    let units = [("day", 86_400), ("hour", 3600), ("minute", 60)];
    let fits = units.into_iter().find(|(_, length)| seconds.is_multiple_of(*length));
    let (unit, length) = fits.unwrap_or(("second", 1));
    format!(
        "The throttling threshold has been reached: policy user over ratelimit,limit:{limit},time:{} {unit}",
        seconds / length,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lets_its_limit_through_and_opens_again() {
        let mut window = Window::default();
        let second = Duration::from_secs(1);
        for (clock, admitted) in [
            (5000, true),
            (5001, true),
            (5002, false),
            (5999, false),
            (6000, true),
            (6500, true),
            (6999, false),
            (9000, true),
        ] {
            assert_eq!(window.admits(2, second, clock), admitted, "{clock}");
        }
    }

    #[test]
    fn the_ends_of_its_ranges_are_what_they_say() {
        let mut shut = Window::default();
        assert!(!shut.admits(0, Duration::ZERO, 0));
        assert!(!shut.admits(0, Duration::MAX, i64::MAX));
        let mut open = Window { opened: Some(i64::MIN), calls: u32::MAX };
        assert!(open.admits(u32::MAX, Duration::MAX, 0), "the count does not wrap");
        assert!(!open.admits(1, Duration::MAX, i64::MIN));
        assert!(open.admits(1, Duration::MAX, i64::MAX), "the longest window there is has ended");
    }

    #[test]
    fn the_policy_is_told_in_the_unit_that_fits() {
        for (limit, window, expected) in [
            (200, Duration::from_secs(300), "limit:200,time:5 minute"),
            (20, Duration::from_secs(1), "limit:20,time:1 second"),
            (1, Duration::from_secs(90), "limit:1,time:90 second"),
            (1, Duration::from_secs(7200), "limit:1,time:2 hour"),
            (0, Duration::from_secs(86_400), "limit:0,time:1 day"),
            (1, Duration::from_millis(1500), "limit:1,time:2 second"),
            (1, Duration::ZERO, "limit:1,time:1 second"),
        ] {
            let policy = "The throttling threshold has been reached: policy user over ratelimit,";
            assert_eq!(message(limit, window), format!("{policy}{expected}"));
        }
        assert!(message(1, Duration::MAX).ends_with("second"));
    }
}
