//! What running servers are logged in to with, read when it is known that it is needed.

use kps_ureq::{Login as Key, Port, PrivateKey, Secret, Server};

use crate::binding::BindingArgs;
use crate::binding::judge::{Login, Means};
use crate::binding::step::Step;
use crate::input;
use crate::machine;
use crate::servers::CloudServer;
use crate::stop::Stop;

impl BindingArgs {
    pub(super) fn means(&self) -> Means {
        Means {
            password: self.password.is_given(),
            private_key: self.private_key.is_some(),
            port: self.port.is_some(),
            can_ask: machine::stdin_is_terminal(),
        }
    }
}

pub(super) struct Secrets {
    password: Option<Secret>,
    private_key: Option<PrivateKey>,
    port: Option<Port>,
}

impl Secrets {
    /// Reads what is needed, and nothing else.
    pub(super) fn read(args: &BindingArgs, steps: &[Step]) -> Result<Self, Stop> {
        let with = |login| steps.iter().filter(move |step| step.login() == Some(login)).collect::<Vec<_>>();
        let password = match with(Login::Password).as_slice() {
            [] => None,
            [only] => Some(args.password.read(&format!("root on {}", only.server.label()))?),
            several => Some(args.password.read(&format!("root on {} servers", several.len()))?),
        };
        let private_key = match &args.private_key {
            Some(path) if !with(Login::PrivateKey).is_empty() => Some(input::private_key(path)?),
            _ => None,
        };
        Ok(Self { password, private_key, port: args.port })
    }

    /// The server as it is told to the service.
    pub(super) fn server(&self, server: &CloudServer, login: Login) -> Option<Server> {
        let key = match login {
            Login::None => return Some(Server::stopped(server.id.clone())),
            Login::Password => Key::password(self.password.clone()?),
            Login::PrivateKey => Key::private_key(self.private_key.clone()?),
        };
        let running = Server::running(server.id.clone(), key);
        Some(match self.port {
            Some(port) => running.with_port(port).into(),
            None => running.into(),
        })
    }
}
