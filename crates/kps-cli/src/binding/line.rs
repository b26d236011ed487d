//! What is told of a server, or of a task.

use kps_ureq::{Error, KeypairName, ServerId, TaskHandle, TaskId, TaskState, TaskStatus};
use serde::Serialize;
use serde_json::Value;

use crate::output::{Cell, Record, Row};
use crate::servers::CloudServer;
use crate::stop::Failure;

/// What came of a server.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    server_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_id: Option<ServerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keypair_name: Option<KeypairName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<TaskId>,
    /// `unchanged`, `accepted`, `failed`, or the state in which the task ended.
    status: String,
    /// How long was waited, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
    #[serde(skip)]
    told: Cell,
}

impl Line {
    const EMPTY: Self = Self {
        server_name: None,
        server_id: None,
        keypair_name: None,
        task_id: None,
        status: String::new(),
        elapsed: None,
        message: None,
        error: None,
        told: Cell::Empty,
    };

    /// A server, and the key pair that is put on it or taken off it.
    pub(crate) fn of_server(server: &CloudServer, keypair: Option<&KeypairName>) -> Self {
        Self {
            server_name: server.name.clone(),
            server_id: Some(server.id.clone()),
            keypair_name: keypair.cloned(),
            ..Self::EMPTY
        }
    }

    pub(crate) fn of_task(handle: &TaskHandle) -> Self {
        Self { server_id: handle.server_id.clone(), keypair_name: handle.keypair_name.clone(), ..Self::EMPTY }
            .with_task(handle)
    }

    /// Takes in what is known of the task.
    fn with_task(mut self, handle: &TaskHandle) -> Self {
        self.task_id = Some(handle.task_id.clone());
        self.server_id = self.server_id.or_else(|| handle.server_id.clone());
        self.keypair_name = self.keypair_name.or_else(|| handle.keypair_name.clone());
        self
    }

    pub(crate) fn unchanged(mut self, message: String) -> Self {
        self.status = "unchanged".into();
        self.told = Cell::Text(format!("nothing to do: {message}"));
        self.message = Some(message);
        self
    }

    pub(crate) fn accepted(self, handle: &TaskHandle) -> Self {
        let told = Cell::Text("accepted".into());
        Self { status: "accepted".into(), told, ..self }.with_task(handle)
    }

    pub(crate) fn ended(self, state: &TaskState) -> Self {
        let status = state.status.as_ref().map_or_else(|| "done".into(), TaskStatus::to_string);
        let elapsed = state.elapsed.as_secs_f64();
        let told = Cell::Text(format!("{status} after {elapsed:.1} s"));
        Self { status, told, elapsed: Some(elapsed), ..self }.with_task(&state.handle)
    }

    pub(crate) fn failed(self, failure: &Failure) -> Self {
        let told = Cell::Bad(reason(failure).unwrap_or_else(|| failure.text()));
        let line = Self { status: "failed".into(), error: Some(failure.value()), told, ..self };
        match failure.error().and_then(Error::task_state) {
            Some(state) => line.with_task(&state.handle),
            None => line,
        }
    }
}

/// Why a task failed, without what stands beside it.
fn reason(failure: &Failure) -> Option<String> {
    let error = failure.error()?;
    let message = error.failed_task()?.task_error_msg.as_ref()?;
    let status = error.task_state()?.status.as_ref()?;
    Some(format!("{status}: {message}"))
}

impl Row for Line {
    const COLUMNS: &'static [&'static str] = &["SERVER", "SERVER ID", "KEY PAIR", "TASK", "RESULT"];
    const IS_CUT: bool = false;

    fn cells(&self) -> Vec<Cell> {
        self.fields().into_iter().map(|(_, cell)| cell).collect()
    }
}

impl Record for Line {
    fn fields(&self) -> Vec<(&'static str, Cell)> {
        vec![
            ("Server", Cell::of(self.server_name.as_ref())),
            ("Server id", Cell::of(self.server_id.as_ref().map(ServerId::as_str))),
            ("Key pair", Cell::of(self.keypair_name.as_ref().map(KeypairName::as_str))),
            ("Task", Cell::of(self.task_id.as_ref().map(TaskId::as_str))),
            ("Result", self.told.clone()),
        ]
    }
}

/// What came of a task, of whose server no name is known.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct TaskLine(pub(crate) Line);

impl Row for TaskLine {
    const COLUMNS: &'static [&'static str] = &["TASK", "SERVER ID", "KEY PAIR", "RESULT"];
    const IS_CUT: bool = false;

    fn cells(&self) -> Vec<Cell> {
        let line = &self.0;
        vec![
            Cell::of(line.task_id.as_ref().map(TaskId::as_str)),
            Cell::of(line.server_id.as_ref().map(ServerId::as_str)),
            Cell::of(line.keypair_name.as_ref().map(KeypairName::as_str)),
            line.told.clone(),
        ]
    }
}
