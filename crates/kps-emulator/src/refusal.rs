//! Answers that refuse.

use bytes::Bytes;
use http::{Response, StatusCode};
use kps_model::{DecodeError, ErrorBody};

use crate::answer::json;
use crate::keys::Mismatch;

/// A refusal: the service's own, or the gateway's in front of it, which repeats the request id in the body.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    body: Box<ErrorBody>,
    by_gateway: bool,
}

/// The codes of the service, the status each comes with, and a message.
const CODES: [(&str, u16, &str); 26] = [
    ("KPS.0001", 400, "The task id is invalid"),
    ("KPS.0002", 400, "The parameter is invalid"),
    ("KPS.0003", 500, "A service this one depends on is unavailable"),
    ("KPS.0004", 500, "A service this one depends on gave a bad response"),
    ("KPS.0005", 400, "The failed task does not exist"),
    ("KPS.0006", 400, "The user does not exist"),
    ("KPS.4016", 400, "The key pair is not exist"),
    ("KPS.5001", 500, "Querying the database failed"),
    ("KPS.5002", 500, "Inserting into the database failed"),
    ("KPS.5003", 500, "Deleting from the database failed"),
    ("KPS.5004", 500, "Updating the database failed"),
    ("KPS.6004", 400, "There is no such key pair"),
    ("KPS.6005", 400, "The private key is not hosted"),
    ("KPS.6007", 500, "Creating the key-encryption key failed"),
    ("KPS.6008", 400, "Encrypting the private key failed: check that the KMS key exists and is enabled"),
    ("KPS.6009", 403, "Verifying the key pair failed"),
    ("KPS.6010", 400, "Saving the private key failed: check the KMS key"),
    ("KPS.6011", 400, "The private key does not match the public key"),
    ("KPS.7004", 400, "The key pair already exists"),
    ("KPS.9001", 401, "The token of the request is not or failed to be authenticated"),
    ("KPS.9002", 401, "The account is one of a public test"),
    ("KPS.9003", 403, "No permission"),
    ("KPS.9004", 403, "The account is frozen"),
    ("KPS.9005", 403, "The account is restricted"),
    ("KPS.9006", 403, "The type of the user is unknown"),
    ("APIGW.0308", 429, "The throttling threshold has been reached"),
];

impl Refusal {
    #[cfg(feature = "server")]
    pub(crate) fn too_large() -> Self {
        Self::gateway(StatusCode::PAYLOAD_TOO_LARGE, "APIGW.0201", "Request entity too large")
    }

    pub(crate) fn no_such_api() -> Self {
        Self::gateway(
            StatusCode::NOT_FOUND,
            "APIGW.0101",
            "The API does not exist or has not been published in the environment",
        )
    }

    pub(crate) fn unauthenticated(reason: &str) -> Self {
        let message = format!("Incorrect IAM authentication information: {reason}");
        Self::gateway(StatusCode::UNAUTHORIZED, "APIGW.0301", &message)
    }

    pub(crate) fn token_must_be_renewed() -> Self {
        Self::gateway(StatusCode::UNAUTHORIZED, "APIGW.0307", "The token must be updated.")
    }

    /// More calls than the policy of the gateway allows, which the message tells.
    pub(crate) fn throttled(policy: &str) -> Self {
        Self::gateway(StatusCode::TOO_MANY_REQUESTS, "APIGW.0308", policy)
    }

    pub(crate) fn project_not_usable() -> Self {
        Self::gateway(StatusCode::FORBIDDEN, "APIGW.0310", "The project is unavailable")
    }

    pub(crate) fn bad_parameter(reason: &str) -> Self {
        Self::of_service(StatusCode::BAD_REQUEST, "KPS.0002", reason)
    }

    /// The service for cloud servers refuses a parameter.
    pub(crate) fn bad_parameter_of_servers(reason: &str) -> Self {
        Self::of_service(StatusCode::BAD_REQUEST, "Ecs.0005", reason)
    }

    /// A body that does not fit. What it holds instead is not repeated where it may be a secret.
    pub(crate) fn bad_body(fault: DecodeError) -> Self {
        let quotes = [": invalid type: ", ": invalid value: ", ": unknown variant "];
        let text = fault.to_string();
        if quotes.iter().any(|quote| text.contains(quote)) {
            return Self::bad_parameter(&fault.without_reason().to_string());
        }
        Self::bad_parameter(&text)
    }

    pub(crate) fn no_keypair() -> Self {
        Self::known("KPS.4016")
    }

    pub(crate) fn keypair_exists(name: &str) -> Self {
        Self::of_service(StatusCode::BAD_REQUEST, "KPS.7004", &format!("Key pair '{name}' already exists."))
    }

    /// A code of the service as it comes by itself.
    pub(crate) fn known(code: &str) -> Self {
        Self::by_code(code).unwrap_or_else(|| Self::of_service(StatusCode::BAD_REQUEST, code, code))
    }

    /// The code of this text, if the service or the gateway is known to refuse with it on demand.
    pub(crate) fn code(text: &str) -> Option<&'static str> {
        CODES.iter().map(|(code, ..)| *code).find(|code| *code == text)
    }

    /// A code of the service, or of the gateway where it throttles, if there is such a one.
    fn by_code(code: &str) -> Option<Self> {
        let (code, status, message) = CODES.iter().find(|(known, ..)| *known == code)?;
        let status = StatusCode::from_u16(*status).ok()?;
        Some(Self { by_gateway: code.starts_with("APIGW."), ..Self::of_service(status, code, message) })
    }

    /// What is not there with the status 404, where the service is documented to answer so.
    pub(crate) fn not_found_as_404(mut self) -> Self {
        if matches!(self.body.code.as_deref(), Some("KPS.4016" | "KPS.6005")) {
            self.status = StatusCode::NOT_FOUND;
        }
        self
    }

    pub(crate) fn into_body(self) -> ErrorBody {
        *self.body
    }

    fn of_service(status: StatusCode, code: &str, message: &str) -> Self {
        Self { status, body: Box::new(ErrorBody::new(code, message)), by_gateway: false }
    }

    fn gateway(status: StatusCode, code: &str, message: &str) -> Self {
        Self { status, body: Box::new(ErrorBody::new(code, message)), by_gateway: true }
    }

    pub(crate) fn answer(mut self, request_id: &str) -> Response<Bytes> {
        self.body.request_id = self.by_gateway.then(|| request_id.to_owned());
        json(self.status, &*self.body)
    }
}

impl From<Mismatch> for Refusal {
    fn from(mismatch: Mismatch) -> Self {
        match mismatch {
            Mismatch::Different => Self::known("KPS.6011"),
            Mismatch::Unreadable(error) => Self::bad_parameter(&error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_known_with_its_status_and_an_english_cure() {
        let own = [
            Refusal::no_such_api(),
            Refusal::unauthenticated("decrypt token fail"),
            Refusal::token_must_be_renewed(),
            Refusal::throttled("limit:1,time:1 second"),
            Refusal::project_not_usable(),
            Refusal::bad_parameter("x"),
            Refusal::no_keypair(),
            Refusal::keypair_exists("x"),
            #[cfg(feature = "server")]
            Refusal::too_large(),
        ];
        for refusal in CODES.iter().map(|(code, ..)| Refusal::known(code)).chain(own) {
            let code = refusal.body.error_code().unwrap();
            assert!(code.is_known() && refusal.body.cure().is_some(), "{code}");
            let (status, documented) = (refusal.status.as_u16(), code.statuses());
            assert!(documented.contains(&status) || documented.is_empty(), "{code}: {status}");
        }
    }
}
