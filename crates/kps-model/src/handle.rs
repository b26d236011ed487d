//! What a program keeps of a task that it waits for.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::one_line::OneLine;
use crate::{KeypairName, RunningTask, ServerId, TaskId, TaskReceipt, TaskRefused, Timestamp};

/// What a program keeps of a task to wait for its end, also after a restart: it is small, and can be stored as JSON.
///
/// The id alone will do. If the record of a failure goes by another id than the task, it is found by the server, the
/// key pair and the time, where they are known.
///
/// ```
/// use kps_model::{KeypairName, TaskHandle, TaskReceipt, Timestamp};
///
/// let receipt: TaskReceipt = kps_model::from_json(br#"{"task_id":"4b7e19ac-d053-4c68-8f21-a9e6037dc5b4"}"#)?;
/// let handle = receipt
///     .handle()?
///     .with_keypair(KeypairName::new("deploy")?)
///     .with_accepted(Timestamp::from_millis(1_775_032_200_000));
/// let stored = kps_model::to_json(&handle)?;
/// assert_eq!(
///     stored,
///     br#"{"task_id":"4b7e19ac-d053-4c68-8f21-a9e6037dc5b4","keypair_name":"deploy","accepted":1775032200000}"#,
/// );
/// assert_eq!(kps_model::from_json::<TaskHandle>(&stored)?, handle);
/// assert_eq!(handle.to_string(), "task 4b7e19ac-d053-4c68-8f21-a9e6037dc5b4, key pair deploy");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskHandle {
    /// The task.
    pub task_id: TaskId,
    /// The server, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_id: Option<ServerId>,
    /// The key pair that is put on the server or taken off it, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keypair_name: Option<KeypairName>,
    /// When the task was accepted, or a little before that, by the clock of the service, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Timestamp>,
}

impl TaskHandle {
    /// A task of which nothing else is known.
    pub const fn new(task_id: TaskId) -> Self {
        Self { task_id, server_id: None, keypair_name: None, accepted: None }
    }

    /// Adds the server.
    #[must_use]
    pub fn with_server(mut self, server: ServerId) -> Self {
        self.server_id = Some(server);
        self
    }

    /// Adds the key pair.
    #[must_use]
    pub fn with_keypair(mut self, name: KeypairName) -> Self {
        self.keypair_name = Some(name);
        self
    }

    /// Adds when the task was accepted. The time before the request was sent will do; records of failures that are
    /// older are not taken for that of this task.
    #[must_use]
    pub fn with_accepted(mut self, time: Timestamp) -> Self {
        self.accepted = Some(time);
        self
    }
}

impl From<TaskId> for TaskHandle {
    fn from(task_id: TaskId) -> Self {
        Self::new(task_id)
    }
}

/// A task of the list of running ones, such as one whose receipt was lost.
impl From<&RunningTask> for TaskHandle {
    fn from(task: &RunningTask) -> Self {
        let name = task.keypair_name.as_deref();
        Self {
            task_id: task.task_id.clone(),
            server_id: task.server_id.clone(),
            keypair_name: name.and_then(|name| KeypairName::existing(name).ok()),
            accepted: task.task_time.clone(),
        }
    }
}

impl TaskReceipt {
    /// What to keep of the task to wait for its end, if it was accepted.
    ///
    /// # Errors
    ///
    /// As [`accepted`](Self::accepted).
    pub fn handle(&self) -> Result<TaskHandle, TaskRefused> {
        let task_id = self.accepted()?.clone();
        Ok(TaskHandle { server_id: self.server_id.clone(), ..TaskHandle::new(task_id) })
    }
}

/// `task 4b7e19ac, server 8d3f6b21, key pair deploy`: what is known of it but the time.
impl fmt::Display for TaskHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {}", OneLine(self.task_id.as_str()))?;
        if let Some(server) = &self.server_id {
            write!(f, ", server {}", OneLine(server.as_str()))?;
        }
        match &self.keypair_name {
            Some(name) => write!(f, ", key pair {}", OneLine(name.as_str())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn receipt(json: &str) -> TaskReceipt {
        crate::from_json(json.as_bytes()).unwrap()
    }

    #[test]
    fn a_receipt_gives_a_handle_unless_the_task_was_refused() {
        for (json, expected) in [
            (r#"{"task_id":"t"}"#, Some("task t")),
            (r#"{"task_id":"t","server_id":"s","status":"SUCCESS"}"#, Some("task t, server s")),
            (r#"{"task_id":"t","server_id":"s","status":"Failed"}"#, None),
            (r#"{"server_id":"s","status":"SUCCESS"}"#, None),
            ("{}", None),
        ] {
            let handle = receipt(json).handle();
            assert_eq!(handle.as_ref().map(ToString::to_string).ok().as_deref(), expected, "{json}");
            assert_eq!(handle.err(), receipt(json).accepted().err());
        }
    }

    #[test]
    fn a_running_task_gives_all_that_it_knows() {
        let mut task = RunningTask::new(TaskId::new("t\n").unwrap());
        assert_eq!(TaskHandle::from(&task), TaskHandle::new(TaskId::new("t\n").unwrap()));
        task.server_id = ServerId::new("s").ok();
        task.keypair_name = Some("older than the rule".into());
        task.task_time = Some(Timestamp::from_millis(1_775_032_200_000).as_text());
        let handle = TaskHandle::from(&task);
        assert_eq!(handle.to_string(), r"task t\n, server s, key pair older than the rule");
        assert_eq!(handle.accepted, task.task_time);
        task.keypair_name = Some("..".into());
        assert_eq!(TaskHandle::from(&task).keypair_name, None);
    }

    #[test]
    fn fields_of_a_later_release_are_passed_over() {
        let handle: TaskHandle = crate::from_json(br#"{"task_id":"t","later":1}"#).unwrap();
        assert_eq!(handle, TaskHandle::from(TaskId::new("t").unwrap()));
    }

    proptest! {
        #[test]
        fn a_stored_handle_comes_back(
            id in "[^.]\\PC{0,40}",
            server in proptest::option::of("[a-z0-9-]{1,40}"),
            name in proptest::option::of("[A-Za-z0-9_-]{1,40}"),
            accepted in proptest::option::of(100_000_000_000_i64..10_000_000_000_000),
        ) {
            let mut handle = TaskHandle::new(TaskId::new(id).unwrap());
            handle.server_id = server.map(|id| ServerId::new(id).unwrap());
            handle.keypair_name = name.map(|name| KeypairName::new(name).unwrap());
            handle.accepted = accepted.map(Timestamp::from_millis);
            let stored = crate::to_json(&handle).unwrap();
            prop_assert_eq!(crate::from_json::<TaskHandle>(&stored).unwrap(), handle);
        }
    }
}
