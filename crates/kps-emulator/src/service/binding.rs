//! Putting key pairs on servers and taking them off. The bodies are read leniently: who sends a wrong one is to
//! learn it as from the service, by a task that fails.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use kps_model::{
    Action, BatchAssociateKeypair, BatchAssociateKeypairResponse, KeypairName, Port, Secret, ServerId,
    TaskReceipt,
};
use serde::{Deserialize, Serialize};

use crate::answer::json;
use crate::exposed;
use crate::keys::PublicHalf;
use crate::refusal::Refusal;
use crate::service::project::Keypair;
use crate::service::tasks::{State, Task};
use crate::service::{Call, Ids, Outcome, Project, Server};
use crate::verify::same;

#[derive(Deserialize)]
struct AssociateBody {
    keypair_name: KeypairName,
    server: ServerBody,
}

#[derive(Deserialize)]
struct BatchBody {
    batch_keypairs: Vec<AssociateBody>,
}

#[derive(Deserialize)]
struct DisassociateBody {
    server: ServerBody,
}

#[derive(Deserialize)]
struct ServerBody {
    id: ServerId,
    auth: Option<Auth>,
    disable_password: Option<bool>,
    port: Option<Port>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Auth {
    #[serde(rename = "type")]
    auth_type: Option<AuthType>,
    #[serde(serialize_with = "exposed::if_any")]
    key: Option<Secret>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AuthType {
    Password,
    Keypair,
}

/// What a task is to do to its server when it ends.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// The key pair to put on it, or none to take off the one it carries.
    keypair_name: Option<KeypairName>,
    auth: Option<Auth>,
    port: Option<Port>,
    disable_password: Option<bool>,
    /// How often the server had been started or shut off when the task was accepted.
    switched: u32,
    /// Whether the server carried a key pair then, by which the action was chosen.
    carried: bool,
}

impl Project {
    pub(crate) fn associate_keypair(&mut self, call: &Call<'_>, ids: &mut Ids) -> Outcome {
        let body: AssociateBody = call.body()?;
        self.keypair(body.keypair_name.as_str())?;
        let receipt = self.accept(Some(body.keypair_name), body.server, call.now, ids);
        Ok(json(StatusCode::ACCEPTED, &receipt))
    }

    pub(crate) fn disassociate_keypair(&mut self, call: &Call<'_>, ids: &mut Ids) -> Outcome {
        let body: DisassociateBody = call.body()?;
        let receipt = self.accept(None, body.server, call.now, ids);
        Ok(json(StatusCode::ACCEPTED, &receipt))
    }

    pub(crate) fn batch_associate_keypair(&mut self, call: &Call<'_>, ids: &mut Ids) -> Outcome {
        let body: BatchBody = call.body()?;
        if body.batch_keypairs.len() > BatchAssociateKeypair::MAX_ITEMS {
            return Err(Refusal::bad_parameter("more than 10 servers"));
        }
        let mut names = body.batch_keypairs.iter().map(|item| &item.keypair_name);
        let first = names.next();
        if names.any(|name| Some(name) != first) {
            return Err(Refusal::bad_parameter("more than one key pair"));
        }
        let mut answer = BatchAssociateKeypairResponse::default();
        let mut seen = BTreeSet::new();
        for item in body.batch_keypairs {
            let again = !seen.insert(item.server.id.clone());
            answer.tasks.push(if again {
                refused(item.server.id, Refusal::bad_parameter("the server is twice in the batch"))
            } else {
                self.accept_in_batch(item, call.now, ids)
            });
        }
        Ok(json(StatusCode::ACCEPTED, &answer))
    }

    fn accept_in_batch(&mut self, item: AssociateBody, now: i64, ids: &mut Ids) -> TaskReceipt {
        if let Err(refusal) = self.keypair(item.keypair_name.as_str()) {
            return refused(item.server.id, refusal);
        }
        let reason = match self.servers.get(&item.server.id) {
            Some(server) if !server.running => "the server is shut off",
            Some(server) if server.carried.is_some() => "the server carries a key pair",
            _ => return self.accept(Some(item.keypair_name), item.server, now, ids),
        };
        refused(item.server.id, Refusal::bad_parameter(reason))
    }

    /// Accepts a task. What is wrong with the login is found when the task ends.
    fn accept(
        &mut self,
        keypair_name: Option<KeypairName>,
        body: ServerBody,
        now: i64,
        ids: &mut Ids,
    ) -> TaskReceipt {
        let Some(server) = self.servers.get(&body.id) else {
            return refused(body.id, Refusal::bad_parameter("the server does not exist"));
        };
        let action = match (&keypair_name, &server.carried) {
            (None, _) => Action::Unbind,
            (Some(_), None) => Action::Bind,
            (Some(_), Some(_)) if server.running => Action::Replace,
            (Some(_), Some(_)) => Action::Reset,
        };
        let carried = server.carried.as_ref().map(|(name, _)| name.clone());
        let (server_name, switched, was_carried) =
            (server.name.clone(), server.switched, server.carried.is_some());
        let id = ids.task_id();
        let lasts = ids.task_millis();
        self.accept_task(Task {
            id: id.clone(),
            action,
            server_id: body.id.clone(),
            server_name,
            keypair_name: keypair_name.clone().or(carried),
            accepted: now,
            starts: now.saturating_add(lasts / 6),
            ends: now.saturating_add(lasts),
            state: State::Pending(Box::new(Change {
                keypair_name,
                auth: body.auth,
                port: body.port,
                disable_password: body.disable_password,
                switched,
                carried: was_carried,
            })),
        });
        let mut receipt = TaskReceipt::default();
        receipt.task_id = Some(id);
        receipt.server_id = Some(body.id);
        receipt.status = Some("SUCCESS".into());
        receipt
    }
}

/// A refusal of one server comes with a status of success.
fn refused(server_id: ServerId, refusal: Refusal) -> TaskReceipt {
    let body = refusal.into_body();
    let mut receipt = TaskReceipt::default();
    receipt.server_id = Some(server_id);
    receipt.status = Some("FAILED".into());
    receipt.error_code = body.code.map(|code| code.as_str().into());
    receipt.error_msg = body.message.map(|message| message.as_str().into());
    receipt
}

impl Change {
    /// Logs in and changes the server, or says why that failed.
    pub(crate) fn apply(
        &self,
        server: &mut Server,
        keypairs: &BTreeMap<KeypairName, Keypair>,
    ) -> Result<(), &'static str> {
        if server.switched != self.switched {
            return Err("The server was started or stopped while the task ran");
        }
        if server.carried.is_some() != self.carried {
            return Err("The key pair of the server changed while the task ran");
        }
        if let Some(trouble) = server.trouble {
            return Err(trouble.reason());
        }
        if server.running { self.log_in(server) } else { self.needs_no_login() }?;
        match &self.keypair_name {
            None => Self::take_off(server),
            Some(name) => self.put_on(server, name, keypairs),
        }
    }

    /// A server without a key pair is logged in to with its password, one with a key pair with its private key.
    fn log_in(&self, server: &Server) -> Result<(), &'static str> {
        let auth = self.auth.as_ref().ok_or("A running server needs auth")?;
        let key = auth.key.as_ref().ok_or("auth.key is missing")?;
        if self.port.unwrap_or(Port::DEFAULT) != server.port {
            return Err("Failed to connect to the server: nothing listens on the SSH port");
        }
        match (auth.auth_type, &server.carried) {
            (None, _) => Err("auth.type is missing"),
            (Some(AuthType::Keypair), None) => Err("Failed to log in to the server: it carries no key pair"),
            (Some(AuthType::Password), Some(_)) => {
                Err("Failed to log in to the server: it carries a key pair, whose private key is needed")
            }
            (Some(AuthType::Password), None) => {
                let right = server
                    .password
                    .as_ref()
                    .is_some_and(|known| same(known.expose().as_bytes(), key.expose().as_bytes()));
                if right { Ok(()) } else { Err("Failed to log in to the server: the password is wrong") }
            }
            (Some(AuthType::Keypair), Some((_, half))) => {
                let right = PublicHalf::of_private(key.expose()).is_ok_and(|own| own == *half);
                if right { Ok(()) } else { Err("Failed to log in to the server: the private key is wrong") }
            }
        }
    }

    fn needs_no_login(&self) -> Result<(), &'static str> {
        if self.auth.is_some() {
            return Err("auth must not be set for a server that is shut off");
        }
        match self.port {
            None | Some(Port::DEFAULT) => Ok(()),
            Some(_) => Err("The port of a server that is shut off is 22"),
        }
    }

    fn put_on(
        &self,
        server: &mut Server,
        name: &KeypairName,
        keypairs: &BTreeMap<KeypairName, Keypair>,
    ) -> Result<(), &'static str> {
        let keypair = keypairs.get(name).ok_or("The key pair is not exist")?;
        server.carried = Some((name.clone(), keypair.half.clone()));
        if self.disable_password == Some(true) {
            server.takes_passwords = false;
        }
        Ok(())
    }

    fn take_off(server: &mut Server) -> Result<(), &'static str> {
        server.carried.take().ok_or("The server carries no key pair")?;
        server.takes_passwords = server.password.is_some();
        Ok(())
    }
}
