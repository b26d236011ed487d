use std::time::Duration;

use kps_model::{Action, Phase, TaskHandle, TaskStatus};
use serde::{Serialize, Serializer};

/// What was seen of a task, and when; at the end of a wait, how the task ended.
///
/// As JSON it is one flat object, with `elapsed` in seconds.
///
/// ```
/// # use kps_core::*;
/// # let kps = blocking::Client::builder(|_: Prepared| {
/// #     Ok(http::Response::new(r#"{"task_id":"t-1","server_id":"s-1","task_status":"SUCCESS_BIND"}"#.into()))
/// # });
/// # let kps = kps.region(Region::CN_NORTH_4).project_id(ProjectId::new("0a1b").unwrap());
/// # let kps = kps.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
/// let state = kps.wait(TaskId::new("t-1")?, &WaitOptions::new())?;
/// assert_eq!((state.phase(), state.action()), (Some(Phase::Success), Some(Action::Bind)));
/// assert_eq!(
///     serde_json::to_value(&state)?,
///     serde_json::json!({
///         "task_id": "t-1", "server_id": "s-1", "status": "SUCCESS_BIND", "looks": 1, "elapsed": 5.0,
///     }),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TaskState {
    /// The task, with all that became known of it meanwhile.
    #[serde(flatten)]
    pub handle: TaskHandle,
    /// How far it was. `None` if it was never seen, or the service did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<TaskStatus>,
    /// How many looks there were so far, those included that came to nothing.
    pub looks: u32,
    /// When this was seen, from the beginning of the wait.
    #[serde(serialize_with = "seconds")]
    pub elapsed: Duration,
}

impl TaskState {
    pub(crate) const fn unseen(handle: TaskHandle) -> Self {
        Self { handle, status: None, looks: 0, elapsed: Duration::ZERO }
    }

    /// How far the task was, if it is one of the known phases.
    pub fn phase(&self) -> Option<Phase> {
        self.status.as_ref()?.phase()
    }

    /// What the task does to the server, if it is one of the known actions.
    pub fn action(&self) -> Option<Action> {
        self.status.as_ref()?.action()
    }
}

fn seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}
