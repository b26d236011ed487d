//! `kps failed delete`.

use kps_ureq::{Client, DeleteFailedTask, Limit, ListFailedTask, TaskId};

use crate::args;
use crate::context::Context;
use crate::stop::{Exit, Failure, Stop};

/// The least of an id that stands for the whole: as much as is shown in a narrow terminal.
const LEAST: usize = 8;

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&["kps failed delete 4e349d98 52ad6074-dce1-4188-8383-0d71939b5318"]))]
pub(crate) struct Args {
    /// Ids of failed tasks, or their first 8 characters or more
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let client = context.client()?;
    let (mut deleted, mut exits) = (0, Vec::new());
    let mut known = None;
    for id in &args.ids {
        let outcome = whole(id, context, &client, &mut known)
            .and_then(|id| context.send(&client, DeleteFailedTask::new(id)));
        match outcome {
            Ok(_) => deleted += 1,
            Err(Stop::Done) if context.globals.dry_run => {}
            Err(Stop::Failed(failure)) if args.ids.len() > 1 => {
                failure.tell(context.globals.output.is_json());
                exits.push(failure.exit());
            }
            Err(stop) => return Err(stop),
        }
    }
    match args.ids.len() {
        _ if deleted == 0 => {}
        all if all == deleted => context.output.note(&format!("Deleted {}.", super::records(all)))?,
        all => context.output.note(&format!("Deleted {deleted} of {}.", super::records(all)))?,
    }
    exits.first().map_or(Ok(()), |first| Err(Stop::Told(*first)))
}

/// The id that is meant. What may be the beginning of one is looked for, unless nothing is to be sent.
fn whole(
    id: &str,
    context: &Context,
    client: &Client,
    known: &mut Option<Vec<TaskId>>,
) -> Result<TaskId, Stop> {
    let given = TaskId::new(id.trim_end_matches('…'))
        .map_err(|reason| Failure::usage(format_args!("{id:?}: {reason}")))?;
    if given.as_str().len() >= 36 || context.globals.dry_run {
        return Ok(given);
    }
    if known.is_none() {
        let tasks = client.items(ListFailedTask::new().with_limit(Limit::MAX));
        *known = Some(tasks.map(|task| Ok(task?.task_id)).collect::<Result<_, Stop>>()?);
    }
    let ids = || known.iter().flatten();
    if ids().any(|known| *known == given) {
        return Ok(given);
    }
    let meant: Vec<&TaskId> = match given.as_str().chars().count() {
        ..LEAST => Vec::new(),
        _ => ids().filter(|known| known.as_str().starts_with(given.as_str())).collect(),
    };
    match meant.as_slice() {
        [only] => Ok((*only).clone()),
        [] => Err(Failure::new(Exit::NotFound, format_args!("no failed task has the id {given}"))
            .with_cure(format!("`kps failed` lists them; their first {LEAST} characters or more will do"))
            .into()),
        several => {
            let several: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
            Err(Failure::usage(format_args!("{given} may be {}", several.join(" or "))).into())
        }
    }
}
