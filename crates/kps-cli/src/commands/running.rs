//! `kps running`.

use kps_ureq::{ListRunningTask, OperateType, RunningTask, ServerId};

use crate::context::Context;
use crate::output::{Cell, Row};
use crate::stop::Stop;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, context: &Context) -> Result<(), Stop> {
    let tasks = context.items(&context.client()?, ListRunningTask::new())?;
    context.output.list(tasks.map(|task| task.map_err(Stop::from)))
}

impl Row for RunningTask {
    const COLUMNS: &'static [&'static str] =
        &["TASK", "OPERATION", "STARTED", "SERVER", "SERVER ID", "KEY PAIR"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::of(Some(self.task_id.as_str())),
            Cell::of(self.operate_type.as_ref().map(OperateType::as_str)),
            Cell::time(self.task_time.as_ref()),
            Cell::of(self.server_name.as_ref()),
            Cell::of(self.server_id.as_ref().map(ServerId::as_str)),
            Cell::of(self.keypair_name.as_ref()),
        ]
    }
}
