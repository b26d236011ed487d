//! The commands, one a module.

mod bind;
mod failed;
mod keypair;
mod region;
mod running;
mod task;
mod unbind;

use clap::Subcommand;

use crate::context::Context;
use crate::stop::Stop;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Puts a key pair on servers
    Bind(bind::Args),
    /// Takes the key pair off servers
    Unbind(unbind::Args),
    /// One task: how far it is, or its end
    Task(task::Args),
    /// The tasks that failed, with their reasons
    Failed(failed::Args),
    /// The tasks that are under way
    Running(running::Args),
    /// Key pairs: what there is, new ones, their private halves
    Keypair(keypair::Args),
    /// The regions that have the service
    Region(region::Args),
}

pub(crate) fn run(command: &Command, context: &Context) -> Result<(), Stop> {
    match command {
        Command::Bind(args) => bind::run(args, context),
        Command::Unbind(args) => unbind::run(args, context),
        Command::Task(args) => task::run(args, context),
        Command::Failed(args) => failed::run(args, context),
        Command::Running(args) => running::run(args, context),
        Command::Keypair(args) => keypair::run(args, context),
        Command::Region(args) => region::run(args, context),
    }
}
