//! How tasks are printed.

use kps_ureq::{FailedTask, Region, RunningTask, ServerId, TaskRecord};
use serde::Serialize;

use crate::output::{Cell, Row};

impl Row for FailedTask {
    const NAME: &'static str = "failed tasks";
    const COLUMNS: &'static [&'static str] = &["TASK", "OPERATION", "WHEN", "ERROR", "SERVER", "KEY PAIR"];
    const FIELDS: &'static [&'static str] = &[
        "task_id",
        "operate_type",
        "task_time",
        "task_error_code",
        "task_error_msg",
        "server_name",
        "server_id",
        "keypair_name",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::id(&self.task_id),
            Cell::operation(self.operate_type.as_ref()),
            Cell::time(self.task_time.as_ref()),
            Cell::bad(reason(self)),
            Cell::of(server(self)),
            Cell::of(self.keypair_name.as_ref()),
        ]
    }

    fn values(&self) -> Vec<Cell> {
        vec![
            Cell::id(&self.task_id),
            Cell::operation(self.operate_type.as_ref()),
            Cell::time(self.task_time.as_ref()),
            Cell::of(self.task_error_code.as_ref()),
            Cell::of(self.task_error_msg.as_ref()),
            Cell::of(self.server_name.as_ref()),
            Cell::of(self.server_id.as_ref().map(ServerId::as_str)),
            Cell::of(self.keypair_name.as_ref()),
        ]
    }
}

/// The server of a task, by its name or else its id.
pub(super) fn server(task: &impl TaskRecord) -> Option<&str> {
    task.server_name().map(|name| &**name).or(task.server_id().map(ServerId::as_str))
}

/// Why a task failed, as far as the service tells.
pub(super) fn reason(task: &FailedTask) -> Option<&str> {
    task.task_error_msg.as_deref().or(task.task_error_code.as_deref())
}

impl Row for RunningTask {
    const NAME: &'static str = "running tasks";
    const COLUMNS: &'static [&'static str] = &["TASK", "OPERATION", "STARTED", "SERVER", "KEY PAIR"];
    const FIELDS: &'static [&'static str] =
        &["task_id", "operate_type", "task_time", "server_name", "server_id", "keypair_name"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::id(&self.task_id),
            Cell::operation(self.operate_type.as_ref()),
            Cell::time(self.task_time.as_ref()),
            Cell::of(server(self)),
            Cell::of(self.keypair_name.as_ref()),
        ]
    }

    fn values(&self) -> Vec<Cell> {
        vec![
            Cell::id(&self.task_id),
            Cell::operation(self.operate_type.as_ref()),
            Cell::time(self.task_time.as_ref()),
            Cell::of(self.server_name.as_ref()),
            Cell::of(self.server_id.as_ref().map(ServerId::as_str)),
            Cell::of(self.keypair_name.as_ref()),
        ]
    }
}

/// A line of one of several regions.
#[derive(Serialize)]
pub(super) struct Regional<T> {
    #[serde(serialize_with = "id")]
    pub(super) region: Region,
    #[serde(flatten)]
    pub(super) line: T,
}

fn id<S: serde::Serializer>(region: &Region, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(region.id())
}

impl<T: Row> Row for Regional<T> {
    const NAME: &'static str = T::NAME;
    const COLUMNS: &'static [&'static str] = &[];

    fn columns() -> Vec<&'static str> {
        [&["REGION"], T::COLUMNS].concat()
    }

    fn fields() -> Vec<String> {
        let mut fields = T::fields();
        fields.insert(0, "region".into());
        fields
    }

    fn cells(&self) -> Vec<Cell> {
        let mut cells = self.line.cells();
        cells.insert(0, Cell::of(Some(self.region.id())));
        cells
    }

    fn values(&self) -> Vec<Cell> {
        let mut values = self.line.values();
        values.insert(0, Cell::of(Some(self.region.id())));
        values
    }
}
