//! Answers of success.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use kps_model::ToJson;

pub(crate) fn json(status: StatusCode, value: &(impl ToJson + ?Sized)) -> Response<Bytes> {
    // No value of the model fails to be written.
    let body = kps_model::to_json(value).unwrap_or_default();
    with_body(status, "application/json", body)
}

pub(crate) fn zip(bytes: Vec<u8>) -> Response<Bytes> {
    with_body(StatusCode::OK, "application/octet-stream", bytes)
}

pub(crate) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = status;
    answer
}

pub(crate) fn with_body(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}
