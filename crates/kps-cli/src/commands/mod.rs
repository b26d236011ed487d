//! The commands, one a module.

mod ask;
mod failed;
mod region;
mod running;
mod tasks;

use clap::Subcommand;

use crate::context::Context;
use crate::stop::Stop;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The tasks that failed, with their reasons
    Failed(failed::Args),
    /// The tasks that are under way
    Running(running::Args),
    /// The regions that have the service
    Region(region::Args),
}

pub(crate) fn run(command: &Command, context: &Context) -> Result<(), Stop> {
    match command {
        Command::Failed(args) => failed::run(args, context),
        Command::Running(args) => running::run(args, context),
        Command::Region(args) => region::run(args, context),
    }
}
