//! Who may call.

use kps_model::Secret;
use serde::{Deserialize, Serialize};

use crate::exposed;
use crate::identity::Directory;

/// The access keys and tokens that the gateway knows, and who is known to the services that hand out others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Callers {
    pub(crate) access_keys: Vec<AccessKey>,
    #[serde(serialize_with = "exposed::all")]
    pub(crate) tokens: Vec<Secret>,
    pub(crate) identity: Directory,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    #[serde(serialize_with = "exposed::secret")]
    pub(crate) secret: Secret,
    /// Makes it a temporary key.
    #[serde(default, serialize_with = "exposed::if_any")]
    pub(crate) security_token: Option<Secret>,
}
