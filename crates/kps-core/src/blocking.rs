//! The client that blocks: the same functions, run to their end on the caller's thread.
//!
//! It needs no async runtime and starts none, so it also works within one, though it blocks its thread.

mod iterators;
mod signatory;
mod verbs;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub use iterators::{Items, Lists, Pages, TaskWatch};
pub use signatory::Signatory;

use crate::base::Connect;
use crate::{
    Answer, Builder, Error, HttpOptions, Operation, Prepared, ProxyRules, Ready, Resolution, Resolve,
    TaskHandle, TaskState, Transport, WaitOptions,
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
///     assert_eq!(task?.task_id, "t-1");
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
    ///
    /// ```
    /// use kps_core::{Region, blocking};
    ///
    /// # let transport = |_: kps_core::Prepared| Ok(http::Response::default());
    /// let error = blocking::Client::builder(transport).region(Region::CN_NORTH_4).build().unwrap_err();
    /// assert_eq!(error.to_string(), "no credentials: set them with `credentials`");
    /// ```
    pub fn builder(transport: impl Transport + 'static) -> Builder<Self> {
        Builder::new(Connect::Ready(Arc::new(Ready(transport))))
    }

    /// A builder of a client on a transport that is made last, when the options for it are known: what an
    /// adapter offers its users.
    ///
    /// ```
    /// use std::time::Duration;
    /// use kps_core::{Error, HttpOptions, Prepared, Proxy, ProxyRules, Transport, blocking};
    /// # use kps_core::*;
    ///
    /// /// Sets up an HTTP client with these options; here it is a closure.
    /// fn connect(options: &HttpOptions, proxies: ProxyRules) -> Result<impl Transport + use<>, Error> {
    ///     assert_eq!(options.connect_timeout(), Duration::from_secs(3));
    ///     assert!(proxies.https().is_none());
    ///     Ok(|_: Prepared| Ok(http::Response::new(r#"{"keypairs":[]}"#.into())))
    /// }
    ///
    /// let kps = blocking::Client::builder_with(connect)
    ///     .http(HttpOptions::new().with_connect_timeout(Duration::from_secs(3)).with_proxy(Proxy::None))
    /// #     .region(Region::CN_NORTH_4).credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?)
    ///     .build()?;
    /// assert!(kps.send(ListKeypairs::new())?.keypairs.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder_with<T: Transport + 'static>(
        connect: impl FnOnce(&HttpOptions, ProxyRules) -> Result<T, Error> + Send + 'static,
    ) -> Builder<Self> {
        let make = move |options: &HttpOptions, proxies| Ok(Arc::new(Ready(connect(options, proxies)?)) as _);
        Builder::new(Connect::Make(Box::new(make)))
    }

    /// The same client, whose calls carry one more header, unsigned: `X-Language`, say, for the language of the
    /// service's messages. It shares everything else with this one, so it can be made for a single call.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::default());
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let english = kps.with_header("X-Language", "en-us")?;
    /// assert_eq!(english.prepare(ListKeypairs::new())?.headers()["x-language"], "en-us");
    /// assert_eq!(kps.with_header("Authorization", "mine").unwrap_err().kind(), ErrorKind::Config);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::default());
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let staging = kps.with_endpoint("https://kms.example.com:8443")?;
    /// assert_eq!(staging.prepare(ListKeypairs::new())?.uri().host(), Some("kms.example.com"));
    /// assert_eq!(kps.endpoint(), "https://kms.cn-north-4.myhuaweicloud.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) for what is no endpoint.
    pub fn with_endpoint(&self, endpoint: &str) -> Result<Self, Error> {
        self.0.with_endpoint(endpoint).map(Self)
    }

    /// The same client, whose calls have so many [attempts](crate::Retries::with_attempts), the first one included. It
    /// shares everything else with this one, so it can be made for a single call.
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
    ///
    /// ```
    /// # use kps_core::*;
    /// use std::time::Duration;
    ///
    /// let transport = |request: Prepared| {
    ///     assert_eq!(request.time_limit(), Some(Duration::from_secs(5))); // which an adapter keeps to
    ///     Ok(http::Response::new(r#"{"keypairs":[]}"#.into()))
    /// };
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// kps.with_attempt_timeout(Duration::from_secs(5)).send(ListKeypairs::new())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_attempt_timeout(&self, timeout: Duration) -> Self {
        Self(self.0.with_attempt_timeout(timeout))
    }

    /// The same client, whose calls may take so long in sum; see [`Builder::timeout`]. It shares everything else with
    /// this one.
    ///
    /// ```
    /// # use kps_core::*;
    /// use std::time::Duration;
    ///
    /// let transport = |request: Prepared| {
    ///     // Of what is left of the call, an attempt may take all.
    ///     assert!(request.time_limit().is_some_and(|limit| limit <= Duration::from_secs(2)));
    ///     Ok(http::Response::new(r#"{"keypairs":[]}"#.into()))
    /// };
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// kps.with_timeout(Duration::from_secs(2)).send(ListKeypairs::new())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self(self.0.with_timeout(timeout))
    }

    /// Makes one call.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |request: Prepared| Ok(match request.uri().path().ends_with("/deploy") {
    /// #     true => http::Response::new(r#"{"keypair":{"name":"deploy","description":"CI"}}"#.into()),
    /// #     false => http::Response::builder().status(404).body("{}".into()).unwrap(),
    /// # });
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let deploy = kps.send(ListKeypairDetail::new(KeypairName::new("deploy")?))?;
    /// assert_eq!(deploy.keypair.description.as_deref(), Some("CI"));
    /// let error = kps.send(ListKeypairDetail::new(KeypairName::new("laptop")?)).unwrap_err();
    /// assert!(error.is_not_found());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error`] tells what went wrong, and of a refusal all the service said.
    pub fn send<O: Operation>(&self, operation: O) -> Result<O::Output, Error> {
        run(self.0.send(operation))
    }

    /// Makes one call, and tells how its answer came: with which request id, after how many attempts.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::builder().header("x-request-id", "3d9f07b2").body(r#"{"keypairs":[]}"#.into()).unwrap());
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let answer = kps.answer(ListKeypairs::new())?;
    /// assert_eq!((answer.request_id.as_deref(), answer.attempts), (Some("3d9f07b2"), 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Waits until all of these tasks have ended, and tells of each how, in the order of the handles. One that fails does
    /// not keep the others from ending. See [`crate::Client::wait_all`] for how they are looked at.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |request: Prepared| {
    /// #     let failed = request.uri().path().ends_with("t-1");
    /// #     let record = r#"{"task_id":"t-1","task_error_msg":"the password is wrong"}"#;
    /// #     Ok(http::Response::new(match request.uri().path().rsplit('/').next().unwrap() {
    /// #         "failed-tasks" => format!(r#"{{"total":1,"tasks":[{record}]}}"#),
    /// #         id => format!(r#"{{"task_id":"{id}","task_status":"{}_BIND"}}"#, if failed { "FAILED" } else { "SUCCESS" }),
    /// #     }.into()))
    /// # };
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let ends = kps.wait_all([TaskId::new("t-1")?, TaskId::new("t-2")?], &WaitOptions::new());
    /// let error = ends[0].as_ref().unwrap_err();
    /// assert_eq!(error.to_string(), "task t-1 failed (FAILED_BIND): the password is wrong");
    /// assert!(ends[1].is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_all(
        &self,
        handles: impl IntoIterator<Item = impl Into<TaskHandle>> + Send,
        options: &WaitOptions,
    ) -> Vec<Result<TaskState, Error>> {
        run(self.0.wait_all(handles, options))
    }

    /// Builds and signs the request of a call and does not send it. The signature is good for 15 minutes.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::default());
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let request = kps.prepare(DeleteKeypair::new(KeypairName::new("deploy")?))?.into_http();
    /// assert_eq!(request.method(), "DELETE");
    /// assert_eq!(request.uri().path(), "/v3/0a1b/keypairs/deploy");
    /// assert!(request.headers()["authorization"].to_str()?.starts_with("SDK-HMAC-SHA256 Access=AK, "));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An [input error](crate::ErrorKind::Input) for a value that cannot be sent, or what keeps the source of the
    /// credentials from them.
    pub fn prepare<O: Operation>(&self, operation: O) -> Result<Prepared, Error> {
        run(self.0.prepare(operation))
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
