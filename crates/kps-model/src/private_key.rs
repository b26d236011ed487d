//! Private keys in the care of the service.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::codec::{EncodeError, ToJson, from_json};
use crate::encryption::ProtectionBody;
use crate::envelope::{Envelope, StrictEnvelope};
use crate::{Encryption, HostedEncryption, KeypairName, PrivateKey, UserId, secret};

/// Gives the service the private half of a key pair it knows, or gives it again to change how it is encrypted
/// or whose it is: `POST /v3/{project_id}/keypairs/private-key/import`.
///
/// The halves must match (`KPS.6011`). It holds a private key, so it is not `Serialize`;
/// [`to_json`](crate::to_json) writes it.
///
/// ```
/// use kps_model::{Encryption, ImportPrivateKey, KeypairName, PrivateKey};
///
/// let key = PrivateKey::new("-----BEGIN RSA PRIVATE KEY-----\n...")?;
/// let request = ImportPrivateKey::new(KeypairName::new("laptop")?, key, Encryption::Default);
/// assert!(!format!("{request:?}").contains("BEGIN"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "StrictEnvelope<ImportPrivateKeyBody>")]
#[non_exhaustive]
pub struct ImportPrivateKey {
    /// The key pair.
    pub name: KeypairName,
    /// Whose it is to be.
    pub user_id: Option<UserId>,
    /// Its private half.
    pub private_key: PrivateKey,
    /// How the service encrypts it.
    pub encryption: Encryption,
}

impl ImportPrivateKey {
    /// Hosts this private key, encrypted so.
    pub const fn new(name: KeypairName, private_key: PrivateKey, encryption: Encryption) -> Self {
        Self { name, user_id: None, private_key, encryption }
    }

    /// Says whose it is to be.
    #[must_use]
    pub fn with_user_id(mut self, user_id: UserId) -> Self {
        self.user_id = Some(user_id);
        self
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportPrivateKeyBody {
    name: KeypairName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
    key_protection: ProtectionBody,
}

impl TryFrom<StrictEnvelope<ImportPrivateKeyBody>> for ImportPrivateKey {
    type Error = &'static str;

    fn try_from(envelope: StrictEnvelope<ImportPrivateKeyBody>) -> Result<Self, &'static str> {
        let ImportPrivateKeyBody { name, user_id, key_protection } = envelope.keypair;
        let private_key = key_protection.private_key.ok_or("missing field `key_protection.private_key`")?;
        Ok(Self { name, user_id, private_key, encryption: key_protection.encryption })
    }
}

impl ToJson for ImportPrivateKey {
    fn json(&self) -> Result<Vec<u8>, EncodeError> {
        let keypair = ImportPrivateKeyBody {
            name: self.name.clone(),
            user_id: self.user_id.clone(),
            key_protection: ProtectionBody {
                private_key: Some(self.private_key.clone()),
                encryption: self.encryption.clone(),
            },
        };
        StrictEnvelope { keypair }.json()
    }
}

/// The answer to [`ImportPrivateKey`]. Documented with the private key in it, sent with the name alone; in case
/// it is there it is not `Serialize`, and [`to_json`](crate::to_json) writes it.
///
/// ```
/// use kps_model::ImportPrivateKeyResponse;
///
/// let answer: ImportPrivateKeyResponse = kps_model::from_json(br#"{"keypair":{"name":"deploy"}}"#)?;
/// assert_eq!(answer.keypair.name, "deploy");
/// assert!(answer.keypair.key_protection.is_none());
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ImportPrivateKeyResponse {
    /// The key pair.
    pub keypair: HostedKeypair,
}

/// A key pair whose private half is hosted. Only its name is certain to be there.
///
/// ```
/// use kps_model::{EncryptionType, ImportPrivateKeyResponse};
///
/// let answer: ImportPrivateKeyResponse =
///     kps_model::from_json(br#"{"keypair":{"name":"deploy","key_protection":{"encryption":{"type":"default"}}}}"#)?;
/// let encryption = answer.keypair.key_protection.and_then(|protection| protection.encryption);
/// assert_eq!(encryption.and_then(|told| told.encryption_type), Some(EncryptionType::Default));
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct HostedKeypair {
    /// The name.
    pub name: KeypairName,
    /// Whose it is.
    #[serde(default, deserialize_with = "UserId::or_none")]
    pub user_id: Option<UserId>,
    /// How the private half is hosted.
    #[serde(default)]
    pub key_protection: Option<KeyProtection>,
}

/// How a private key is hosted.
///
/// ```
/// use kps_model::ImportPrivateKeyResponse;
///
/// let answer: ImportPrivateKeyResponse =
///     kps_model::from_json(br#"{"keypair":{"name":"deploy","key_protection":{"encryption":{"type":"kms","kms_key_name":"kps/default"}}}}"#)?;
/// let protection = answer.keypair.key_protection.unwrap();
/// assert!(protection.private_key.is_none()); // mostly it is not repeated
/// assert_eq!(protection.encryption.unwrap().kms_key_name.unwrap(), "kps/default");
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct KeyProtection {
    /// The key, if it is repeated.
    #[serde(default, deserialize_with = "PrivateKey::given")]
    pub private_key: Option<PrivateKey>,
    /// How it is encrypted.
    #[serde(default)]
    pub encryption: Option<HostedEncryption>,
}

impl ImportPrivateKeyResponse {
    /// An answer of one's own with nothing but the name, for tests.
    pub const fn new(name: KeypairName) -> Self {
        Self { keypair: HostedKeypair { name, user_id: None, key_protection: None } }
    }
}

impl<'de> Deserialize<'de> for ImportPrivateKeyResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { keypair: Envelope::deserialize(deserializer)?.keypair })
    }
}

#[derive(Serialize)]
struct HostedKeypairBody<'a> {
    name: &'a KeypairName,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_protection: Option<KeyProtectionBody<'a>>,
}

#[derive(Serialize)]
struct KeyProtectionBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "secret::write_key_if_any")]
    private_key: &'a Option<PrivateKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption: Option<&'a HostedEncryption>,
}

impl ToJson for ImportPrivateKeyResponse {
    fn json(&self) -> Result<Vec<u8>, EncodeError> {
        let HostedKeypair { name, user_id, key_protection } = &self.keypair;
        let key_protection = key_protection.as_ref().map(|protection| KeyProtectionBody {
            private_key: &protection.private_key,
            encryption: protection.encryption.as_ref(),
        });
        Envelope { keypair: HostedKeypairBody { name, user_id: user_id.as_ref(), key_protection } }.json()
    }
}

/// Hands out a hosted private key: `POST /v3/{project_id}/keypairs/private-key/export`. It changes nothing and
/// can be repeated.
///
/// ```
/// use kps_model::{ExportPrivateKey, KeypairName};
///
/// let request = ExportPrivateKey::new(KeypairName::new("laptop")?);
/// assert_eq!(kps_model::to_json(&request)?, br#"{"keypair":{"name":"laptop"}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ExportPrivateKey {
    /// The key pair.
    pub name: KeypairName,
}

impl ExportPrivateKey {
    /// The private half of this key pair.
    pub const fn new(name: KeypairName) -> Self {
        Self { name }
    }
}

/// A key pair named in a request.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameBody {
    pub(crate) name: KeypairName,
}

impl Serialize for ExportPrivateKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        StrictEnvelope { keypair: NameBody { name: self.name.clone() } }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ExportPrivateKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let NameBody { name } = StrictEnvelope::deserialize(deserializer)?.keypair;
        Ok(Self { name })
    }
}

/// The answer to [`ExportPrivateKey`]. It holds a private key, so it is not `Serialize`;
/// [`to_json`](crate::to_json) writes it.
///
/// ```compile_fail,E0277
/// fn store(answer: &kps_model::ExportPrivateKeyResponse) -> Result<String, serde_json::Error> {
///     serde_json::to_string(answer)
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExportPrivateKeyResponse {
    /// The key pair and its private half.
    pub keypair: ExportedPrivateKey,
}

/// A key pair's name and its private half; both are always there.
///
/// ```
/// use kps_model::ExportPrivateKeyResponse;
///
/// let answer: ExportPrivateKeyResponse = kps_model::from_json(
///     br#"{"keypair":{"name":"deploy","private_key":"-----BEGIN RSA PRIVATE KEY-----\nMIIE..."}}"#,
/// )?;
/// let exported = answer.keypair;
/// assert_eq!(exported.name, "deploy");
/// assert!(exported.private_key.expose().ends_with("MIIE..."));
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct ExportedPrivateKey {
    /// The name.
    pub name: KeypairName,
    /// The private half, byte for byte as it was given to the service.
    #[serde(deserialize_with = "PrivateKey::required")]
    pub private_key: PrivateKey,
}

impl ExportPrivateKeyResponse {
    /// An answer of one's own, for tests.
    pub const fn new(name: KeypairName, private_key: PrivateKey) -> Self {
        Self { keypair: ExportedPrivateKey { name, private_key } }
    }
}

impl<'de> Deserialize<'de> for ExportPrivateKeyResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { keypair: Envelope::deserialize(deserializer)?.keypair })
    }
}

#[derive(Serialize)]
struct ExportedPrivateKeyBody<'a> {
    name: &'a KeypairName,
    #[serde(serialize_with = "secret::write_key")]
    private_key: &'a PrivateKey,
}

impl ToJson for ExportPrivateKeyResponse {
    fn json(&self) -> Result<Vec<u8>, EncodeError> {
        let ExportedPrivateKey { name, private_key } = &self.keypair;
        Envelope { keypair: ExportedPrivateKeyBody { name, private_key } }.json()
    }
}

/// Removes the hosted private half of a key pair, which stays: `DELETE /v3/{project_id}/keypairs/{keypair_name}/private-key`.
///
/// ```
/// use kps_model::{ClearPrivateKey, KeypairName};
///
/// let request = ClearPrivateKey::new(KeypairName::new("laptop")?);
/// assert_eq!(kps_model::to_json(&request)?, br#"{"keypair_name":"laptop"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ClearPrivateKey {
    /// Which key pair.
    pub keypair_name: KeypairName,
}

impl ClearPrivateKey {
    /// Removes the private half of this key pair from the service.
    pub const fn new(keypair_name: KeypairName) -> Self {
        Self { keypair_name }
    }
}

/// The answer to [`ClearPrivateKey`]: documented as a bare string, of which no sample exists. Since nobody knows what it may
/// hold, its `Debug` shows how long it is, and none of it.
///
/// ```
/// use kps_model::ClearPrivateKeyResponse;
///
/// let answer = ClearPrivateKeyResponse::from_body(br#""done""#);
/// assert_eq!(answer.body.as_deref(), Some("done"));
/// assert!(!format!("{answer:?}").contains("done"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClearPrivateKeyResponse {
    /// The text, if there was any.
    pub body: Option<String>,
}

impl fmt::Debug for ClearPrivateKeyResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.body.as_ref().map_or(0, String::len);
        write!(f, "ClearPrivateKeyResponse({length} bytes)")
    }
}

impl ClearPrivateKeyResponse {
    /// Reads a body: nothing, a string of JSON, or any other text, which is taken as it is.
    ///
    /// ```
    /// use kps_model::ClearPrivateKeyResponse;
    ///
    /// assert_eq!(ClearPrivateKeyResponse::from_body(b"").body, None);
    /// assert_eq!(ClearPrivateKeyResponse::from_body(b"null").body, None);
    /// assert_eq!(ClearPrivateKeyResponse::from_body(b"\"done\"").body.as_deref(), Some("done"));
    /// assert_eq!(ClearPrivateKeyResponse::from_body(b"done").body.as_deref(), Some("done"));
    /// ```
    pub fn from_body(body: &[u8]) -> Self {
        let text = match from_json::<Option<String>>(body) {
            Ok(text) => text.unwrap_or_default(),
            Err(_) => String::from_utf8_lossy(body).trim().to_owned(),
        };
        Self { body: (!text.is_empty()).then_some(text) }
    }
}
