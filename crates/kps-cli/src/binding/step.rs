//! A server on its way to what is wanted of it.

use kps_ureq::{KeypairName, TaskHandle, TaskState, Timestamp};

use crate::binding::Line;
use crate::binding::judge::{Login, Verdict};
use crate::servers::{Carries, CloudServer};
use crate::stop::{Exit, Failure};

pub(super) struct Step {
    pub(super) server: CloudServer,
    /// What is put on it, or taken off it, if that is known.
    keypair: Option<KeypairName>,
    now: Now,
}

enum Now {
    Already(String),
    ToCall(Login),
    Accepted(TaskHandle),
    Ended(Box<TaskState>),
    Failed(Failure),
}

impl Step {
    /// A server that is to carry this key pair, or none.
    pub(super) fn new(
        server: CloudServer,
        keypair: Option<&KeypairName>,
        verdict: Result<Verdict, Failure>,
    ) -> Self {
        let carried = || match &server.carries {
            Carries::Keypair(name) => KeypairName::existing(name.as_str()).ok(),
            _ => None,
        };
        let keypair = keypair.cloned().or_else(carried);
        let now = match verdict {
            Ok(Verdict::Already(message)) => Now::Already(message),
            Ok(Verdict::Call(login)) => Now::ToCall(login),
            Err(failure) => Now::Failed(failure),
        };
        Self { server, keypair, now }
    }

    /// How to log in, if a call is to be made.
    pub(super) const fn login(&self) -> Option<Login> {
        match self.now {
            Now::ToCall(login) => Some(login),
            _ => None,
        }
    }

    /// The task, if one was accepted.
    pub(super) const fn task(&self) -> Option<&TaskHandle> {
        match &self.now {
            Now::Accepted(handle) => Some(handle),
            _ => None,
        }
    }

    pub(super) const fn failure(&self) -> Option<&Failure> {
        match &self.now {
            Now::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    pub(super) fn into_failure(self) -> Option<Failure> {
        match self.now {
            Now::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// Takes in what the call came to that was made not before this time.
    pub(super) fn called(&mut self, result: Result<TaskHandle, Failure>, since: &Timestamp) {
        self.now = match result {
            Ok(handle) => {
                let handle = handle.with_server(self.server.id.clone()).with_accepted(since.clone());
                Now::Accepted(match &self.keypair {
                    Some(name) => handle.with_keypair(name.clone()),
                    None => handle,
                })
            }
            Err(failure) => Now::Failed(failure),
        };
    }

    /// Takes in how the task ended.
    pub(super) fn ended(&mut self, end: Result<TaskState, Failure>) {
        self.now = match end {
            Ok(state) => Now::Ended(Box::new(state)),
            Err(failure) => Now::Failed(failure),
        };
    }

    pub(super) fn line(&self) -> Line {
        let line = Line::of_server(&self.server, self.keypair.as_ref());
        match &self.now {
            Now::Already(message) => line.unchanged(message.clone()),
            Now::Accepted(handle) => line.accepted(handle),
            Now::Ended(state) => line.ended(state),
            Now::Failed(failure) => line.failed(failure),
            Now::ToCall(_) => line.failed(&not_tried()),
        }
    }
}

/// After a call was refused for a reason that holds for all.
pub(super) fn not_tried() -> Failure {
    Failure::new(Exit::Failed, "it was not tried, since the calls before were refused")
}
