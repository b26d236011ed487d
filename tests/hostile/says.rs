//! What a server may say, made of its parts.

use crate::server::Act;

pub(crate) fn head(status: &str, headers: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}\r\n")
}

pub(crate) fn with_body(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut answer = head(status, &format!("{headers}content-length: {}\r\n", body.len())).into_bytes();
    answer.extend_from_slice(body);
    answer
}

pub(crate) fn ok(body: impl AsRef<[u8]>) -> Vec<u8> {
    with_body("200 OK", "", body)
}

pub(crate) fn say(bytes: impl Into<Vec<u8>>) -> Act {
    Act::Say(bytes.into())
}

pub(crate) fn stall(bytes: impl Into<Vec<u8>>) -> Act {
    Act::Stall(bytes.into())
}

pub(crate) fn repeat(first: impl Into<Vec<u8>>, then: impl Into<Vec<u8>>) -> Act {
    Act::Repeat(first.into(), then.into())
}

pub(crate) const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
