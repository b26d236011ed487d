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

use crate::context::Context;
use crate::output::Format;
use crate::stop::{Failure, Stop};

#[derive(Debug, Subcommand)]
#[command(defer = true)]
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
    /// Calls an operation by its official name, with its own JSON
    Call(call::Args),
    /// Signs any request, to be sent by other means
    Sign(sign::Args),
    /// Explains the code of a refusal: its cause, and what to do
    Explain(explain::Args),
    /// Looks what keeps calls from going, and changes nothing
    Doctor(doctor::Args),
    /// Writes an access key to the credentials file
    Configure(configure::Args),
    /// Runs an emulator of the service until it is told to stop
    #[cfg(feature = "emulator")]
    Emulator(kps_emulator::program::Args),
    /// Prints what has a shell complete the words of kps
    Completions(completions::Args),
    /// Prints the manual, or writes its pages
    Man(man::Args),
}

pub(crate) fn run(command: &Command, context: &Context) -> Result<(), Stop> {
    if context.output.format() == Format::Curl && !matches!(command, Command::Sign(_)) {
        return Err(Failure::usage("--output curl goes with `kps sign` alone").into());
    }
    match command {
        Command::Bind(args) => bind::run(args, context),
        Command::Unbind(args) => unbind::run(args, context),
        Command::Task(args) => task::run(args, context),
        Command::Failed(args) => failed::run(args, context),
        Command::Running(args) => running::run(args, context),
        Command::Keypair(args) => keypair::run(args, context),
        Command::Region(args) => region::run(args, context),
        Command::Call(args) => call::run(args, context),
        Command::Configure(args) => configure::run(args, context),
        Command::Doctor(args) => doctor::run(args, context),
        #[cfg(feature = "emulator")]
        Command::Emulator(args) => emulator::run(args),
        Command::Completions(args) => completions::run(args, context),
        Command::Man(args) => man::run(args, context),
        Command::Explain(args) => explain::run(args, context),
        Command::Sign(args) => sign::run(args, context),
    }
}
