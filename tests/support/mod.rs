//! What the tests over sockets of their own share.

use std::io::Read;

use kps_core::{Builder, Credentials, HttpOptions, ProjectId, Proxy, Retries};

/// Connections are not kept, so that every call meets the server anew.
pub(crate) fn options() -> HttpOptions {
    HttpOptions::new().with_proxy(Proxy::None).with_idle_connections(0)
}

/// What is looked at is one attempt.
pub(crate) fn build_on<C>(builder: Builder<C>, address: &str, options: &HttpOptions) -> Builder<C> {
    builder
        .endpoint(format!("http://{address}"))
        .credentials(Credentials::access_key("AKEXAMPLE", "SKexample"))
        .project_id(ProjectId::new("0a1b").unwrap())
        .http(options.clone())
        .retries(Retries::none())
}

/// A request with its body, or none if the client leaves before it is whole.
pub(crate) fn read_request(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length: ").map(ToOwned::to_owned)
        });
        if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return Some(text);
        }
    }
}
