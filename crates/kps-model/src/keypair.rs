//! Key pairs that are there: listing, telling, deleting.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize, Serializer};

use crate::envelope;
use crate::{
    Fingerprint, FrozenState, KeypairName, KeypairType, Limit, PublicKey, Scope, Text, Timestamp, UserId,
    scalar,
};

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
///
/// ```
/// use kps_model::ListKeypairsResponse;
///
/// let page: ListKeypairsResponse = kps_model::from_json(
///     br#"{"keypairs":[{"keypair":{"name":"build"}},{"keypair":{"name":"deploy"}}],"page_info":{"next_marker":"web"}}"#,
/// )?;
/// assert_eq!(page.keypairs[1].name, "deploy");
/// assert_eq!(page.next_marker(), Some("web")); // the next page begins there
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
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
///
/// ```
/// use kps_model::ListKeypairsResponse;
///
/// let last: ListKeypairsResponse =
///     kps_model::from_json(br#"{"keypairs":[],"page_info":{"next_marker":"","previous_marker":"build","current_count":0}}"#)?;
/// assert_eq!(last.page_info.as_ref().and_then(|info| info.current_count), Some(0));
/// assert_eq!(last.next_marker(), None); // empty, as on every last page
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
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
///
/// ```
/// use kps_model::{Keypair, KeypairType, Scope};
///
/// let keypair: Keypair = kps_model::from_json(br#"{"name":"deploy","type":"ssh","scope":"domain","is_key_protection":true}"#)?;
/// assert_eq!((keypair.keypair_type, keypair.scope), (Some(KeypairType::Ssh), Some(Scope::Domain)));
/// assert_eq!(keypair.is_key_protection, Some(true)); // hosted
/// assert!(keypair.fingerprint.is_none());
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
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
///
/// ```
/// use kps_model::ListKeypairDetailResponse;
///
/// let answer: ListKeypairDetailResponse = kps_model::from_json(br#"{"keypair":{"name":"deploy","description":"CI"}}"#)?;
/// assert_eq!(answer.keypair.description.as_deref(), Some("CI"));
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
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
///
/// ```
/// use kps_model::KeypairDetail;
///
/// let detail: KeypairDetail =
///     kps_model::from_json(br#"{"name":"deploy","create_time":1523342130000,"description":"CI","frozen_state":0}"#)?;
/// assert_eq!(detail.create_time.map(|time| time.to_string()).as_deref(), Some("2018-04-10T06:35:30Z"));
/// assert!(detail.frozen_state.is_some_and(|state| !state.is_frozen()));
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
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
    /// What [`UpdateKeypairDescription`](crate::UpdateKeypairDescription) set.
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
