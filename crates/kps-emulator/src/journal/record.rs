use bytes::Bytes;
use http::{Method, Request, StatusCode};
use kps_model::Timestamp;

use super::mask;
use crate::{Fault, WrongSignature};

/// A request to the emulator, and what became of it. Secrets are not in it: of headers, the query and the body it
/// has the values that are known to hold none, and `***` in place of the others, each cut to a length that fits a log.
///
/// ```
/// use kps_core::{ListKeypairs, Region, blocking};
/// use kps_emulator::{Emulator, Fault, FaultRule};
///
/// let emulator = Emulator::new();
/// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
/// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
/// emulator.inject(FaultRule::new(Fault::Garbage).nth(1));
/// assert!(kps.send(ListKeypairs::new()).is_err());
/// let call = &emulator.calls()[0];
/// assert_eq!(call.operation, Some("ListKeypairs"));
/// assert_eq!(call.status, Some(http::StatusCode::OK));
/// assert_eq!(call.faults, [Fault::Garbage]);
/// let authorization = call.header("authorization").unwrap();
/// assert!(authorization.starts_with("SDK-HMAC-SHA256 Access=AKEMULATOR0000000001, SignedHeaders="));
/// assert!(authorization.ends_with(", Signature=***"));
/// # Ok::<(), kps_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallRecord {
    /// Which call it was, from 1.
    pub number: u64,
    /// When it came, by the clock it was handed over with.
    pub time: Timestamp,
    /// The id with which it was answered.
    pub request_id: String,
    /// Its method.
    pub method: Method,
    /// Its path, as it was sent.
    pub path: String,
    /// Its query, empty if it has none.
    pub query: String,
    /// Its headers, in their order.
    pub headers: Vec<(String, String)>,
    /// The body of an operation, as JSON. `None` if there is none, if it is no JSON or too long, and for the services
    /// that hand out credentials.
    pub body: Option<String>,
    /// The official name of the operation; `None` for a service that hands out credentials and for what there is not.
    pub operation: Option<&'static str>,
    /// The status with which the service answered, whatever the client got to see. `None` if a fault kept it from acting.
    pub status: Option<StatusCode>,
    /// The status the client got to see, unless it lost patience; `None` if the connection broke.
    pub sent: Option<StatusCode>,
    /// The faults that were injected into this call.
    pub faults: Vec<Fault>,
    /// Why its signature did not fit, where that is why it was refused.
    pub signature: Option<WrongSignature>,
}

/// When and with which id a request is answered.
pub(crate) struct Moment<'a> {
    /// Milliseconds since 1970.
    pub(crate) millis: i64,
    pub(crate) request_id: &'a str,
}

/// What became of a request.
#[derive(Default)]
pub(crate) struct Course {
    pub(crate) operation: Option<&'static str>,
    pub(crate) status: Option<StatusCode>,
    pub(crate) sent: Option<StatusCode>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) signature: Option<WrongSignature>,
}

impl CallRecord {
    pub(crate) fn new(
        request: &Request<Bytes>,
        moment: &Moment<'_>,
        course: Course,
        is_key: impl Fn(&str) -> bool,
    ) -> Self {
        let Course { operation, status, sent, faults, signature } = course;
        Self {
            number: 0,
            time: Timestamp::from_millis(moment.millis),
            request_id: moment.request_id.to_owned(),
            method: request.method().clone(),
            path: mask::path(request.uri().path()),
            query: mask::query(request.uri().query().unwrap_or_default()),
            headers: mask::headers(request.headers(), is_key),
            body: operation.and_then(|_| mask::body(request.body())),
            operation,
            status,
            sent,
            faults,
            signature,
        }
    }

    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Tells it to whoever listens.
    #[cfg(feature = "tracing")]
    pub(crate) fn trace(&self, delay: std::time::Duration) {
        tracing::info!(
            target: "kps_emulator",
            method = %self.method,
            path = self.path,
            operation = self.operation,
            status = self.sent.map(|status| status.as_u16()),
            request_id = self.request_id,
            faults = (!self.faults.is_empty()).then(|| tracing::field::debug(&self.faults)),
            delay = (!delay.is_zero()).then(|| tracing::field::debug(delay)),
            "request",
        );
        if let Some(why) = &self.signature {
            tracing::warn!(target: "kps_emulator", request_id = self.request_id, %why, "wrong signature");
        }
    }

    #[cfg(test)]
    pub(super) fn blank() -> Self {
        let moment = Moment { millis: 0, request_id: "" };
        Self::new(&Request::default(), &moment, Course::default(), |_| false)
    }
}
