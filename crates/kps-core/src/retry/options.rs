use std::time::Duration;

/// How calls are repeated that came to nothing.
///
/// Only what does no harm is repeated: what was surely not sent or was refused before the service saw it, and for
/// [safe and idempotent](crate::Replay) operations also what may have been applied. Every attempt is signed anew.
///
/// ```
/// use std::time::Duration;
/// use kps_core::{Credentials, ProjectId, Region, Retries, blocking};
///
/// # let transport = |_: kps_core::Prepared| Ok(http::Response::default());
/// let retries = Retries::new().with_attempts(5).with_backoff(Duration::from_millis(50), Duration::from_secs(2));
/// assert_eq!((Retries::new().attempts(), retries.attempts(), Retries::none().attempts()), (3, 5, 1));
/// let kps = blocking::Client::builder(transport)
///     .region(Region::CN_NORTH_4)
///     .credentials(Credentials::access_key("AK", "SK"))
///     .project_id(ProjectId::new("0a1b")?)
///     .retries(retries)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retries {
    attempts: u32,
    base: Duration,
    cap: Duration,
    budget: u32,
    seed: Option<u64>,
}

impl Retries {
    /// The defaults: three attempts, pauses of a random part of 100 ms, 200 ms and so on up to 5 s, and a budget of 50.
    pub const fn new() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(100),
            cap: Duration::from_secs(5),
            budget: 50,
            seed: None,
        }
    }

    /// One attempt, and no more.
    pub const fn none() -> Self {
        Self::new().with_attempts(1)
    }

    /// Sets how many attempts a call has, the first one included; 0 counts as 1, and it is 3 if nothing is said.
    #[must_use]
    pub const fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the pauses: before the second attempt a random part of `base`, then of twice that and so on, but of no more
    /// than `cap`; 100 ms and 5 s if nothing is said. The service may ask for a longer one (`Retry-After`).
    #[must_use]
    pub const fn with_backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// Sets how many repetitions all calls of a client have together, so that an outage is not multiplied: 50 if nothing
    /// is said. Ten calls that succeed at once earn one repetition back.
    #[must_use]
    pub const fn with_budget(mut self, budget: u32) -> Self {
        self.budget = budget;
        self
    }

    /// Makes the pauses the same each time, for tests.
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How many attempts a call has: one at least.
    pub fn attempts(&self) -> u32 {
        self.attempts.max(1)
    }

    /// Of how much the first pause is a random part, and of how much any is at most.
    pub const fn backoff(&self) -> (Duration, Duration) {
        (self.base, self.cap)
    }

    /// How many repetitions the calls of a client have together.
    pub const fn budget(&self) -> u32 {
        self.budget
    }

    /// What the pauses are drawn from, if it is the same each time.
    pub const fn seed(&self) -> Option<u64> {
        self.seed
    }
}

impl Default for Retries {
    fn default() -> Self {
        Self::new()
    }
}
