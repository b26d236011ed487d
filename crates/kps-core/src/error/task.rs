//! How a wait for a task comes to nothing.

use std::fmt::Write as _;
use std::time::Duration;

use kps_model::{FailedTask, OperateType, TaskStatus};

use super::Error;
use crate::{ErrorKind, TaskState};

/// What is known of the task of a wait.
pub(super) struct Task {
    pub(super) state: TaskState,
    pub(super) record: Option<FailedTask>,
}

impl Error {
    /// A task that failed, with the record that says why, or what kept the client from reading it.
    pub(crate) fn task_failed(state: TaskState, record: Option<FailedTask>, below: Option<Self>) -> Self {
        let mut text = format!("{} failed", state.handle);
        let told = record.as_ref().and_then(|record| record.operate_type.as_ref());
        let status = state.status.as_ref().map(TaskStatus::as_str);
        if let Some(status) = status.or_else(|| told.map(OperateType::as_str)) {
            let _ = write!(text, " ({status})");
        }
        text.push_str(&match (&record, &below) {
            (Some(record), _) => reason(record),
            (None, None) => "; why is not in the list of failed tasks".to_owned(),
            (None, Some(_)) => "; why could not be looked up".to_owned(),
        });
        let mut error = Self::new(ErrorKind::TaskFailed, text);
        error.0.source = below.map(Into::into);
        error.of_task(state, record)
    }

    /// A task that did not end in time; the last look may have failed.
    pub(crate) fn task_timeout(state: TaskState, timeout: Duration, below: Option<Self>) -> Self {
        let mut text = format!("{} did not end within {:.1} s", state.handle, timeout.as_secs_f64());
        let _ = match &state.status {
            Some(status) => write!(text, "; {status} was seen after {:.1} s", state.elapsed.as_secs_f64()),
            None => write!(text, "; its state was not seen"),
        };
        let mut error = Self::new(ErrorKind::TaskTimeout, text);
        error.0.source = below.map(Into::into);
        error.of_task(state, None)
    }

    /// A task that the service refuses to know, and whose failure is not recorded.
    pub(crate) fn task_gone(state: TaskState, mut refusal: Self) -> Self {
        refusal.0.kind = ErrorKind::TaskGone;
        refusal.0.text = format!("{} is not known: {}", state.handle, refusal.0.text);
        refusal.of_task(state, None)
    }

    /// The error that ends a wait.
    pub(crate) fn of_task(mut self, state: TaskState, record: Option<FailedTask>) -> Self {
        self.0.task = Some(Box::new(Task { state, record }));
        self
    }

    /// What was last seen of the task, if this ended a wait. Its `handle` is what takes to wait on.
    ///
    /// ```
    /// # use kps_core::*;
    /// # use std::time::Duration;
    /// # let kps = blocking::Client::builder(|_: Prepared| {
    /// #     Ok(http::Response::new(r#"{"task_id":"t-1","task_status":"RUNNING_RESET"}"#.into()))
    /// # });
    /// # let kps = kps.region(Region::CN_NORTH_4).project_id(ProjectId::new("0a1b").unwrap());
    /// # let kps = kps.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
    /// let options = WaitOptions::new().with_timeout(Duration::from_secs(60));
    /// let error = kps.wait(TaskId::new("t-1")?, &options).unwrap_err();
    /// assert_eq!((error.kind(), error.id()), (ErrorKind::TaskTimeout, "task_timeout"));
    /// assert_eq!(error.to_string(), "task t-1 did not end within 60.0 s; RUNNING_RESET was seen after 59.0 s");
    /// assert_eq!(error.task_state().unwrap().handle.task_id, "t-1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn task_state(&self) -> Option<&TaskState> {
        Some(&self.0.task.as_ref()?.state)
    }

    /// The record of a task that [failed](ErrorKind::TaskFailed): why, in the words of the service, and of which server.
    /// There is none if the service has none yet, or any more.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let kps = blocking::Client::builder(|request: Prepared| {
    /// #     let status = r#"{"task_id":"t-1","task_status":"FAILED_BIND"}"#;
    /// #     let records = r#"{"total":1,"tasks":[{"task_id":"t-1","server_id":"s-1","keypair_name":"deploy",
    /// #         "operate_type":"FAILED_BIND","task_error_msg":"密码错误"}]}"#;
    /// #     Ok(http::Response::new(if request.uri().path().ends_with("/t-1") { status } else { records }.into()))
    /// # });
    /// # let kps = kps.region(Region::CN_NORTH_4).project_id(ProjectId::new("0a1b").unwrap());
    /// # let kps = kps.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
    /// let error = kps.wait(TaskId::new("t-1")?, &WaitOptions::new()).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::TaskFailed);
    /// assert_eq!(error.to_string(), "task t-1, server s-1, key pair deploy failed (FAILED_BIND): 密码错误");
    /// assert_eq!(error.failed_task().unwrap().task_error_msg.as_deref(), Some("密码错误"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn failed_task(&self) -> Option<&FailedTask> {
        self.0.task.as_ref()?.record.as_ref()
    }
}

/// What a record says of the reason.
fn reason(record: &FailedTask) -> String {
    let code = record.task_error_code.as_ref().filter(|code| !code.is_empty());
    let message = record.task_error_msg.as_ref().filter(|message| !message.is_empty());
    match (code, message) {
        (Some(code), Some(message)) => format!(", code {code}: {message}"),
        (Some(code), None) => format!(", code {code}"),
        (None, Some(message)) => format!(": {message}"),
        (None, None) => "; its record does not say why".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use kps_model::{ErrorBody, TaskHandle, TaskId};

    use super::*;

    fn state(status: Option<&str>) -> TaskState {
        let mut state = TaskState::unseen(TaskHandle::new(TaskId::new("t\n1").unwrap()));
        state.status = status.map(TaskStatus::from);
        state
    }

    fn record(code: Option<&str>, message: Option<&str>) -> FailedTask {
        let mut record = FailedTask::new(TaskId::new("t-1").unwrap());
        record.operate_type = Some("RUNNING_RESET".into());
        record.task_error_code = code.map(Into::into);
        record.task_error_msg = message.map(Into::into);
        record
    }

    #[test]
    fn a_failure_tells_what_its_record_says() {
        for (code, message, told) in [
            (None, Some("密码\n错误"), r": 密码\n错误"),
            (Some("KPS.9004"), Some("冻结"), ", code KPS.9004: 冻结"),
            (Some("KPS.9004"), None, ", code KPS.9004"),
            (Some(""), Some(""), "; its record does not say why"),
            (None, None, "; its record does not say why"),
        ] {
            let error = Error::task_failed(state(Some("FAILED_BIND")), Some(record(code, message)), None);
            assert_eq!(error.to_string(), format!(r"task t\n1 failed (FAILED_BIND){told}"));
            assert_eq!((error.code(), error.message()), (code, message));
            assert_eq!(error.report().contains("frozen"), code == Some("KPS.9004"), "{}", error.report());
            assert!(error.is_task_failed() && error.failed_task().is_some());
        }
        let error = Error::task_failed(state(None), Some(record(None, Some("x"))), None);
        assert_eq!(error.to_string(), r"task t\n1 failed (RUNNING_RESET): x");
    }

    #[test]
    fn a_failure_without_a_record_says_so() {
        let error = Error::task_failed(state(Some("FAILED_BIND")), None, None);
        assert_eq!(
            error.to_string(),
            r"task t\n1 failed (FAILED_BIND); why is not in the list of failed tasks"
        );
        let below =
            Error::refused(403, None, ErrorBody::new("KPS.9003", "no")).of_operation("ListFailedTask");
        let error = Error::task_failed(state(None), None, Some(below));
        assert_eq!(error.to_string(), r"task t\n1 failed; why could not be looked up");
        assert!(
            error.report().ends_with(": ListFailedTask: the service answered status 403, code KPS.9003: no")
        );
        assert!(error.failed_task().is_none() && error.source().is_some() && error.code().is_none());
    }

    #[test]
    fn a_wait_that_is_over_tells_what_was_seen() {
        let mut seen = state(Some("RUNNING_BIND"));
        seen.elapsed = Duration::from_millis(58_400);
        let error = Error::task_timeout(seen.clone(), Duration::from_secs(60), None);
        assert_eq!(
            error.to_string(),
            r"task t\n1 did not end within 60.0 s; RUNNING_BIND was seen after 58.4 s"
        );
        assert_eq!(error.task_state(), Some(&seen));
        let error = Error::task_timeout(state(None), Duration::from_secs(60), Some(Error::config("x")));
        assert_eq!(error.report(), r"task t\n1 did not end within 60.0 s; its state was not seen: x");
    }

    #[test]
    fn what_is_gone_keeps_the_words_of_the_refusal() {
        let refusal = Error::refused(400, Some("r-1".into()), ErrorBody::new("KPS.0005", "no task"));
        let error = Error::task_gone(state(None), refusal);
        assert_eq!(
            error.to_string(),
            r"task t\n1 is not known: the service answered status 400, request id r-1, code KPS.0005: no task",
        );
        assert!(error.is_not_found() && error.code() == Some("KPS.0005"));
    }

    #[test]
    fn the_json_holds_the_state_and_the_record() {
        let error = Error::task_failed(state(Some("FAILED_BIND")), Some(record(None, Some("x"))), None);
        let json = serde_json::to_value(&error).unwrap();
        let task =
            serde_json::json!({"task_id": "t\n1", "status": "FAILED_BIND", "looks": 0, "elapsed": 0.0});
        let record =
            serde_json::json!({"task_id": "t-1", "operate_type": "RUNNING_RESET", "task_error_msg": "x"});
        assert_eq!(
            (&json["id"], &json["task"], &json["failed_task"]),
            (&"task_failed".into(), &task, &record)
        );
    }
}
