//! Texts that must not be seen, and how they get into JSON: through [`to_json`](crate::to_json) alone.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, Serializer};
use zeroize::Zeroizing;

use crate::PrivateKey;
use crate::scalar::{self, Rule};

/// A text that must not be seen: a secret access key, a token, a password.
///
/// It has no `Display`, its `Debug` shows no part of it, and its memory is wiped when it is dropped. The
/// only way to the text is [`expose`](Self::expose), so that every use can be searched for.
///
/// ```
/// use kps_model::Secret;
///
/// let secret = Secret::new("wJalrXUtnFEMI");
/// assert_eq!(format!("{secret:?}"), "Secret(<redacted>)");
/// assert_eq!(secret.expose(), "wJalrXUtnFEMI");
/// ```
///
/// ```compile_fail,E0277
/// println!("{}", kps_model::Secret::new("wJalrXUtnFEMI"));
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over; the memory it was handed in is the one that is wiped.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all, which the service treats as no secret.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(<redacted>)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(&*scalar::text(deserializer, &Rule("a secret", None))?))
    }
}

// The types that hold a secret are not `Serialize`. The private ones that write them out are, with these.

pub(crate) fn write<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

pub(crate) fn write_key<S: Serializer>(key: &PrivateKey, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(key.expose())
}

pub(crate) fn write_key_if_any<S: Serializer>(
    key: &Option<PrivateKey>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match key {
        Some(key) => write_key(key, serializer),
        None => serializer.serialize_none(),
    }
}
