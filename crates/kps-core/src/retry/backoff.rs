//! Pauses between attempts.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::Retries;

/// Pauses, drawn by all calls of a client from one source.
#[derive(Debug)]
pub(crate) struct Backoff {
    base: Duration,
    cap: Duration,
    dice: Mutex<fastrand::Rng>,
}

impl Backoff {
    pub(crate) fn new(retries: &Retries) -> Self {
        let (base, cap) = retries.backoff();
        let dice = retries.seed().map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Self { base, cap, dice: Mutex::new(dice) }
    }

    /// The pause after so many attempts: a random part of what doubles with each, so that those who failed together
    /// do not come back together.
    pub(crate) fn pause(&self, attempts: u32) -> Duration {
        self.part(doubled(self.base, attempts).min(self.cap))
    }

    /// The pause after so many attempts that were throttled, where calls are to be so far apart: it has a lower bound,
    /// since coming back too early is what was refused.
    pub(crate) fn throttled(&self, attempts: u32, spacing: Duration) -> Duration {
        let half = doubled(spacing, attempts) / 2;
        half.saturating_add(self.part(half))
    }

    fn part(&self, whole: Duration) -> Duration {
        let part = self.dice.lock().unwrap_or_else(PoisonError::into_inner).f64();
        whole.mul_f64(part)
    }
}

fn doubled(base: Duration, attempts: u32) -> Duration {
    base.saturating_mul(1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_pause_is_part_of_what_doubles(seed: u64, attempts in 1_u32..1000) {
            let backoff = Backoff::new(&Retries::new().with_seed(seed));
            let most = Duration::from_millis(100) * 2_u32.pow(attempts.min(20) - 1);
            prop_assert!(backoff.pause(attempts) <= most.min(Duration::from_secs(5)));
            let apart = backoff.throttled(attempts, Duration::from_millis(1500));
            prop_assert!(apart >= Duration::from_millis(750) * 2_u32.pow(attempts.min(20) - 1));
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_pauses_and_they_are_spread() {
        let draw = |seed| {
            let backoff = Backoff::new(&Retries::new().with_seed(seed));
            (0..1000).map(|_| backoff.pause(1)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let mean = draw(1).iter().sum::<Duration>() / 1000;
        assert!((45..55).contains(&mean.as_millis()), "{mean:?}");
    }

    #[test]
    fn no_base_is_too_long() {
        let retries = Retries::new().with_backoff(Duration::MAX, Duration::MAX);
        let backoff = Backoff::new(&retries.with_seed(0));
        assert!(backoff.pause(u32::MAX) <= Duration::MAX);
        assert!(backoff.throttled(u32::MAX, Duration::MAX) <= Duration::MAX);
    }
}
