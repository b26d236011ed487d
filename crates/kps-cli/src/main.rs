//! The program `kps`: the Huawei Cloud Key Pair Service (KPS) at the command line.

mod args;
mod commands;
mod context;
#[cfg(feature = "emulator")]
mod demo;
mod machine;
mod output;
mod stop;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Cli;
use crate::context::Context;
use crate::stop::Stop;

fn main() -> ExitCode {
    let Cli { globals, command } = Cli::parse();
    let as_json = globals.output.is_json();
    match Context::new(globals).and_then(|context| commands::run(&command, &context)) {
        Ok(()) | Err(Stop::Done) => ExitCode::SUCCESS,
        Err(Stop::Told(exit)) => exit.into(),
        Err(Stop::Failed(failure)) => failure.tell(as_json),
    }
}
