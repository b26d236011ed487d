//! `kps running`.

use kps_ureq::ListRunningTask;

use crate::commands::tasks::{self, Selection};
use crate::context::Context;
use crate::stop::Stop;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selection: Selection,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    tasks::run::<ListRunningTask>(context, &args.selection)
}
