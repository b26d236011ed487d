use alloc::boxed::Box;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::scalar::{self, Rule, not_empty};

/// The fingerprint of a key pair, by which two public keys are told apart at a glance.
///
/// The service writes two forms: MD5 as sixteen bytes in hexadecimal with colons, and SHA-256 as OpenSSH
/// prints it. Any other text is kept. Two fingerprints of different algorithms are never equal, so compare with
/// `is_of`. To compute them is a matter of the feature `fingerprint`, which the clients turn on.
///
/// ```
/// # #[cfg(feature = "fingerprint")] {
/// use kps_model::{Fingerprint, FingerprintAlgorithm, PublicKey};
///
/// let key = PublicKey::new("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P laptop")?;
/// let sha256 = Fingerprint::sha256(&key)?;
/// assert_eq!(sha256.to_string(), "SHA256:0rIl3neHx/FAqXqjC7sVEzAxhDqf1BN7kSLhse773sg");
/// assert_eq!(sha256.algorithm(), Some(FingerprintAlgorithm::Sha256));
///
/// let from_the_service = Fingerprint::from("4f:48:8e:57:7b:e6:8d:6f:9e:83:88:33:c7:cd:fe:1c");
/// assert_eq!(from_the_service.algorithm(), Some(FingerprintAlgorithm::Md5));
/// assert_eq!(from_the_service.is_of(&key), Some(true));
/// # }
/// # Ok::<(), kps_model::InvalidKey>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint(Box<str>);

/// How a [`Fingerprint`] is computed.
///
/// ```
/// use kps_model::{Fingerprint, FingerprintAlgorithm};
///
/// let sha256 = Fingerprint::from("SHA256:0rIl3neHx/FAqXqjC7sVEzAxhDqf1BN7kSLhse773sg");
/// assert_eq!(sha256.algorithm(), Some(FingerprintAlgorithm::Sha256));
/// let md5 = Fingerprint::from("49:ef:73:2b:9b:7f:2e:0c:58:d3:e3:42:8e:28:04:3b");
/// assert_eq!(md5.algorithm(), Some(FingerprintAlgorithm::Md5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FingerprintAlgorithm {
    /// MD5, written as `7b:1e:c4:…`; `ssh-keygen -l -E md5` puts `MD5:` before it.
    Md5,
    /// SHA-256, written as `SHA256:` and base64 without padding, as `ssh-keygen -l` prints it.
    Sha256,
}

const SHA256_PREFIX: &str = "SHA256:";
const MD5_PREFIX: &str = "MD5:";

impl Fingerprint {
    /// The text as the service sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How it was computed, or `None` for a text of another form.
    pub fn algorithm(&self) -> Option<FingerprintAlgorithm> {
        if let Some(base64) = self.0.strip_prefix(SHA256_PREFIX) {
            let whole = base64.len() == 43
                && base64.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
            return whole.then_some(FingerprintAlgorithm::Sha256);
        }
        let hex = self.hex();
        let whole = hex.len() == 47
            && hex.bytes().enumerate().all(|(at, byte)| match at % 3 {
                2 => byte == b':',
                _ => byte.is_ascii_hexdigit(),
            });
        whole.then_some(FingerprintAlgorithm::Md5)
    }

    /// MD5 without what OpenSSH puts before it.
    fn hex(&self) -> &str {
        self.0.strip_prefix(MD5_PREFIX).unwrap_or(&self.0)
    }

    /// In an answer any text is taken; an empty one says no more than an absent one.
    pub(crate) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let text = scalar::text_or_none(deserializer, &Rule("a fingerprint", None), not_empty)?;
        Ok(text.map(|text| Self::from(&*text)))
    }
}

/// Computing them, behind the feature `fingerprint`.
#[cfg(feature = "fingerprint")]
mod compute {
    use alloc::string::String;
    use core::fmt::Write as _;

    use base64ct::{Base64Unpadded, Encoding as _};
    use md5::Md5;
    use sha2::{Digest as _, Sha256};

    use crate::fingerprint::{Fingerprint, FingerprintAlgorithm, SHA256_PREFIX};
    use crate::{InvalidKey, PublicKey};

    impl Fingerprint {
        /// The SHA-256 fingerprint of a key.
        ///
        /// # Errors
        ///
        /// [`InvalidKey`], if the second word of the key is not base64.
        pub fn sha256(key: &PublicKey) -> Result<Self, InvalidKey> {
            let hash = Sha256::digest(key.bytes()?);
            let mut text = String::from(SHA256_PREFIX);
            text.push_str(&Base64Unpadded::encode_string(&hash));
            Ok(Self(text.into()))
        }

        /// The MD5 fingerprint of a key, in the form of the service.
        ///
        /// # Errors
        ///
        /// [`InvalidKey`], if the second word of the key is not base64.
        pub fn md5(key: &PublicKey) -> Result<Self, InvalidKey> {
            let hash = Md5::digest(key.bytes()?);
            let mut text = String::with_capacity(47);
            for (at, byte) in hash.iter().enumerate() {
                let separator = if at == 0 { "" } else { ":" };
                // Writing to a string does not fail.
                let _ = write!(text, "{separator}{byte:02x}");
            }
            Ok(Self(text.into()))
        }

        /// Whether it is the fingerprint of this key, whichever algorithm it was computed with; `None` if that is
        /// not known, or the key cannot be read.
        pub fn is_of(&self, key: &PublicKey) -> Option<bool> {
            Some(match self.algorithm()? {
                FingerprintAlgorithm::Sha256 => Self::sha256(key).ok()? == *self,
                FingerprintAlgorithm::Md5 => Self::md5(key).ok()?.0.eq_ignore_ascii_case(self.hex()),
            })
        }
    }
}

impl From<&str> for Fingerprint {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(&*scalar::text(deserializer, &Rule("a fingerprint", None))?))
    }
}

#[cfg(all(test, feature = "fingerprint"))]
mod tests {
    use super::*;
    use crate::PublicKey;
    use alloc::string::ToString;

    /// Public keys, and what `ssh-keygen -l` and `ssh-keygen -l -E md5` print for them.
    const PRINTED: [(&str, &str, &str); 2] = [
        (
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P laptop",
            "SHA256:0rIl3neHx/FAqXqjC7sVEzAxhDqf1BN7kSLhse773sg",
            "MD5:4f:48:8e:57:7b:e6:8d:6f:9e:83:88:33:c7:cd:fe:1c",
        ),
        (
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDCg5oyaWFs5UAwKRqswAzVgmQE3svJeCI7lmWMqSXOPgrBNcbOgBzRKMvtyYBd3e\
             Rl2suNBycyFU/r5uCSrwP2htbxIeQmgnmuE2rOa6h2K6P8L6FslbSSgzOdXOQkxj+bKsvNiU19wMLoksmLblN/bMl320pwIKG+9umE\
             DlWRF2b8ofCetKVMrTkRhCklARhDvpmKpjN6f26HJxShimQMR8ABQv5dwveg2EUjvMIkxu/jLn3jsWOcnaPYG7GNU0+g7OOl3O837h\
             GAWz/FeOenoxZWfZEpfygTmYxAjBMz+70IXNy+75JlscBvLK6TIGsGpyaw+6y1zGIMRL7Gt7W7",
            "SHA256:1YalWnxUBxVv8RuRFbZbfnTw2JeVZXJPfcVIU1yxcuQ",
            "MD5:ad:f6:16:d3:af:db:3d:d9:52:6c:b4:a3:40:09:b8:b7",
        ),
    ];

    #[test]
    fn fingerprints_are_those_that_openssh_prints() {
        for (line, sha256, md5) in PRINTED {
            let key = PublicKey::new(line).unwrap();
            assert_eq!(Fingerprint::sha256(&key).unwrap().to_string(), sha256);
            assert_eq!(Fingerprint::md5(&key).unwrap().to_string(), md5[4..]);
            for text in [sha256, md5, &md5[4..], &md5[4..].to_uppercase()] {
                let (other, ..) = PRINTED.iter().find(|(other, ..)| *other != line).unwrap();
                assert_eq!(Fingerprint::from(text).is_of(&key), Some(true), "{text}");
                assert_eq!(
                    Fingerprint::from(text).is_of(&PublicKey::new(other).unwrap()),
                    Some(false),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn other_texts_are_kept_and_claim_nothing() {
        let key = PublicKey::new(PRINTED[0].0).unwrap();
        for text in ["", "SHA256:", "SHA256:short", "SHA512:abc", "4f:48", "MD5:", &"zz:".repeat(16)[..47]] {
            let fingerprint = Fingerprint::from(text);
            assert_eq!((fingerprint.algorithm(), fingerprint.is_of(&key)), (None, None), "{text}");
            assert_eq!(fingerprint.to_string(), text);
        }
    }

    #[test]
    fn a_key_that_is_not_base64_has_no_fingerprint() {
        let key = PublicKey::new("ssh-rsa A*B").unwrap();
        assert_eq!(
            Fingerprint::sha256(&key).unwrap_err().to_string(),
            "not a public key: its second word is not base64"
        );
        assert_eq!(Fingerprint::from(PRINTED[0].1).is_of(&key), None);
    }
}
