//! Tasks: binding, replacing and unbinding are asynchronous, and these are the records of it.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{Limit, Offset, OperateType, ServerId, TaskId, TaskStatus, Text, Timestamp, scalar};

/// Tells how far one task is: `GET /v3/{project_id}/tasks/{task_id}`. Despite its name it is no list.
///
/// The answer never says why a task failed; its record in [`ListFailedTask`] does.
///
/// ```
/// use kps_model::{ListKeypairTask, TaskId};
///
/// let request = ListKeypairTask::new(TaskId::new("4b7e19ac-d053-4c68-8f21-a9e6037dc5b4")?);
/// assert_eq!(kps_model::to_json(&request)?, br#"{"task_id":"4b7e19ac-d053-4c68-8f21-a9e6037dc5b4"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ListKeypairTask {
    /// Which one.
    pub task_id: TaskId,
}

impl ListKeypairTask {
    /// How far this task is.
    pub const fn new(task_id: TaskId) -> Self {
        Self { task_id }
    }
}

/// How far a task is. Only its id is certain to be there.
///
/// ```
/// use kps_model::{ListKeypairTaskResponse, Phase};
///
/// let task: ListKeypairTaskResponse = kps_model::from_json(br#"{"task_id":"t-1","server_id":"s-1","task_status":"RUNNING_BIND"}"#)?;
/// let status = task.task_status.unwrap();
/// assert_eq!((status.phase(), status.is_ended()), (Some(Phase::Running), false));
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListKeypairTaskResponse {
    /// The id of the task.
    pub task_id: TaskId,
    /// The id of the cloud server.
    #[serde(default, deserialize_with = "ServerId::or_none", skip_serializing_if = "Option::is_none")]
    pub server_id: Option<ServerId>,
    /// What is done, and how far it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_status: Option<TaskStatus>,
}

impl ListKeypairTaskResponse {
    /// An answer with nothing but the id, to be filled in by tests.
    pub const fn new(task_id: TaskId) -> Self {
        Self { task_id, server_id: None, task_status: None }
    }
}

/// Lists the tasks that are under way, from their acceptance to their end: `GET /v3/{project_id}/running-tasks`.
///
/// As JSON it is an object of its query parameters; absent means that the service's default applies.
///
/// ```
/// use kps_model::{Limit, ListRunningTask, Offset};
///
/// let second_page = ListRunningTask::new().with_limit(Limit::new(50)?).with_offset(Offset::new(50)?);
/// assert_eq!(kps_model::to_json(&second_page)?, br#"{"limit":50,"offset":50}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ListRunningTask {
    /// How many tasks the answer may hold; the service's default is [`Limit::DEFAULT`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// The index of the first task; the service's default is [`Offset::START`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Offset>,
}

impl ListRunningTask {
    /// The whole list from its start, in pages of the service's default size.
    pub const fn new() -> Self {
        Self { limit: None, offset: None }
    }

    /// Asks for at most so many tasks at once.
    #[must_use]
    pub const fn with_limit(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Starts at this task of the list.
    #[must_use]
    pub const fn with_offset(mut self, offset: Offset) -> Self {
        self.offset = Some(offset);
        self
    }
}

/// One page of running tasks.
///
/// ```
/// use kps_model::ListRunningTaskResponse;
///
/// let page: ListRunningTaskResponse = kps_model::from_json(br#"{"total":1,"tasks":[{"task_id":"t-1","operate_type":"RUNNING_RESET"}]}"#)?;
/// assert_eq!(page.tasks[0].task_id, "t-1");
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListRunningTaskResponse {
    /// The number of running tasks. Whether it counts them all or those of this page, the documents leave
    /// open; paging copes with both.
    #[serde(default, deserialize_with = "scalar::count", skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// The tasks of this page, in no documented order.
    #[serde(default, deserialize_with = "scalar::list")]
    pub tasks: Vec<RunningTask>,
}

/// A task that is under way. Only its id is certain to be there.
///
/// ```
/// use kps_model::{Phase, RunningTask};
///
/// let task: RunningTask = kps_model::from_json(br#"{"task_id":"t-1","operate_type":"RUNNING_RESET","server_name":"Test"}"#)?;
/// assert_eq!(task.operate_type.and_then(|kind| kind.phase()), Some(Phase::Running));
/// assert_eq!(task.server_name.as_deref(), Some("Test"));
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunningTask {
    /// The id of the task. (The documents call it a "VM id", a slip.)
    pub task_id: TaskId,
    /// What is done, and how far it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operate_type: Option<OperateType>,
    /// When it started, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_time: Option<Timestamp>,
    /// The name of the cloud server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<Text>,
    /// The id of the cloud server.
    #[serde(default, deserialize_with = "ServerId::or_none", skip_serializing_if = "Option::is_none")]
    pub server_id: Option<ServerId>,
    /// The name of the key pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keypair_name: Option<Text>,
}

impl RunningTask {
    /// A task with nothing but its id, to be filled in by tests.
    pub const fn new(task_id: TaskId) -> Self {
        Self {
            task_id,
            operate_type: None,
            task_time: None,
            server_name: None,
            server_id: None,
            keypair_name: None,
        }
    }
}

/// Lists the tasks that failed: `GET /v3/{project_id}/failed-tasks`.
///
/// As JSON it is an object of its query parameters; absent means that the service's default applies.
///
/// ```
/// use kps_model::{Limit, ListFailedTask, Offset};
///
/// let second_page = ListFailedTask::new().with_limit(Limit::new(50)?).with_offset(Offset::new(50)?);
/// assert_eq!(kps_model::to_json(&second_page)?, br#"{"limit":50,"offset":50}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ListFailedTask {
    /// How many tasks the answer may hold; the service's default is [`Limit::DEFAULT`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// The index of the first task; the service's default is [`Offset::START`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Offset>,
}

impl ListFailedTask {
    /// The whole list from its start, in pages of the service's default size.
    pub const fn new() -> Self {
        Self { limit: None, offset: None }
    }

    /// Asks for at most so many tasks at once.
    #[must_use]
    pub const fn with_limit(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Starts at this task of the list.
    #[must_use]
    pub const fn with_offset(mut self, offset: Offset) -> Self {
        self.offset = Some(offset);
        self
    }
}

/// One page of failed tasks.
///
/// ```
/// use kps_model::ListFailedTaskResponse;
///
/// let page: ListFailedTaskResponse = kps_model::from_json(br#"{"total":120,"tasks":[{"task_id":"t-1"},{"task_id":"t-2"}]}"#)?;
/// assert_eq!((page.total, page.tasks.len()), (Some(120), 2));
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListFailedTaskResponse {
    /// The number of failed tasks. Whether it counts them all or those of this page, the documents leave
    /// open; paging copes with both.
    #[serde(default, deserialize_with = "scalar::count", skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// The tasks of this page, in no documented order.
    #[serde(default, deserialize_with = "scalar::list")]
    pub tasks: Vec<FailedTask>,
}

/// A task that failed. Only its id is certain to be there.
///
/// ```
/// use kps_model::{Action, FailedTask};
///
/// let task: FailedTask = kps_model::from_json(
///     br#"{"task_id":"t-1","operate_type":"FAILED_RESET","task_time":"1523342130000","task_error_msg":"Update public key error"}"#,
/// )?;
/// assert_eq!(task.operate_type.and_then(|kind| kind.action()), Some(Action::Reset));
/// assert_eq!(task.task_error_msg.as_deref(), Some("Update public key error"));
/// assert!(task.server_id.is_none());
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FailedTask {
    /// The id of the task, by which its record can be deleted. (The documents call it a "VM id", a slip.)
    pub task_id: TaskId,
    /// What was done, and how far it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operate_type: Option<OperateType>,
    /// When it started, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_time: Option<Timestamp>,
    /// A code such as `KPS.0003`; often null. An empty one is none.
    #[serde(default, deserialize_with = "Text::given", skip_serializing_if = "Option::is_none")]
    pub task_error_code: Option<Text>,
    /// Why it failed, as a sentence. (The documents call it an "error code", a slip.)
    #[serde(default, deserialize_with = "Text::given", skip_serializing_if = "Option::is_none")]
    pub task_error_msg: Option<Text>,
    /// The name of the cloud server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<Text>,
    /// The id of the cloud server.
    #[serde(default, deserialize_with = "ServerId::or_none", skip_serializing_if = "Option::is_none")]
    pub server_id: Option<ServerId>,
    /// The name of the key pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keypair_name: Option<Text>,
}

impl FailedTask {
    /// A record with nothing but its id, to be filled in by tests of programs that read such records.
    ///
    /// ```
    /// use kps_model::{FailedTask, OperateType, TaskId};
    ///
    /// let mut task = FailedTask::new(TaskId::new("t-1")?);
    /// task.operate_type = Some(OperateType::FAILED_UNBIND);
    /// assert_eq!(kps_model::to_json(&task)?, br#"{"task_id":"t-1","operate_type":"FAILED_UNBIND"}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn new(task_id: TaskId) -> Self {
        Self {
            task_id,
            operate_type: None,
            task_time: None,
            task_error_code: None,
            task_error_msg: None,
            server_name: None,
            server_id: None,
            keypair_name: None,
        }
    }
}

/// Deletes the record of a failed task: `DELETE /v3/{project_id}/failed-tasks/{task_id}`. The server is not touched.
///
/// ```
/// use kps_model::{DeleteFailedTask, TaskId};
///
/// let request = DeleteFailedTask::new(TaskId::new("aee8d2fe-5484-4753-9177-5a38dc15546c")?);
/// assert_eq!(kps_model::to_json(&request)?, br#"{"task_id":"aee8d2fe-5484-4753-9177-5a38dc15546c"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteFailedTask {
    /// Which one. It is never empty, for an empty one would delete all.
    pub task_id: TaskId,
}

impl DeleteFailedTask {
    /// Deletes the record of this task.
    pub const fn new(task_id: TaskId) -> Self {
        Self { task_id }
    }
}

/// Deletes the records of **all** failed tasks of the project, also those that nobody has read:
/// `DELETE /v3/{project_id}/failed-tasks`. The servers are not touched.
///
/// ```
/// assert_eq!(kps_model::to_json(&kps_model::DeleteAllFailedTask::new())?, b"{}");
/// # Ok::<(), kps_model::EncodeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteAllFailedTask {}

impl DeleteAllFailedTask {
    /// Deletes them all.
    pub const fn new() -> Self {
        Self {}
    }
}
