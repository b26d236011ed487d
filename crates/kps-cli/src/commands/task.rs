//! `kps task`.

use std::time::Duration;

use clap::Subcommand;
use kps_ureq::{
    Client, FailedTask, KeypairName, ListFailedTask, ListKeypairTask, Phase, ServerId, TaskHandle, TaskId,
    TaskStatus, Timestamp,
};
use serde::Serialize;

use crate::args;
use crate::binding::{Line, TaskLine};
use crate::context::Context;
use crate::output::{Cell, Record};
use crate::stop::{Exit, Failure, Stop};
use crate::waiting::{self, Awaited, Interrupt, PollArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
enum What {
    /// Shows how far a task is, and why it failed
    Show(ShowArgs),
    /// Waits for the end of tasks
    Wait(WaitArgs),
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&["kps task show 15cea325-a65e-49cb-8e53-0282bd36cb9d"]))]
struct ShowArgs {
    /// The task
    #[arg(value_name = "ID", value_parser = task_id)]
    task: TaskId,
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps task wait 15cea325-a65e-49cb-8e53-0282bd36cb9d --within 10m --poll 2s",
]))]
struct WaitArgs {
    /// The tasks
    #[arg(value_name = "ID", required = true, value_parser = task_id)]
    tasks: Vec<TaskId>,
    /// How long to wait in sum
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = crate::args::time)]
    within: Duration,
    #[command(flatten)]
    poll: PollArgs,
    /// The server, by which the reason of a failure is found that is recorded under another id
    #[arg(long, value_name = "ID", value_parser = |id: &str| ServerId::new(id))]
    server: Option<ServerId>,
    /// The key pair, for the same
    #[arg(long, value_name = "NAME", value_parser = |name: &str| KeypairName::existing(name))]
    keypair: Option<KeypairName>,
    /// When the task was accepted, for the same
    #[arg(long, value_name = "TIME", value_parser = moment)]
    accepted: Option<Timestamp>,
}

/// An id that was copied from a narrow terminal may be cut.
fn task_id(id: &str) -> Result<TaskId, String> {
    if id.ends_with('…') {
        return Err("it was cut to fit a terminal; lists show it whole with --output csv".into());
    }
    TaskId::new(id).map_err(|error| error.to_string())
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    match &args.what {
        What::Show(args) => show(args, context),
        What::Wait(args) => wait(args, context),
    }
}

fn show(args: &ShowArgs, context: &Context) -> Result<(), Stop> {
    let kps = context.client()?;
    let (status, server_id) = match context.send(&kps, ListKeypairTask::new(args.task.clone())) {
        Ok(task) => (task.task_status, task.server_id),
        Err(Stop::Failed(failure)) if failure.exit() == Exit::NotFound => {
            // It may be too long ago, and its failure still be recorded.
            let record = record(&kps, &args.task)?.ok_or(*failure)?;
            return context.output.one(&Shown::new(&args.task, None, None, Some(record)));
        }
        Err(stop) => return Err(stop),
    };
    let has_failed = status.as_ref().and_then(TaskStatus::phase) == Some(Phase::Failed);
    let record = if has_failed { record(&kps, &args.task)? } else { None };
    context.output.one(&Shown::new(&args.task, status, server_id, record))
}

/// The record of a failed task.
fn record(kps: &Client, task: &TaskId) -> Result<Option<FailedTask>, Stop> {
    for record in kps.items(ListFailedTask::new()) {
        let record = record?;
        if record.task_id == *task {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

/// What is known of a task.
#[derive(Serialize)]
struct Shown {
    task_id: TaskId,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_status: Option<TaskStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_id: Option<ServerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailedTask>,
}

impl Shown {
    fn new(
        task: &TaskId,
        task_status: Option<TaskStatus>,
        server_id: Option<ServerId>,
        failure: Option<FailedTask>,
    ) -> Self {
        Self { task_id: task.clone(), task_status, server_id, failure }
    }
}

impl Record for Shown {
    fn fields(&self) -> Vec<(&'static str, Cell)> {
        let failure = self.failure.as_ref();
        let recorded = failure.and_then(|record| record.operate_type.as_ref()).map(ToString::to_string);
        let status = self.task_status.as_ref().map(ToString::to_string).or(recorded);
        let server_id = self.server_id.as_ref().or(failure.and_then(|record| record.server_id.as_ref()));
        let text = |read: fn(&FailedTask) -> Option<&str>| Cell::of(failure.and_then(read));
        let error =
            failure.and_then(|record| record.task_error_msg.as_ref().or(record.task_error_code.as_ref()));
        vec![
            ("Task", Cell::of(Some(self.task_id.as_str()))),
            ("State", Cell::of(status)),
            ("Server", text(|record| record.server_name.as_deref())),
            ("Server id", Cell::of(server_id.map(ServerId::as_str))),
            ("Key pair", text(|record| record.keypair_name.as_deref())),
            ("When", Cell::time(failure.and_then(|record| record.task_time.as_ref()))),
            ("Error", error.map_or(Cell::Empty, |error| Cell::Bad(error.to_string()))),
        ]
    }
}

fn wait(args: &WaitArgs, context: &Context) -> Result<(), Stop> {
    if args.tasks.len() > 1 && (args.server.is_some() || args.keypair.is_some() || args.accepted.is_some()) {
        return Err(Failure::usage(
            "--server, --keypair and --accepted tell of one task, and there are several",
        )
        .into());
    }
    let kps = context.client()?;
    if context.globals.dry_run {
        args.tasks
            .iter()
            .try_for_each(|task| context.output.request(&kps.prepare(ListKeypairTask::new(task.clone()))?))?;
        return Err(Stop::Done);
    }
    let handle = |task: &TaskId| {
        let mut handle = TaskHandle::new(task.clone());
        handle.server_id.clone_from(&args.server);
        handle.keypair_name.clone_from(&args.keypair);
        handle.accepted.clone_from(&args.accepted);
        handle
    };
    let awaited = |task: &TaskId| Awaited { handle: handle(task), label: task.to_string() };
    let tasks: Vec<Awaited> = args.tasks.iter().map(awaited).collect();
    let interrupt = Interrupt::watch(context)?;
    // It may have ended long ago.
    let options = args.poll.options(args.within).with_first_look(Duration::ZERO);
    let mut ends = waiting::wait(context, &kps, &tasks, options, &interrupt);
    if let Some(end) = ends.pop_if(|_| tasks.len() == 1) {
        let state = end?;
        return context.output.one(&Line::of_task(&state.handle).ended(&state));
    }
    let failed: Vec<Exit> = ends.iter().filter_map(|end| end.as_ref().err()).map(Failure::exit).collect();
    let lines = tasks.iter().zip(&ends).map(|(task, end)| {
        let line = Line::of_task(&task.handle);
        Ok(TaskLine(match end {
            Ok(state) => line.ended(state),
            Err(failure) => line.failed(failure),
        }))
    });
    context.output.list(lines)?;
    waiting::sum(&failed, tasks.len(), "tasks")
}

/// A moment as `2026-04-01T08:30:00Z`, or in milliseconds since 1970.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(millis) = text.parse() {
        return Ok(Timestamp::from_millis(millis));
    }
    let moment: jiff::Timestamp =
        text.parse().map_err(|_| "a moment is written as 2026-04-01T08:30:00Z".to_owned())?;
    Ok(Timestamp::from_millis(moment.as_millisecond()))
}
