//! Waiting for tasks: binding and unbinding go on in the service when the call is answered.

mod all;
mod options;
mod record;
mod state;
mod vigil;
mod watch;

#[cfg(test)]
mod tests;

use kps_model::TaskHandle;

pub use options::WaitOptions;
pub use state::TaskState;
pub use watch::TaskWatch;

use crate::events::Span;
use crate::{Client, Error};

impl Client {
    /// Waits until a task has ended. What passes, such as a lost connection, is ridden out, and a state that is not known
    /// counts as under way.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |request: Prepared| async move {
    /// #     let receipt = r#"{"task_id":"t-1","server_id":"s-1","status":"SUCCESS"}"#;
    /// #     let task = r#"{"task_id":"t-1","task_status":"SUCCESS_BIND"}"#;
    /// #     Ok(http::Response::new(if request.as_http().method() == "POST" { receipt } else { task }.into()))
    /// # };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// # let (name, server) = (KeypairName::new("deploy")?, Server::stopped(ServerId::new("s-1")?));
    /// let receipt = kps.send(AssociateKeypair::new(name, server)).await?;
    /// let end = kps.wait(receipt.handle()?, &WaitOptions::new()).await?;
    /// assert_eq!(end.status.unwrap().as_str(), "SUCCESS_BIND");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// One of the kind [`TaskFailed`](crate::ErrorKind::TaskFailed), with the [record](Error::failed_task) that says why,
    /// [`TaskTimeout`](crate::ErrorKind::TaskTimeout), with the [last state](Error::task_state), or
    /// [`TaskGone`](crate::ErrorKind::TaskGone); or what will not pass and keeps the client from looking, such as a
    /// missing permission.
    pub async fn wait(
        &self,
        handle: impl Into<TaskHandle> + Send,
        options: &WaitOptions,
    ) -> Result<TaskState, Error> {
        self.watch(handle, options).end().await
    }

    /// Looks at a task until it has ended, from now on. Nothing is asked before the first
    /// [`next`](TaskWatch::next).
    ///
    /// ```
    /// # use kps_core::*;
    /// # use std::sync::atomic::{AtomicUsize, Ordering};
    /// # pollster::block_on(async {
    /// # let looks = AtomicUsize::new(0);
    /// # let transport = move |_: Prepared| {
    /// #     let status = ["READY_BIND", "RUNNING_BIND", "SUCCESS_BIND"][looks.fetch_add(1, Ordering::SeqCst)];
    /// #     async move { Ok(http::Response::new(format!(r#"{{"task_id":"t-1","task_status":"{status}"}}"#).into())) }
    /// # };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let mut watch = kps.watch(TaskId::new("t-1")?, &WaitOptions::new());
    /// let mut states = Vec::new();
    /// while let Some(state) = watch.next().await {
    ///     states.push(state?.status.unwrap().to_string());
    /// }
    /// assert_eq!(states, ["READY_BIND", "RUNNING_BIND", "SUCCESS_BIND"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn watch(&self, handle: impl Into<TaskHandle>, options: &WaitOptions) -> TaskWatch {
        TaskWatch::new(self, handle.into(), options)
    }

    /// Waits until all of these tasks have ended, and tells of each how, in the order of the handles. One that fails does
    /// not keep the others from ending.
    ///
    /// All looks together keep to the [rate](WaitOptions::with_rate_limit). From four tasks on, the list of running
    /// tasks tells of those that are in it, and the others are looked at one by one; the records of failures are read
    /// once for all that were seen to have failed. Credentials that are refused end the wait for all.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |request: Prepared| async move {
    /// #     let failed = request.uri().path().ends_with("t-1");
    /// #     let record = r#"{"task_id":"t-1","task_error_msg":"the password is wrong"}"#;
    /// #     Ok(http::Response::new(match request.uri().path().rsplit('/').next().unwrap() {
    /// #         "failed-tasks" => format!(r#"{{"total":1,"tasks":[{record}]}}"#),
    /// #         id => format!(r#"{{"task_id":"{id}","task_status":"{}_BIND"}}"#, if failed { "FAILED" } else { "SUCCESS" }),
    /// #     }.into()))
    /// # };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let tasks = [TaskId::new("t-1")?, TaskId::new("t-2")?];
    /// let ends = kps.wait_all(tasks, &WaitOptions::new()).await;
    /// let error = ends[0].as_ref().unwrap_err();
    /// assert_eq!(error.to_string(), "task t-1 failed (FAILED_BIND): the password is wrong");
    /// assert!(ends[1].is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn wait_all(
        &self,
        handles: impl IntoIterator<Item = impl Into<TaskHandle>> + Send,
        options: &WaitOptions,
    ) -> Vec<Result<TaskState, Error>> {
        let handles: Vec<TaskHandle> = handles.into_iter().map(Into::into).collect();
        let span = Span::tasks(handles.len());
        let ends = span.around(Box::pin(all::wait_all(self, handles, options))).await;
        span.end_tasks(ends.iter().filter(|end| end.is_err()).count());
        ends
    }
}
