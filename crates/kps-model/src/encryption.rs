//! How the service encrypts a private key it hosts.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{EncryptionType, KmsKeyId, KmsKeyName, PrivateKey, Text, checked, secret};

/// How the service is to encrypt a private key it hosts.
///
/// ```
/// use kps_model::{Encryption, KmsKey, KmsKeyName};
///
/// let own = Encryption::Kms(KmsKey::name(KmsKeyName::new("kps/default")?));
/// assert_eq!(kps_model::to_json(&own)?, br#"{"type":"kms","kms_key_name":"kps/default"}"#);
/// assert_eq!(kps_model::to_json(&Encryption::Default)?, br#"{"type":"default"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "EncryptionBody")]
#[non_exhaustive]
pub enum Encryption {
    /// With a key built into the service; meant for sites without the Key Management Service.
    Default,
    /// With a key of the Key Management Service, which must exist and be enabled, and must be kept as long as
    /// the private key is wanted.
    Kms(KmsKey),
}

/// A key of the Key Management Service, named by its id, its name or both. One is always there.
///
/// ```
/// use kps_model::{Encryption, KmsKey, KmsKeyId, KmsKeyName};
///
/// let key = KmsKey::name(KmsKeyName::new("kps/default")?).with_id(KmsKeyId::new("0d0466b0-e727-4d9c-b35d-f84bb474a37f")?);
/// assert_eq!(key.key_name().map(KmsKeyName::as_str), Some("kps/default"));
/// let encryption = Encryption::Kms(key);
/// # let _ = encryption;
/// # Ok::<(), kps_model::InvalidId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KmsKey {
    id: Option<KmsKeyId>,
    name: Option<KmsKeyName>,
}

impl KmsKey {
    /// The key with this id.
    ///
    /// ```
    /// use kps_model::{KmsKey, KmsKeyId};
    ///
    /// let key = KmsKey::id(KmsKeyId::new("0b6f3c1e-9a47-4d52-8e13-7c25d9f0a864")?);
    /// assert!(key.key_name().is_none());
    /// # Ok::<(), kps_model::InvalidId>(())
    /// ```
    pub const fn id(id: KmsKeyId) -> Self {
        Self { id: Some(id), name: None }
    }

    /// The key with this name. The service's own is `kps/default`.
    ///
    /// ```
    /// use kps_model::{KmsKey, KmsKeyName};
    ///
    /// let key = KmsKey::name(KmsKeyName::new("kps/default")?);
    /// assert_eq!(key.key_name().unwrap().as_str(), "kps/default");
    /// # Ok::<(), kps_model::InvalidId>(())
    /// ```
    pub const fn name(name: KmsKeyName) -> Self {
        Self { id: None, name: Some(name) }
    }

    /// Names it by its id as well.
    #[must_use]
    pub fn with_id(mut self, id: KmsKeyId) -> Self {
        self.id = Some(id);
        self
    }

    /// The id, if it is named by one.
    pub const fn key_id(&self) -> Option<&KmsKeyId> {
        self.id.as_ref()
    }

    /// The name, if it is named by one.
    pub const fn key_name(&self) -> Option<&KmsKeyName> {
        self.name.as_ref()
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EncryptionBody {
    #[serde(rename = "type")]
    encryption_type: EncryptionType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms_key_name: Option<KmsKeyName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<KmsKeyId>,
}

impl<'de> Deserialize<'de> for Encryption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked::object(deserializer, "an encryption", |body: EncryptionBody| Self::try_from(body))
    }
}

impl TryFrom<EncryptionBody> for Encryption {
    type Error = &'static str;

    fn try_from(body: EncryptionBody) -> Result<Self, &'static str> {
        match (body.encryption_type, body.kms_key_id, body.kms_key_name) {
            (EncryptionType::Default, None, None) => Ok(Self::Default),
            (EncryptionType::Default, ..) => Err("an encryption of type `default` takes no KMS key"),
            (EncryptionType::Kms, None, None) => {
                Err("an encryption of type `kms` needs `kms_key_name` or `kms_key_id`")
            }
            (EncryptionType::Kms, id, name) => Ok(Self::Kms(KmsKey { id, name })),
            (EncryptionType::Unknown(_), ..) => Err("the type of an encryption is `default` or `kms`"),
        }
    }
}

impl From<Encryption> for EncryptionBody {
    fn from(encryption: Encryption) -> Self {
        let (encryption_type, key) = match encryption {
            Encryption::Default => (EncryptionType::Default, KmsKey { id: None, name: None }),
            Encryption::Kms(key) => (EncryptionType::Kms, key),
        };
        Self { encryption_type, kms_key_name: key.name, kms_key_id: key.id }
    }
}

/// The `key_protection` of a request: hosting, and the private key to be hosted unless the service makes it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProtectionBody {
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "secret::write_key_if_any")]
    pub(crate) private_key: Option<PrivateKey>,
    pub(crate) encryption: Encryption,
}

/// How the service encrypts a private key it hosts, as an answer tells it.
///
/// ```
/// use kps_model::{EncryptionType, HostedEncryption};
///
/// let told: HostedEncryption = kps_model::from_json(br#"{"type":"kms","kms_key_name":"kps/default"}"#)?;
/// assert_eq!(told.encryption_type, Some(EncryptionType::Kms));
/// assert_eq!(told.kms_key_name.as_ref().map(|name| name.as_str()), Some("kps/default"));
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HostedEncryption {
    /// Built in, or by a key of the Key Management Service.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub encryption_type: Option<EncryptionType>,
    /// The name of that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_name: Option<Text>,
    /// The id of that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<Text>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_json;
    use alloc::string::ToString;

    #[test]
    fn an_encryption_that_says_two_things_is_refused() {
        for (json, reason) in [
            (r#"{"type":"kms"}"#, "needs `kms_key_name` or `kms_key_id`"),
            (r#"{"type":"default","kms_key_name":"kps/default"}"#, "takes no KMS key"),
            (r#"{"type":"rot13"}"#, "is `default` or `kms`"),
            (r#"{"kms_key_name":"kps/default"}"#, "missing field `type`"),
            (r#"{"type":"kms","kms_key":"a"}"#, "unknown field `kms_key`"),
            (r#"{"type":"kms","kms_key_id":"a"}"#, "it is not of the form"),
        ] {
            let error = from_json::<Encryption>(json.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(reason), "{json}: {error}");
        }
    }
}
