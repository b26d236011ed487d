//! `kps emulator`.

use kps_emulator::program::{self, Args};

use crate::stop::{Exit, Failure, Stop};

pub(crate) fn run(args: &Args) -> Result<(), Stop> {
    program::run(args).map_err(|stop| {
        let exit = if stop.code() == 2 { Exit::Usage } else { Exit::Failed };
        Failure::new(exit, stop).into()
    })
}
