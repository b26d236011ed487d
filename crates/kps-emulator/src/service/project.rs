use std::collections::{BTreeMap, BTreeSet, HashMap};

use kps_model::{
    Encryption, FailedTask, Fingerprint, KeypairName, KeypairType, PrivateKey, PublicKey, Scope, ServerId,
    TaskId,
};
use serde::{Deserialize, Serialize};

use crate::keys::{Halves, Mismatch, PublicHalf};
use crate::refusal::Refusal;
use crate::service::failed::FailedTasks;
use crate::service::tasks::Task;
use crate::service::{Ids, Server};
use crate::{KeySource, exposed, seed};

/// What a project holds.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "ProjectSaved")]
pub(crate) struct Project {
    /// In the order of their names, by which they are listed.
    pub(crate) keypairs: BTreeMap<KeypairName, Keypair>,
    pub(crate) servers: BTreeMap<ServerId, Server>,
    /// In the order of their acceptance; those that ended stay, to be asked for.
    pub(crate) tasks: Vec<Task>,
    /// Where each task is.
    #[serde(skip)]
    pub(crate) places: HashMap<TaskId, usize>,
    /// When the tasks end that have not, and where they are.
    #[serde(skip)]
    pub(crate) pending: BTreeSet<(i64, usize)>,
    #[serde(rename = "failed_tasks")]
    pub(crate) failed: FailedTasks,
}

/// A key pair in the service.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "KeypairSaved")]
pub(crate) struct Keypair {
    pub(crate) id: u64,
    #[serde(rename = "type")]
    pub(crate) keypair_type: KeypairType,
    pub(crate) scope: Scope,
    pub(crate) public_key: PublicKey,
    #[serde(skip)]
    pub(crate) half: PublicHalf,
    pub(crate) hosted: Option<Hosted>,
    pub(crate) description: String,
    /// Milliseconds since 1970.
    pub(crate) created: i64,
    pub(crate) updated: Option<i64>,
}

impl Keypair {
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::from(self.half.sha256().as_str())
    }
}

/// A private key in the care of the service. It comes back byte for byte.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hosted {
    #[serde(serialize_with = "exposed::key")]
    pub(crate) private_key: PrivateKey,
    pub(crate) encryption: Encryption,
}

/// A project as a snapshot holds it: without what follows from the rest.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProjectSaved {
    keypairs: BTreeMap<KeypairName, Keypair>,
    servers: BTreeMap<ServerId, Server>,
    tasks: Vec<Task>,
    failed_tasks: Vec<FailedTask>,
}

impl TryFrom<ProjectSaved> for Project {
    type Error = String;

    fn try_from(saved: ProjectSaved) -> Result<Self, String> {
        let ProjectSaved { keypairs, servers, tasks, failed_tasks } = saved;
        let failed = failed_tasks.into_iter().collect();
        let mut project = Self { keypairs, servers, failed, ..Self::default() };
        for task in tasks {
            if !project.servers.contains_key(&task.server_id) {
                return Err(format!("the task {} is for a server that is not there", task.id));
            }
            if project.places.contains_key(&task.id) {
                return Err(format!("the task {} is there twice", task.id));
            }
            project.accept_task(task);
        }
        Ok(project)
    }
}

/// A key pair as a snapshot holds it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeypairSaved {
    id: u64,
    #[serde(rename = "type")]
    keypair_type: KeypairType,
    scope: Scope,
    public_key: PublicKey,
    hosted: Option<Hosted>,
    description: String,
    created: i64,
    updated: Option<i64>,
}

impl TryFrom<KeypairSaved> for Keypair {
    type Error = Mismatch;

    fn try_from(saved: KeypairSaved) -> Result<Self, Mismatch> {
        let KeypairSaved { id, keypair_type, scope, public_key, hosted, description, created, updated } =
            saved;
        let half = PublicHalf::parse(public_key.as_str())?;
        hosted.as_ref().map_or(Ok(()), |hosted| half.check(&hosted.private_key))?;
        Ok(Self { id, keypair_type, scope, public_key, half, hosted, description, created, updated })
    }
}

impl Project {
    pub(crate) fn new(seed: &seed::Project, keys: &dyn KeySource, ids: &mut Ids) -> Self {
        let mut project = Self { failed: seed.failed_tasks.iter().cloned().collect(), ..Self::default() };
        for keypair in &seed.keypairs {
            project.plant(keypair, keys, ids);
        }
        for server in &seed.servers {
            let carried = server.keypair_name.as_ref();
            let carried =
                carried.and_then(|name| Some((name.clone(), project.keypairs.get(name)?.half.clone())));
            project.servers.insert(server.id.clone(), Server::new(server, carried));
        }
        project
    }

    fn plant(&mut self, seed: &seed::Keypair, keys: &dyn KeySource, ids: &mut Ids) {
        let halves = match &seed.halves {
            Some(halves) => Ok(halves.clone()),
            None => Halves::made(keys),
        };
        // Halves of a seed were read with it; a source that makes no keys plants none.
        let Ok(halves) = halves else { return };
        let private_key = halves.private_key.filter(|_| seed.hosted);
        let id = ids.number();
        self.keypairs.insert(
            seed.name.clone(),
            Keypair {
                id,
                keypair_type: KeypairType::Ssh,
                scope: seed.scope.clone(),
                public_key: halves.public_key,
                half: halves.half,
                hosted: private_key
                    .map(|private_key| Hosted { private_key, encryption: Encryption::Default }),
                description: seed.description.clone(),
                created: 1_700_000_000_000,
                updated: None,
            },
        );
    }

    pub(crate) fn keypair(&self, name: &str) -> Result<(&KeypairName, &Keypair), Refusal> {
        self.keypairs.get_key_value(&checked(name)?).ok_or_else(Refusal::no_keypair)
    }

    pub(crate) fn keypair_mut(&mut self, name: &str) -> Result<&mut Keypair, Refusal> {
        self.keypairs.get_mut(&checked(name)?).ok_or_else(Refusal::no_keypair)
    }
}

fn checked(name: &str) -> Result<KeypairName, Refusal> {
    KeypairName::new(name).map_err(|error| Refusal::bad_parameter(&error.to_string()))
}
