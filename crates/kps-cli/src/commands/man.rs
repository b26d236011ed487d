//! `kps man`.

use std::path::PathBuf;

use clap::CommandFactory as _;

use crate::args::{self, Cli};
use crate::context::Context;
use crate::machine;
use crate::stop::{Failure, Stop};

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps man | man -l -",
    "kps man ~/.local/share/man/man1",
]))]
pub(crate) struct Args {
    /// Write a page for kps and one for each of its commands to this directory, which must be there; else the page for kps is printed
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let Some(directory) = &args.directory else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        return context.output.bytes(&page);
    };
    if !directory.is_dir() {
        return Err(machine::no_directory("the manual cannot be written", directory).into());
    }
    clap_mangen::generate_to(Cli::command(), directory).map_err(|error| {
        let reason = machine::reason(&error);
        Failure::usage(format_args!("the manual cannot be written to {}: {reason}", directory.display()))
            .with_cure(machine::cure_of_writing(&error))
            .into()
    })
}
