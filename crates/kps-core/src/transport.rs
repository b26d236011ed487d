//! The seam between this crate and an HTTP client.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;

use crate::{Prepared, system};

/// An HTTP client that blocks the caller's thread.
///
/// It sends the request exactly as prepared (the signature covers path, query, host and body), follows no
/// redirect, and hands every answer back whatever its status. It decides nothing else: its one judgement is
/// the [`Failure`].
///
/// A closure from [`Prepared`] to an answer is a transport, and so is a pair of a closure and a clock; that
/// is all a test needs:
///
/// ```
/// use kps_core::{Credentials, ListFailedTask, ProjectId, Region, blocking};
///
/// let transport = |request: kps_core::Prepared| {
///     assert_eq!(request.uri().path(), "/v3/0a1b/failed-tasks");
///     Ok(http::Response::new(r#"{"total":0,"tasks":[]}"#.into()))
/// };
/// let kps = blocking::Client::builder(transport)
///     .region(Region::CN_NORTH_4)
///     .credentials(Credentials::access_key("AK", "SK"))
///     .project_id(ProjectId::new("0a1b")?)
///     .build()?;
/// assert!(kps.send(ListFailedTask::new())?.tasks.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Transport: Send + Sync {
    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    ///
    /// A [`Failure`] if there is no answer to hand back.
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure>;

    /// Lets time pass.
    fn sleep(&self, time: Duration) {
        system::sleep(time);
    }

    /// The time, by which requests are signed. The service refuses one that is off by 15 minutes.
    fn now(&self) -> SystemTime {
        system::now()
    }

    /// The time since some moment, by a clock that nobody sets: deadlines are kept by it.
    fn ticks(&self) -> Duration {
        system::ticks()
    }
}

/// A future that is on the heap, so that a trait which returns it can be an object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An HTTP client that is awaited. What is said of [`Transport`] holds here too.
///
/// ```
/// use kps_core::{Client, Credentials, ListFailedTask, ProjectId, Region};
///
/// # pollster::block_on(async {
/// let transport = |_: kps_core::Prepared| async { Ok(http::Response::new(r#"{"tasks":[]}"#.into())) };
/// let kps = Client::builder(transport)
///     .region(Region::CN_NORTH_4)
///     .credentials(Credentials::access_key("AK", "SK"))
///     .project_id(ProjectId::new("0a1b")?)
///     .build()?;
/// assert!(kps.send(ListFailedTask::new()).await?.tasks.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// One of one's own boxes its futures:
///
/// ```
/// use std::time::Duration;
///
/// use bytes::Bytes;
/// use http::Response;
/// use kps_core::{AsyncTransport, BoxFuture, Failure, Prepared};
///
/// /// Answers everything with an empty object.
/// struct Empty;
///
/// impl AsyncTransport for Empty {
///     fn send(&self, request: Prepared) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
///         Box::pin(async move {
///             drop(request);
///             Ok(Response::new("{}".into()))
///         })
///     }
///
///     fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
///         Box::pin(std::future::ready(()))
///     }
/// }
/// # pollster::block_on(async {
/// # use kps_core::{Client, Credentials, ListFailedTask, ProjectId, Region};
/// # let kps = Client::builder(Empty).region(Region::CN_NORTH_4).credentials(Credentials::access_key("AK", "SK"))
/// #     .project_id(ProjectId::new("0a1b")?).build()?;
/// # assert!(kps.send(ListFailedTask::new()).await?.tasks.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub trait AsyncTransport: Send + Sync {
    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    ///
    /// A [`Failure`] if there is no answer to hand back.
    fn send(&self, request: Prepared) -> BoxFuture<'_, Result<Response<Bytes>, Failure>>;

    /// Lets time pass, on the timer of the transport's runtime.
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()>;

    /// The time, by which requests are signed.
    fn now(&self) -> SystemTime {
        system::now()
    }

    /// The time since some moment, by a clock that nobody sets: deadlines are kept by it.
    fn ticks(&self) -> Duration {
        system::ticks()
    }
}

/// A blocking transport as an asynchronous one whose futures are ready at their first poll.
///
/// This is how everything above the transport is written once: the blocking client runs the same `async`
/// functions, and none of them ever waits.
///
/// ```
/// use kps_core::{Client, Credentials, ListFailedTask, ProjectId, Ready, Region};
///
/// # pollster::block_on(async {
/// // A client to be awaited, on a transport that blocks: for a test, say.
/// let transport = |_: kps_core::Prepared| Ok(http::Response::new(r#"{"tasks":[]}"#.into()));
/// let kps = Client::builder(Ready(transport))
///     .region(Region::CN_NORTH_4)
///     .credentials(Credentials::access_key("AK", "SK"))
///     .project_id(ProjectId::new("0a1b")?)
///     .build()?;
/// assert!(kps.send(ListFailedTask::new()).await?.tasks.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ready<T>(pub T);

impl<T: Transport> AsyncTransport for Ready<T> {
    fn send(&self, request: Prepared) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        Box::pin(async move { self.0.send(request) })
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.0.sleep(time);
        })
    }

    fn now(&self) -> SystemTime {
        self.0.now()
    }

    fn ticks(&self) -> Duration {
        self.0.ticks()
    }
}

/// A closure is a transport on the system's clock that never sleeps.
impl<F> Transport for F
where
    F: Fn(Prepared) -> Result<Response<Bytes>, Failure> + Send + Sync,
{
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        self(request)
    }

    fn sleep(&self, _: Duration) {}
}

/// A closure and a clock are a transport that never sleeps.
impl<F, C> Transport for (F, C)
where
    F: Fn(Prepared) -> Result<Response<Bytes>, Failure> + Send + Sync,
    C: Fn() -> SystemTime + Send + Sync,
{
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        (self.0)(request)
    }

    fn sleep(&self, _: Duration) {}

    fn now(&self) -> SystemTime {
        (self.1)()
    }

    fn ticks(&self) -> Duration {
        since_1970((self.1)())
    }
}

/// A closure that returns a future is a transport on the system's clock that never sleeps.
impl<F, Fut> AsyncTransport for F
where
    F: Fn(Prepared) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Response<Bytes>, Failure>> + Send,
{
    fn send(&self, request: Prepared) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        Box::pin(async move { self(request).await })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(ready(()))
    }
}

/// A closure that returns a future, and a clock, are a transport that never sleeps.
impl<F, Fut, C> AsyncTransport for (F, C)
where
    F: Fn(Prepared) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Response<Bytes>, Failure>> + Send,
    C: Fn() -> SystemTime + Send + Sync,
{
    fn send(&self, request: Prepared) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        Box::pin(async move { (self.0)(request).await })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(ready(()))
    }

    fn now(&self) -> SystemTime {
        (self.1)()
    }

    fn ticks(&self) -> Duration {
        since_1970((self.1)())
    }
}

/// A clock that a test sets, as one that nobody does.
fn since_1970(time: SystemTime) -> Duration {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// Why a transport has no answer to hand back, and whether the request may have reached the service.
///
/// ```
/// use kps_core::{Failure, FailureKind, Sent};
///
/// let failure = Failure::new(FailureKind::Connect, Sent::No, "connection refused");
/// assert_eq!(failure.to_string(), "could not connect");
/// assert_eq!(std::error::Error::source(&failure).unwrap().to_string(), "connection refused");
/// ```
#[derive(Debug)]
pub struct Failure {
    kind: FailureKind,
    sent: Sent,
    source: Box<dyn StdError + Send + Sync>,
}

impl Failure {
    /// A failure with the error of the HTTP client behind it. Its text must hold no secret.
    pub fn new(kind: FailureKind, sent: Sent, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind, sent, source: source.into() }
    }

    /// What went wrong.
    pub const fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Whether the service may have seen the request.
    pub const fn sent(&self) -> Sent {
        self.sent
    }

    pub(crate) fn into_source(self) -> Box<dyn StdError + Send + Sync> {
        self.source
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            FailureKind::Connect => "could not connect",
            FailureKind::Tls => "could not agree on a secure connection",
            FailureKind::Timeout => "timed out",
            FailureKind::Interrupted => "the connection broke",
            FailureKind::TooLarge => "the answer is larger than allowed",
            FailureKind::Other => "the request could not be sent",
        })
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}

/// What went wrong in a [`Failure`].
///
/// ```
/// use std::io;
/// use kps_core::{Failure, FailureKind, Sent};
///
/// /// What a transport makes of an error while it connects: nothing was sent by then.
/// fn failure(error: io::Error) -> Failure {
///     let kind = match error.kind() {
///         io::ErrorKind::TimedOut => FailureKind::Timeout,
///         _ => FailureKind::Connect,
///     };
///     Failure::new(kind, Sent::No, error)
/// }
/// assert_eq!(failure(io::ErrorKind::ConnectionRefused.into()).kind(), FailureKind::Connect);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// The name could not be resolved, or nobody listens there.
    Connect,
    /// The certificate was refused, or no TLS is compiled in.
    Tls,
    /// One of the time-outs ran out.
    Timeout,
    /// The connection broke, or what came over it was no HTTP.
    Interrupted,
    /// The answer is larger than the cap.
    TooLarge,
    /// Anything else.
    Other,
}

/// Whether a request that failed may have reached the service.
///
/// ```
/// # use kps_core::*;
/// # let client = |sent| {
/// #     let transport = move |_: Prepared| Err(Failure::new(FailureKind::Timeout, sent, "too late"));
/// #     blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #         .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap()
/// # };
/// # let (kps_unsent, kps_lost) = (client(Sent::No), client(Sent::Maybe));
/// let operation = CreateKeypair::new(KeypairName::new("deploy")?);
/// // On a transport that fails with `Sent::No`: the call is made up to three times.
/// let error = kps_unsent.send(operation.clone()).unwrap_err();
/// assert_eq!((error.attempts(), error.may_have_been_applied()), (3, false));
/// // With `Sent::Maybe`: once, since a second key pair may do harm.
/// let error = kps_lost.send(operation).unwrap_err();
/// assert_eq!((error.attempts(), error.may_have_been_applied()), (1, true));
/// # Ok::<(), InvalidId>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sent {
    /// It did not: not a byte of it left.
    No,
    /// It may have, and the service may have acted on it.
    Maybe,
}
