//! The one error of the clients.

mod items;
mod predicates;
mod report;
mod task;
mod values;

use std::error::Error as StdError;
use std::fmt::Display;
use std::time::Duration;

use kps_model::{DecodeError, ErrorBody, ErrorCode};

use self::report::OneLine;
use self::task::Task;
use crate::course::Course;
use crate::endpoints::Endpoints;
use crate::retry::Class;
use crate::{Failure, FailureKind, Replay, Verb};

/// Why a call came to nothing.
///
/// Its `Display` is one line: the operation, what happened, and of a refusal the status, request id, code and
/// message. What lies below is behind [`source`](StdError::source); [`report`](Self::report) prints it all, and
/// what to do. For programs there are predicates, an [`id`](Self::id), and [`Serialize`](serde::Serialize).
///
/// A name, a number or a key that is none, and a receipt without a task, become one by `?`.
///
/// ```
/// # use kps_core::*;
/// # let kps = blocking::Client::builder(|_: Prepared| {
/// #     let mut answer = http::Response::new(r#"{"error_code":"KPS.9003","error_msg":"no permission"}"#.into());
/// #     *answer.status_mut() = http::StatusCode::FORBIDDEN;
/// #     answer.headers_mut().insert("x-request-id", "3d9f07b2".parse().unwrap());
/// #     Ok(answer)
/// # });
/// # let kps = kps.region(Region::CN_NORTH_4).project_id(ProjectId::new("0a1b").unwrap());
/// # let kps = kps.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
/// let error = kps.send(ListFailedTask::new()).unwrap_err();
/// assert_eq!((error.kind(), error.status(), error.code()), (ErrorKind::Service, Some(403), Some("KPS.9003")));
/// assert_eq!(error.request_id(), Some("3d9f07b2"));
/// assert_eq!(
///     error.to_string(),
///     "ListFailedTask: the service answered status 403, request id 3d9f07b2, code KPS.9003: no permission",
/// );
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Option<&'static str>,
    text: String,
    status: Option<u16>,
    request_id: Option<String>,
    body: Option<ErrorBody>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    retry_after: Option<Duration>,
    /// How many attempts the call had; none if it never got so far.
    attempts: u32,
    /// When the call began, in ticks.
    began: Duration,
    may_be_applied: bool,
    /// Whether the operation removes what it names.
    removes: bool,
    /// Why a call that could have been repeated was not.
    note: Option<&'static str>,
    /// Whether it is of the sort that passes.
    may_pass: bool,
    /// Whether the account has no project of the region.
    no_project: bool,
    /// The task whose wait it ended.
    task: Option<Box<Task>>,
}

// An error is returned by every function here; it must not make their results large.
const _: () = assert!(size_of::<Error>() == size_of::<usize>());

/// What sort of thing went wrong.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Err(Failure::new(FailureKind::Connect, Sent::No, "refused"));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build()?;
/// let error = kps.with_attempts(1).send(ListKeypairs::new()).unwrap_err();
/// let hint = match error.kind() {
///     ErrorKind::Connect | ErrorKind::Timeout => "look at the network and the proxy",
///     ErrorKind::Credentials => "look at the credentials",
///     _ => "see the report",
/// };
/// assert_eq!(hint, "look at the network and the proxy");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value of the request cannot be sent. Nothing was sent.
    Input,
    /// The client lacks a setting, or has a wrong one. Nothing was sent.
    Config,
    /// There are no usable credentials, or the service that hands them out did not answer. The call itself was not
    /// sent.
    Credentials,
    /// The name could not be resolved, or nobody listens there.
    Connect,
    /// The certificate was refused, both sides speak no TLS alike, or none is compiled in.
    Tls,
    /// One of the time-outs ran out.
    Timeout,
    /// The connection broke, or what came over it was no HTTP.
    Interrupted,
    /// The answer is larger than the cap.
    TooLarge,
    /// The client held the call back, since calls follow too fast and its turn would have come too late. Nothing was
    /// sent.
    Throttled,
    /// The HTTP client failed in some other way.
    Transport,
    /// The service answered with a status other than 2xx.
    Service,
    /// The service answered with success, and the answer cannot be read.
    Decode,
    /// A list cannot be followed to its end.
    Paging,
    /// A task that was waited for failed. [`failed_task`](Error::failed_task) says why.
    TaskFailed,
    /// A task that was waited for did not end in time. It goes on; [`task_state`](Error::task_state) tells how far it was.
    TaskTimeout,
    /// The service does not know a task that was waited for, or any more, and has no record that it failed.
    TaskGone,
    /// What is there under the name is something else than is wanted, and nothing was changed.
    Mismatch,
    /// What a program gave to [look](crate::BindingOptions::with_look) at a server failed.
    Look,
    /// A batch had ended before it was this item's turn. Nothing was sent for it.
    NotTried,
}

impl Error {
    fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: None,
            text: text.into(),
            status: None,
            request_id: None,
            body: None,
            source: None,
            retry_after: None,
            attempts: 0,
            began: Duration::ZERO,
            may_be_applied: false,
            removes: false,
            note: None,
            may_pass: false,
            no_project: false,
            task: None,
        }))
    }

    /// A value that cannot be sent; what an [`Operation`](crate::Operation) of one's own returns for it.
    pub fn input(text: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, text)
    }

    /// A setting that is missing or wrong; what an adapter returns when it cannot be set up.
    pub fn config(text: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, text)
    }

    pub(crate) fn credentials(text: impl Into<String>) -> Self {
        Self::new(ErrorKind::Credentials, text)
    }

    pub(crate) fn no_project_id() -> Self {
        Self::config(
            "no project id: set HUAWEICLOUD_SDK_PROJECT_ID, name it with `project_id`, or set a region to look it up",
        )
    }

    /// The look-up of the project found none of the region.
    pub(crate) fn no_project(text: impl Into<String>) -> Self {
        let mut error = Self::config(text);
        error.0.no_project = true;
        error
    }

    pub(crate) fn paging(text: impl Into<String>) -> Self {
        Self::new(ErrorKind::Paging, text)
    }

    /// It is not the call's turn before its time is over.
    pub(crate) fn held_back(wait: Duration) -> Self {
        let mut error = Self::new(
            ErrorKind::Throttled,
            format!("held back, since calls follow too fast: its turn is in {:.1} s", wait.as_secs_f64()),
        );
        error.0.retry_after = Some(wait);
        error
    }

    /// What was asked for on the way left no time for the call itself.
    pub(crate) fn out_of_time(timeout: Duration) -> Self {
        Self::new(ErrorKind::Timeout, format!("not sent within {:.1} s", timeout.as_secs_f64()))
    }

    pub(crate) fn failure(failure: Failure) -> Self {
        let kind = match failure.kind() {
            FailureKind::Connect => ErrorKind::Connect,
            FailureKind::Tls => ErrorKind::Tls,
            FailureKind::Timeout => ErrorKind::Timeout,
            FailureKind::Interrupted => ErrorKind::Interrupted,
            FailureKind::TooLarge => ErrorKind::TooLarge,
            FailureKind::Other => ErrorKind::Transport,
        };
        let class = Class::of_failure(&failure);
        let mut error = Self::new(kind, failure.to_string());
        error.0.may_pass = class.verdict(Replay::Safe).repeat;
        error.0.source = Some(failure.into_source());
        error
    }

    /// A failure on the way to this place, which is named where it was not reached.
    pub(crate) fn failure_at(failure: Failure, place: &dyn Display) -> Self {
        let link = match failure.kind() {
            FailureKind::Connect => "to",
            FailureKind::Tls => "with",
            _ => return Self::failure(failure),
        };
        let mut error = Self::failure(failure);
        error.0.text = format!("{} {link} {place}", error.0.text);
        error
    }

    /// The endpoint, or each of several, could not be reached; of the last one it is known why.
    pub(crate) fn unreached(failure: Failure, endpoints: &Endpoints) -> Self {
        if endpoints.count() == 1 {
            return Self::failure_at(failure, endpoints);
        }
        let mut error = Self::failure(failure);
        error.0.text = format!("none of {endpoints} could be reached: {}", error.0.text);
        error
    }

    pub(crate) fn refused(status: u16, request_id: Option<String>, mut body: ErrorBody) -> Self {
        let mut error = Self::new(ErrorKind::Service, "");
        error.0.may_pass = Class::of_refusal(status, body.code.as_deref()).verdict(Replay::Safe).repeat;
        error.0.status = Some(status);
        error.0.request_id = request_id.or_else(|| body.request_id.take());
        error.0.body = Some(body);
        error.0.text = error.0.refusal("the service answered status");
        error
    }

    pub(crate) fn unreadable(status: u16, request_id: Option<String>, fault: DecodeError) -> Self {
        let mut error = Self::new(ErrorKind::Decode, "");
        error.0.status = Some(status);
        error.0.request_id = request_id;
        error.0.text = format!("{}, cannot be read: {fault}", error.0.head("the answer, status"));
        error.0.source = Some(Box::new(fault));
        error
    }

    /// An error on the way to credentials: it says which, and keeps what was answered.
    pub(crate) fn about_credentials(mut self, what: &str) -> Self {
        self.0.kind = ErrorKind::Credentials;
        self.0.text = format!("{what}: {}", self.0.text);
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// The same error, and why there was no other attempt.
    pub(crate) fn noted(mut self, note: &'static str) -> Self {
        self.0.note = Some(note);
        self
    }

    /// The same error once more, for another who waited for the same; what lies below is a text in it.
    pub(crate) fn again(&self) -> Self {
        let below = self.source().map(|source| OneLine(&source.to_string()).to_string());
        Self(Box::new(Inner {
            kind: self.0.kind,
            operation: self.0.operation,
            text: self.0.text.clone(),
            status: self.0.status,
            request_id: self.0.request_id.clone(),
            body: self.0.body.clone(),
            source: below.map(Into::into),
            retry_after: self.0.retry_after,
            may_pass: self.0.may_pass,
            no_project: self.0.no_project,
            ..*Self::new(self.0.kind, "").0
        }))
    }

    /// The error that ends a call.
    pub(crate) fn of_call(mut self, course: &Course<'_>) -> Self {
        self.0.attempts = course.attempts;
        self.0.began = course.began;
        self.0.may_be_applied = course.may_be_applied;
        self.0.removes = course.meta.verb == Verb::Delete;
        self.of_operation(course.meta.name)
    }

    pub(crate) fn of_operation(mut self, name: &'static str) -> Self {
        self.0.operation.get_or_insert(name);
        self
    }

    /// What sort of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The name of the operation, once there was one.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The code of a refusal, such as `KPS.4016` of the service or `APIGW.0301` of its gateway, or of a
    /// [task that failed](ErrorKind::TaskFailed).
    pub fn code(&self) -> Option<&str> {
        match self.failed_task() {
            Some(record) => record.task_error_code.as_deref(),
            None => self.error_body()?.code.as_deref(),
        }
    }

    /// The [`code`](Self::code) as one that can be matched and explained, if there is one.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let kps = blocking::Client::builder(|_: Prepared| {
    /// #     let mut answer = http::Response::new(r#"{"error_code":"KPS.9004","error_msg":"账户已冻结"}"#.into());
    /// #     *answer.status_mut() = http::StatusCode::FORBIDDEN;
    /// #     Ok(answer)
    /// # });
    /// # let kps = kps.region(Region::CN_NORTH_4).project_id(ProjectId::new("0a1b").unwrap());
    /// # let kps = kps.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
    /// let error = kps.send(ListFailedTask::new()).unwrap_err();
    /// let code = error.error_code().unwrap();
    /// assert_eq!((&code, code.cause()), (&ErrorCode::Kps9004, Some("the account is frozen")));
    /// ```
    pub fn error_code(&self) -> Option<ErrorCode> {
        self.code().map(ErrorCode::from)
    }

    /// The message of a refusal or of a [task that failed](ErrorKind::TaskFailed). It comes in whatever language the
    /// service picks: never decide by it.
    pub fn message(&self) -> Option<&str> {
        match self.failed_task() {
            Some(record) => record.task_error_msg.as_deref(),
            None => self.error_body()?.message.as_deref(),
        }
    }

    /// The id by which the service's support finds the call: the `X-Request-Id` header, else the body's.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// All that stood in the body of a refusal.
    pub fn error_body(&self) -> Option<&ErrorBody> {
        self.0.body.as_ref()
    }

    /// How many attempts the call had: none if it was not even tried.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    pub(crate) fn began(&self) -> Duration {
        self.0.began
    }

    /// How long the service asks to wait before the next call (`Retry-After`), or when a call that was
    /// [held back](ErrorKind::Throttled) would have had its turn.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::builder().status(429).header("retry-after", "30").body("{}".into()).unwrap());
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let error = kps.with_attempts(1).send(ListKeypairs::new()).unwrap_err();
    /// assert!(error.is_throttled() && error.is_retryable());
    /// assert_eq!(error.retry_after().map(|wait| wait.as_secs()), Some(30));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the call may have changed something all the same: an attempt may have reached the service, and nobody
    /// knows what became of it. It is never so for operations that [change nothing](crate::Replay::Safe).
    ///
    /// # Troubleshooting
    ///
    /// Do not just repeat the call. [`Client::resolve`](crate::Client::resolve) looks whether it was applied, for the
    /// operations where the service lets one look.
    pub fn may_have_been_applied(&self) -> bool {
        self.0.may_be_applied
    }

    /// Whether a service that was asked for credentials or a project may answer at another time.
    pub(crate) fn may_pass(&self) -> bool {
        self.0.may_pass
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
