//! SDK-HMAC-SHA256, the signature every call carries unless it has a token.
//!
//! The client signs its own requests on a short way of its own; [`Signer::sign`] signs any request, as it is
//! given, for programs that send theirs by other means. Both end in the same text.
//!
//! The rules, in short: the canonical request is the method, the path decoded once and encoded strictly with
//! a `/` at its end, the query sorted by its raw names and values, the signed headers in lower case and
//! order, their names, and the SHA-256 of the body. It is hashed, the hash and the date are signed with the
//! secret access key, and the server does the same from what it receives.

mod canonical;
mod date;
pub(crate) mod encode;
mod given;

use std::fmt;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderValue;
use kps_model::Secret;
use sha2::{Digest, Sha256};

pub(crate) use canonical::{Parts, payload_hash};
pub(crate) use date::Date;
pub use given::Signed;

use crate::Error;

const ALGORITHM: &str = "SDK-HMAC-SHA256";

/// Signs with one access key. The key is set up once; the secret itself is not kept.
///
/// ```
/// use std::time::SystemTime;
/// use kps_core::{Secret, sign::Signer};
///
/// let signer = Signer::new("AKEXAMPLE", &Secret::new("SKexample"))?;
/// let url = "https://kms.cn-north-4.myhuaweicloud.com/v3/0a1b/keypairs";
/// let signed = signer.sign("GET", url, &[("X-Project-Id", "0a1b")], b"", SystemTime::now())?;
/// let beginning = "SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=host;x-project-id;x-sdk-date, Signature=";
/// assert!(signed.authorization().starts_with(beginning));
/// # Ok::<(), kps_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Signer {
    access_key_id: String,
    keyed: Hmac<Sha256>,
}

impl Signer {
    /// A signer for an access key: its id (AK) and its secret (SK).
    ///
    /// ```
    /// use kps_core::{Secret, sign::Signer};
    ///
    /// let error = Signer::new("AKEXAMPLE", &Secret::new("SKexample ")).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the secret access key (SK) holds white space or a control character; was it copied with a blank?",
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// A [credentials error](crate::ErrorKind::Credentials) if one of them is empty or holds white space or
    /// control characters: such a key, often the fault of a copied blank, would be refused, and five refused
    /// signatures lock a key for minutes.
    pub fn new(access_key_id: impl Into<String>, secret: &Secret) -> Result<Self, Error> {
        let access_key_id = access_key_id.into();
        usable("access key id (AK)", &access_key_id)?;
        usable("secret access key (SK)", secret.expose())?;
        let keyed = Hmac::new_from_slice(secret.expose().as_bytes())
            .map_err(|_| Error::credentials("the secret access key (SK) cannot be used"))?;
        Ok(Self { access_key_id, keyed })
    }

    /// The `Authorization` of a request given in canonical parts.
    pub(crate) fn authorization(&self, parts: &Parts<'_>) -> Result<HeaderValue, Error> {
        let canonical = parts.canonical();
        let signature = self.signature(&parts.to_sign(&Hex::digest(&canonical.text)));
        let text = self.header(canonical.signed_headers(), &signature);
        let mut header = HeaderValue::from_maybe_shared(Bytes::from(text))
            .map_err(|_| Error::credentials("the access key id (AK) cannot be sent in a header"))?;
        header.set_sensitive(true);
        Ok(header)
    }

    fn signature(&self, to_sign: &[&[u8]]) -> Hex {
        let mut mac = self.keyed.clone();
        to_sign.iter().for_each(|piece| mac.update(piece));
        Hex::new(&mac.finalize().into_bytes().into())
    }

    fn header(&self, signed_headers: &[u8], signature: &Hex) -> Vec<u8> {
        [
            ALGORITHM.as_bytes(),
            b" Access=",
            self.access_key_id.as_bytes(),
            b", SignedHeaders=",
            signed_headers,
            b", Signature=",
            signature.as_bytes(),
        ]
        .concat()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

fn usable(what: &str, value: &str) -> Result<(), Error> {
    if value.is_empty() {
        return Err(Error::credentials(format!("the {what} is empty")));
    }
    if value.chars().any(|character| character.is_whitespace() || character.is_control()) {
        return Err(Error::credentials(format!(
            "the {what} holds white space or a control character; was it copied with a blank?",
        )));
    }
    Ok(())
}

/// A SHA-256 value in lower-case hexadecimal.
pub(crate) struct Hex([u8; 64]);

impl Hex {
    fn new(bytes: &[u8; 32]) -> Self {
        let mut text = [b'0'; 64];
        // Both lengths are fixed, and right.
        let _ = base16ct::lower::encode(bytes, &mut text);
        Self(text)
    }

    fn digest(bytes: &[u8]) -> Self {
        Self::new(&Sha256::digest(bytes).into())
    }

    pub(crate) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Its unit tests sign the date alone, where `Signer::sign` always signs the host.
    #[test]
    fn the_official_go_client_comes_to_the_same_signatures() {
        let vectors = include_str!("../../tests/vectors/signing.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
        for name in ["go-unit-test-1", "go-unit-test-2"] {
            let case =
                vectors["external"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap();
            let text = |field: &str| case[field].as_str().unwrap();
            let (_, target) = text("url").split_once(".com").unwrap();
            let (path, query) = target.split_once('?').unwrap();
            assert_eq!(text("signed_headers"), "x-sdk-date");
            let hash = payload_hash(text("body_utf8").as_bytes());
            let parts = Parts {
                method: text("method"),
                path,
                query,
                headers: &[("x-sdk-date", text("x_sdk_date").as_bytes())],
                payload_hash: hash.as_bytes(),
                date: Date::parse(text("x_sdk_date")).unwrap(),
            };
            let signer = Signer::new(text("ak"), &Secret::new(text("sk"))).unwrap();
            let authorization = signer.authorization(&parts).unwrap();
            let expected = format!(
                "SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=x-sdk-date, Signature={}",
                text("signature"),
            );
            assert_eq!(authorization, expected, "{name}");
        }
    }
}
