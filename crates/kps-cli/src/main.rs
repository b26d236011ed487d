//! The program `kps`: the Huawei Cloud Key Pair Service (KPS) at the command line.

mod args;
mod binding;
mod commands;
mod context;
mod deliver;
#[cfg(feature = "emulator")]
mod demo;
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
    let Cli { globals, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => return tell(&told),
    };
    let as_json = globals.output.is_json();
    let outcome = match &command {
        // It has a log of its own.
        #[cfg(feature = "emulator")]
        Command::Emulator(args) => commands::emulator::run(args),
        command => Context::new(globals).and_then(|context| commands::run(command, &context)),
    };
    end(outcome, as_json)
}

/// Help, or what is wrong with the arguments.
fn tell(told: &clap::Error) -> ExitCode {
    match told.print() {
        Err(error) if !told.use_stderr() => end(Err(error.into()), false),
        _ => u8::try_from(told.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}

fn end(outcome: Result<(), Stop>, as_json: bool) -> ExitCode {
    match outcome {
        Ok(()) | Err(Stop::Done) => ExitCode::SUCCESS,
        Err(Stop::Told(exit)) => exit.into(),
        Err(Stop::Failed(failure)) => failure.tell(as_json),
    }
}
