use std::collections::{BTreeMap, BTreeSet, HashMap};

use kps_model::{
    Encryption, FailedTask, Fingerprint, KeypairName, KeypairType, PrivateKey, PublicKey, Scope, ServerId,
    TaskId,
};

use crate::keys::{Halves, PublicHalf};
use crate::refusal::Refusal;
use crate::service::tasks::Task;
use crate::service::{Ids, Server};
use crate::{KeySource, seed};

/// What a project holds.
#[derive(Default)]
pub(crate) struct Project {
    /// In the order of their names, by which they are listed.
    pub(crate) keypairs: BTreeMap<KeypairName, Keypair>,
    pub(crate) servers: BTreeMap<ServerId, Server>,
    /// In the order of their acceptance; those that ended stay, to be asked for.
    pub(crate) tasks: Vec<Task>,
    /// Where each task is.
    pub(crate) places: HashMap<TaskId, usize>,
    /// When the tasks end that have not, and where they are.
    pub(crate) pending: BTreeSet<(i64, usize)>,
    pub(crate) failed: Vec<FailedTask>,
}

/// A key pair in the service.
pub(crate) struct Keypair {
    pub(crate) id: u64,
    pub(crate) keypair_type: KeypairType,
    pub(crate) scope: Scope,
    pub(crate) public_key: PublicKey,
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
pub(crate) struct Hosted {
    pub(crate) private_key: PrivateKey,
    pub(crate) encryption: Encryption,
}

impl Project {
    pub(crate) fn new(seed: &seed::Project, keys: &dyn KeySource, ids: &mut Ids) -> Self {
        let mut project = Self { failed: seed.failed_tasks.clone(), ..Self::default() };
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
