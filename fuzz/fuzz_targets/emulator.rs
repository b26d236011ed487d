//! Any requests to the emulator, one after the other, as text: a line of method and target, lines of headers, an empty
//! line, and the body up to a zero byte. A request that does not say who calls gets a token, for most would be refused.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use kps_emulator::{Emulator, Seed};
use kps_fuzz::now;
use libfuzzer_sys::fuzz_target;

/// Small, so that each input can begin with the same state.
const SEED: &str = r#"{
    "access_keys": [{"id": "AK", "secret": "SK"}],
    "tokens": ["T"],
    "identity": {
        "projects": [{"id": "p", "name": "cn-north-4"}],
        "users": [{"account": "a", "name": "u", "password": "p", "projects": {"cn-north-4": "p"}}],
        "id_tokens": [{"provider": "i", "token": "t"}],
        "agencies": [{"name": "d", "account": "a", "urn": "iam::a:agency:d"}],
        "metadata": {"agency": true, "tokens": true},
        "pod_tokens": ["t"]
    },
    "projects": {"p": {
        "keypairs": [{"name": "k", "public_key":
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK+J4UekUPoELStkUK5BW7udga6s1+M8Kqa000MIRRlu"}],
        "servers": [
            {"id": "r", "status": "running", "password": "pw"},
            {"id": "s", "status": "stopped", "keypair_name": "k"}
        ],
        "failed_tasks": [{"task_id": "t", "operate_type": "FAILED_RESET"}]
    }}
}"#;

static BEGINNING: LazyLock<Seed> = LazyLock::new(|| Seed::from_json(SEED.as_bytes()).unwrap());

fn request(text: &[u8]) -> Option<Request<Bytes>> {
    let (head, body) = match text.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&text[..at], &text[at + 2..]),
        None => (text, &[][..]),
    };
    let mut head = head.split(|byte| *byte == b'\n');

    let mut words = head.next()?.splitn(2, |byte| *byte == b' ');
    let mut request = Request::new(Bytes::copy_from_slice(body));
    *request.method_mut() = Method::from_bytes(words.next()?).ok()?;
    *request.uri_mut() = Uri::try_from(words.next()?).ok()?;
    for line in head {
        let mut pair = line.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(pair.next()?).ok()?;
        let value = HeaderValue::from_bytes(pair.next()?.trim_ascii()).ok()?;
        request.headers_mut().append(name, value);
    }
    if !["authorization", "x-auth-token"].iter().any(|name| request.headers().contains_key(*name)) {
        request.headers_mut().insert("x-auth-token", HeaderValue::from_static("T"));
    }
    Some(request)
}

fuzz_target!(|data: &[u8]| {
    let requests: Vec<_> = data.split(|byte| *byte == 0).take(8).map_while(request).collect();
    if requests.is_empty() {
        return;
    }
    let emulator = Emulator::with_seed(BEGINNING.clone());
    let mut ids = Vec::new();
    for request in &requests {
        let answer = emulator.handle(request, now());
        let id = answer.headers()["x-request-id"].clone();
        assert!(id.len() == 32 && !ids.contains(&id), "{id:?}");
        assert!(answer.headers().contains_key("date"));
        ids.push(id);
        emulator.advance(Duration::from_secs(7));
    }
});
