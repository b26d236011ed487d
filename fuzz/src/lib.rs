//! What the targets have in common.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use kps_core::{
    Builder, Credentials, Environment, Error, Failure, Operation, Prepared, ProjectId, Region, Retries,
    blocking,
};

/// The moment at which everything happens, so that an input does the same each time.
pub fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_775_032_200)
}

/// No error shows more characters, whatever was sent.
const LONGEST_ERROR: usize = 4096 + 256;

/// The first byte, which picks something, and the rest, which is what is read.
pub fn pick(data: &[u8]) -> Option<(usize, &[u8])> {
    data.split_first().map(|(first, rest)| (usize::from(*first), rest))
}

/// Whatever went wrong is told on one line of bounded length.
pub fn check(error: &Error) {
    let text = error.to_string();
    one_line(&text);
    // Most are far from it, and counting takes long.
    assert!(text.len() <= LONGEST_ERROR || text.chars().count() <= LONGEST_ERROR, "{} bytes", text.len());
    let report = error.report();
    assert!(report.starts_with(&text));
    one_line(&report[text.len()..]);
}

/// A text of ours that quotes others must not write to a terminal what they want.
pub fn one_line(text: &str) {
    let is_clean = match text.is_ascii() {
        true => !text.as_bytes().iter().any(u8::is_ascii_control),
        false => !text.contains(char::is_control),
    };
    assert!(is_clean, "{text:?}");
}

/// A builder whose client reads nothing of this machine, and has one attempt.
pub fn builder<F>(transport: F) -> Builder<blocking::Client>
where
    F: Fn(Prepared) -> Result<Response<Bytes>, Failure> + Send + Sync + 'static,
{
    blocking::Client::builder((transport, now))
        .environment(Environment::from([("NO_PROXY", "*")]))
        .region(Region::CN_NORTH_4)
        .retries(Retries::none())
}

/// A token is quicker than a signature.
fn with_token(builder: Builder<blocking::Client>) -> blocking::Client {
    let project = ProjectId::new("0a1b").unwrap();
    builder.credentials(Credentials::token("a-token")).project_id(project).build().unwrap()
}

/// A client that gets the answers it is told to.
pub struct Answered {
    next: Arc<Mutex<Response<Bytes>>>,
    client: Mutex<blocking::Client>,
}

impl Answered {
    /// With nothing that was learnt.
    pub fn new() -> Self {
        let next = Arc::default();
        let client = Mutex::new(Self::client(&next));
        Self { next, client }
    }

    fn client(next: &Arc<Mutex<Response<Bytes>>>) -> blocking::Client {
        let next = next.clone();
        with_token(builder(move |_| Ok(locked(&next).clone())))
    }

    /// Makes a call that is answered so.
    ///
    /// # Errors
    ///
    /// What the client makes of it.
    pub fn send<O: Operation>(&self, operation: O, status: u16, body: &[u8]) -> Result<O::Output, Error> {
        let mut answer = Response::new(Bytes::copy_from_slice(body));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        answer.headers_mut().insert("x-request-id", HeaderValue::from_static("3d9f07b2"));
        *locked(&self.next) = answer;
        let client = locked(&self.client).clone();
        let outcome = client.send(operation);
        // One that was throttled holds back the calls of the next input.
        if outcome.as_ref().is_err_and(Error::is_throttled) {
            *locked(&self.client) = Self::client(&self.next);
        }
        outcome
    }
}

impl Default for Answered {
    fn default() -> Self {
        Self::new()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
