//! Many key pairs in one call. The service takes up to ten.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::{EncodeError, ToJson};
use crate::creation::{CreateKeypairBody, CreatedKeypairBody};
use crate::envelope::{self, Envelope, StrictEnvelope};
use crate::one_line::OneLine;
use crate::private_key::NameBody;
use crate::{CreateKeypair, CreatedKeypair, ErrorBody, KeyMaterial, KeypairName, scalar};

/// Why a batch cannot be sent.
///
/// ```
/// use kps_model::{BatchExportPrivateKey, KeypairName};
///
/// let names = (1..=11).map(|number| KeypairName::new(&format!("key-{number}"))).collect::<Result<Vec<_>, _>>()?;
/// let error = BatchExportPrivateKey::new(names).unwrap_err();
/// assert_eq!(error.to_string(), "a batch holds 1 to 10 items, not 11; send several");
/// # Ok::<(), kps_model::InvalidId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidBatch(String);

impl fmt::Display for InvalidBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OneLine(&self.0).fmt(f)
    }
}

impl core::error::Error for InvalidBatch {}

/// The most items the service takes in one call.
pub(crate) const MAX_ITEMS: usize = 10;

pub(crate) fn check_size(items: usize) -> Result<(), InvalidBatch> {
    match items {
        1..=MAX_ITEMS => Ok(()),
        _ => Err(InvalidBatch(format!("a batch holds 1 to {MAX_ITEMS} items, not {items}; send several"))),
    }
}

/// The service would do twice, or refuse, what is named twice.
pub(crate) fn check_different<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), InvalidBatch> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(InvalidBatch(format!("`{name}` is twice in the batch")));
        }
        seen.push(name);
    }
    Ok(())
}

impl InvalidBatch {
    pub(crate) fn new(reason: String) -> Self {
        Self(reason)
    }
}

/// Imports up to ten key pairs: `POST /v3/{project_id}/keypairs/batch-import`. They succeed and fail one by one.
///
/// It may hold private keys, so it is not `Serialize`; [`to_json`](crate::to_json) writes it.
///
/// ```
/// use kps_model::{BatchImportKeypair, CreateKeypair, KeypairName, PublicKey};
///
/// let import = |name: &str, key: &str| -> Result<_, Box<dyn std::error::Error>> {
///     Ok(CreateKeypair::import(KeypairName::new(name)?, PublicKey::new(key)?))
/// };
/// let batch = BatchImportKeypair::new([import("ann", "ssh-ed25519 AAAA")?, import("bob", "ssh-rsa AAAA")?])?;
/// assert_eq!(batch.keypairs().len(), 2);
///
/// let made = CreateKeypair::new(KeypairName::new("carl")?);
/// assert_eq!(
///     BatchImportKeypair::new([made]).unwrap_err().to_string(),
///     "`carl`, item 1 of the batch, has no public key to import",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct BatchImportKeypair(Vec<CreateKeypair>);

impl BatchImportKeypair {
    /// The most key pairs the service takes in one call.
    pub const MAX_ITEMS: usize = MAX_ITEMS;

    /// Imports these key pairs.
    ///
    /// # Errors
    ///
    /// [`InvalidBatch`], if there are none or more than ten, or one has no public key.
    pub fn new(keypairs: impl IntoIterator<Item = CreateKeypair>) -> Result<Self, InvalidBatch> {
        let keypairs: Vec<_> = keypairs.into_iter().collect();
        check_size(keypairs.len())?;
        let is_made =
            |item: &CreateKeypair| matches!(item.material, KeyMaterial::Made | KeyMaterial::MadeAndHosted(_));
        match keypairs.iter().enumerate().find(|(_, item)| is_made(item)) {
            None => Ok(Self(keypairs)),
            Some((at, item)) => Err(InvalidBatch(format!(
                "`{}`, item {} of the batch, has no public key to import",
                item.name,
                at + 1,
            ))),
        }
    }

    /// The key pairs, 1 to 10.
    pub fn keypairs(&self) -> &[CreateKeypair] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for BatchImportKeypair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keypairs: Vec<CreateKeypair> = Vec::deserialize(deserializer)?;
        Self::new(keypairs).map_err(serde::de::Error::custom)
    }
}

impl ToJson for BatchImportKeypair {
    fn json(&self) -> Result<Vec<u8>, EncodeError> {
        let items: Vec<StrictEnvelope<CreateKeypairBody>> = self.0.iter().map(StrictEnvelope::from).collect();
        items.json()
    }
}

/// The answer to [`BatchImportKeypair`], an outcome for each key pair. It may hold private keys, so it is not
/// `Serialize`; [`to_json`](crate::to_json) writes it.
///
/// ```
/// use kps_model::BatchImportKeypairResponse;
///
/// let answer: BatchImportKeypairResponse = kps_model::from_json(
///     br#"{"succeeded_keypairs":[{"keypair":{"name":"ann"}}],"failed_keypairs":[{"keypair_name":"bob","failed_reason":"no"}]}"#,
/// )?;
/// assert_eq!(answer.succeeded_keypairs[0].name, "ann");
/// assert_eq!(answer.failed_keypairs[0].keypair_name, "bob");
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct BatchImportKeypairResponse {
    /// Those that were not imported, and why.
    #[serde(default, deserialize_with = "scalar::list")]
    pub failed_keypairs: Vec<FailedKeypair>,
    /// Those that were. On the wire each is in an object of its own, or, as has been seen, in two.
    #[serde(default, deserialize_with = "envelope::open_all")]
    pub succeeded_keypairs: Vec<CreatedKeypair>,
}

#[derive(Serialize)]
struct BatchImportKeypairResponseBody<'a> {
    failed_keypairs: &'a [FailedKeypair],
    succeeded_keypairs: Vec<Envelope<CreatedKeypairBody>>,
}

impl ToJson for BatchImportKeypairResponse {
    fn json(&self) -> Result<Vec<u8>, EncodeError> {
        let close = |keypair: &CreatedKeypair| Envelope { keypair: CreatedKeypairBody::from(keypair) };
        let body = BatchImportKeypairResponseBody {
            failed_keypairs: &self.failed_keypairs,
            succeeded_keypairs: self.succeeded_keypairs.iter().map(close).collect(),
        };
        body.json()
    }
}

/// A key pair that was not imported.
///
/// ```
/// use kps_model::BatchImportKeypairResponse;
///
/// let answer: BatchImportKeypairResponse = kps_model::from_json(br#"{"failed_keypairs":[{"keypair_name":"laptop",
///     "failed_reason":"{\"error_code\":\"KPS.7004\",\"error_msg\":\"it exists\"}"}]}"#)?;
/// let failed = &answer.failed_keypairs[0];
/// assert_eq!(failed.keypair_name, "laptop");
/// assert_eq!(failed.reason().code.as_deref(), Some("KPS.7004"));
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FailedKeypair {
    /// Its name.
    pub keypair_name: KeypairName,
    /// Why, as it was sent: in the sample a string that holds JSON. It is the service's own text, which may quote
    /// the request.
    #[serde(default, deserialize_with = "reason_given")]
    pub failed_reason: String,
}

/// A string; what is none, such as the object itself, as its JSON. The outcomes of the others depend on it.
fn reason_given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    })
}

impl FailedKeypair {
    /// A failure of one's own, for tests.
    pub fn new(keypair_name: KeypairName, failed_reason: impl Into<String>) -> Self {
        Self { keypair_name, failed_reason: failed_reason.into() }
    }

    /// Why, taken apart: code and message, or the whole text as the message if it is not JSON.
    pub fn reason(&self) -> ErrorBody {
        ErrorBody::parse(self.failed_reason.as_bytes())
    }
}

/// Hands out up to ten hosted private keys: `POST /v3/{project_id}/keypairs/private-key/batch-export`. The answer
/// is a zip file. It changes nothing and can be repeated.
///
/// ```
/// use kps_model::{BatchExportPrivateKey, KeypairName};
///
/// let request = BatchExportPrivateKey::new([KeypairName::new("ann")?, KeypairName::new("bob")?])?;
/// assert_eq!(kps_model::to_json(&request)?, br#"[{"keypair":{"name":"ann"}},{"keypair":{"name":"bob"}}]"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BatchExportPrivateKey(Vec<KeypairName>);

impl BatchExportPrivateKey {
    /// The most key pairs the service takes in one call.
    pub const MAX_ITEMS: usize = MAX_ITEMS;

    /// The private halves of these key pairs.
    ///
    /// # Errors
    ///
    /// [`InvalidBatch`], if there are none or more than ten, or one is there twice.
    pub fn new(names: impl IntoIterator<Item = KeypairName>) -> Result<Self, InvalidBatch> {
        let names: Vec<_> = names.into_iter().collect();
        check_size(names.len())?;
        check_different(names.iter().map(KeypairName::as_str))?;
        Ok(Self(names))
    }

    /// The key pairs, 1 to 10.
    pub fn names(&self) -> &[KeypairName] {
        &self.0
    }
}

impl Serialize for BatchExportPrivateKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bodies: Vec<NameBody> = self.0.iter().map(|name| NameBody { name: name.clone() }).collect();
        envelope::close_all(&bodies, serializer)
    }
}

impl<'de> Deserialize<'de> for BatchExportPrivateKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let envelopes: Vec<StrictEnvelope<NameBody>> = Vec::deserialize(deserializer)?;
        Self::new(envelopes.into_iter().map(|envelope| envelope.keypair.name))
            .map_err(serde::de::Error::custom)
    }
}
