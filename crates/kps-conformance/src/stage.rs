use std::time::Duration;

use kps_core::{
    CreateKeypair, CreatedKeypair, Credentials, CredentialsSource, Environment, Error, KeypairName,
    ListKeypairTask, PrivateKey, ProjectId, PublicKey, ServerId, TaskId, TaskReceipt, TaskStatus,
};
use kps_emulator::{Emulator, Quirks, ServerState};

use crate::{Site, Subject};

/// How long a task takes.
pub(crate) const TASK_TIME: Duration = Duration::from_secs(12_000);

/// The emulator, and how clients are made on the transport that is put to the test.
pub struct Stage<'a, S> {
    emulator: &'a Emulator,
    endpoint: &'a str,
    connect: &'a dyn Fn(&Site) -> S,
}

impl<S> std::fmt::Debug for Stage<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage").field("emulator", &self.emulator).finish_non_exhaustive()
    }
}

impl<'a, S: Subject> Stage<'a, S> {
    /// The emulator must hold the [`seed`](crate::seed), and the clients must ask it at the endpoint. Its tasks are made to take so long
    /// that the time a test runs makes no difference.
    pub fn new(emulator: &'a Emulator, endpoint: &'a str, connect: &'a dyn Fn(&Site) -> S) -> Self {
        emulator.set_task_time(TASK_TIME);
        Self { emulator, endpoint, connect }
    }

    pub(crate) fn emulator(&self) -> &Emulator {
        self.emulator
    }

    pub(crate) fn quirks(&self) -> Quirks {
        self.emulator.quirks()
    }

    /// The refusal where a key pair is not there.
    pub(crate) fn no_keypair(&self) -> (u16, String) {
        let status = if self.quirks() == Quirks::Hostile { 404 } else { 400 };
        (status, "KPS.4016".into())
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.endpoint
    }

    pub(crate) fn client(&self, project_id: ProjectId, credentials: Credentials) -> S {
        self.client_of(Some(project_id), credentials.into(), Environment::from([("HOME", "/home/nobody")]))
    }

    pub(crate) fn client_of(
        &self,
        project_id: Option<ProjectId>,
        credentials: CredentialsSource,
        environment: Environment,
    ) -> S {
        (self.connect)(&Site { credentials, environment, project_id, endpoint: self.endpoint.to_owned() })
    }

    /// A client in a project of its own, empty but for the servers of the seed.
    pub(crate) fn project(&self, id: &'a str) -> Project<'_, S> {
        let id = crate::project(id);
        Project { emulator: self.emulator, kps: self.client(id.clone(), crate::known()), id }
    }
}

/// A client in one project.
pub(crate) struct Project<'a, S> {
    emulator: &'a Emulator,
    pub(crate) kps: S,
    id: ProjectId,
}

impl<S: Subject> Project<'_, S> {
    /// A key pair made by the service.
    pub(crate) fn made(&self, name_: &str) -> (CreatedKeypair, PrivateKey) {
        let created = self.kps.send(CreateKeypair::new(name(name_))).unwrap().keypair;
        let key = created.private_key.clone().unwrap();
        (created, key)
    }

    /// Lets the tasks come to their end.
    pub(crate) fn end_tasks(&self) {
        self.advance(12);
    }

    /// Lets so many twelfths of a task's time pass.
    pub(crate) fn advance(&self, twelfths: u32) {
        self.emulator.advance(TASK_TIME / 12 * twelfths);
    }

    pub(crate) fn set_running(&self, server: &ServerId, running: bool) {
        assert!(self.emulator.set_running(&self.id, server, running));
    }

    pub(crate) fn server(&self, id: &ServerId) -> ServerState {
        self.emulator.servers(&self.id).into_iter().find(|server| server.id == *id).unwrap()
    }

    /// How far a task is, as the client has understood the service.
    pub(crate) fn status(&self, task: &TaskId) -> String {
        let answer = self.kps.send(ListKeypairTask::new(task.clone())).unwrap();
        let status = answer.task_status.unwrap();
        TaskStatus::new(status.phase().unwrap(), status.action().unwrap()).to_string()
    }

    /// The status that stands for this one: the documents have no end of a replacement.
    pub(crate) fn told<'s>(&self, status: &'s str) -> &'s str {
        match status {
            "SUCCESS_REPLACE" if self.emulator.quirks() == Quirks::Documented => "SUCCESS_RESET",
            "FAILED_REPLACE" if self.emulator.quirks() == Quirks::Documented => "FAILED_RESET",
            other => other,
        }
    }

    /// The status in which an accepted task ends.
    pub(crate) fn end_of(&self, receipt: Result<TaskReceipt, Error>) -> String {
        let receipt = receipt.unwrap();
        self.end_tasks();
        self.status(receipt.accepted().unwrap())
    }
}

pub(crate) fn name(text: &str) -> KeypairName {
    KeypairName::new(text).unwrap()
}

pub(crate) fn public(text: &str) -> PublicKey {
    PublicKey::new(text).unwrap()
}

/// A public key of no private one.
pub(crate) const LAPTOP: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P laptop";

/// What a refused call was refused with.
pub(crate) fn refusal<T>(outcome: Result<T, Error>) -> (u16, String) {
    match outcome {
        Ok(_) => panic!("the call was not refused"),
        Err(error) => (error.status().unwrap(), error.code().unwrap().to_owned()),
    }
}
