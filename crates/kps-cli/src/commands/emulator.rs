//! `kps emulator`.

use kps_emulator::program::{self, Args};

use crate::stop::{Exit, Failure, Stop};
use crate::words;

pub(crate) fn run(args: &Args) -> Result<(), Stop> {
    program::run(args).map_err(|stop| {
        let exit = if stop.code() == 2 { Exit::Usage } else { Exit::Failed };
        Failure::new(exit, words::of_the_command_line(&stop.to_string())).into()
    })
}
