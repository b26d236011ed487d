//! Key pairs: making, listing, describing, deleting.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codec::{EncodeError, ToJson};
use crate::encryption::ProtectionBody;
use crate::envelope::{self, Envelope, StrictEnvelope};
use crate::{
    Encryption, Fingerprint, FrozenState, KeypairName, KeypairType, Limit, PrivateKey, PublicKey, Scope,
    Text, Timestamp, UserId, scalar, secret,
};

/// Makes a key pair, or imports one: `POST /v3/{project_id}/keypairs`.
///
/// There are four ways, told apart by its [`material`](Self::material), so that they cannot be mixed up:
///
/// | made by | the service keeps the private half | it is in the answer |
/// | --- | --- | --- |
/// | [`new`](Self::new) | no | yes, and nowhere else |
/// | [`new_hosted`](Self::new_hosted) | yes | yes |
/// | [`import`](Self::import) | no, it never sees it | no |
/// | [`import_hosted`](Self::import_hosted) | yes | no |
///
/// There is no field for the algorithm: what the service makes is RSA with 2048 bits. A key pair of another sort is
/// made elsewhere and imported. A description is set afterwards, by [`UpdateKeypairDescription`].
///
/// It may hold a private key, so it is not `Serialize`; [`to_json`](crate::to_json) writes it.
///
/// ```
/// use kps_model::{CreateKeypair, Encryption, KeypairName, PublicKey, Scope};
///
/// let made = CreateKeypair::new(KeypairName::new("build-agents")?).with_scope(Scope::Domain);
/// assert_eq!(kps_model::to_json(&made)?, br#"{"keypair":{"name":"build-agents","scope":"domain"}}"#);
///
/// let laptop = PublicKey::new("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P")?;
/// let imported = CreateKeypair::import(KeypairName::new("laptop")?, laptop);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Hosting needs the private half of an imported key (the service refuses it otherwise, with `KPS.0002`), so
/// without one it does not compile:
///
/// ```compile_fail,E0061
/// # use kps_model::{CreateKeypair, Encryption, KeypairName, PublicKey};
/// # let name = KeypairName::new("laptop").unwrap();
/// # let public_key = PublicKey::new("ssh-ed25519 AAAA").unwrap();
/// CreateKeypair::import_hosted(name, public_key, Encryption::Default);
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "StrictEnvelope<CreateKeypairBody>")]
#[non_exhaustive]
pub struct CreateKeypair {
    /// The name, which no other key pair may have.
    pub name: KeypairName,
    /// Its sort; what the service takes when none is named is not documented.
    pub keypair_type: Option<KeypairType>,
    /// Who sees it; when nothing is said, the user alone.
    pub scope: Option<Scope>,
    /// Whose it is. With [`Scope::User`] that must be the caller.
    pub user_id: Option<UserId>,
    /// Where its halves come from, and whether the service keeps the private one.
    pub material: KeyMaterial,
}

/// Where the halves of a new key pair come from, and whether the service keeps the private one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum KeyMaterial {
    /// The service makes both, and hands the private one out once.
    Made,
    /// The service makes both and keeps the private one.
    MadeAndHosted(Encryption),
    /// The public half is brought along.
    Imported(PublicKey),
    /// Both halves are brought along, and the service keeps the private one. They must match (`KPS.6011`).
    ImportedAndHosted {
        /// The public half.
        public_key: PublicKey,
        /// The private half.
        private_key: PrivateKey,
        /// How the service encrypts it.
        encryption: Encryption,
    },
}

impl CreateKeypair {
    /// A key pair made by the service. Its private half is in the answer and nowhere else.
    pub const fn new(name: KeypairName) -> Self {
        Self::of(name, KeyMaterial::Made)
    }

    /// A key pair made by the service, which keeps the private half.
    pub const fn new_hosted(name: KeypairName, encryption: Encryption) -> Self {
        Self::of(name, KeyMaterial::MadeAndHosted(encryption))
    }

    /// The public half of a key pair made elsewhere.
    pub const fn import(name: KeypairName, public_key: PublicKey) -> Self {
        Self::of(name, KeyMaterial::Imported(public_key))
    }

    /// Both halves of a key pair made elsewhere; the service keeps the private one.
    pub const fn import_hosted(
        name: KeypairName,
        public_key: PublicKey,
        private_key: PrivateKey,
        encryption: Encryption,
    ) -> Self {
        Self::of(name, KeyMaterial::ImportedAndHosted { public_key, private_key, encryption })
    }

    const fn of(name: KeypairName, material: KeyMaterial) -> Self {
        Self { name, keypair_type: None, scope: None, user_id: None, material }
    }

    /// Says of what sort it is.
    #[must_use]
    pub fn with_type(mut self, keypair_type: KeypairType) -> Self {
        self.keypair_type = Some(keypair_type);
        self
    }

    /// Says who sees it.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.scope = Some(scope);
        self
    }

    /// Says whose it is.
    #[must_use]
    pub fn with_user_id(mut self, user_id: UserId) -> Self {
        self.user_id = Some(user_id);
        self
    }
}

/// As it goes over the wire, where the four ways are told apart by what is missing.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateKeypairBody {
    #[serde(deserialize_with = "KeypairName::of_new")]
    name: KeypairName,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    keypair_type: Option<KeypairType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<PublicKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_protection: Option<ProtectionBody>,
}

impl TryFrom<StrictEnvelope<CreateKeypairBody>> for CreateKeypair {
    type Error = &'static str;

    fn try_from(envelope: StrictEnvelope<CreateKeypairBody>) -> Result<Self, &'static str> {
        let body = envelope.keypair;
        let protection =
            body.key_protection.map(|protection| (protection.private_key, protection.encryption));
        let material = match (body.public_key, protection) {
            (None, None) => KeyMaterial::Made,
            (None, Some((None, encryption))) => KeyMaterial::MadeAndHosted(encryption),
            (Some(public_key), None) => KeyMaterial::Imported(public_key),
            (Some(public_key), Some((Some(private_key), encryption))) => {
                KeyMaterial::ImportedAndHosted { public_key, private_key, encryption }
            }
            (Some(_), Some((None, _))) => {
                return Err(
                    "to be hosted, an imported key pair needs the `private_key` in `key_protection`; \
                            to import the public half alone, leave `key_protection` out",
                );
            }
            (None, Some((Some(_), _))) => return Err("a `private_key` needs the `public_key` it belongs to"),
        };
        Ok(Self {
            name: body.name,
            keypair_type: body.keypair_type,
            scope: body.scope,
            user_id: body.user_id,
            material,
        })
    }
}

impl From<&CreateKeypair> for StrictEnvelope<CreateKeypairBody> {
    fn from(request: &CreateKeypair) -> Self {
        let hosted = |private_key, encryption: &Encryption| {
            Some(ProtectionBody { private_key, encryption: encryption.clone() })
        };
        let (public_key, key_protection) = match &request.material {
            KeyMaterial::Made => (None, None),
            KeyMaterial::MadeAndHosted(encryption) => (None, hosted(None, encryption)),
            KeyMaterial::Imported(public_key) => (Some(public_key.clone()), None),
            KeyMaterial::ImportedAndHosted { public_key, private_key, encryption } => {
                (Some(public_key.clone()), hosted(Some(private_key.clone()), encryption))
            }
        };
        Self {
            keypair: CreateKeypairBody {
                name: request.name.clone(),
                keypair_type: request.keypair_type.clone(),
                public_key,
                scope: request.scope.clone(),
                user_id: request.user_id.clone(),
                key_protection,
            },
        }
    }
}

impl ToJson for CreateKeypair {
    fn json(&self) -> Result<Vec<u8>, EncodeError> {
        StrictEnvelope::from(self).json()
    }
}

/// The answer to [`CreateKeypair`]. It may hold a private key, so it is not `Serialize`;
/// [`to_json`](crate::to_json) writes it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CreateKeypairResponse {
    /// The new key pair.
    pub keypair: CreatedKeypair,
}

impl CreateKeypairResponse {
    /// An answer of one's own, for tests.
    pub const fn new(keypair: CreatedKeypair) -> Self {
        Self { keypair }
    }
}

impl<'de> Deserialize<'de> for CreateKeypairResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { keypair: Envelope::deserialize(deserializer)?.keypair })
    }
}

impl ToJson for CreateKeypairResponse {
    fn json(&self) -> Result<Vec<u8>, EncodeError> {
        Envelope { keypair: CreatedKeypairBody::from(&self.keypair) }.json()
    }
}

/// A key pair that was just made or imported. Only its name is certain to be there; its scope is not told.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "CreatedKeypairBody")]
#[non_exhaustive]
pub struct CreatedKeypair {
    /// The name.
    pub name: KeypairName,
    /// Its sort.
    pub keypair_type: Option<KeypairType>,
    /// The public half.
    pub public_key: Option<PublicKey>,
    /// The private half, if the service made it. **Unless it is hosted, this is the only copy.** After an import
    /// it is documented as absent; a batch import with hosting has been seen to return it.
    pub private_key: Option<PrivateKey>,
    /// The fingerprint of the public half.
    pub fingerprint: Option<Fingerprint>,
    /// Whose it is.
    pub user_id: Option<UserId>,
}

impl CreatedKeypair {
    /// A key pair with nothing but its name, to be filled in by tests.
    pub const fn new(name: KeypairName) -> Self {
        Self {
            name,
            keypair_type: None,
            public_key: None,
            private_key: None,
            fingerprint: None,
            user_id: None,
        }
    }
}

/// As it goes over the wire. A batch import has been seen to wrap it twice, so there may be one more within. It may hold
/// the only copy of a private key, so nothing that is odd beside it keeps it from being read.
#[derive(Serialize, Deserialize)]
pub(crate) struct CreatedKeypairBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<KeypairName>,
    #[serde(
        default,
        rename = "type",
        deserialize_with = "scalar::if_readable",
        skip_serializing_if = "Option::is_none"
    )]
    keypair_type: Option<KeypairType>,
    #[serde(default, deserialize_with = "scalar::if_readable", skip_serializing_if = "Option::is_none")]
    public_key: Option<PublicKey>,
    #[serde(
        default,
        deserialize_with = "PrivateKey::given",
        serialize_with = "secret::write_key_if_any",
        skip_serializing_if = "Option::is_none"
    )]
    private_key: Option<PrivateKey>,
    #[serde(default, deserialize_with = "scalar::if_readable", skip_serializing_if = "Option::is_none")]
    fingerprint: Option<Fingerprint>,
    #[serde(default, deserialize_with = "scalar::if_readable", skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keypair: Option<Box<Self>>,
}

impl TryFrom<CreatedKeypairBody> for CreatedKeypair {
    type Error = &'static str;

    fn try_from(body: CreatedKeypairBody) -> Result<Self, &'static str> {
        match (body.name, body.keypair) {
            (None, Some(within)) => Self::try_from(*within),
            (None, None) => Err("missing field `name`"),
            (Some(name), _) => Ok(Self {
                name,
                keypair_type: body.keypair_type,
                public_key: body.public_key,
                private_key: body.private_key,
                fingerprint: body.fingerprint,
                user_id: body.user_id,
            }),
        }
    }
}

impl From<&CreatedKeypair> for CreatedKeypairBody {
    fn from(keypair: &CreatedKeypair) -> Self {
        let keypair = keypair.clone();
        Self {
            name: Some(keypair.name),
            keypair_type: keypair.keypair_type,
            public_key: keypair.public_key,
            private_key: keypair.private_key,
            fingerprint: keypair.fingerprint,
            user_id: keypair.user_id,
            keypair: None,
        }
    }
}

/// Lists the key pairs that are visible: one's own and those of the account. `GET /v3/{project_id}/keypairs`
///
/// The list has no filters and is followed by markers. As JSON it is an object of its query parameters.
///
/// ```
/// use kps_model::{Limit, ListKeypairs};
///
/// let request = ListKeypairs::new().with_limit(Limit::new(50)?).with_marker("build-agents");
/// assert_eq!(kps_model::to_json(&request)?, br#"{"limit":50,"marker":"build-agents"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ListKeypairs {
    /// How many key pairs the answer may hold. The service's default is 50, as documented; its greatest is not
    /// documented, but no answer holds more than 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Where to start: the `next_marker` of the page before. None and empty are the start of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<Text>,
}

impl ListKeypairs {
    /// The whole list from its start, in pages of the service's default size.
    pub const fn new() -> Self {
        Self { limit: None, marker: None }
    }

    /// Asks for at most so many key pairs at once.
    #[must_use]
    pub const fn with_limit(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Starts where the page before ended.
    #[must_use]
    pub fn with_marker(mut self, marker: impl Into<Text>) -> Self {
        self.marker = Some(marker.into());
        self
    }
}

/// One page of key pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListKeypairsResponse {
    /// The key pairs of this page, in no documented order. On the wire each is in an object of its own. It is the one
    /// field that is documented as required: without it the answer is none.
    #[serde(deserialize_with = "envelope::open_all", serialize_with = "close_all")]
    pub keypairs: Vec<Keypair>,
    /// Where the pages around this one lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_info: Option<PageInfo>,
}

#[expect(clippy::ptr_arg, reason = "serde hands the field over by reference")]
fn close_all<S: Serializer>(keypairs: &Vec<Keypair>, serializer: S) -> Result<S::Ok, S::Error> {
    envelope::close_all(keypairs, serializer)
}

impl ListKeypairsResponse {
    /// The marker of the next page, if there is one.
    pub fn next_marker(&self) -> Option<&str> {
        let marker = self.page_info.as_ref()?.next_marker.as_deref()?;
        (!marker.is_empty()).then_some(marker)
    }
}

/// Where the pages around a page lie.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PageInfo {
    /// The marker of the next page; none, null or empty on the last one. (Documented as an address, sent as the
    /// bare name of a key pair.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_marker: Option<Text>,
    /// The marker of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_marker: Option<Text>,
    /// How many key pairs this page holds.
    #[serde(default, deserialize_with = "scalar::count", skip_serializing_if = "Option::is_none")]
    pub current_count: Option<u64>,
}

/// A key pair in a list. Only its name is certain to be there; [`ListKeypairDetail`] tells more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Keypair {
    /// The name.
    pub name: KeypairName,
    /// Its sort.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub keypair_type: Option<KeypairType>,
    /// Who sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The public half.
    #[serde(default, deserialize_with = "PublicKey::given", skip_serializing_if = "Option::is_none")]
    pub public_key: Option<PublicKey>,
    /// The fingerprint of the public half.
    #[serde(default, deserialize_with = "Fingerprint::given", skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// Whether the service hosts the private half.
    #[serde(default, deserialize_with = "scalar::flag", skip_serializing_if = "Option::is_none")]
    pub is_key_protection: Option<bool>,
    /// Whether it is frozen, and why.
    #[serde(default, deserialize_with = "FrozenState::given", skip_serializing_if = "Option::is_none")]
    pub frozen_state: Option<FrozenState>,
}

impl Keypair {
    /// A key pair with nothing but its name, to be filled in by tests.
    pub const fn new(name: KeypairName) -> Self {
        Self {
            name,
            keypair_type: None,
            scope: None,
            public_key: None,
            fingerprint: None,
            is_key_protection: None,
            frozen_state: None,
        }
    }
}

/// Tells all about one key pair: `GET /v3/{project_id}/keypairs/{keypair_name}`. Despite its name it is no list.
///
/// ```
/// use kps_model::{KeypairName, ListKeypairDetail};
///
/// let request = ListKeypairDetail::new(KeypairName::new("build-agents")?);
/// assert_eq!(kps_model::to_json(&request)?, br#"{"keypair_name":"build-agents"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ListKeypairDetail {
    /// Which one.
    pub keypair_name: KeypairName,
}

impl ListKeypairDetail {
    /// All about this key pair.
    pub const fn new(keypair_name: KeypairName) -> Self {
        Self { keypair_name }
    }
}

/// The answer to [`ListKeypairDetail`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListKeypairDetailResponse {
    /// The key pair.
    pub keypair: KeypairDetail,
}

impl ListKeypairDetailResponse {
    /// An answer of one's own, for tests.
    pub const fn new(keypair: KeypairDetail) -> Self {
        Self { keypair }
    }
}

/// All about a key pair but its private half. Only its name is certain to be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KeypairDetail {
    /// The name.
    pub name: KeypairName,
    /// A number of the service's own; nothing takes it.
    #[serde(default, deserialize_with = "scalar::count", skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Its sort.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub keypair_type: Option<KeypairType>,
    /// Who sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The public half.
    #[serde(default, deserialize_with = "PublicKey::given", skip_serializing_if = "Option::is_none")]
    pub public_key: Option<PublicKey>,
    /// The fingerprint of the public half.
    #[serde(default, deserialize_with = "Fingerprint::given", skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Fingerprint>,
    /// Whether the service hosts the private half.
    #[serde(default, deserialize_with = "scalar::flag", skip_serializing_if = "Option::is_none")]
    pub is_key_protection: Option<bool>,
    /// Whether it was deleted.
    #[serde(default, deserialize_with = "scalar::flag", skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
    /// What [`UpdateKeypairDescription`] set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Whose it is.
    #[serde(default, deserialize_with = "UserId::or_none", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// When it was made. (Documented as seconds, sent as milliseconds; so are the other two.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_time: Option<Timestamp>,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_time: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_time: Option<Timestamp>,
    /// Whether it is frozen, and why.
    #[serde(default, deserialize_with = "FrozenState::given", skip_serializing_if = "Option::is_none")]
    pub frozen_state: Option<FrozenState>,
    /// Documented as "key id"; probably that of the KMS key which encrypts the private half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<Text>,
    /// How it was made. The values are not documented; the console writes `SSH_RSA_2048`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<Text>,
}

impl KeypairDetail {
    /// A key pair with nothing but its name, to be filled in by tests.
    pub const fn new(name: KeypairName) -> Self {
        Self {
            name,
            id: None,
            keypair_type: None,
            scope: None,
            public_key: None,
            fingerprint: None,
            is_key_protection: None,
            deleted: None,
            description: None,
            user_id: None,
            create_time: None,
            delete_time: None,
            update_time: None,
            frozen_state: None,
            key_id: None,
            algorithm: None,
        }
    }
}

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
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Description(Box<str>);

/// A description with more characters than the service takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a description may have {most} characters, not {found}", most = Description::MAX_LEN)]
pub struct TooLong {
    found: usize,
}

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

/// Deletes a key pair for good, and a hosted private key with it: `DELETE /v3/{project_id}/keypairs/{keypair_name}`.
/// Servers that carry the public half keep it.
///
/// ```
/// use kps_model::{DeleteKeypair, KeypairName};
///
/// let request = DeleteKeypair::new(KeypairName::new("build-agents")?);
/// assert_eq!(kps_model::to_json(&request)?, br#"{"keypair_name":"build-agents"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DeleteKeypair {
    /// Which one.
    pub keypair_name: KeypairName,
}

impl DeleteKeypair {
    /// Deletes this key pair.
    pub const fn new(keypair_name: KeypairName) -> Self {
        Self { keypair_name }
    }
}
