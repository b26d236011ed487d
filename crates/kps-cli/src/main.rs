//! The program `kps`: the Huawei Cloud Key Pair Service (KPS) at the command line.
//!
//! | Where | What |
//! |---|---|
//! | `args`, `context` | what is said of all commands, and what follows from it: the client, the clock, the output |
//! | `commands/` | the commands, one a module; what several of them do is in the folders below |
//! | `binding/` | key pairs on servers: who is meant, what keeps a call from succeeding, the calls |
//! | `servers/` | cloud servers by name, as the service for them knows them |
//! | `waiting/` | tasks until they end, lists until they are read, and what is told meanwhile |
//! | `keys/` | key pairs made on this machine, and the forms of a private key |
//! | `deliver/` | where a private key goes: a file, ssh-agent, standard output |
//! | `input/` | what is told beside the arguments: passwords, keys, lists, yes or no |
//! | `output/` | lists and single things as tables, JSON, CSV or YAML, and nothing that steers a terminal |
//! | `stop`, `words`, `talk` | errors and exit codes; the words of the library as those of the command line; the log |
//! | `machine/` | the clock, the files and the terminal, which nothing else touches |
//! | `demo` | the service within the program |

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
use crate::context::Context;
use crate::stop::Stop;

fn main() -> ExitCode {
    let Cli { globals, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => return tell(&told),
    };
    let as_json = globals.output.is_json();
    // It has a log of its own.
    #[cfg(feature = "emulator")]
    if let commands::Command::Emulator(args::Called(arguments)) = &command {
        return end(commands::emulator::run(arguments), as_json);
    }
    end(Context::new(globals).and_then(|context| commands::run(&command, &context)), as_json)
}

/// Help, or what is wrong with the arguments.
fn tell(told: &clap::Error) -> ExitCode {
    if told.use_stderr() && args::ask_for_json(std::env::args_os().skip(1)) {
        return args::fault(told).tell(true);
    }
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
