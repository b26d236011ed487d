//! `kps man`.

use std::path::PathBuf;

use clap::CommandFactory as _;

use crate::args::Cli;
use crate::context::Context;
use crate::stop::{Exit, Failure, Stop};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write a page for kps and one for each of its commands to this directory; else the page for kps is printed
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let Some(directory) = &args.directory else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        return context.output.bytes(&page);
    };
    clap_mangen::generate_to(Cli::command(), directory).map_err(|error| {
        Failure::new(Exit::Usage, format_args!("{} cannot be written to: {error}", directory.display()))
            .into()
    })
}
