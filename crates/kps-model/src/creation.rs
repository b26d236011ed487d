//! Making key pairs, and importing them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize};

use crate::codec::{EncodeError, ToJson};
use crate::encryption::ProtectionBody;
use crate::envelope::{Envelope, StrictEnvelope};
use crate::{
    Encryption, Fingerprint, KeypairName, KeypairType, PrivateKey, PublicKey, Scope, UserId, checked, scalar,
    secret,
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
/// made elsewhere and imported. A description is set afterwards, by
/// [`UpdateKeypairDescription`](crate::UpdateKeypairDescription).
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
#[derive(Clone, Debug)]
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
///
/// ```
/// use kps_model::{CreateKeypair, Encryption, KeyMaterial, KeypairName};
///
/// let hosted = CreateKeypair::new_hosted(KeypairName::new("deploy")?, Encryption::Default);
/// assert!(matches!(hosted.material, KeyMaterial::MadeAndHosted(Encryption::Default)));
/// # Ok::<(), kps_model::InvalidId>(())
/// ```
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

impl<'de> Deserialize<'de> for CreateKeypair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked::object(deserializer, "a key pair", |body: StrictEnvelope<CreateKeypairBody>| {
            Self::try_from(body)
        })
    }
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
///
/// ```
/// use kps_model::CreateKeypairResponse;
///
/// let answer: CreateKeypairResponse = kps_model::from_json(
///     br#"{"keypair":{"name":"deploy","private_key":"-----BEGIN RSA PRIVATE KEY-----\nMIIE..."}}"#,
/// )?;
/// let private_key = answer.keypair.private_key.as_ref().unwrap(); // the only copy
/// assert!(private_key.expose().starts_with("-----BEGIN"));
/// assert!(!format!("{answer:?}").contains("MIIE"));
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
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
///
/// ```
/// use kps_model::{CreatedKeypair, KeypairName, PublicKey};
///
/// let mut made = CreatedKeypair::new(KeypairName::new("deploy")?); // for a test
/// made.public_key = Some(PublicKey::new("ssh-rsa AAAA Generated-by-Nova\n")?);
/// assert!(made.private_key.is_none() && made.fingerprint.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
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

impl<'de> Deserialize<'de> for CreatedKeypair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked::object(deserializer, "a key pair", |body: CreatedKeypairBody| Self::try_from(body))
    }
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
