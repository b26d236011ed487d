//! Refusals in any shape. The first byte picks the status and how the rest becomes a body: as it is, or repeated
//! within a string of JSON, which makes it long.
#![no_main]

use std::sync::LazyLock;

use kps_core::ErrorKind;
use kps_fuzz::{Answered, check, pick};
use kps_model::{DeleteKeypair, ErrorBody, KeypairName, to_json};
use libfuzzer_sys::fuzz_target;

const STATUSES: [u16; 16] = [100, 300, 302, 400, 401, 403, 404, 408, 409, 413, 429, 499, 500, 502, 503, 504];

static CLIENT: LazyLock<Answered> = LazyLock::new(Answered::new);

fn body(how: usize, rest: &[u8]) -> Vec<u8> {
    // Long ones take long, so they are rare.
    let field = match how {
        65 => "error_msg",
        66 => "error_code",
        67 => "request_id",
        _ => return rest.to_vec(),
    };
    let text = String::from_utf8_lossy(rest);
    to_json(&serde_json::json!({ field: text.repeat(6000 / rest.len().max(1) + 1), "code": "A" })).unwrap()
}

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = pick(data) else { return };
    let (status, body) = (STATUSES[first / 16], body(first, rest));

    let read = ErrorBody::parse(&body);
    assert_eq!(ErrorBody::parse(&to_json(&read).unwrap()), read);

    let delete = DeleteKeypair::new(KeypairName::new("a").unwrap());
    let error = CLIENT.send(delete, status, &body).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Service, Some(status)));
    check(&error);
    let _ = (error.is_not_found(), error.is_throttled(), error.likely_done(), error.retry_after());
});
