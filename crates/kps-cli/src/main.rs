//! The program `kps`: the Huawei Cloud Key Pair Service (KPS) at the command line.

mod args;
mod binding;
mod commands;
mod context;
mod deliver;
#[cfg(feature = "emulator")]
mod demo;
mod files;
mod input;
mod keys;
mod machine;
mod output;
mod servers;
mod stop;
mod talk;
mod waiting;
mod words;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Cli;
use crate::commands::Command;
use crate::context::Context;
use crate::stop::Stop;

fn main() -> ExitCode {
    let Cli { globals, command } = Cli::parse();
    let as_json = globals.output.is_json();
    let outcome = match &command {
        // It has a log of its own.
        #[cfg(feature = "emulator")]
        Command::Emulator(args) => commands::emulator::run(args),
        command => Context::new(globals).and_then(|context| commands::run(command, &context)),
    };
    match outcome {
        Ok(()) | Err(Stop::Done) => ExitCode::SUCCESS,
        Err(Stop::Failed(failure)) => failure.tell(as_json),
    }
}
