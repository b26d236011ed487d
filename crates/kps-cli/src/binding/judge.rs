//! Whether a call for a server can succeed, and which it has to be. It is pure: what is known of the server is told.

use kps_ureq::{KeypairName, TaskId};

use crate::output::quoted;
use crate::servers::{Carries, CloudServer, State};
use crate::stop::{Exit, Failure};

/// What is wanted of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Aim<'a> {
    /// That it carries this key pair. `anew` puts it in the place of whatever it carries.
    Bound { keypair: &'a KeypairName, anew: bool },
    /// That it carries none.
    Unbound,
}

impl<'a> Aim<'a> {
    /// The key pair that is put on the server.
    pub(super) const fn keypair(self) -> Option<&'a KeypairName> {
        match self {
            Self::Bound { keypair, .. } => Some(keypair),
            Self::Unbound => None,
        }
    }
}

/// What there is to log in to a running server with.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Means {
    pub(crate) password: bool,
    pub(crate) private_key: bool,
    pub(crate) port: bool,
    /// Somebody can be asked for the password.
    pub(crate) can_ask: bool,
}

impl Means {
    /// Whether something is given that goes with a running server alone.
    const fn any(self) -> bool {
        self.password || self.private_key || self.port
    }
}

/// What is to be done with a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing, since it is as it is to be.
    Already(String),
    /// The call is made, with this login.
    Call(Login),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    Password,
    PrivateKey,
    /// The server is shut off, and nobody logs in.
    None,
}

/// What is to be done with this server, on which that task is under way, if there is one; or why it must fail.
pub(crate) fn judge(
    server: &CloudServer,
    task: Option<&TaskId>,
    aim: Aim<'_>,
    means: Means,
) -> Result<Verdict, Failure> {
    let label = server.label();
    if let Some(task) = task {
        return Err(Failure::new(
            Exit::Failed,
            format_args!("task {task} is under way on the server {label}"),
        )
        .with_cure(format!("`kps task wait {}` waits for it; then try again", quoted(task.as_str()))));
    }
    if let Some(already) = already(server, aim)? {
        return Ok(Verdict::Already(already));
    }
    match &server.state {
        State::Other(status) => Err(Failure::new(
            Exit::Failed,
            format_args!("the server {label} is neither running nor shut off, but {status}"),
        )
        .with_cure("wait until it is ACTIVE or SHUTOFF")),
        State::Stopped if means.any() => Err(Failure::usage(format_args!(
            "the server {label} is shut off: it takes no login and no port, since the service changes its disk"
        ))
        .with_cure("leave out the password, the private key and the port, or start the server first")),
        State::Stopped => Ok(Verdict::Call(Login::None)),
        State::Running => login(server, aim, means).map(Verdict::Call),
    }
}

/// How it is that there is nothing to do, unless there is.
fn already(server: &CloudServer, aim: Aim<'_>) -> Result<Option<String>, Failure> {
    let label = server.label();
    match (aim, &server.carries) {
        (Aim::Bound { anew: false, keypair }, Carries::Keypair(name)) if name == keypair.as_str() => {
            Ok(Some(format!("the server {label} carries the key pair {name} already")))
        }
        (Aim::Bound { anew: false, keypair }, Carries::Keypair(name)) => {
            Err(Failure::usage(format_args!("the server {label} carries the key pair {name}"))
                .with_cure(format!("--replace puts {keypair} in its place")))
        }
        (Aim::Unbound, Carries::Nothing) => Ok(Some(format!("the server {label} carries no key pair"))),
        _ => Ok(None),
    }
}

/// The login of a running server: the private key of what it carries, else its password.
fn login(server: &CloudServer, aim: Aim<'_>, means: Means) -> Result<Login, Failure> {
    let label = server.label();
    let refused = |message: String, cure: &str| Err(Failure::usage(message).with_cure(cure));
    let by_key = |name: &str| {
        refused(
            format!(
                "the server {label} runs and carries {name}: it is logged in to with the private key of that"
            ),
            "say --private-key FILE, which `kps keypair export` writes of keys that are hosted, or shut the server off, which needs no login",
        )
    };
    match (aim, &server.carries) {
        (Aim::Bound { .. }, Carries::Nothing) if means.password || means.can_ask => Ok(Login::Password),
        (Aim::Bound { .. }, Carries::Nothing) => refused(
            format!(
                "the server {label} runs and carries no key pair: it is logged in to with the password of root"
            ),
            "say --password-file or --password-stdin, or shut the server off, which needs no login",
        ),
        _ if means.private_key => Ok(Login::PrivateKey),
        (Aim::Bound { .. }, Carries::Keypair(name)) => by_key(name),
        _ if means.password => Ok(Login::Password),
        (Aim::Bound { .. }, _) if means.can_ask => Ok(Login::Password),
        (Aim::Unbound, Carries::Keypair(name)) => by_key(name),
        _ => refused(
            format!("the server {label} runs: it is logged in to"),
            "say --private-key FILE if it carries a key pair, else --password-file or --password-stdin",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kps_ureq::ServerId;

    fn server(state: State, carries: Carries) -> CloudServer {
        CloudServer { id: ServerId::new("s-1").unwrap(), name: Some("web-1".into()), state, carries }
    }

    fn carries(name: &str) -> Carries {
        match name {
            "?" => Carries::Unknown,
            "-" => Carries::Nothing,
            name => Carries::Keypair(name.into()),
        }
    }

    const NOTHING: Means = Means { password: false, private_key: false, port: false, can_ask: false };
    const PASSWORD: Means = Means { password: true, ..NOTHING };
    const KEY: Means = Means { private_key: true, ..NOTHING };
    const PORT: Means = Means { port: true, ..NOTHING };
    const ASK: Means = Means { can_ask: true, ..NOTHING };

    fn verdict(state: State, on_it: &str, aim: Aim<'_>, means: Means) -> String {
        match judge(&server(state, carries(on_it)), None, aim, means) {
            Ok(Verdict::Already(_)) => "already".into(),
            Ok(Verdict::Call(login)) => format!("{login:?}"),
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn the_state_and_what_it_carries_decide_the_login() {
        let team = KeypairName::new("team").unwrap();
        let (bind, anew) =
            (Aim::Bound { keypair: &team, anew: false }, Aim::Bound { keypair: &team, anew: true });
        let unbind = Aim::Unbound;
        for (state, on_it, aim, means, expected) in [
            (State::Running, "-", bind, PASSWORD, "Password"),
            (State::Running, "-", bind, ASK, "Password"),
            (State::Running, "-", bind, KEY, "with the password of root"),
            (State::Running, "-", bind, NOTHING, "--password-file or --password-stdin, or shut"),
            (State::Running, "?", bind, PASSWORD, "Password"),
            (State::Running, "?", bind, KEY, "PrivateKey"),
            (State::Running, "?", bind, NOTHING, "else --password-file"),
            (State::Running, "team", bind, NOTHING, "already"),
            (State::Running, "team", anew, KEY, "PrivateKey"),
            (State::Running, "other", bind, KEY, "--replace puts team in its place"),
            (State::Running, "other", anew, KEY, "PrivateKey"),
            (State::Running, "other", anew, PASSWORD, "private key of that; say --private-key FILE, which"),
            (State::Running, "other", anew, ASK, "private key of that"),
            (State::Stopped, "-", bind, NOTHING, "None"),
            (State::Stopped, "-", bind, ASK, "None"),
            (State::Stopped, "-", bind, PASSWORD, "is shut off: it takes no login"),
            (State::Stopped, "-", bind, PORT, "is shut off: it takes no login and no port"),
            (State::Stopped, "?", bind, KEY, "is shut off: it takes no login"),
            (State::Stopped, "other", bind, NOTHING, "--replace puts team in its place"),
            (State::Stopped, "other", anew, NOTHING, "None"),
            (State::Stopped, "team", bind, PASSWORD, "already"),
            (State::Running, "-", unbind, NOTHING, "already"),
            (State::Running, "team", unbind, KEY, "PrivateKey"),
            (State::Running, "team", unbind, PASSWORD, "Password"),
            (State::Running, "team", unbind, NOTHING, "say --private-key FILE, which"),
            (State::Running, "team", unbind, ASK, "say --private-key FILE, which"),
            (State::Running, "?", bind, ASK, "Password"),
            (State::Running, "?", unbind, NOTHING, "say --private-key FILE if"),
            (State::Stopped, "team", unbind, NOTHING, "None"),
            (State::Stopped, "team", unbind, KEY, "is shut off: it takes no login"),
            (State::Other("REBOOT".into()), "-", bind, PASSWORD, "but REBOOT; wait until"),
        ] {
            let told = verdict(state.clone(), on_it, aim, means);
            let fits = told == expected || (told.starts_with("kps: ") && told.contains(expected));
            assert!(fits, "{state:?} {on_it} {aim:?} {means:?}: {told}, not {expected}");
        }
    }

    #[test]
    fn what_is_under_way_is_waited_for() {
        let task = TaskId::new("t-1").unwrap();
        let stopped = server(State::Stopped, Carries::Keypair("team".into()));
        let failure = judge(&stopped, Some(&task), Aim::Unbound, NOTHING).unwrap_err();
        assert_eq!(failure.exit(), Exit::Failed);
        assert_eq!(
            failure.to_string(),
            "kps: task t-1 is under way on the server web-1; `kps task wait t-1` waits for it; then try again"
        );
    }
}
