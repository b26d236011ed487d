//! What is in the service when it starts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use kps_model::{FailedTask, KeypairName, Port, PrivateKey, ProjectId, PublicKey, Scope, Secret, ServerId};
use serde::Deserialize;

use crate::callers::{AccessKey, Callers};
use crate::identity::Directory;
use crate::keys::Halves;
use crate::{LoadError, Trouble, load};

/// The state an [`Emulator`](crate::Emulator) starts with: who may call it, and what is in each project.
///
/// A key pair without a `public_key` is one made by the service. A `trouble` is `authorized_keys_changed`,
/// `security_group` or `unsupported_image`.
///
/// ```
/// use kps_core::ProjectId;
/// use kps_emulator::{Emulator, Seed};
///
/// let seed = Seed::from_json(br#"{
///     "access_keys": [{"id": "AK", "secret": "SK"}],
///     "tokens": ["a token of the identity service"],
///     "identity": {
///         "projects": [{"id": "0a1b", "name": "cn-north-4"}],
///         "users": [{"account": "a", "name": "u", "password": "p", "projects": {"cn-north-4": "0a1b"}}],
///         "id_tokens": [{"provider": "an id, or a URN", "token": "an ID token"}],
///         "agencies": [{"name": "deployers", "account": "a", "urn": "iam::a:agency:deployers"}],
///         "metadata": {"agency": true, "tokens": true},
///         "pod_tokens": ["the token of a pod"]
///     },
///     "projects": {"0a1b": {
///         "keypairs": [{"name": "build-agents", "scope": "domain", "description": "CI", "hosted": true}],
///         "servers": [
///             {"id": "s-1", "name": "build-01", "status": "running", "password": "root's", "port": 2222},
///             {"id": "s-2", "status": "stopped", "keypair_name": "build-agents"}
///         ],
///         "failed_tasks": [{"task_id": "t-1", "operate_type": "FAILED_RESET"}]
///     }}
/// }"#)?;
/// let servers = Emulator::with_seed(seed).servers(&ProjectId::new("0a1b")?);
/// assert_eq!(servers[0].name, "build-01");
/// assert_eq!(servers[1].keypair_name.as_ref().map(|name| name.as_str()), Some("build-agents"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "SeedJson")]
pub struct Seed {
    pub(crate) callers: Callers,
    pub(crate) projects: BTreeMap<ProjectId, Project>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SeedJson {
    access_keys: Vec<AccessKey>,
    tokens: Vec<Secret>,
    identity: Directory,
    projects: BTreeMap<ProjectId, Project>,
}

impl From<SeedJson> for Seed {
    fn from(json: SeedJson) -> Self {
        let SeedJson { access_keys, tokens, identity, projects } = json;
        Self { callers: Callers { access_keys, tokens, identity }, projects }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "ProjectJson")]
pub(crate) struct Project {
    pub(crate) keypairs: Vec<Keypair>,
    pub(crate) servers: Vec<SeedServer>,
    pub(crate) failed_tasks: Vec<FailedTask>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ProjectJson {
    keypairs: Vec<Keypair>,
    servers: Vec<SeedServer>,
    failed_tasks: Vec<FailedTask>,
}

impl TryFrom<ProjectJson> for Project {
    type Error = String;

    fn try_from(json: ProjectJson) -> Result<Self, String> {
        let ProjectJson { keypairs, servers, failed_tasks } = json;
        if let Some(name) = twice(keypairs.iter().map(|keypair| keypair.name.as_str())) {
            return Err(format!("the key pair {name} is there twice"));
        }
        if let Some(id) = twice(servers.iter().map(|server| server.id.as_str())) {
            return Err(format!("the server {id} is there twice"));
        }
        let is_there = |name: &KeypairName| keypairs.iter().any(|keypair| keypair.name == *name);
        match servers.iter().find(|server| server.keypair_name.as_ref().is_some_and(|name| !is_there(name))) {
            Some(server) => Err(format!("server {} carries a key pair that is not there", server.id)),
            None => Ok(Self { keypairs, servers, failed_tasks }),
        }
    }
}

fn twice<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    names.find(|name| !seen.insert(*name))
}

/// A key pair that is there from the start. Without halves of its own it is one made by the service.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "KeypairJson")]
pub(crate) struct Keypair {
    pub(crate) name: KeypairName,
    pub(crate) scope: Scope,
    pub(crate) description: String,
    pub(crate) halves: Option<Halves>,
    /// Whether the service hosts the private half.
    pub(crate) hosted: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeypairJson {
    name: KeypairName,
    scope: Option<Scope>,
    #[serde(default)]
    description: String,
    public_key: Option<PublicKey>,
    private_key: Option<PrivateKey>,
    hosted: Option<bool>,
}

impl TryFrom<KeypairJson> for Keypair {
    type Error = String;

    fn try_from(json: KeypairJson) -> Result<Self, String> {
        let has_private = json.private_key.is_some();
        let halves = match (json.public_key, json.private_key) {
            (None, None) => None,
            (Some(public_key), None) => Some(Halves::public(public_key).map_err(|error| error.to_string())?),
            (Some(public_key), Some(private_key)) => {
                Some(Halves::both(public_key, private_key).map_err(|error| error.to_string())?)
            }
            (None, Some(_)) => return Err("a `private_key` needs its `public_key`".into()),
        };
        if json.hosted == Some(true) && halves.is_some() && !has_private {
            return Err("a hosted key pair needs its `private_key`".into());
        }
        Ok(Self {
            name: json.name,
            scope: json.scope.unwrap_or(Scope::User),
            description: json.description,
            halves,
            hosted: json.hosted.unwrap_or(has_private),
        })
    }
}

/// A cloud server that is there from the start.
///
/// ```
/// use kps_emulator::{Emulator, Seed, SeedServer, Trouble};
/// use kps_model::ServerId;
///
/// let running = SeedServer::running(ServerId::new("e2a5b7c0")?, "root's password");
/// let locked = SeedServer::stopped(ServerId::new("1c94d0f7")?).with_trouble(Trouble::UnsupportedImage);
/// let emulator = Emulator::with_seed(Seed::empty().with_servers(Emulator::project_id(), [running, locked]));
/// let servers = emulator.servers(&Emulator::project_id());
/// assert_eq!(servers.iter().map(|server| server.running).collect::<Vec<_>>(), [false, true]); // in the order of their ids
/// # Ok::<(), kps_model::InvalidId>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedServer {
    pub(crate) id: ServerId,
    pub(crate) name: Option<String>,
    pub(crate) status: Status,
    pub(crate) password: Option<Secret>,
    #[serde(default = "default_port")]
    pub(crate) port: Port,
    pub(crate) keypair_name: Option<KeypairName>,
    pub(crate) trouble: Option<Trouble>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Running,
    Stopped,
}

const fn default_port() -> Port {
    Port::DEFAULT
}

impl SeedServer {
    /// A running server and the password of its root.
    pub fn running(id: ServerId, password: impl Into<Secret>) -> Self {
        Self { password: Some(password.into()), ..Self::of(id, Status::Running) }
    }

    /// A server that is shut off.
    pub const fn stopped(id: ServerId) -> Self {
        Self::of(id, Status::Stopped)
    }

    const fn of(id: ServerId, status: Status) -> Self {
        Self {
            id,
            name: None,
            status,
            password: None,
            port: Port::DEFAULT,
            keypair_name: None,
            trouble: None,
        }
    }

    /// Gives it a name; else it has its id for one.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says on which port its SSH listens; else it is 22.
    #[must_use]
    pub const fn with_port(mut self, port: Port) -> Self {
        self.port = port;
        self
    }

    /// Lets every task on it fail.
    #[must_use]
    pub const fn with_trouble(mut self, trouble: Trouble) -> Self {
        self.trouble = Some(trouble);
        self
    }
}

impl Seed {
    /// Nothing: nobody may call.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The documented sample, and tasks of every kind after it, in the project
    /// [`Emulator::PROJECT_ID`](crate::Emulator::PROJECT_ID), for the access key and the token of the
    /// [`Emulator`](crate::Emulator).
    pub fn built_in() -> Self {
        // That it can be read is a matter of this crate alone, and tested.
        Self::from_json(include_bytes!("../seed/built_in.json")).unwrap_or_default()
    }

    /// Reads a seed.
    ///
    /// # Errors
    ///
    /// [`LoadError`] names the JSON path of what cannot be read.
    pub fn from_json(json: &[u8]) -> Result<Self, LoadError> {
        load::json("seed", json)
    }

    /// Reads a seed from a file.
    ///
    /// # Errors
    ///
    /// [`LoadError`] names the file, and the JSON path of what cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        load::file("seed", path.as_ref())
    }

    /// Lets an access key call.
    #[must_use]
    pub fn with_access_key(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        let key = AccessKey { id: id.into(), secret: Secret::new(secret), security_token: None };
        self.callers.access_keys.push(key);
        self
    }

    /// Adds cloud servers to a project; none make an empty project.
    #[must_use]
    pub fn with_servers(mut self, project: ProjectId, servers: impl IntoIterator<Item = SeedServer>) -> Self {
        self.projects.entry(project).or_default().servers.extend(servers);
        self
    }

    /// Adds failed tasks to the end of a project's list; none make an empty project.
    ///
    /// ```
    /// use kps_core::{FailedTask, ListFailedTask, ProjectId, Region, TaskId, blocking};
    /// use kps_emulator::{Emulator, Seed};
    ///
    /// let (project, task) = (ProjectId::new("0a1b")?, FailedTask::new(TaskId::new("t-1")?));
    /// let seed = Seed::empty().with_access_key("AK", "SK").with_failed_tasks(project.clone(), [task]);
    /// let kps = blocking::Client::builder(Emulator::with_seed(seed).in_process())
    ///     .region(Region::CN_NORTH_4)
    ///     .credentials(kps_core::Credentials::access_key("AK", "SK"))
    ///     .project_id(project)
    ///     .build()?;
    /// assert_eq!(kps.send(ListFailedTask::new())?.tasks[0].task_id, "t-1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_failed_tasks(
        mut self,
        project: ProjectId,
        tasks: impl IntoIterator<Item = FailedTask>,
    ) -> Self {
        self.projects.entry(project).or_default().failed_tasks.extend(tasks);
        self
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tasks: usize = self.projects.values().map(|project| project.failed_tasks.len()).sum();
        write!(f, "{} projects with {tasks} failed tasks", self.projects.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Emulator;
    use kps_model::{Action, Phase};

    #[test]
    fn the_built_in_seed_holds_the_sample_and_tasks_of_every_kind() {
        let seed = Seed::from_json(include_bytes!("../seed/built_in.json")).unwrap();
        let tasks = &seed.projects[&ProjectId::new(Emulator::PROJECT_ID).unwrap()].failed_tasks;
        assert!(tasks.len() > 36, "{}", tasks.len());

        let sample = &tasks[0];
        assert_eq!(sample.task_id, "aee8d2fe-5484-4753-9177-5a38dc15546c");
        assert_eq!(sample.operate_type.as_ref().unwrap().as_str(), "RUNNING_RESET");
        assert_eq!(sample.task_error_msg.as_deref(), Some("Update public key error"));

        let kinds: Vec<_> = tasks.iter().filter_map(|task| task.operate_type.clone()).collect();
        for phase in [Phase::Ready, Phase::Running, Phase::Failed] {
            for action in [Action::Bind, Action::Replace, Action::Reset, Action::Unbind] {
                assert!(
                    kinds.iter().any(|kind| (kind.phase(), kind.action()) == (Some(phase), Some(action)))
                );
            }
        }
        assert!(kinds.iter().any(|kind| kind.phase().is_none()), "one kind is unknown");
        assert!(tasks.iter().any(|task| task.task_error_code.is_some()));
        assert!(tasks.iter().any(|task| task.task_error_msg.is_none()));
        let mut ids: Vec<_> = tasks.iter().map(|task| task.task_id.clone()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), tasks.len(), "no id comes twice");
    }

    #[test]
    fn a_seed_with_a_fault_names_it() {
        for (json, text) in [
            (r#"{"access_keys":[{"id":"a"}]}"#, "`access_keys[0]`"),
            (
                r#"{"projects":{"p":{"failed_tasks":[{"task_id":""}]}}}"#,
                "`projects.p.failed_tasks[0].task_id`",
            ),
            (r#"{"project":{}}"#, "unknown field `project`"),
            (r#"{"projects":{"..":{}}}"#, "change the path"),
        ] {
            let error = Seed::from_json(json.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
        let error = Seed::from_file("no-such-seed.json").unwrap_err().to_string();
        assert!(error.starts_with("the seed file no-such-seed.json cannot be read: "), "{error}");
    }

    #[test]
    fn a_seed_is_read_from_a_file() {
        let seed = Seed::from_file(concat!(env!("CARGO_MANIFEST_DIR"), "/seed/built_in.json")).unwrap();
        assert_eq!(seed.to_string(), Seed::built_in().to_string());
    }

    #[test]
    fn secrets_are_not_debugged() {
        let seed = Seed::built_in();
        assert!(!format!("{seed:?}").contains(Emulator::SECRET_ACCESS_KEY));
        assert!(!format!("{seed:?}").contains(Emulator::TOKEN));
    }
}
