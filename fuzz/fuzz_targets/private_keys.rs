//! Keys of all sorts, imported into the emulator. By the first byte the rest is the text of a private key, or bytes that
//! are put into PEM here, since few would be base64; or the same of a public key.
#![no_main]

use std::sync::LazyLock;

use base64ct::{Base64, Encoding as _};
use bytes::Bytes;
use http::{Request, Response};
use kps_emulator::{Emulator, Seed};
use kps_fuzz::{now, one_line, pick};
use kps_model::{CreateKeypairResponse, Fingerprint, PrivateKey, PublicKey, from_json};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

const SEED: &str = r#"{"tokens": ["T"], "projects": {"p": {}}}"#;

/// Which the private ones are compared with.
const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK+J4UekUPoELStkUK5BW7udga6s1+M8Kqa000MIRRlu";

const LABELS: [&str; 6] = [
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "DSA PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
];

/// Whose names stand before a public key.
const NAMES: [&str; 8] = [
    "ssh-rsa",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-dss",
    "sk-ssh-ed25519@openssh.com",
    "ssh-ed25519-cert-v01@openssh.com",
];

static BEGINNING: LazyLock<Seed> = LazyLock::new(|| Seed::from_json(SEED.as_bytes()).unwrap());

fn post(emulator: &Emulator, target: &str, body: &Value) -> Response<Bytes> {
    let request = Request::post(format!("http://kms.example.com/v3/p/{target}"))
        .header("x-auth-token", "T")
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let answer = emulator.handle(&request, now());
    let status = answer.status().as_u16();
    assert!(matches!(status, 200 | 400), "{status} {}", answer.body().escape_ascii());
    answer
}

fn private(text: &str) {
    if let Err(error) = PrivateKey::new(text) {
        one_line(&error.to_string());
    }
    let emulator = Emulator::with_seed(BEGINNING.clone());
    let protection = json!({ "private_key": text, "encryption": { "type": "default" } });
    let keypair = json!({ "name": "k", "public_key": ED25519, "key_protection": protection });
    if post(&emulator, "keypairs", &json!({ "keypair": keypair })).status() == 200 {
        let exported = post(&emulator, "keypairs/private-key/export", &json!({ "keypair": { "name": "k" } }));
        let exported: Value = serde_json::from_slice(exported.body()).unwrap();
        assert_eq!(exported.pointer("/keypair/private_key").and_then(Value::as_str), Some(text));
    }
}

fn public(line: &str) {
    let key = PublicKey::new(line);
    if let Ok(key) = &key {
        let _ = (key.algorithm(), key.base64(), key.comment(), Fingerprint::md5(key));
    }
    let emulator = Emulator::with_seed(BEGINNING.clone());
    let keypair = json!({ "name": "k", "public_key": line });
    let answer = post(&emulator, "keypairs", &json!({ "keypair": keypair }));
    if answer.status() == 200 {
        // Both read the key, each in a way of its own.
        let created: CreateKeypairResponse = from_json(answer.body()).unwrap();
        let told = created.keypair.fingerprint.unwrap();
        assert_eq!(told.is_of(&key.unwrap()), Some(true), "{told:?}");
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = pick(data) else { return };
    match first % 16 {
        choice @ 0..6 => {
            let label = LABELS[choice];
            let body = Base64::encode_string(rest);
            private(&format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"));
        }
        6 => private(&String::from_utf8_lossy(rest)),
        7 => public(&String::from_utf8_lossy(rest)),
        choice => public(&format!("{} {} a comment", NAMES[choice - 8], Base64::encode_string(rest))),
    }
});
