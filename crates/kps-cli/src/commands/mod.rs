//! The commands, one a module.

mod bind;
mod call;
mod completions;
mod configure;
mod doctor;
#[cfg(feature = "emulator")]
pub(crate) mod emulator;
mod explain;
mod failed;
mod keypair;
mod man;
mod region;
mod running;
mod sign;
mod task;
mod tasks;
mod unbind;

use clap::Subcommand;

use crate::args::Called;
use crate::context::Context;
use crate::output::Format;
use crate::stop::{Failure, Stop};

#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    /// Puts a key pair on servers
    Bind(Called<bind::Args>),
    /// Takes the key pair off servers
    Unbind(Called<unbind::Args>),
    /// One task: how far it is, or its end
    Task(Called<task::Args>),
    /// The tasks that failed, with their reasons
    Failed(Called<failed::Args>),
    /// The tasks that are under way
    Running(Called<running::Args>),
    /// Key pairs: what there is, new ones, their private halves
    Keypair(Called<keypair::Args>),
    /// The regions that have the service
    Region(Called<region::Args>),
    /// Calls an operation by its official name, with its own JSON
    Call(Called<call::Args>),
    /// Signs any request, to be sent by other means
    Sign(Called<sign::Args>),
    /// Explains the code of a refusal: its cause, and what to do
    Explain(Called<explain::Args>),
    /// Finds out why calls do not succeed, and changes nothing
    Doctor(Called<doctor::Args>),
    /// Writes an access key to the credentials file
    Configure(Called<configure::Args>),
    /// Runs an emulator of the service until it is told to stop
    #[cfg(feature = "emulator")]
    #[command(after_long_help = crate::args::examples(&[
        "kps emulator --listen 127.0.0.1:0 --task-time 2s",
        "kps emulator --persist state.json",
    ]))]
    Emulator(Called<kps_emulator::program::Args>),
    /// Prints the completions of kps for a shell
    Completions(Called<completions::Args>),
    /// Prints the manual, or writes its pages
    Man(Called<man::Args>),
}

pub(crate) fn run(command: &Command, context: &Context) -> Result<(), Stop> {
    if context.output.format() == Format::Curl && !matches!(command, Command::Sign(_)) {
        return Err(Failure::usage("--output curl goes with `kps sign` alone").into());
    }
    match command {
        Command::Bind(Called(args)) => bind::run(args, context),
        Command::Unbind(Called(args)) => unbind::run(args, context),
        Command::Task(Called(args)) => task::run(args, context),
        Command::Failed(Called(args)) => failed::run(args, context),
        Command::Running(Called(args)) => running::run(args, context),
        Command::Keypair(Called(args)) => keypair::run(args, context),
        Command::Region(Called(args)) => region::run(args, context),
        Command::Call(Called(args)) => call::run(args, context),
        Command::Configure(Called(args)) => configure::run(args, context),
        Command::Doctor(Called(args)) => doctor::run(args, context),
        #[cfg(feature = "emulator")]
        Command::Emulator(Called(args)) => emulator::run(args),
        Command::Completions(Called(args)) => completions::run(args, context),
        Command::Man(Called(args)) => man::run(args, context),
        Command::Explain(Called(args)) => explain::run(args, context),
        Command::Sign(Called(args)) => sign::run(args, context),
    }
}
