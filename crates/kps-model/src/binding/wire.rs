//! Bindings as they go over the wire. What holds a login is written by these alone.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    AssociateKeypair, BatchAssociateKeypair, BatchServer, DisassociateKeypair, Login, RunningServer, Server,
};
use crate::batch::{self, InvalidBatch};
use crate::codec::{EncodeError, ToJson};
use crate::{KeypairName, Port, PrivateKey, Secret, ServerId, secret};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssociateKeypairBody {
    keypair_name: KeypairName,
    server: ServerBody,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BatchAssociateKeypairBody {
    batch_keypairs: Vec<AssociateKeypairBody>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DisassociateKeypairBody {
    server: ServerBody,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerBody {
    id: ServerId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth: Option<AuthBody>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disable_password: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    port: Option<Port>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthBody {
    #[serde(rename = "type")]
    auth_type: AuthType,
    #[serde(serialize_with = "secret::write")]
    key: Secret,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AuthType {
    Password,
    Keypair,
}

impl TryFrom<AuthBody> for Login {
    type Error = String;

    fn try_from(auth: AuthBody) -> Result<Self, String> {
        match auth.auth_type {
            AuthType::Password => Ok(Self::Password(auth.key)),
            AuthType::Keypair => {
                PrivateKey::new(auth.key.expose()).map(Self::PrivateKey).map_err(|error| error.to_string())
            }
        }
    }
}

impl From<&Login> for AuthBody {
    fn from(login: &Login) -> Self {
        match login {
            Login::Password(password) => Self { auth_type: AuthType::Password, key: password.clone() },
            Login::PrivateKey(key) => Self { auth_type: AuthType::Keypair, key: Secret::new(key.expose()) },
        }
    }
}

impl TryFrom<ServerBody> for Server {
    type Error = String;

    fn try_from(body: ServerBody) -> Result<Self, String> {
        match (body.auth, body.port) {
            (Some(auth), port) => {
                Ok(Self::Running(RunningServer { id: body.id, login: Login::try_from(auth)?, port }))
            }
            (None, None) => Ok(Self::Stopped(body.id)),
            (None, Some(_)) => {
                Err("a `port` needs `auth`: a running server is logged in to, a stopped one takes neither"
                    .into())
            }
        }
    }
}

impl From<&Server> for ServerBody {
    fn from(server: &Server) -> Self {
        let (auth, port) = match server {
            Server::Running(running) => (Some(AuthBody::from(&running.login)), running.port),
            Server::Stopped(_) => (None, None),
        };
        Self { id: server.id().clone(), auth, disable_password: None, port }
    }
}

impl TryFrom<AssociateKeypairBody> for AssociateKeypair {
    type Error = String;

    fn try_from(body: AssociateKeypairBody) -> Result<Self, String> {
        let disable_password = body.server.disable_password;
        Ok(Self { keypair_name: body.keypair_name, server: body.server.try_into()?, disable_password })
    }
}

impl ToJson for AssociateKeypair {
    fn json(&self) -> Result<Vec<u8>, EncodeError> {
        let mut server = ServerBody::from(&self.server);
        server.disable_password = self.disable_password;
        AssociateKeypairBody { keypair_name: self.keypair_name.clone(), server }.json()
    }
}

impl TryFrom<DisassociateKeypairBody> for DisassociateKeypair {
    type Error = String;

    fn try_from(body: DisassociateKeypairBody) -> Result<Self, String> {
        if body.server.disable_password.is_some() {
            return Err("`disable_password` belongs to an association".into());
        }
        Ok(Self { server: body.server.try_into()? })
    }
}

impl ToJson for DisassociateKeypair {
    fn json(&self) -> Result<Vec<u8>, EncodeError> {
        DisassociateKeypairBody { server: ServerBody::from(&self.server) }.json()
    }
}

impl TryFrom<BatchAssociateKeypairBody> for BatchAssociateKeypair {
    type Error = InvalidBatch;

    fn try_from(body: BatchAssociateKeypairBody) -> Result<Self, InvalidBatch> {
        batch::check_size(body.batch_keypairs.len())?;
        let mut keypair_name = None;
        let mut servers = Vec::with_capacity(body.batch_keypairs.len());
        for item in body.batch_keypairs {
            let first: &KeypairName = keypair_name.get_or_insert_with(|| item.keypair_name.clone());
            if *first != item.keypair_name {
                return Err(InvalidBatch::new(format!(
                    "a batch binds one key pair, not both `{first}` and `{}`",
                    item.keypair_name,
                )));
            }
            servers.push(BatchServer::try_from(item.server)?);
        }
        match keypair_name {
            Some(keypair_name) => Self::new(keypair_name, servers),
            None => Err(InvalidBatch::new("a batch binds one key pair".into())),
        }
    }
}

impl TryFrom<ServerBody> for BatchServer {
    type Error = InvalidBatch;

    fn try_from(body: ServerBody) -> Result<Self, InvalidBatch> {
        let ServerBody { id, auth, disable_password, port } = body;
        match auth {
            Some(AuthBody { auth_type: AuthType::Password, key }) => {
                Ok(Self { id, password: key, port, disable_password })
            }
            _ => Err(InvalidBatch::new(format!(
                "server {id} needs `auth` with its password: a batch binds running servers without a key pair"
            ))),
        }
    }
}

impl<'de> Deserialize<'de> for BatchAssociateKeypair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = BatchAssociateKeypairBody::deserialize(deserializer)?;
        Self::try_from(body).map_err(serde::de::Error::custom)
    }
}

impl ToJson for BatchAssociateKeypair {
    fn json(&self) -> Result<Vec<u8>, EncodeError> {
        let item = |server: &BatchServer| AssociateKeypairBody {
            keypair_name: self.keypair_name.clone(),
            server: ServerBody {
                id: server.id.clone(),
                auth: Some(AuthBody { auth_type: AuthType::Password, key: server.password.clone() }),
                disable_password: server.disable_password,
                port: server.port,
            },
        };
        BatchAssociateKeypairBody { batch_keypairs: self.servers.iter().map(item).collect() }.json()
    }
}
