use kps_model::{KeypairName, Port, Secret, ServerId};
use serde::{Deserialize, Serialize};

use crate::keys::PublicHalf;
use crate::{exposed, seed};

/// A cloud server, as the service finds it when it logs in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) running: bool,
    /// How often it was started or shut off.
    pub(crate) switched: u32,
    #[serde(serialize_with = "exposed::if_any")]
    pub(crate) password: Option<Secret>,
    /// Whether SSH takes passwords.
    pub(crate) takes_passwords: bool,
    pub(crate) port: Port,
    pub(crate) trouble: Option<Trouble>,
    /// The key pair it carries. It keeps the public half when the key pair is deleted.
    #[serde(with = "carried")]
    pub(crate) carried: Option<(KeypairName, PublicHalf)>,
}

/// What a server carries, with names for its parts.
mod carried {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{KeypairName, PublicHalf};

    #[derive(Serialize)]
    struct Written<'a> {
        keypair_name: &'a KeypairName,
        public_key: &'a PublicHalf,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Read {
        keypair_name: KeypairName,
        public_key: PublicHalf,
    }

    pub(super) fn serialize<S: Serializer>(
        carried: &Option<(KeypairName, PublicHalf)>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let written = carried.as_ref();
        written.map(|(keypair_name, public_key)| Written { keypair_name, public_key }).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<(KeypairName, PublicHalf)>, D::Error> {
        let read: Option<Read> = Option::deserialize(deserializer)?;
        Ok(read.map(|Read { keypair_name, public_key }| (keypair_name, public_key)))
    }
}

/// What keeps the service from putting a key pair on a server, or from taking one off.
///
/// ```
/// use std::time::SystemTime;
/// use kps_core::{AssociateKeypair, KeypairName, Login, Region, Server, ServerId, WaitOptions, blocking};
/// use kps_emulator::{Emulator, Seed, SeedServer, Trouble};
///
/// let (project, id) = (Emulator::project_id(), ServerId::new("s-1")?);
/// let server = SeedServer::running(id.clone(), "root's").with_trouble(Trouble::SecurityGroup);
/// let emulator = Emulator::with_seed(Seed::built_in().with_servers(project.clone(), [server]));
/// # let transport = emulator.in_process().with_virtual_clock(SystemTime::now());
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Emulator::credentials()).project_id(project).build()?;
///
/// let server = Server::running(id, Login::password("root's"));
/// let receipt = kps.send(AssociateKeypair::new(KeypairName::new("bastion")?, server))?; // accepted
/// let error = kps.wait(receipt.handle()?, &WaitOptions::new()).unwrap_err();
/// assert!(error.to_string().contains("the security group does not admit"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trouble {
    /// Somebody changed `/root/.ssh/authorized_keys` by hand.
    AuthorizedKeysChanged,
    /// The security group does not let the service in.
    SecurityGroup,
    /// The image is one that the service does not know how to handle, such as Windows.
    UnsupportedImage,
}

impl Trouble {
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::AuthorizedKeysChanged => "The file /root/.ssh/authorized_keys was changed",
            Self::SecurityGroup => {
                "Failed to connect to the server: the security group does not admit 100.125.0.0/16 on the SSH port"
            }
            Self::UnsupportedImage => "The image of the server is not supported",
        }
    }
}

/// How a server is, seen from outside.
///
/// ```
/// use kps_emulator::Emulator;
///
/// let servers = Emulator::new().servers(&Emulator::project_id());
/// let spare = servers.iter().find(|server| server.name == "spare-01").unwrap();
/// assert!(!spare.running && spare.takes_passwords);
/// assert!(spare.keypair_name.is_none() && spare.fingerprint.is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerState {
    /// Its id.
    pub id: ServerId,
    /// Its name.
    pub name: String,
    /// Whether it runs, or is shut off.
    pub running: bool,
    /// The key pair it carries.
    pub keypair_name: Option<KeypairName>,
    /// The SHA-256 fingerprint of the public key it carries, which outlives the key pair.
    pub fingerprint: Option<String>,
    /// Whether SSH takes passwords.
    pub takes_passwords: bool,
}

impl Server {
    pub(crate) fn new(seed: &seed::SeedServer, carried: Option<(KeypairName, PublicHalf)>) -> Self {
        Self {
            name: seed.name.clone().unwrap_or_else(|| seed.id.to_string()),
            running: seed.status == seed::Status::Running,
            switched: 0,
            password: seed.password.clone(),
            takes_passwords: seed.password.is_some(),
            port: seed.port,
            trouble: seed.trouble,
            carried,
        }
    }

    pub(crate) const fn status(&self) -> &'static str {
        if self.running { "running" } else { "stopped" }
    }

    pub(crate) fn set_running(&mut self, running: bool) {
        self.switched = self.switched.wrapping_add(u32::from(self.running != running));
        self.running = running;
    }

    pub(crate) fn state(&self, id: &ServerId) -> ServerState {
        ServerState {
            id: id.clone(),
            name: self.name.clone(),
            running: self.running,
            keypair_name: self.carried.as_ref().map(|(name, _)| name.clone()),
            fingerprint: self.carried.as_ref().map(|(_, half)| half.sha256()),
            takes_passwords: self.takes_passwords,
        }
    }
}
