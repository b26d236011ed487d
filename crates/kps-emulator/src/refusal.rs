//! Answers that refuse.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use kps_model::ErrorBody;
use serde::Serialize;

/// A refusal: the service's own, or the gateway's in front of it, which repeats the request id in the body.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    body: Box<ErrorBody>,
    by_gateway: bool,
}

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

    pub(crate) fn project_not_usable() -> Self {
        Self::gateway(StatusCode::FORBIDDEN, "APIGW.0310", "The project is unavailable")
    }

    pub(crate) fn bad_parameter(reason: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            body: Box::new(ErrorBody::new("KPS.0002", reason)),
            by_gateway: false,
        }
    }

    fn gateway(status: StatusCode, code: &str, message: &str) -> Self {
        Self { status, body: Box::new(ErrorBody::new(code, message)), by_gateway: true }
    }

    pub(crate) fn answer(mut self, request_id: &str) -> Response<Bytes> {
        self.body.request_id = self.by_gateway.then(|| request_id.to_owned());
        json(self.status, &*self.body)
    }
}

pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response<Bytes> {
    // No value of the model fails to be written.
    let body = kps_model::to_json(value).unwrap_or_default();
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
