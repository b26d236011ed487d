//! `kps failed clear`.

use kps_ureq::{DeleteAllFailedTask, Limit, ListFailedTask};

use crate::args;
use crate::context::Context;
use crate::input::confirm;
use crate::stop::Stop;

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&["kps failed clear --yes"]))]
pub(crate) struct Args {
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let client = context.client()?;
    context.spare(&client, &DeleteAllFailedTask::new())?;
    let mut count = 0;
    for task in client.items(ListFailedTask::new().with_limit(Limit::MAX)) {
        task?;
        count += 1;
    }
    if count == 0 {
        return context.output.note("There are no failed tasks.");
    }
    let records = super::records(count);
    let whose = context.region()?.map(|region| format!(" in {region}")).unwrap_or_default();
    confirm(&format!("delete all {records}{whose}"), args.yes)?;
    context.send(&client, DeleteAllFailedTask::new())?;
    context.output.note(&format!("Deleted {records}{whose}."))
}
