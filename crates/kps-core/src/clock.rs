//! The time by which requests are signed: the machine's, set right by what the service says where it is far off.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::DATE;
use http::{Response, StatusCode};
use kps_model::{ErrorBody, ErrorCode};

use crate::{AsyncTransport, events};

/// The service refuses a signature that is 15 minutes off. What a call takes is left for doubt.
const FAR_OFF: Duration = Duration::from_secs(14 * 60);

/// How far the machine's clock is behind the service's, in milliseconds; 0 until a call was refused for it.
#[derive(Debug, Default)]
pub(crate) struct Skew(AtomicI64);

/// A skew as it was known when a request was signed. Another call may have learnt of it since.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known(i64);

impl Known {
    pub(crate) fn now(self, transport: &dyn AsyncTransport) -> SystemTime {
        match self.0 {
            0 => transport.now(),
            millis => shifted(transport.now(), millis),
        }
    }
}

impl Skew {
    pub(crate) fn known(&self) -> Known {
        Known(self.0.load(Ordering::Relaxed))
    }

    pub(crate) fn now(&self, transport: &dyn AsyncTransport) -> SystemTime {
        self.known().now(transport)
    }

    /// Learns from a refused signature, and tells whether the clock explains it: only then is it worth another one.
    /// A refusal that the clock does not explain is never repeated, since five of them lock the key.
    pub(crate) fn learn(
        &self,
        transport: &dyn AsyncTransport,
        signed_by: Known,
        answer: &Response<Bytes>,
    ) -> bool {
        if answer.status() != StatusCode::UNAUTHORIZED {
            return false;
        }
        let Some(theirs) = date_of(answer) else { return false };
        let is_signature = ErrorBody::parse(answer.body()).error_code() == Some(ErrorCode::Apigw0301);
        let (far, _) = between(signed_by.now(transport), theirs);
        if !is_signature || far < FAR_OFF {
            return false;
        }
        let (far, behind) = between(transport.now(), theirs);
        let millis = i64::try_from(far.as_millis()).unwrap_or_default();
        self.0.store(if behind { millis } else { -millis }, Ordering::Relaxed);
        let side = if behind { "behind" } else { "ahead of" };
        events::warn(&format!(
            "the clock is {} s {side} the service's; requests are signed by that",
            far.as_secs()
        ));
        true
    }
}

/// The time of the service when it answered, to the second.
pub(crate) fn date_of(answer: &Response<Bytes>) -> Option<SystemTime> {
    httpdate::parse_http_date(answer.headers().get(DATE)?.to_str().ok()?).ok()
}

/// How far two times are apart, and whether the first is behind.
fn between(ours: SystemTime, theirs: SystemTime) -> (Duration, bool) {
    match theirs.duration_since(ours) {
        Ok(behind) => (behind, true),
        Err(ahead) => (ahead.duration(), false),
    }
}

fn shifted(time: SystemTime, millis: i64) -> SystemTime {
    let by = Duration::from_millis(millis.unsigned_abs());
    let shifted = if millis < 0 { time.checked_sub(by) } else { time.checked_add(by) };
    shifted.unwrap_or(time)
}
