//! The public half of a key pair: what the service stores, prints and compares.

use base64ct::{Base64, Base64Unpadded, Encoding};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use ssh_key::PublicKey;
use ssh_key::public::{KeyData, RsaPublicKey};

use super::armor::Armor;
use super::{KeyError, private};

/// What OpenSSH calls the kinds of keys that are read.
const NAMES: [&str; 6] = [
    "ssh-rsa",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-dss",
];

/// The public half of a key pair. Two are equal when the keys are, whatever was written after them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicHalf {
    /// What OpenSSH calls keys of this kind.
    name: String,
    /// What the console calls them.
    algorithm: String,
    /// The key as SSH sends it, which is what fingerprints are of.
    blob: Vec<u8>,
}

impl PublicHalf {
    /// Reads the one-line form of OpenSSH, without options before it. The comment is not kept.
    pub(crate) fn parse(line: &str) -> Result<Self, KeyError> {
        let line = line.trim();
        if is_private(line) {
            return Err(KeyError::PrivateForPublic);
        }
        if has_armor(line, "PUBLIC") || line.contains(['\r', '\n']) {
            return Err(KeyError::NotOneLine);
        }
        let mut words = line.split_ascii_whitespace();
        let (name, base64) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let known = NAMES.contains(&name);

        let fault = if known { KeyError::Damaged } else { KeyError::NoKey };
        let blob = Base64::decode_vec(base64).map_err(|_| fault)?;
        // The name comes again in the key, after its length.
        if name.is_empty() || !blob.get(4..).is_some_and(|blob| blob.starts_with(name.as_bytes())) {
            return Err(fault);
        }
        if !known {
            return Err(KeyError::Unsupported);
        }
        Self::new(&from_blob(&blob)?)
    }

    /// Derives it from a private key: PKCS#1, PKCS#8, SEC1 or OpenSSH's own form, not encrypted.
    pub(crate) fn of_private(text: &str) -> Result<Self, KeyError> {
        let Some(armor) = Armor::find(text) else { return Err(no_armor(text)) };
        Self::new(&private::public_of(armor)?.into())
    }

    fn new(key: &PublicKey) -> Result<Self, KeyError> {
        Ok(Self {
            name: key.algorithm().as_str().to_owned(),
            algorithm: algorithm(key.key_data())?,
            blob: key.to_bytes().map_err(|_| KeyError::Damaged)?,
        })
    }

    /// The fingerprint as `ssh-keygen -l` prints it.
    pub(crate) fn sha256(&self) -> String {
        format!("SHA256:{}", Base64Unpadded::encode_string(&Sha256::digest(&self.blob)))
    }

    /// The kind of the key as the console names it, such as `SSH_RSA_2048`.
    pub(crate) fn algorithm(&self) -> String {
        self.algorithm.clone()
    }

    /// The one-line form of OpenSSH, without an end of the line.
    pub(crate) fn line(&self, comment: &str) -> String {
        format!("{} {} {comment}", self.name, Base64::encode_string(&self.blob))
    }
}

impl Serialize for PublicHalf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.line("").trim_end())
    }
}

impl<'de> Deserialize<'de> for PublicHalf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Reads a key as SSH sends it.
pub(super) fn from_blob(blob: &[u8]) -> Result<PublicKey, KeyError> {
    let key = PublicKey::from_bytes(blob).map_err(|_| KeyError::Damaged)?;
    // The library passes over some wrong lengths; a key so read would have the fingerprint of another.
    let whole = key.to_bytes().is_ok_and(|again| again == blob);
    whole.then_some(key).ok_or(KeyError::Damaged)
}

/// The console's name, for the keys it has one for.
fn algorithm(key: &KeyData) -> Result<String, KeyError> {
    match key {
        KeyData::Rsa(key) => Ok(format!("SSH_RSA_{}", bits(key).ok_or(KeyError::Damaged)?)),
        // SSH leaves points to be sent in full, and OpenSSH reads no others.
        KeyData::Ecdsa(key) if key.as_sec1_bytes().first() != Some(&4) => Err(KeyError::CompressedPoint),
        KeyData::Ecdsa(key) => Ok(format!("SSH_ECDSA_{}", key.curve().as_str().to_ascii_uppercase())),
        KeyData::Ed25519(_) => Ok("SSH_ED25519".to_owned()),
        KeyData::Dsa(_) => Ok("SSH_DSS".to_owned()),
        _ => Err(KeyError::Unsupported),
    }
}

/// The size of the modulus, when both numbers are greater than zero.
fn bits(key: &RsaPublicKey) -> Option<usize> {
    key.e.as_positive_bytes()?;
    let modulus = key.n.as_positive_bytes()?;
    Some(modulus.len() * 8 - modulus.first()?.leading_zeros() as usize)
}

/// What a text is that holds no PEM.
fn no_armor(text: &str) -> KeyError {
    if is_putty(text) {
        KeyError::Putty
    } else if is_private(text) {
        KeyError::Damaged
    } else if has_armor(text, "PUBLIC") || PublicHalf::parse(text).is_ok() {
        KeyError::PublicForPrivate
    } else {
        KeyError::NoKey
    }
}

fn is_private(text: &str) -> bool {
    has_armor(text, "PRIVATE") || is_putty(text)
}

/// Whether there is a line such as PEM has it, or RFC 4716, which puts a space there.
fn has_armor(text: &str, half: &str) -> bool {
    let mut parts = text.split(half).skip(1);
    parts.any(|after| after.starts_with(" KEY----") || after.starts_with(" KEY ----"))
}

fn is_putty(text: &str) -> bool {
    text.trim_start().starts_with("PuTTY-User-Key-File-")
}
