use std::fmt;
use std::time::Duration;

use kps_model::{ListKeypairTask, TaskHandle};

use super::record;
use super::vigil::{Vigil, Wish};
use crate::events::Span;
use crate::{Client, Error, TaskState, WaitOptions};

/// The states of a task as they are seen, to its end. Dropping it ends the looks; the task goes on.
///
/// ```
/// # use kps_core::*;
/// # pollster::block_on(async {
/// # let transport = |_: Prepared| async { Ok(http::Response::new(r#"{"task_id":"t-1","task_status":"SUCCESS_BIND"}"#.into())) };
/// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
/// let mut states = kps.watch(TaskId::new("t-1")?, &WaitOptions::new());
/// while let Some(state) = states.next().await {
///     assert_eq!(state?.status.unwrap().as_str(), "SUCCESS_BIND");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[must_use = "nothing is looked at before the first state is asked for"]
pub struct TaskWatch {
    client: Client,
    options: WaitOptions,
    vigil: Vigil,
    span: Span,
}

impl TaskWatch {
    pub(crate) fn new(client: &Client, handle: TaskHandle, options: &WaitOptions) -> Self {
        let now = client.inner().transport.ticks();
        let client = client.until(now.saturating_add(options.timeout));
        let span = Span::task(&handle);
        Self { client, options: options.clone(), vigil: Vigil::new(handle, options, now), span }
    }

    /// The next state that is seen, also if it is the same as before; at the end `None`, or first the error that the
    /// wait came to. A task that failed is seen as failed, and then comes the error with the reason.
    ///
    /// Dropping the future makes the same look again next time.
    ///
    /// # Errors
    ///
    /// As [`Client::wait`].
    pub async fn next(&mut self) -> Option<Result<TaskState, Error>> {
        let span = self.span.clone();
        // Boxed, so that what waits for tasks does not carry along what a call needs.
        span.around(Box::pin(self.step())).await
    }

    async fn step(&mut self) -> Option<Result<TaskState, Error>> {
        while let Some(wish) = self.vigil.wish() {
            let now = sleep_until(&self.client, self.vigil.due()).await;
            if self.vigil.is_over(now) {
                self.vigil.expire();
            } else if self.ask(wish, now).await {
                self.options.tell(self.vigil.state());
                self.end_span(None);
                return Some(Ok(self.vigil.state().clone()));
            }
        }
        let error = self.vigil.take_error()?;
        self.end_span(Some(&error));
        Some(Err(error))
    }

    /// Asks for what is wanted, and tells whether a state came of it.
    async fn ask(&mut self, wish: Wish, now: Duration) -> bool {
        match wish {
            Wish::State => {
                let look = ListKeypairTask::new(self.vigil.state().handle.task_id.clone());
                let answer = self.client.call(&look).await;
                self.vigil.looked(self.now(now), answer)
            }
            Wish::Record => {
                let found = record::find(&self.client, &[self.vigil.state().clone()]).await;
                let record = found.map(|mut records| records.pop().flatten());
                self.vigil.read(self.now(now), record);
                false
            }
        }
    }

    fn now(&self, earliest: Duration) -> Duration {
        self.client.inner().transport.ticks().max(earliest)
    }

    fn end_span(&self, error: Option<&Error>) {
        if self.vigil.wish().is_none() {
            self.span.end_task(self.vigil.state(), error);
        }
    }

    /// The states as a `Stream`, as [`next`](Self::next) gives them.
    #[cfg(feature = "stream")]
    pub fn into_stream(self) -> impl futures_util::Stream<Item = Result<TaskState, Error>> + Send {
        futures_util::stream::unfold(self, async |mut watch| Some((watch.next().await?, watch)))
    }

    /// How the task ends.
    ///
    /// # Errors
    ///
    /// As [`Client::wait`].
    pub async fn end(mut self) -> Result<TaskState, Error> {
        while let Some(state) = self.next().await {
            state?;
        }
        self.vigil.into_outcome()
    }
}

impl fmt::Debug for TaskWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskWatch").field("state", self.vigil.state()).finish_non_exhaustive()
    }
}

/// Waits for a moment, in ticks, and tells what time it is then: that moment at least, also where a transport does not
/// really sleep.
pub(super) async fn sleep_until(client: &Client, moment: Duration) -> Duration {
    let transport = &client.inner().transport;
    let now = transport.ticks();
    if now >= moment {
        return now;
    }
    transport.sleep(moment - now).await;
    transport.ticks().max(moment)
}
