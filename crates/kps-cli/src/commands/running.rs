//! `kps running`.

use kps_ureq::ListRunningTask;

use crate::args;
use crate::commands::tasks::{self, Selection};
use crate::context::Context;
use crate::stop::Stop;

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps running --keypair 'team-*' --action bind",
    "kps running --watch",
]))]
pub(crate) struct Args {
    #[command(flatten)]
    selection: Selection,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    tasks::run::<ListRunningTask>(context, &args.selection)
}
