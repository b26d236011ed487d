//! The program `kps-emulator`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser;
use kps_emulator::program;

/// An emulator of the Huawei Cloud Key Pair Service (KPS) over HTTP.
///
/// When it accepts connections it prints one line of JSON with the endpoint, the credentials and the servers. It ends
/// at SIGTERM or SIGINT.
#[derive(Debug, Parser)]
#[command(name = "kps-emulator", version)]
struct Cli {
    #[command(flatten)]
    args: program::Args,
}

fn main() -> ExitCode {
    match program::run(&Cli::parse().args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            // If nobody can be told, there is the code.
            drop(writeln!(io::stderr(), "kps-emulator: {stop}"));
            ExitCode::from(stop.code())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Cli::command().debug_assert();
    }
}
