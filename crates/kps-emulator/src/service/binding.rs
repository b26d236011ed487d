//! Putting key pairs on servers and taking them off. The bodies are read leniently: who sends a wrong one is to
//! learn it as from the service, by a task that fails.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use kps_model::{
    Action, BatchAssociateKeypair, BatchAssociateKeypairResponse, KeypairName, Port, Secret, ServerId,
    TaskId, TaskReceipt,
};
use serde::Deserialize;

use crate::answer::json;
use crate::keys::PublicHalf;
use crate::refusal::Refusal;
use crate::service::project::Keypair;
use crate::service::tasks::{State, Task};
use crate::service::{Call, Outcome, Project, Server};
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

#[derive(Deserialize)]
struct Auth {
    #[serde(rename = "type")]
    auth_type: Option<AuthType>,
    key: Option<Secret>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AuthType {
    Password,
    Keypair,
}

/// What a task is to do to its server when it ends.
pub(crate) struct Change {
    /// The key pair to put on it, or none to take off the one it carries.
    keypair_name: Option<KeypairName>,
    auth: Option<Auth>,
    port: Option<Port>,
    disable_password: Option<bool>,
    /// Whether the server ran when the task was accepted.
    was_running: bool,
}

impl Project {
    pub(crate) fn associate_keypair(&mut self, call: &Call<'_>, task_time: Duration) -> Outcome {
        let body: AssociateBody = call.body()?;
        self.keypair(body.keypair_name.as_str())?;
        let receipt = self.accept(Some(body.keypair_name), body.server, call.now, task_time);
        Ok(json(StatusCode::ACCEPTED, &receipt))
    }

    pub(crate) fn disassociate_keypair(&mut self, call: &Call<'_>, task_time: Duration) -> Outcome {
        let body: DisassociateBody = call.body()?;
        let receipt = self.accept(None, body.server, call.now, task_time);
        Ok(json(StatusCode::ACCEPTED, &receipt))
    }

    pub(crate) fn batch_associate_keypair(&mut self, call: &Call<'_>, task_time: Duration) -> Outcome {
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
        for item in body.batch_keypairs {
            answer.tasks.push(self.accept_in_batch(item, call.now, task_time));
        }
        Ok(json(StatusCode::ACCEPTED, &answer))
    }

    fn accept_in_batch(&mut self, item: AssociateBody, now: i64, task_time: Duration) -> TaskReceipt {
        if let Err(refusal) = self.keypair(item.keypair_name.as_str()) {
            return refused(item.server.id, refusal);
        }
        let reason = match self.servers.get(&item.server.id) {
            Some(server) if !server.running => "the server is shut off",
            Some(server) if server.carried.is_some() => "the server carries a key pair",
            _ => return self.accept(Some(item.keypair_name), item.server, now, task_time),
        };
        refused(item.server.id, Refusal::bad_parameter(reason))
    }

    /// Accepts a task. What is wrong with the login is found when the task ends.
    fn accept(
        &mut self,
        keypair_name: Option<KeypairName>,
        body: ServerBody,
        now: i64,
        task_time: Duration,
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
        let (server_name, was_running) = (server.name.clone(), server.running);
        let id = self.next_task_id();
        let lasts = i64::try_from(task_time.as_millis()).unwrap_or(i64::MAX);
        self.tasks.push(Task {
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
                was_running,
            })),
        });
        let mut receipt = TaskReceipt::default();
        receipt.task_id = Some(id);
        receipt.server_id = Some(body.id);
        receipt.status = Some("SUCCESS".into());
        receipt
    }

    /// In the form of a UUID, never the same twice, and the same in every run.
    fn next_task_id(&mut self) -> TaskId {
        let spread = u128::from(self.next_id()).wrapping_mul(0xd1b5_4a32_d192_ed03_8cb9_2ba7_2f3d_8dd7);
        let hex = format!("{spread:032x}");
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
        let id =
            format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32));
        #[expect(clippy::unwrap_used, reason = "32 digits and 4 hyphens are an id")]
        TaskId::new(&id).unwrap()
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
        if server.running != self.was_running {
            return Err("The server was started or stopped while the task ran");
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
                let password = server.password.as_ref().filter(|_| server.takes_passwords);
                let right =
                    password.is_some_and(|known| same(known.expose().as_bytes(), key.expose().as_bytes()));
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
