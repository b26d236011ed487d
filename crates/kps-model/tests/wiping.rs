//! The memory of secrets, looked at after it was given back.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::os::unix::fs::FileExt;

use kps_model::{CreateKeypairResponse, Login, PrivateKey, Secret, from_json};

const KEY: &str = "-----BEGIN RSA PRIVATE KEY-----\nMIIEogIBAAKCAQEAr6Wzl6r4Q1Qd0n3uX0m8Xn8pYqJ2k1Vb7t9c5s3wYzLhQeRg\n-----END RSA PRIVATE KEY-----\n";

/// Where a text is, and how long it is.
fn place(text: &str) -> (u64, usize) {
    (text.as_ptr().addr() as u64, text.len())
}

/// Whether the text is still there once its owner is gone. The allocator writes over the beginning of what it gets back, so
/// that only the rest is looked at.
fn stays<T>(owner: T, text: impl Fn(&T) -> &str) -> bool {
    let memory = File::open("/proc/self/mem").unwrap();
    let (address, length) = place(text(&owner));
    let before = text(&owner).as_bytes().to_vec();
    let mut after = vec![0; length];
    drop(owner);
    memory.read_exact_at(&mut after, address).unwrap();
    before.windows(8).skip(32).any(|part| after.windows(8).any(|there| there == part))
}

/// One test, for no other is to take the memory meanwhile.
#[test]
fn the_memory_of_a_secret_is_wiped() {
    assert!(
        stays(KEY.to_owned(), |text| text),
        "what is not a secret is still there, or the look is of no use"
    );

    assert!(!stays(Secret::new(KEY), Secret::expose));
    assert!(!stays(PrivateKey::new(KEY).unwrap(), PrivateKey::expose));
    assert!(!stays(Login::password(KEY), |login| match login {
        Login::Password(password) => password.expose(),
        _ => "",
    }));
    let answer = serde_json::json!({"keypair": {"name": "a", "private_key": KEY}}).to_string();
    let answer: CreateKeypairResponse = from_json(answer.as_bytes()).unwrap();
    assert!(!stays(answer, |answer| answer.keypair.private_key.as_ref().unwrap().expose()));
}
