//! Refusals in any shape. The first byte picks the status and how the rest becomes a body: as it is, or repeated
//! within a string of JSON, which makes it long.
#![no_main]

use std::sync::{Arc, LazyLock};

use kps_core::{ErrorKind, blocking};
use kps_fuzz::{Next, builder, check, pick, with_token};
use kps_model::{DeleteKeypair, ErrorBody, KeypairName, to_json};
use libfuzzer_sys::fuzz_target;

const STATUSES: [u16; 16] = [100, 300, 302, 400, 401, 403, 404, 408, 409, 413, 429, 499, 500, 502, 503, 504];

static NEXT: LazyLock<Arc<Next>> = LazyLock::new(Arc::default);
static CLIENT: LazyLock<blocking::Client> = LazyLock::new(|| {
    let next = NEXT.clone();
    with_token(builder(move |_| Ok(next.get())))
});

fn body(how: usize, rest: &[u8]) -> Vec<u8> {
    let field = match how % 16 {
        1 => "error_msg",
        2 => "error_code",
        3 => "request_id",
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

    NEXT.set(status, &body);
    let error = CLIENT.send(DeleteKeypair::new(KeypairName::new("a").unwrap())).unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Service, Some(status)));
    check(&error);
    let _ = (error.is_not_found(), error.is_throttled(), error.likely_done(), error.retry_after());
});
