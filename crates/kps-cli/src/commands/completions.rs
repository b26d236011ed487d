//! `kps completions`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::{self, Cli};
use crate::context::Context;
use crate::stop::Stop;

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&["kps completions bash > ~/.local/share/bash-completion/completions/kps"]))]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    // First into memory: it does not bear that nobody reads it.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "kps", &mut script);
    context.output.bytes(&script)
}
