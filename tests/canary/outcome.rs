//! How requests are answered.

use std::fmt::{Debug, Write as _};

use bytes::Bytes;
use http::Response;
use kps_core::{Failure, FailureKind, Prepared, Sent};

use crate::eyes::see;
use crate::secrets::pem;

/// How the service, or something that stands in its place, answers a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    /// With all secrets an answer may have.
    Success,
    /// The same, cut off.
    Cut,
    /// With a secret where something else is expected.
    Odd,
    /// A refusal that quotes the request, as JSON.
    Refused(u16),
    /// The same within a nested object and a list.
    Nested,
    /// The same with a status of success, as bindings are refused.
    RefusedReceipt,
    /// A page of HTML that quotes the request.
    Html,
    /// No answer.
    Lost,
}

pub(crate) const OUTCOMES: [Outcome; 11] = [
    Outcome::Success,
    Outcome::Cut,
    Outcome::Odd,
    Outcome::Refused(400),
    Outcome::Refused(401),
    Outcome::Refused(429),
    Outcome::Refused(503),
    Outcome::Nested,
    Outcome::RefusedReceipt,
    Outcome::Html,
    Outcome::Lost,
];

/// The whole request, as a gateway quotes it.
fn quoted(request: &http::Request<Bytes>) -> String {
    let mut text = format!("{} {}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        writeln!(text, "{name}:{}", value.to_str().unwrap()).unwrap();
    }
    text.push_str(std::str::from_utf8(request.body()).unwrap());
    text
}

impl Outcome {
    /// Status and body.
    pub(crate) fn answer(self, quoted: &str) -> (u16, String) {
        let json = |value: serde_json::Value| value.to_string();
        let keypair =
            serde_json::json!({"name": "deploy", "private_key": pem(), "public_key": "ssh-rsa AAAA"});
        let whole = json(serde_json::json!({
            "keypair": keypair, "keypairs": [], "tasks": [], "total": 0, "task_id": "t-1", "server_id": "s-1",
            "status": "SUCCESS", "succeeded_keypairs": [keypair], "failed_keypairs": [],
        }));
        let refusal = serde_json::json!({"error_code": "APIGW.0301", "error_msg": quoted});
        match self {
            Self::Success | Self::Lost => (200, whole),
            Self::Cut => (200, whole.split_at(whole.len() - 9).0.to_owned()),
            Self::Odd => (
                200,
                json(
                    serde_json::json!({"keypair": pem(), "keypairs": pem(), "tasks": pem(), "task_id": [pem()]}),
                ),
            ),
            Self::Refused(status) => (status, json(refusal)),
            Self::Nested => {
                (400, json(serde_json::json!({"code": "P", "message": "p", "details": [refusal]})))
            }
            Self::RefusedReceipt => (
                202,
                json(
                    serde_json::json!({"server_id": "s-1", "status": "FAILED", "error_code": "KPS.0002", "error_msg": quoted, "tasks": [{"server_id": "s-1", "status": "FAILED", "error_msg": quoted}], "succeeded_keypairs": [], "failed_keypairs": [{"keypair_name": "deploy", "failed_reason": quoted}]}),
                ),
            ),
            Self::Html => (502, format!("<html><body>{quoted}</body></html>")),
        }
    }

    pub(crate) fn over_a_closure(self, request: &Prepared) -> Result<Response<Bytes>, Failure> {
        see(&format!("{request:?} {:?}", request.headers()));
        if matches!(self, Self::Lost) {
            return Err(Failure::new(FailureKind::Interrupted, Sent::Maybe, "cut"));
        }
        let (status, body) = self.answer(&quoted(request.as_http()));
        Ok(Response::builder().status(status).body(body.into()).unwrap())
    }
}
