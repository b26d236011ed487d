//! Putting key pairs on cloud servers and taking them off.
//!
//! One operation, [`AssociateKeypair`], binds, replaces and resets: the service decides by the state of the server
//! and by what it is told.
//!
//! | the server is | and carries | the call | the login | so the task will |
//! | --- | --- | --- | --- | --- |
//! | running | no key pair | associate | password | bind |
//! | running | a key pair | associate | its private key | replace |
//! | stopped | no key pair | associate | none | bind |
//! | stopped | a key pair | associate | none | reset |
//! | running | a key pair | disassociate | its private key | unbind |
//! | stopped | a key pair | disassociate | none | unbind |

mod wire;

use alloc::vec::Vec;

use serde::Deserialize;

use self::wire::{AssociateKeypairBody, DisassociateKeypairBody};
use crate::batch::{self, InvalidBatch};
use crate::{KeypairName, Port, PrivateKey, Secret, ServerId};

/// A cloud server, as it is told to the service: running, with a login that is required, or stopped, where there
/// is neither login nor port.
///
/// ```
/// use kps_model::{Login, Port, Server, ServerId};
///
/// let id = ServerId::new("e2a5b7c0-41d8-4f36-9b0a-6d7c18f3e952")?;
/// let running = Server::running(id.clone(), Login::password("root's password")).with_port(Port::new(2222)?);
/// let stopped = Server::stopped(id.clone());
/// assert_eq!((Server::from(running).id(), stopped.id()), (&id, &id));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A running server without a login, and a stopped one with a port, do not compile:
///
/// ```compile_fail,E0061
/// # use kps_model::{Server, ServerId};
/// Server::running(ServerId::new("e2a5b7c0").unwrap());
/// ```
///
/// ```compile_fail,E0599
/// # use kps_model::{Port, Server, ServerId};
/// Server::stopped(ServerId::new("e2a5b7c0").unwrap()).with_port(Port::DEFAULT);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Server {
    /// It runs; the service logs in by SSH.
    Running(RunningServer),
    /// It is shut off; the service changes its disk. The port is 22.
    Stopped(ServerId),
}

impl Server {
    /// A running server, and how to log in to it.
    pub const fn running(id: ServerId, login: Login) -> RunningServer {
        RunningServer { id, login, port: None }
    }

    /// A server that is shut off.
    pub const fn stopped(id: ServerId) -> Self {
        Self::Stopped(id)
    }

    /// Its id.
    pub const fn id(&self) -> &ServerId {
        match self {
            Self::Running(server) => &server.id,
            Self::Stopped(id) => id,
        }
    }
}

/// A running server; see [`Server::running`].
///
/// ```
/// use kps_model::{Login, Port, Server, ServerId};
///
/// let server = Server::running(ServerId::new("s-1")?, Login::password("root's")).with_port(Port::new(2222)?);
/// assert_eq!((server.id.as_str(), server.port), ("s-1", Some(Port::new(2222)?)));
/// let server: Server = server.into(); // as requests take it
/// # let _ = server;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RunningServer {
    /// Its id.
    pub id: ServerId,
    /// How the service logs in.
    pub login: Login,
    /// The port of SSH, 22 if none is named.
    pub port: Option<Port>,
}

impl RunningServer {
    /// Says on which port SSH listens.
    #[must_use]
    pub const fn with_port(mut self, port: Port) -> Self {
        self.port = Some(port);
        self
    }
}

impl From<RunningServer> for Server {
    fn from(server: RunningServer) -> Self {
        Self::Running(server)
    }
}

/// How the service logs in to a running server, as root.
///
/// ```
/// use kps_model::{Login, PrivateKey};
///
/// let login = Login::private_key(PrivateKey::new("-----BEGIN RSA PRIVATE KEY-----\n...")?);
/// assert_eq!(format!("{login:?}"), "PrivateKey(PrivateKey(<redacted>))");
/// # Ok::<(), kps_model::InvalidKey>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Login {
    /// With the password of root: for a server that carries no key pair.
    Password(Secret),
    /// With the private key of the key pair the server carries **now**.
    PrivateKey(PrivateKey),
}

impl Login {
    /// With the password of root.
    pub fn password(password: impl Into<Secret>) -> Self {
        Self::Password(password.into())
    }

    /// With the private key of the key pair the server carries now.
    pub const fn private_key(key: PrivateKey) -> Self {
        Self::PrivateKey(key)
    }
}

/// Puts a key pair on a server, in place of the one it may carry: `POST /v3/{project_id}/keypairs/associate`.
///
/// | the server is | and carries | the login is | the task will |
/// | --- | --- | --- | --- |
/// | running | no key pair | its password | bind |
/// | running | a key pair | the private key of that | replace |
/// | stopped | no key pair | none | bind |
/// | stopped | a key pair | none | reset |
///
/// The answer is a [`TaskReceipt`](crate::TaskReceipt); the task itself takes from half a minute to ten.
/// It may hold a secret, so it is not `Serialize`; [`to_json`](crate::to_json) writes it.
///
/// ```
/// use kps_model::{AssociateKeypair, KeypairName, Login, Server, ServerId};
///
/// let id = ServerId::new("e2a5b7c0-41d8-4f36-9b0a-6d7c18f3e952")?;
/// let bind = AssociateKeypair::new(
///     KeypairName::new("build-agents")?,
///     Server::running(id.clone(), Login::password("root's password")),
/// );
/// let reset = AssociateKeypair::new(KeypairName::new("build-agents")?, Server::stopped(id));
/// assert_eq!(
///     kps_model::to_json(&reset)?,
///     br#"{"keypair_name":"build-agents","server":{"id":"e2a5b7c0-41d8-4f36-9b0a-6d7c18f3e952"}}"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "AssociateKeypairBody")]
#[non_exhaustive]
pub struct AssociateKeypair {
    /// The key pair the server is to carry.
    pub keypair_name: KeypairName,
    /// The server.
    pub server: Server,
    /// Whether the server stops taking passwords for SSH; when nothing is said, it goes on. (The reference reads as
    /// if all of SSH were disabled; by the user guide it is the login by password.)
    pub disable_password: Option<bool>,
}

impl AssociateKeypair {
    /// Puts this key pair on this server.
    pub fn new(keypair_name: KeypairName, server: impl Into<Server>) -> Self {
        Self { keypair_name, server: server.into(), disable_password: None }
    }

    /// Says whether the server stops taking passwords for SSH.
    #[must_use]
    pub const fn with_disable_password(mut self, disable: bool) -> Self {
        self.disable_password = Some(disable);
        self
    }
}

/// Puts one key pair on up to ten servers, all of them running and without a key pair, so that each is logged in to
/// with its password: `POST /v3/{project_id}/keypairs/batch-associate`. They are accepted and refused one by one.
///
/// It holds passwords, so it is not `Serialize`; [`to_json`](crate::to_json) writes it.
///
/// ```
/// use kps_model::{BatchAssociateKeypair, BatchServer, KeypairName, ServerId};
///
/// let servers = [("1c94d0f7", "one password"), ("8d3f6b21", "another")]
///     .map(|(id, password)| ServerId::new(id).map(|id| BatchServer::new(id, password)));
/// let servers = servers.into_iter().collect::<Result<Vec<_>, _>>()?;
/// let batch = BatchAssociateKeypair::new(KeypairName::new("build-agents")?, servers)?;
/// assert_eq!(batch.servers().len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct BatchAssociateKeypair {
    keypair_name: KeypairName,
    servers: Vec<BatchServer>,
}

impl BatchAssociateKeypair {
    /// The most servers the service takes in one call.
    pub const MAX_ITEMS: usize = batch::MAX_ITEMS;

    /// Puts this key pair on these servers.
    ///
    /// # Errors
    ///
    /// [`InvalidBatch`], if there are none or more than ten, or one is there twice.
    pub fn new(
        keypair_name: KeypairName,
        servers: impl IntoIterator<Item = BatchServer>,
    ) -> Result<Self, InvalidBatch> {
        let servers: Vec<_> = servers.into_iter().collect();
        batch::check_size(servers.len())?;
        batch::check_different(servers.iter().map(|server| server.id.as_str()))?;
        Ok(Self { keypair_name, servers })
    }

    /// The key pair the servers are to carry.
    pub const fn keypair_name(&self) -> &KeypairName {
        &self.keypair_name
    }

    /// The servers, 1 to 10.
    pub fn servers(&self) -> &[BatchServer] {
        &self.servers
    }
}

/// A running server without a key pair, in a batch.
///
/// ```
/// use kps_model::{BatchServer, Port, Secret, ServerId};
///
/// let server = BatchServer::new(ServerId::new("c9aa197b-a6b6-4c33-b3a6-fa0b4ec50006")?, Secret::new("root's"))
///     .with_port(Port::new(2222)?);
/// assert!(!format!("{server:?}").contains("root's"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchServer {
    /// Its id.
    pub id: ServerId,
    /// The password of root.
    pub password: Secret,
    /// The port of SSH, 22 if none is named.
    pub port: Option<Port>,
    /// Whether the server stops taking passwords for SSH; when nothing is said, it goes on.
    pub disable_password: Option<bool>,
}

impl BatchServer {
    /// A server and the password of its root.
    pub fn new(id: ServerId, password: impl Into<Secret>) -> Self {
        Self { id, password: password.into(), port: None, disable_password: None }
    }

    /// Says on which port SSH listens.
    #[must_use]
    pub const fn with_port(mut self, port: Port) -> Self {
        self.port = Some(port);
        self
    }

    /// Says whether the server stops taking passwords for SSH.
    #[must_use]
    pub const fn with_disable_password(mut self, disable: bool) -> Self {
        self.disable_password = Some(disable);
        self
    }
}

/// Takes the key pair off a server: `POST /v3/{project_id}/keypairs/disassociate`. Logging in with a password works
/// again afterwards; reset it if nobody knows it.
///
/// A running server is logged in to with the private key it carries; by its schema the service takes a password
/// too, which is documented to fail. The answer is a [`TaskReceipt`](crate::TaskReceipt). It may hold a
/// secret, so it is not `Serialize`; [`to_json`](crate::to_json) writes it.
///
/// ```
/// use kps_model::{DisassociateKeypair, Server, ServerId};
///
/// let request = DisassociateKeypair::new(Server::stopped(ServerId::new("e2a5b7c0")?));
/// assert_eq!(kps_model::to_json(&request)?, br#"{"server":{"id":"e2a5b7c0"}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "DisassociateKeypairBody")]
#[non_exhaustive]
pub struct DisassociateKeypair {
    /// The server. (Its port is missing from the reference here, and sent by other clients.)
    pub server: Server,
}

impl DisassociateKeypair {
    /// Takes the key pair off this server.
    pub fn new(server: impl Into<Server>) -> Self {
        Self { server: server.into() }
    }
}
