//! Waiting for tasks and for the pages of lists, and what is told meanwhile.

mod interrupt;
mod progress;
mod reading;
mod resume;
mod screen;

use std::time::Duration;

use clap::Args;
use kps_ureq::{Client, Error, TaskHandle, TaskState, WaitOptions};

pub(crate) use interrupt::Interrupt;
pub(crate) use reading::Reading;
pub(crate) use resume::resume_line;

use crate::context::Context;
use crate::stop::{Exit, Failure, Stop};
use crate::waiting::progress::Progress;

// How often tasks are looked at.
#[derive(Debug, Args)]
pub(crate) struct PollArgs {
    /// How long to wait before the first look and between two looks [else: 5 s, and up to 20 s later on]
    #[arg(long, value_name = "TIME", value_parser = crate::args::time)]
    poll: Option<Duration>,
}

impl PollArgs {
    pub(crate) fn options(&self, timeout: Duration) -> WaitOptions {
        let options = WaitOptions::new().with_timeout(timeout);
        match self.poll {
            Some(poll) => options.with_first_look(poll).with_interval(poll, poll),
            None => options,
        }
    }
}

/// A task to wait for, and by what a person knows what it is about.
#[derive(Clone, Debug)]
pub(crate) struct Awaited {
    pub(crate) handle: TaskHandle,
    pub(crate) label: String,
}

/// Waits for tasks, and tells how each ended, in their order.
pub(crate) fn wait(
    context: &Context,
    kps: &Client,
    tasks: &[Awaited],
    options: WaitOptions,
    interrupt: &Interrupt,
) -> Vec<Result<TaskState, Failure>> {
    if tasks.is_empty() {
        return Vec::new();
    }
    interrupt.resume_by(resume_line(&context.globals, tasks.iter().map(|task| &task.handle)));
    let progress = Progress::new(context, tasks);
    interrupt.clear_first(progress.bar());
    let options = options.with_progress(progress.teller());
    let handles = tasks.iter().map(|task| task.handle.clone());
    let ends = match tasks {
        [only] => vec![kps.wait(only.handle.clone(), &options)],
        _ => kps.wait_all(handles, &options),
    };
    progress.end();
    ends.into_iter().map(|end| end.map_err(|error| failure(context, error))).collect()
}

/// Why a wait came to nothing, with what waits on.
fn failure(context: &Context, error: Error) -> Failure {
    let handle = error.task_state().map(|state| state.handle.clone());
    let failure = Failure::from(error);
    match handle {
        Some(handle) if goes_on(&failure) => {
            let line = resume_line(&context.globals, [&handle]);
            failure.with_cure(format!("`{line}` waits on"))
        }
        _ => failure,
    }
}

/// Whether the task may go on after a wait that ended so.
fn goes_on(failure: &Failure) -> bool {
    // What the service does not take for the id of a task is none.
    let is_task = failure.error().and_then(Error::status).is_none_or(|status| status != 400);
    is_task && !matches!(failure.exit(), Exit::TaskFailed | Exit::NotFound)
}

/// How a command over several items ends, of which some failed in these ways: as they did, if they did so alike.
pub(crate) fn sum(failed: &[Exit], of: usize, what: &str) -> Result<(), Stop> {
    let Some(first) = failed.first() else { return Ok(()) };
    // Of several a refusal is no matter of usage: the others were not refused.
    let is_one = *first != Exit::Usage && failed.iter().all(|exit| exit == first);
    let exit = if is_one { *first } else { Exit::Failed };
    Err(Failure::new(exit, format_args!("{} of {of} {what} failed", failed.len())).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_end_as_all_that_failed_did() {
        for (failed, exit) in [
            (&[][..], None),
            (&[Exit::TaskFailed, Exit::TaskFailed], Some(Exit::TaskFailed)),
            (&[Exit::TimedOut], Some(Exit::TimedOut)),
            (&[Exit::TimedOut, Exit::TaskFailed], Some(Exit::Failed)),
            (&[Exit::Usage], Some(Exit::Failed)),
        ] {
            let told = match sum(failed, 5, "servers") {
                Err(Stop::Failed(failure)) => Some(failure.exit()),
                _ => None,
            };
            assert_eq!(told, exit, "{failed:?}");
        }
    }
}
