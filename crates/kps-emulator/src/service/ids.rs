use std::time::Duration;

use kps_model::TaskId;

/// The numbers that the service gives, never one twice and the same in every run, and how long its tasks take.
pub(crate) struct Ids {
    pub(super) given: u64,
    pub(crate) task_time: Duration,
}

impl Ids {
    pub(crate) const fn new() -> Self {
        Self { given: 0, task_time: Duration::from_secs(12) }
    }

    /// A snapshot can have any number, so that the one after the last is the first.
    pub(crate) fn number(&mut self) -> u64 {
        self.given = self.given.wrapping_add(1);
        self.given
    }

    /// In the form of a UUID.
    pub(crate) fn task_id(&mut self) -> TaskId {
        let spread = u128::from(self.number()).wrapping_mul(0xd1b5_4a32_d192_ed03_8cb9_2ba7_2f3d_8dd7);
        let hex = format!("{spread:032x}");
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        let id =
            format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32));
        #[expect(clippy::unwrap_used, reason = "32 digits and 4 hyphens are an id")]
        TaskId::new(&id).unwrap()
    }

    /// How long a task takes from its acceptance to its end.
    pub(crate) fn task_millis(&self) -> i64 {
        i64::try_from(self.task_time.as_millis()).unwrap_or(i64::MAX)
    }
}
