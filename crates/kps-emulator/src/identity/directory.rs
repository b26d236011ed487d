use std::collections::BTreeMap;

use kps_model::{ProjectId, Secret};
use serde::{Deserialize, Serialize};

use crate::exposed;

/// Who is known to these services.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Directory {
    /// The projects of the account, which any of its users may list.
    pub(super) projects: Vec<Listed>,
    /// Whether listing all projects is forbidden, so that only one's own are told.
    pub(super) projects_forbidden: bool,
    pub(super) users: Vec<User>,
    pub(super) id_tokens: Vec<IdToken>,
    pub(super) agencies: Vec<Agency>,
    /// Whether the cloud server this is the metadata service of has an agency, and its service has tokens.
    pub(super) metadata: Metadata,
    /// What a pod must send as its authorization.
    #[serde(serialize_with = "exposed::all")]
    pub(super) pod_tokens: Vec<Secret>,
}

/// A project in the list of the identity service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    pub(super) id: ProjectId,
    pub(super) name: String,
    #[serde(default = "yes")]
    pub(super) enabled: bool,
}

const fn yes() -> bool {
    true
}

#[cfg(feature = "server")]
impl Directory {
    /// The name of a project, which begins with its region.
    pub(crate) fn project_name(&self, id: &ProjectId) -> Option<&str> {
        self.projects.iter().find(|project| project.id == *id).map(|project| project.name.as_str())
    }
}

/// A user of an account, with a password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) account: String,
    pub(super) name: String,
    #[serde(serialize_with = "exposed::secret")]
    pub(super) password: Secret,
    /// The projects a token can be for, by their names.
    pub(super) projects: BTreeMap<String, ProjectId>,
}

/// An ID token, and the provider it is of: by its id for IAM, by its URN for STS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdToken {
    pub(super) provider: String,
    #[serde(serialize_with = "exposed::secret")]
    pub(super) token: Secret,
}

/// An agency: by its name and account for IAM, by its URN for STS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Agency {
    pub(super) name: String,
    pub(super) account: String,
    pub(super) urn: String,
    pub(super) external_id: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Metadata {
    pub(super) agency: bool,
    pub(super) tokens: bool,
}
