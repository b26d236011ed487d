//! A transport on a third HTTP library, `minreq`: all that a client needs of one.

use std::io::ErrorKind;

use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_LENGTH, HOST};
use kps_core::{Failure, FailureKind, Prepared, Sent, Transport};
use minreq::{Error, Method};

/// How long an attempt may take, in seconds, where the request does not say.
const PATIENCE: u64 = 60;

/// Sends by `minreq`, each request on a connection of its own.
pub struct Minreq;

impl Transport for Minreq {
    fn send(&self, prepared: Prepared) -> Result<Response<Bytes>, Failure> {
        // minreq counts whole seconds.
        let seconds = prepared.time_limit().map_or(PATIENCE, |limit| limit.as_secs().max(1));
        let request = prepared.into_http();
        // Path and query are signed, so they must go out as they stand; minreq changes nothing in them.
        let url = request.uri().to_string();
        let mut sent = minreq::Request::new(Method::Custom(request.method().to_string()), url)
            .with_timeout(seconds)
            .with_follow_redirects(false);
        for (name, value) in request.headers() {
            // These two minreq writes itself, and the same.
            if name == HOST || name == CONTENT_LENGTH {
                continue;
            }
            let value = value.to_str().map_err(|error| Failure::new(FailureKind::Other, Sent::No, error))?;
            sent = sent.with_header(name.as_str(), value);
        }
        let answer = sent.with_body(request.into_body()).send().map_err(failure)?;

        let mut response = Response::builder().status(answer.status_code);
        for (name, value) in &answer.headers {
            response = response.header(name, value);
        }
        let unreadable = |error| Failure::new(FailureKind::Interrupted, Sent::Maybe, error);
        response.body(answer.into_bytes().into()).map_err(unreadable)
    }
}

/// The one judgement of a transport: what sort of failure it was, and whether the service may have seen the request.
fn failure(error: Error) -> Failure {
    let (kind, sent) = match &error {
        Error::AddressNotFound => (FailureKind::Connect, Sent::No),
        Error::HttpsFeatureNotEnabled => (FailureKind::Tls, Sent::No),
        Error::IoError(error) => match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::HostUnreachable => (FailureKind::Connect, Sent::No),
            ErrorKind::TimedOut | ErrorKind::WouldBlock => (FailureKind::Timeout, Sent::Maybe),
            _ => (FailureKind::Interrupted, Sent::Maybe),
        },
        _ => (FailureKind::Interrupted, Sent::Maybe),
    };
    Failure::new(kind, sent, error)
}
