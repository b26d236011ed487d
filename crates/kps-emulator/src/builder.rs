use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::journal::Journal;
use crate::world::World;
use crate::{Emulator, FaultRule, KeySource, MadeBefore, Quirks, Seed, Snapshot};

/// What an [`Emulator`] can be started with, gathered.
///
/// ```
/// use kps_emulator::{Emulator, Seed};
/// use std::time::Duration;
///
/// let emulator = Emulator::builder()
///     .seed(Seed::built_in())
///     .task_time(Duration::from_secs(2))
///     .lenient_auth(true)
///     .build();
/// assert!(emulator.calls().is_empty());
/// ```
pub struct Builder {
    seed: Seed,
    snapshot: Option<Snapshot>,
    faults: Vec<FaultRule>,
    keys: Arc<dyn KeySource>,
    task_time: Option<Duration>,
    lenient_auth: bool,
    quirks: Quirks,
    kept_calls: usize,
    #[cfg(feature = "server")]
    pub(crate) listen: std::net::SocketAddr,
    #[cfg(feature = "server")]
    pub(crate) control: bool,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            seed: Seed::built_in(),
            snapshot: None,
            faults: Vec::new(),
            keys: Arc::new(MadeBefore::new()),
            task_time: None,
            lenient_auth: false,
            quirks: Quirks::default(),
            kept_calls: Journal::MOST,
            #[cfg(feature = "server")]
            listen: crate::server::ANY_PORT,
            #[cfg(feature = "server")]
            control: true,
        }
    }

    /// What is in it; the [built-in seed](Seed::built_in) if nothing is said.
    #[must_use]
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// What it [goes on from](Emulator::restore) in place of the seed, to which a [reset](Emulator::reset) still goes back.
    #[must_use]
    pub fn snapshot(mut self, snapshot: Snapshot) -> Self {
        self.snapshot = Some(snapshot);
        self
    }

    /// What goes wrong from the first call on, as by [`Emulator::inject`].
    #[must_use]
    pub fn faults(mut self, rules: impl IntoIterator<Item = FaultRule>) -> Self {
        self.faults.extend(rules);
        self
    }

    /// Where the key pairs come from that the service makes; those [made before](MadeBefore) if nothing is said.
    #[must_use]
    pub fn keys(mut self, keys: impl KeySource + 'static) -> Self {
        self.keys = Arc::new(keys);
        self
    }

    /// How long a task takes from its acceptance to its end, as by [`Emulator::set_task_time`]; 12 seconds if nothing is
    /// said.
    #[must_use]
    pub const fn task_time(mut self, time: Duration) -> Self {
        self.task_time = Some(time);
        self
    }

    /// Whether signatures and tokens are not checked, so that anybody is let in. They are if nothing is said.
    #[must_use]
    pub const fn lenient_auth(mut self, lenient: bool) -> Self {
        self.lenient_auth = lenient;
        self
    }

    /// In which form it answers; as it was [observed](Quirks::Observed) if nothing is said.
    #[must_use]
    pub const fn quirks(mut self, quirks: Quirks) -> Self {
        self.quirks = quirks;
        self
    }

    /// How many of the latest [calls](Emulator::calls) are kept, each of them some kilobytes at most; 10,000 if nothing
    /// is said.
    #[must_use]
    pub const fn kept_calls(mut self, most: usize) -> Self {
        self.kept_calls = most;
        self
    }

    /// The emulator.
    pub fn build(self) -> Emulator {
        let mut world = World::new(self.seed, self.keys, self.kept_calls);
        world.lenient_auth = self.lenient_auth;
        world.quirks = self.quirks;
        if let Some(snapshot) = &self.snapshot {
            world.restore(snapshot);
        }
        self.faults.into_iter().for_each(|rule| world.faults.inject(rule));
        if let Some(time) = self.task_time {
            world.service.ids.task_time = time;
        }
        Emulator::of(world)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("seed", &self.seed).finish_non_exhaustive()
    }
}
