use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::TaskState;
use crate::retry::Rate;

/// How long to wait for tasks, and how often to look at them.
///
/// | what | default |
/// | --- | --- |
/// | in sum | 30 minutes |
/// | the first look | after 5 seconds |
/// | from one look to the next | a third of the time waited so far, at least 5 and at most 20 seconds |
/// | looks at many tasks | 10 in a second |
///
/// In the service a task takes from half a minute (binding a server that runs) to ten (a reset). With these looks the end
/// of a task is seen at most a third of its time late, and half an hour takes some hundred calls.
///
/// ```
/// use kps_core::WaitOptions;
/// use std::time::Duration;
///
/// let patient = WaitOptions::new()
///     .with_timeout(Duration::from_secs(3600))
///     .with_interval(Duration::from_secs(10), Duration::from_secs(60))
///     .with_progress(|state| println!("{} {:?}", state.handle, state.status));
/// # let _ = patient;
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct WaitOptions {
    pub(crate) timeout: Duration,
    pub(crate) first_look: Duration,
    pub(crate) least: Duration,
    pub(crate) most: Duration,
    pub(crate) calls: u32,
    pub(crate) window: Duration,
    progress: Option<Progress>,
}

type Progress = Arc<dyn Fn(&TaskState) + Send + Sync>;

/// Looks do not follow each other faster.
const LEAST_INTERVAL: Duration = Duration::from_millis(1);

impl WaitOptions {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            timeout: Duration::from_secs(30 * 60),
            first_look: Duration::from_secs(5),
            least: Duration::from_secs(5),
            most: Duration::from_secs(20),
            calls: 10,
            window: Duration::from_secs(1),
            progress: None,
        }
    }

    /// How long to wait in sum, with all looks and pauses: exactly so long a wait takes that comes to no end. The last
    /// look is a second earlier, so that its answer has time to come. 30 minutes if nothing is said.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long to wait before the first look; 5 s if nothing is said.
    #[must_use]
    pub const fn with_first_look(mut self, after: Duration) -> Self {
        self.first_look = after;
        self
    }

    /// How long to wait from one look to the next: a third of the time waited so far, within these bounds; 5 and 20 s if
    /// nothing is said, and a millisecond at least.
    #[must_use]
    pub fn with_interval(mut self, least: Duration, most: Duration) -> Self {
        self.least = least.max(LEAST_INTERVAL);
        self.most = most.max(self.least);
        self
    }

    /// How many looks there may be in so much time when many tasks are waited for: 10 in a second if nothing is said. The
    /// service documents no limit of its own; for the key management on the same host it is 20 in a second.
    #[must_use]
    pub const fn with_rate_limit(mut self, calls: u32, window: Duration) -> Self {
        self.calls = calls;
        self.window = window;
        self
    }

    /// Is called with each state that is seen, also with the last one. It must be quick, and neither block nor panic.
    #[must_use]
    pub fn with_progress(mut self, progress: impl Fn(&TaskState) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    pub(crate) fn tell(&self, state: &TaskState) {
        if let Some(progress) = &self.progress {
            progress(state);
        }
    }

    /// The pause behind a look, so long after the beginning.
    pub(crate) fn interval(&self, elapsed: Duration) -> Duration {
        (elapsed / 3).clamp(self.least, self.most)
    }

    pub(crate) fn rate(&self) -> Rate {
        Rate::new(self.calls, self.window)
    }
}

impl Default for WaitOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for WaitOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitOptions")
            .field("timeout", &self.timeout)
            .field("first_look", &self.first_look)
            .field("interval", &(self.least..=self.most))
            .field("rate_limit", &(self.calls, self.window))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_become_rarer_within_bounds() {
        let seconds = Duration::from_secs;
        let options = WaitOptions::new();
        for (elapsed, pause) in [(0, 5), (5, 5), (15, 5), (30, 10), (60, 20), (1800, 20)] {
            assert_eq!(options.interval(seconds(elapsed)), seconds(pause), "{elapsed}");
        }
        let mut looks = vec![options.first_look];
        while let Some(last) = looks.last().filter(|last| **last < options.timeout) {
            looks.push(*last + options.interval(*last));
        }
        assert!((90..100).contains(&looks.len()), "{}", looks.len());
    }

    #[test]
    fn bounds_that_contradict_each_other_are_those_of_the_least() {
        let options = WaitOptions::new().with_interval(Duration::from_secs(9), Duration::from_secs(3));
        assert_eq!(options.interval(Duration::from_secs(1800)), Duration::from_secs(9));
        let hasty = WaitOptions::new().with_interval(Duration::ZERO, Duration::ZERO);
        assert_eq!(hasty.interval(Duration::MAX), LEAST_INTERVAL);
    }
}
