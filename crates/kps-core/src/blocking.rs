//! The client that blocks: the same functions, run to their end on the caller's thread.
//!
//! It needs no async runtime and starts none, so it also works within one, though it blocks its thread.

mod signatory;
mod verbs;

use std::future::Future;
use std::iter::FusedIterator;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub use signatory::Signatory;

use crate::base::Connect;
use crate::{
    Answer, Bookmark, Builder, Error, HttpOptions, Listed, Operation, Paged, Prepared, ProxyRules, Ready,
    Resolution, Resolve, Shifts, TaskHandle, TaskState, Transport, WaitOptions, wait,
};

/// The client of the service that blocks. The one to be awaited is [`crate::Client`].
///
/// It is cheap to clone, and clones share connections. `kps-ureq` makes one; [`builder`](Self::builder)
/// makes one on any transport.
///
/// ```
/// use kps_core::{Credentials, ListFailedTask, ProjectId, Region, blocking};
///
/// # let transport = |_: kps_core::Prepared| Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into()));
/// let kps = blocking::Client::builder(transport)
///     .region(Region::CN_NORTH_4)
///     .credentials(Credentials::access_key("AK", "SK"))
///     .project_id(ProjectId::new("0a1b")?)
///     .build()?;
/// for task in kps.items(ListFailedTask::new()) {
///     println!("{}", task?.task_id);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client(crate::Client);

impl Client {
    pub(crate) fn new(client: crate::Client) -> Self {
        Self(client)
    }

    /// What does the work.
    pub(crate) const fn inner(&self) -> &crate::Client {
        &self.0
    }

    #[cfg(test)]
    pub(crate) fn into_inner(self) -> crate::Client {
        self.0
    }

    /// A builder of a client on this transport.
    pub fn builder(transport: impl Transport + 'static) -> Builder<Self> {
        Builder::new(Connect::Ready(Arc::new(Ready(transport))))
    }

    /// A builder of a client on a transport that is made last, when the options for it are known: what an
    /// adapter offers its users.
    pub fn builder_with<T: Transport + 'static>(
        connect: impl FnOnce(&HttpOptions, ProxyRules) -> Result<T, Error> + Send + 'static,
    ) -> Builder<Self> {
        let make = move |options: &HttpOptions, proxies| Ok(Arc::new(Ready(connect(options, proxies)?)) as _);
        Builder::new(Connect::Make(Box::new(make)))
    }

    /// The same client, whose calls carry one more header, unsigned: `X-Language`, say, for the language of the
    /// service's messages. It shares everything else with this one, so it can be made for a single call.
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) for a header that the client sets itself, or that cannot be
    /// sent.
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self, Error> {
        self.0.with_header(name, value).map(Self)
    }

    /// The same client, whose calls go to another endpoint. It shares everything else with this one.
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) for what is no endpoint.
    pub fn with_endpoint(&self, endpoint: &str) -> Result<Self, Error> {
        self.0.with_endpoint(endpoint).map(Self)
    }

    /// The same client, whose calls have so many [attempts](crate::Retries::with_attempts). It shares everything else
    /// with this one, so it can be made for a single call.
    ///
    /// ```
    /// # use kps_core::*;
    /// # use std::time::Duration;
    /// # let transport = |_: Prepared| Err(Failure::new(FailureKind::Connect, Sent::No, "refused"));
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let hasty = kps.with_attempts(1).with_timeout(Duration::from_secs(2));
    /// let error = hasty.send(ListKeypairs::new()).unwrap_err();
    /// assert_eq!(error.attempts(), 1);
    /// ```
    #[must_use]
    pub fn with_attempts(&self, attempts: u32) -> Self {
        Self(self.0.with_attempts(attempts))
    }

    /// The same client, each of whose attempts may take so long; see
    /// [`HttpOptions::with_attempt_timeout`]. It shares everything else with this one.
    #[must_use]
    pub fn with_attempt_timeout(&self, timeout: Duration) -> Self {
        Self(self.0.with_attempt_timeout(timeout))
    }

    /// The same client, whose calls may take so long in sum; see [`Builder::timeout`]. It shares everything else with
    /// this one.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self(self.0.with_timeout(timeout))
    }

    /// Makes one call.
    ///
    /// # Errors
    ///
    /// [`Error`] tells what went wrong, and of a refusal all the service said.
    pub fn send<O: Operation>(&self, operation: O) -> Result<O::Output, Error> {
        run(self.0.send(operation))
    }

    /// Makes one call, and tells how its answer came: with which request id, after how many attempts.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn answer<O: Operation>(&self, operation: O) -> Result<Answer<O::Output>, Error> {
        run(self.0.answer(operation))
    }

    /// Looks whether a call was applied that [may have been](Error::may_have_been_applied). Where the error says
    /// that it was not, nothing is asked.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |request: Prepared| {
    /// #     if request.as_http().method() == "DELETE" { return Err(Failure::new(FailureKind::Timeout, Sent::Maybe, "gone")); }
    /// #     let detail = r#"{"keypair":{"name":"deploy","create_time":1}}"#;
    /// #     Ok(http::Response::new(if request.uri().path().ends_with("/deploy") { detail } else { "{}" }.into()))
    /// # };
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let operation = DeleteKeypair::new(KeypairName::new("deploy").unwrap());
    /// let error = kps.send(operation.clone()).unwrap_err();
    /// assert!(error.may_have_been_applied());
    /// assert_eq!(kps.resolve(&operation, &error).unwrap(), Resolution::NotDone);
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps the client from looking, or an [input error](crate::ErrorKind::Input) if the error is that of another
    /// operation.
    pub fn resolve<O: Resolve>(&self, operation: &O, error: &Error) -> Result<Resolution<O::Found>, Error> {
        run(self.0.resolve(operation, error))
    }

    /// Waits until a task has ended. What passes, such as a lost connection, is ridden out, and a state that is not known
    /// counts as under way.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |request: Prepared| {
    /// #     let receipt = r#"{"task_id":"t-1","server_id":"s-1","status":"SUCCESS"}"#;
    /// #     let task = r#"{"task_id":"t-1","task_status":"SUCCESS_BIND"}"#;
    /// #     Ok(http::Response::new(if request.as_http().method() == "POST" { receipt } else { task }.into()))
    /// # };
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// # let (name, server) = (KeypairName::new("deploy")?, Server::stopped(ServerId::new("s-1")?));
    /// let receipt = kps.send(AssociateKeypair::new(name, server))?;
    /// let end = kps.wait(receipt.handle()?, &WaitOptions::new())?;
    /// assert_eq!(end.status.unwrap().as_str(), "SUCCESS_BIND");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// One of the kind [`TaskFailed`](crate::ErrorKind::TaskFailed), with the [record](Error::failed_task) that says why,
    /// [`TaskTimeout`](crate::ErrorKind::TaskTimeout), with the [last state](Error::task_state), or
    /// [`TaskGone`](crate::ErrorKind::TaskGone); or what will not pass and keeps the client from looking, such as a
    /// missing permission.
    pub fn wait(
        &self,
        handle: impl Into<TaskHandle> + Send,
        options: &WaitOptions,
    ) -> Result<TaskState, Error> {
        run(self.0.wait(handle, options))
    }

    /// Looks at a task until it has ended, from now on. Nothing is asked before the first state is taken.
    pub fn watch(&self, handle: impl Into<TaskHandle>, options: &WaitOptions) -> TaskWatch {
        TaskWatch(self.0.watch(handle, options))
    }

    /// Waits until all of these tasks have ended, and tells of each how, in the order of the handles. One that fails does
    /// not keep the others from ending. See [`crate::Client::wait_all`] for how they are looked at.
    pub fn wait_all(
        &self,
        handles: impl IntoIterator<Item = impl Into<TaskHandle>> + Send,
        options: &WaitOptions,
    ) -> Vec<Result<TaskState, Error>> {
        run(self.0.wait_all(handles, options))
    }

    /// Builds and signs the request of a call and does not send it. The signature is good for 15 minutes.
    ///
    /// # Errors
    ///
    /// An [input error](crate::ErrorKind::Input) for a value that cannot be sent.
    pub fn prepare<O: Operation>(&self, operation: O) -> Result<Prepared, Error> {
        run(self.0.prepare(operation))
    }

    /// A list page by page, from the position of the request to its end.
    pub fn pages<O: Paged>(&self, operation: O) -> Pages<O> {
        Pages(self.0.pages(operation))
    }

    /// A list item by item, from the position of the request to its end. Pages are asked for when the items
    /// of the one before are taken.
    ///
    /// A list by offset shifts when what it lists is deleted meanwhile, and items are then passed over: to delete
    /// what is listed, collect it first.
    pub fn items<O: Paged>(&self, operation: O) -> Items<O> {
        Items(self.0.items(operation))
    }
}

/// Runs a future to its end. Over a blocking transport it is ready at once, so that nothing to wake anybody with
/// is set up unless it is needed.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => pollster::block_on(future),
    }
}

/// The pages of a list, in order. An empty page is not handed out; after an error there are no more.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into()));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build()?;
/// for page in kps.pages(ListFailedTask::new()) {
///     println!("{} tasks", page?.tasks.len());
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is asked for before the first page is"]
pub struct Pages<O: Paged>(crate::Pages<O>);

impl<O: Paged> Pages<O> {
    /// Asks for so many pages at once; see [`Pages::with_window`](crate::Pages::with_window).
    pub fn with_window(self, pages: usize) -> Self {
        Self(self.0.with_window(pages))
    }

    /// Goes on where a reader of the same list was; see [`Pages::resume`](crate::Pages::resume).
    ///
    /// # Errors
    ///
    /// An [input error](crate::ErrorKind::Input) if the bookmark is of another list, or lies within a page.
    pub fn resume(self, bookmark: &Bookmark) -> Result<Self, Error> {
        self.0.resume(bookmark).map(Self)
    }

    /// Where the list goes on; see [`Pages::bookmark`](crate::Pages::bookmark).
    pub fn bookmark(&self) -> Option<Bookmark> {
        self.0.bookmark()
    }
}

impl<O: Paged> Iterator for Pages<O> {
    type Item = Result<O::Output, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        run(self.0.next())
    }
}

impl<O: Paged> FusedIterator for Pages<O> {}

/// The items of a list, in order and each once. After an error there are no more.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into()));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build()?;
/// let tasks: Result<Vec<_>, Error> = kps.items(ListFailedTask::new()).with_max_items(100).collect();
/// assert_eq!(tasks?.len(), 1);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is asked for before the first item is"]
pub struct Items<O: Paged>(crate::Items<O>);

impl<O: Paged> Items<O> {
    /// Asks for so many pages at once; see [`Pages::with_window`](crate::Pages::with_window).
    pub fn with_window(self, pages: usize) -> Self {
        Self(self.0.with_window(pages))
    }

    /// Hands out so many items and no more; see [`Items::with_max_items`](crate::Items::with_max_items).
    pub fn with_max_items(self, items: usize) -> Self {
        Self(self.0.with_max_items(items))
    }

    /// Hands out only the items of which this holds; see [`Items::with_filter`](crate::Items::with_filter).
    pub fn with_filter(self, filter: impl Fn(&O::Item) -> bool + Send + Sync + 'static) -> Self {
        Self(self.0.with_filter(filter))
    }

    /// Goes on where a reader of the same list was; see [`Items::resume`](crate::Items::resume).
    ///
    /// # Errors
    ///
    /// An [input error](crate::ErrorKind::Input) if the bookmark is of another list.
    pub fn resume(self, bookmark: &Bookmark) -> Result<Self, Error> {
        self.0.resume(bookmark).map(Self)
    }

    /// Where the list goes on; see [`Items::bookmark`](crate::Items::bookmark).
    pub fn bookmark(&self) -> Option<Bookmark> {
        self.0.bookmark()
    }

    /// How the list shifted while it was read, up to now.
    pub fn shifts(&self) -> Shifts {
        self.0.shifts()
    }
}

impl<O: Paged> Iterator for Items<O> {
    type Item = Result<O::Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.0.take_received() {
            Some(item) => Some(Ok(item)),
            None => run(self.0.next()),
        }
    }
}

impl<O: Paged> FusedIterator for Items<O> {}

/// The same list of several clients, each of a project and region; see [`Lists`](crate::Lists).
///
/// ```
/// use kps_core::{ListFailedTask, blocking};
/// # use kps_core::*;
///
/// # let client = |endpoint: &str| {
/// #     let transport = |_: Prepared| Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into()));
/// #     blocking::Client::builder(transport).endpoint(endpoint)
/// #         .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap()
/// # };
/// # let beijing = client("https://kms.cn-north-4.myhuaweicloud.com");
/// # let hongkong = client("https://kms.ap-southeast-1.myhuaweicloud.com");
/// let clients = [("cn-north-4", beijing), ("ap-southeast-1", hongkong)];
/// for list in blocking::Lists::new(clients, |kps| kps.items(ListFailedTask::new())) {
///     assert_eq!(list.whole()?.len(), 1);
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is asked for before the first list is"]
pub struct Lists<T, O: Paged>(crate::Lists<T, O>);

impl<T: Send + 'static, O: Paged<Item: 'static>> Lists<T, O> {
    /// The list of each client, which is marked to be told from the others: with a region's name, say.
    pub fn new(clients: impl IntoIterator<Item = (T, Client)>, list: impl Fn(&Client) -> Items<O>) -> Self {
        let clients = clients.into_iter().map(|(tag, client)| (tag, client.0));
        Self(crate::Lists::new(clients, |client| list(&Client(client.clone())).0))
    }

    /// Reads so many lists at once; see [`Lists::with_at_once`](crate::Lists::with_at_once).
    pub fn with_at_once(self, lists: usize) -> Self {
        Self(self.0.with_at_once(lists))
    }
}

impl<T: Send + 'static, O: Paged<Item: 'static>> Iterator for Lists<T, O> {
    type Item = Listed<T, O::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        run(self.0.next())
    }
}

impl<T: Send + 'static, O: Paged<Item: 'static>> FusedIterator for Lists<T, O> {}

/// The states of a task as they are seen, to its end. A task that failed is seen as failed, and then comes the error
/// with the reason. Dropping it ends the looks; the task goes on.
///
/// ```
/// # use kps_core::*;
/// # use std::sync::atomic::{AtomicUsize, Ordering};
/// # let looks = AtomicUsize::new(0);
/// # let transport = move |_: Prepared| {
/// #     let status = ["READY_BIND", "RUNNING_BIND", "SUCCESS_BIND"][looks.fetch_add(1, Ordering::SeqCst)];
/// #     Ok(http::Response::new(format!(r#"{{"task_id":"t-1","task_status":"{status}"}}"#).into()))
/// # };
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// for state in kps.watch(TaskId::new("t-1")?, &WaitOptions::new()) {
///     let state = state?;
///     println!("{:?} after {:?}", state.status, state.elapsed);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is looked at before the first state is asked for"]
pub struct TaskWatch(wait::TaskWatch);

impl TaskWatch {
    /// How the task ends.
    ///
    /// # Errors
    ///
    /// As [`Client::wait`].
    pub fn end(self) -> Result<TaskState, Error> {
        run(self.0.end())
    }
}

impl Iterator for TaskWatch {
    type Item = Result<TaskState, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        run(self.0.next())
    }
}

impl FusedIterator for TaskWatch {}
