//! Values with the mark in them.

use kps_core::{Credentials, KeypairName, PrivateKey, PublicKey, Secret};

use crate::eyes::MARK;

pub(crate) fn pem() -> String {
    let line = |n: u32| format!("{MARK}Line{n}+/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n");
    format!("-----BEGIN RSA PRIVATE KEY-----\n{}{}-----END RSA PRIVATE KEY-----\n", line(1), line(2))
}

pub(crate) fn key() -> PrivateKey {
    PrivateKey::new(pem()).unwrap()
}

pub(crate) fn password() -> Secret {
    Secret::new(format!("\"{MARK}\\pass/word=\""))
}

pub(crate) fn name() -> KeypairName {
    KeypairName::new("deploy").unwrap()
}

pub(crate) fn public() -> PublicKey {
    PublicKey::new("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P a")
        .unwrap()
}

/// By an access key that ends, and by a token.
pub(crate) fn credentials() -> [Credentials; 2] {
    [
        Credentials::access_key("AKEXAMPLE", format!("{MARK}-secret-key"))
            .with_security_token(format!("{MARK}-security-token")),
        Credentials::token(format!("{MARK}-token")),
    ]
}
