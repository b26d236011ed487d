//! Cloud servers, which the service for them (ECS) knows by name and state.

mod find;
mod list;

use kps_ureq::ServerId;

pub(crate) use find::{Directory, ServerArgs};

/// A cloud server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CloudServer {
    pub(crate) id: ServerId,
    pub(crate) name: Option<String>,
    pub(crate) state: State,
    pub(crate) carries: Carries,
}

impl CloudServer {
    /// A server of which nothing is known but its id, and its state since somebody said so.
    pub(crate) const fn said(id: ServerId, state: State) -> Self {
        Self { id, name: None, state, carries: Carries::Unknown }
    }

    /// By what a person knows it.
    pub(crate) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.id.as_str())
    }
}

/// How a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    Stopped,
    /// Neither, such as `REBOOT`.
    Other(String),
}

impl State {
    fn of(status: &str) -> Self {
        match status {
            "ACTIVE" => Self::Running,
            "SHUTOFF" => Self::Stopped,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Which key pair a server carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Carries {
    /// Nobody was asked.
    Unknown,
    Nothing,
    Keypair(String),
}

impl Carries {
    fn of(key_name: Option<String>) -> Self {
        key_name.filter(|name| !name.is_empty()).map_or(Self::Nothing, Self::Keypair)
    }
}
