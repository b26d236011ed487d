//! Describing key pairs.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::KeypairName;
use crate::checked;
use crate::envelope::StrictEnvelope;

/// Describes a key pair, which is the only thing of one that can be changed:
/// `PUT /v3/{project_id}/keypairs/{keypair_name}`
///
/// ```
/// use kps_model::{Description, KeypairName, UpdateKeypairDescription};
///
/// let request = UpdateKeypairDescription::new(KeypairName::new("ci")?, Description::new("CI build agents")?);
/// assert_eq!(kps_model::to_json(&request)?, br#"{"keypair_name":"ci","description":"CI build agents"}"#);
/// assert_eq!(kps_model::to_json(&request.body())?, br#"{"keypair":{"description":"CI build agents"}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct UpdateKeypairDescription {
    /// Which one.
    pub keypair_name: KeypairName,
    /// The new description.
    pub description: Description,
}

impl UpdateKeypairDescription {
    /// Describes this key pair so.
    pub const fn new(keypair_name: KeypairName, description: Description) -> Self {
        Self { keypair_name, description }
    }

    /// The part of it that is sent in the body; the name is in the path.
    pub fn body(&self) -> UpdateKeypairDescriptionBody {
        UpdateKeypairDescriptionBody { description: self.description.clone() }
    }
}

/// The body of [`UpdateKeypairDescription`].
///
/// ```
/// use kps_model::{Description, KeypairName, UpdateKeypairDescription};
///
/// let update = UpdateKeypairDescription::new(KeypairName::new("deploy")?, Description::new("CI")?);
/// assert_eq!(kps_model::to_json(&update.body())?, br#"{"keypair":{"description":"CI"}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct UpdateKeypairDescriptionBody {
    /// The new description.
    pub description: Description,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DescriptionBody {
    description: Description,
}

impl Serialize for UpdateKeypairDescriptionBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keypair = DescriptionBody { description: self.description.clone() };
        StrictEnvelope { keypair }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for UpdateKeypairDescriptionBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let DescriptionBody { description } = StrictEnvelope::deserialize(deserializer)?.keypair;
        Ok(Self { description })
    }
}

/// The description of a key pair: up to 255 characters, none to clear it.
///
/// ```
/// use kps_model::Description;
///
/// assert_eq!(Description::new("CI build agents")?.as_str(), "CI build agents");
/// assert_eq!(
///     Description::new("x".repeat(256)).unwrap_err().to_string(),
///     "a description may have 255 characters, not 256",
/// );
/// # Ok::<(), kps_model::TooLong>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Description(Box<str>);

/// A description with more characters than the service takes.
///
/// ```
/// use kps_model::Description;
///
/// let error = Description::new(&"x".repeat(256)).unwrap_err();
/// assert_eq!(error.to_string(), "a description may have 255 characters, not 256");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLong {
    found: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a description may have {} characters, not {}", Description::MAX_LEN, self.found)
    }
}

impl core::error::Error for TooLong {}

impl Description {
    /// The longest the service takes, in characters.
    pub const MAX_LEN: usize = 255;

    /// Makes a description of a text.
    ///
    /// # Errors
    ///
    /// [`TooLong`], above 255 characters.
    pub fn new(text: impl AsRef<str>) -> Result<Self, TooLong> {
        let text = text.as_ref();
        match text.chars().count() {
            0..=Self::MAX_LEN => Ok(Self(text.into())),
            found => Err(TooLong { found }),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Description {
    type Error = TooLong;

    fn try_from(text: String) -> Result<Self, TooLong> {
        Self::new(text)
    }
}

impl From<Description> for String {
    fn from(description: Description) -> Self {
        description.0.into()
    }
}

impl Serialize for Description {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Description {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked::string(deserializer, "a description", Self::try_from)
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
