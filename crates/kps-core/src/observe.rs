//! What a program is told of its calls while they are made: for metrics, and as spans of `tracing`.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::course::Lapse;
use crate::{Error, ErrorKind};

/// Is told of every call, every attempt and every wait of a client, for metrics. No value of a request or an answer is
/// among it, and no secret.
///
/// It is called while the call goes on, so it must be quick, and must neither block nor panic.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use kps_core::{AttemptReport, Credentials, ListKeypairs, Observer, ProjectId, Region, blocking};
///
/// #[derive(Clone, Default)]
/// struct Attempts(Arc<AtomicU32>);
///
/// impl Observer for Attempts {
///     fn attempt(&self, attempt: &AttemptReport<'_>) {
///         println!("{} {:?} after {:?}", attempt.operation, attempt.status, attempt.took);
///         self.0.fetch_add(1, Ordering::Relaxed);
///     }
/// }
///
/// # let transport = |_: kps_core::Prepared| Ok(http::Response::new(r#"{"keypairs":[]}"#.into()));
/// let attempts = Attempts::default();
/// let kps = blocking::Client::builder(transport)
///     .region(Region::CN_NORTH_4)
///     .credentials(Credentials::access_key("AK", "SK"))
///     .project_id(ProjectId::new("0a1b")?)
///     .observer(attempts.clone())
///     .build()?;
/// kps.send(ListKeypairs::new())?;
/// assert_eq!(attempts.0.load(Ordering::Relaxed), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Observer: Send + Sync {
    /// An attempt has ended.
    fn attempt(&self, attempt: &AttemptReport<'_>) {
        let _ = attempt;
    }

    /// A call waits so long before its next attempt, or for its turn.
    fn wait(&self, operation: &'static str, time: Duration) {
        let _ = (operation, time);
    }

    /// A call has ended.
    fn call(&self, call: &CallReport<'_>) {
        let _ = call;
    }
}

/// How an attempt ended.
///
/// ```
/// use std::sync::mpsc::{Sender, channel};
/// use kps_core::{AttemptReport, Observer};
/// # use kps_core::*;
///
/// struct Lines(Sender<String>);
///
/// impl Observer for Lines {
///     fn attempt(&self, attempt: &AttemptReport<'_>) {
///         let AttemptReport { operation, attempt: number, status, code, .. } = attempt;
///         let _ = self.0.send(format!("{operation} #{number}: {status:?} {code:?}"));
///     }
/// }
///
/// # let attempts = std::sync::atomic::AtomicUsize::new(0);
/// # let transport = move |_: Prepared| Ok(match attempts.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
/// #     0 => http::Response::builder().status(429).body(r#"{"error_code":"APIGW.0308"}"#.into()).unwrap(),
/// #     _ => http::Response::new(r#"{"keypairs":[]}"#.into()),
/// # });
/// let (tell, told) = channel();
/// let kps = blocking::Client::builder(transport).observer(Lines(tell));
/// # let kps = kps.region(Region::CN_NORTH_4).credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// kps.send(ListKeypairs::new())?;
/// assert_eq!(told.recv()?, r#"ListKeypairs #1: Some(429) Some("APIGW.0308")"#);
/// assert_eq!(told.recv()?, "ListKeypairs #2: Some(200) None");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AttemptReport<'a> {
    /// The name of the operation.
    pub operation: &'static str,
    /// The first one is 1.
    pub attempt: u32,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The code of a refusal.
    pub code: Option<&'a str>,
    /// The id by which the service's support finds the call.
    pub request_id: Option<&'a str>,
    /// What sort of thing went wrong, if something did.
    pub error: Option<ErrorKind>,
    /// How long it took.
    pub took: Duration,
}

/// How a call ended.
///
/// ```
/// use std::sync::mpsc::{Sender, channel};
/// use kps_core::{CallReport, Error, Observer};
/// # use kps_core::*;
///
/// struct Ends(Sender<(&'static str, &'static str, u32)>);
///
/// impl Observer for Ends {
///     fn call(&self, call: &CallReport<'_>) {
///         let _ = self.0.send((call.operation, call.error.map_or("ok", Error::id), call.attempts));
///     }
/// }
///
/// # let transport = |_: Prepared| Ok(http::Response::builder().status(403).body("{}".into()).unwrap());
/// let (tell, told) = channel();
/// let kps = blocking::Client::builder(transport).observer(Ends(tell));
/// # let kps = kps.region(Region::CN_NORTH_4).credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// assert!(kps.send(ListKeypairs::new()).is_err());
/// assert_eq!(told.recv()?, ("ListKeypairs", "forbidden", 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallReport<'a> {
    /// The name of the operation.
    pub operation: &'static str,
    /// The HTTP status of the answer that ended it, if there was one.
    pub status: Option<u16>,
    /// The id by which the service's support finds the call.
    pub request_id: Option<&'a str>,
    /// How many attempts there were.
    pub attempts: u32,
    /// The error, if it failed.
    pub error: Option<&'a Error>,
    /// How long it took, with its waits and what was asked for on the way.
    pub took: Duration,
}

/// An answer, and how it came.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::builder().header("x-request-id", "3d9f07b2").body(r#"{"keypairs":[]}"#.into()).unwrap());
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let answer = kps.answer(ListKeypairs::new())?;
/// assert_eq!((answer.status, answer.attempts, answer.request_id.as_deref()), (200, 1, Some("3d9f07b2")));
/// assert!(answer.output.keypairs.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Answer<T> {
    /// What the operation returns.
    pub output: T,
    /// The HTTP status.
    pub status: u16,
    /// The id by which the service's support finds the call.
    pub request_id: Option<String>,
    /// How many attempts there were, the one that succeeded included.
    pub attempts: u32,
}

impl<'a> AttemptReport<'a> {
    pub(crate) fn new(
        operation: &'static str,
        attempt: u32,
        outcome: &'a Result<Response<Bytes>, Lapse>,
        took: Duration,
    ) -> Self {
        let (status, code, request_id, error) = match outcome {
            Ok(answer) => (Some(answer.status().as_u16()), None, request_id(answer), None),
            Err(Lapse { error, .. }) => {
                (error.status(), error.code(), error.request_id(), Some(error.kind()))
            }
        };
        Self { operation, attempt, status, code, request_id, error, took }
    }
}

impl<'a> CallReport<'a> {
    pub(crate) fn new(
        operation: &'static str,
        attempts: u32,
        outcome: Result<&'a Response<Bytes>, &'a Error>,
        took: Duration,
    ) -> Self {
        let (status, request_id, error) = match outcome {
            Ok(answer) => (Some(answer.status().as_u16()), request_id(answer), None),
            Err(error) => (error.status(), error.request_id(), Some(error)),
        };
        Self { operation, status, request_id, attempts, error, took }
    }
}

/// How much of an id is kept; the service's have 32 characters.
const ID_BYTES: usize = 256;

/// The id of a call in the head of its answer.
pub(crate) fn request_id(answer: &Response<Bytes>) -> Option<&str> {
    id_in(answer, "x-request-id")
}

/// The id of a call in this header of its answer.
pub(crate) fn id_in<'a>(answer: &'a Response<Bytes>, header: &str) -> Option<&'a str> {
    let id = answer.headers().get(header)?.to_str().ok()?;
    let id = id.get(..ID_BYTES).unwrap_or(id);
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_kept_to_a_length() {
        let id = |value: &str| {
            let answer = Response::builder().header("x-request-id", value).body(Bytes::new()).unwrap();
            request_id(&answer).map(str::len)
        };
        assert_eq!([id(""), id("3d9f"), id(&"x".repeat(60_000))], [None, Some(4), Some(256)]);
    }
}
