//! `kps failed`.

mod clear;
mod delete;

use clap::Subcommand;
use kps_ureq::ListFailedTask;

use crate::args;
use crate::commands::tasks::{self, GroupBy, Selection};
use crate::context::Context;
use crate::stop::{Failure, Stop};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    list: List,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
enum What {
    /// Lists them; `kps failed` alone does so too
    List(List),
    /// Deletes the records of some; the servers are not touched
    Delete(delete::Args),
    /// Deletes the records of all; the servers are not touched
    Clear(clear::Args),
}

#[derive(Debug, Default, PartialEq, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps failed --since 8h --server 'web-*'",
    "kps failed --group-by error --all-regions",
    "kps failed --watch=30s --since 10m --output ndjson",
]))]
struct List {
    #[command(flatten)]
    selection: Selection,
    /// Count them in place of listing them
    #[arg(long, value_name = "WHAT", conflicts_with = "watch")]
    group_by: Option<GroupBy>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    if args.what.is_some() && args.list != List::default() {
        let failure = Failure::usage("options of the list stand before another command");
        return Err(failure.with_cure("put them behind `kps failed list`").into());
    }
    match &args.what {
        None => list(&args.list, context),
        Some(What::List(args)) => list(args, context),
        Some(What::Delete(args)) => delete::run(args, context),
        Some(What::Clear(args)) => clear::run(args, context),
    }
}

fn list(args: &List, context: &Context) -> Result<(), Stop> {
    match args.group_by {
        Some(by) => tasks::group(context, &args.selection, by),
        None => tasks::run::<ListFailedTask>(context, &args.selection),
    }
}

fn records(count: usize) -> String {
    if count == 1 { "1 record of a failed task".into() } else { format!("{count} records of failed tasks") }
}
