//! `kps man`.

use std::io;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::args::{self, Cli};
use crate::context::Context;
use crate::machine::{self, NewFile, Readers};
use crate::stop::Stop;

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
        return context.output.bytes(page(Cli::command())?.as_bytes());
    };
    if !directory.is_dir() {
        return Err(machine::no_directory("the manual cannot be written", directory).into());
    }
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    write(&command, directory)
}

/// Writes the pages of a command and of those below it.
fn write(command: &clap::Command, directory: &Path) -> Result<(), Stop> {
    command.get_subcommands().try_for_each(|below| write(below, directory))?;
    let name = format!("{}.1", command.get_display_name().unwrap_or(command.get_name()));
    let file = NewFile::create(&directory.join(name), true, Readers::All)?;
    Ok(file.write(page(command.clone())?.as_bytes())?)
}

/// A page, in which the examples have a section of their own, and their lines.
fn page(command: clap::Command) -> io::Result<String> {
    let mut page = Vec::new();
    Man::new(command).source(concat!("kps ", env!("CARGO_PKG_VERSION"))).render(&mut page)?;
    let page = String::from_utf8(page).map_err(io::Error::other)?;
    let Some((before, extra)) = page.split_once(".SH EXTRA\nExamples:\n") else { return Ok(page) };
    let end = extra.find(".SH ").unwrap_or(extra.len());
    let (examples, behind) = extra.split_at_checked(end).unwrap_or((extra, ""));
    Ok(format!("{before}.SH EXAMPLES\n.nf\n{examples}.fi\n{behind}"))
}
