//! The service within the program, for `--demo`: the same each time, on a clock that goes only while somebody waits.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kps_emulator::{Emulator, InProcess, Seed};
use kps_ureq::{Builder, Client, HttpOptions, Transport as _};

/// 2026-04-01T08:30:00Z. It stands still, so that what is printed is the same each time.
const START: Duration = Duration::from_secs(1_775_032_200);

pub(crate) struct Demo(InProcess);

impl Demo {
    pub(crate) fn new() -> Self {
        let emulator = Emulator::with_seed(Seed::built_in());
        Self(emulator.in_process().with_virtual_clock(UNIX_EPOCH + START))
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.0.now()
    }

    pub(crate) fn builder(&self) -> Builder<Client> {
        Client::builder(self.0.clone())
            .http(HttpOptions::new())
            .credentials(Emulator::credentials())
            .project_id(Emulator::project_id())
    }
}
