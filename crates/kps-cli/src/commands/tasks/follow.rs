//! `--watch`: the tasks that are there, and those that come, each told once.

use std::collections::HashSet;
use std::hash::Hash;
use std::time::Duration;

use kps_ureq::{Client, Error, OperateType, Region, TaskRecord as _};

use crate::commands::tasks::list::{Inquiry, TaskList};
use crate::commands::tasks::regions::Regions;
use crate::commands::tasks::rows::Regional;
use crate::context::Context;
use crate::machine;
use crate::output::Row;
use crate::stop::{Failure, Stop};
use crate::words;

/// What a look brought, and whether there is another.
pub(super) type Look<Tag, Task> = (Vec<(Tag, Task)>, Result<(), Stop>);

/// By what a task is told from what has been printed: what goes on in it is news.
type Mark<Tag> = (Tag, String, Option<i64>, Option<OperateType>);

pub(super) fn one_region<O: TaskList>(
    context: &Context,
    inquiry: &Inquiry<O>,
    pause: Duration,
    client: &Client,
) -> Result<(), Stop> {
    let (mut is_first, mut troubled) = (true, false);
    let look = || {
        let (mut tasks, mut error) = (Vec::new(), None);
        for task in inquiry.all(client) {
            match task {
                Ok(task) => tasks.push(((), task)),
                Err(failed) => error = Some(failed),
            }
        }
        let end = match error {
            Some(error) if is_first => Err(error.into()),
            error => bear(context, error, &mut troubled, None),
        };
        is_first = false;
        (tasks, end)
    };
    run::<O, _, _>(context, inquiry, pause, look, |(), task| task)
}

pub(super) fn all_regions<O: TaskList>(
    context: &Context,
    inquiry: &Inquiry<O>,
    pause: Duration,
    mut regions: Regions<'_>,
) -> Result<(), Stop> {
    let look = || regions.look(inquiry);
    run::<O, _, _>(context, inquiry, pause, look, |region, line| Regional { region, line })
}

/// Tells of an error that passes when it comes, and when it has passed; gives back any other.
pub(super) fn bear(
    context: &Context,
    error: Option<Error>,
    troubled: &mut bool,
    region: Option<&Region>,
) -> Result<(), Stop> {
    let of = region.map(|region| format!("{region}: ")).unwrap_or_default();
    let was_troubled = std::mem::replace(troubled, error.is_some());
    match error {
        None if was_troubled => context.output.remark(format_args!("{of}it answers again")),
        None => {}
        Some(error) if !error.is_retryable() => return Err(Failure::from(error).of(region).into()),
        Some(_) if was_troubled => {}
        Some(error) => context
            .output
            .remark(format_args!("{of}{}; it is asked again", words::of_the_command_line(&error.report()))),
    }
    Ok(())
}

fn run<O: TaskList, Tag: Clone + Eq + Hash, R: Row>(
    context: &Context,
    inquiry: &Inquiry<O>,
    pause: Duration,
    mut look: impl FnMut() -> Look<Tag, O::Task>,
    row: impl Fn(Tag, O::Task) -> R,
) -> Result<(), Stop> {
    let mut stream = context.output.stream::<R>()?;
    machine::end_when_interrupted();
    let mut told: HashSet<Mark<Tag>> = HashSet::new();
    let mut left = inquiry.limit;
    loop {
        let (tasks, end) = look();
        for (tag, task) in tasks {
            if left > 0 && told.insert(mark::<O, Tag>(&tag, &task)) {
                stream.add(&row(tag, task))?;
                left -= 1;
            }
        }
        stream.flush()?;
        end?;
        if left == 0 {
            return Ok(());
        }
        context.pause(pause)?;
    }
}

fn mark<O: TaskList, Tag: Clone>(tag: &Tag, task: &O::Task) -> Mark<Tag> {
    (tag.clone(), O::id(task).to_owned(), O::moment(task), task.operate_type().cloned())
}
