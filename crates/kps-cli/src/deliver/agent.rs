//! A private key in ssh-agent, which keeps it in memory and shows it to nobody.

use std::io::{self, Read, Write};
use std::time::Duration;

use kps_ureq::Environment;
use zeroize::Zeroizing;

use crate::keys::PrivateHalf;
use crate::machine;
use crate::stop::{Failure, Stop};

const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const ADD_IDENTITY: u8 = 17;
const ADD_ID_CONSTRAINED: u8 = 25;
const SUCCESS: u8 = 6;
/// A constraint: so many seconds.
const CONSTRAIN_LIFETIME: u8 = 1;

/// The longest answer that is read.
const MOST: u32 = 256 * 1024;
/// How long an agent may take, which may ask its owner.
#[cfg(unix)]
const PATIENCE: Duration = Duration::from_secs(60);

/// What an agent is spoken to by.
trait Line: Read + Write {}

impl<T: Read + Write> Line for T {}

/// An agent that answers.
pub(crate) struct Agent {
    line: Box<dyn Line>,
    /// Whether it tells of keys. One that is locked tells of none, and nothing else tells it from one that has none.
    tells_keys: bool,
}

impl Agent {
    /// Finds the agent of the session, and sees whether it answers.
    pub(crate) fn find(environment: &Environment) -> Result<Self, Stop> {
        let socket = environment.get("SSH_AUTH_SOCK")?.ok_or_else(|| {
            Failure::usage("there is no ssh-agent: SSH_AUTH_SOCK is not set")
                .with_cure("start one by `eval $(ssh-agent)`, or say --save")
        })?;
        Self::at(&socket).map_err(|reason| {
            Failure::usage(format_args!("ssh-agent at {socket}: {reason}"))
                .with_cure("start one by `eval $(ssh-agent)`, or say --save")
                .into()
        })
    }

    fn at(socket: &str) -> Result<Self, String> {
        Self::new(connect(socket)?)
    }

    fn new(line: Box<dyn Line>) -> Result<Self, String> {
        let mut agent = Self { line, tells_keys: false };
        match agent.ask(&[REQUEST_IDENTITIES])?.as_slice() {
            [IDENTITIES_ANSWER, count @ ..] => {
                agent.tells_keys = !count.starts_with(&[0; 4]);
                Ok(agent)
            }
            _ => Err("it does not tell its keys".into()),
        }
    }

    /// Hands a key over, for so long if it is said how long.
    pub(crate) fn add(
        &mut self,
        key: &PrivateHalf,
        comment: &str,
        lifetime: Option<Duration>,
    ) -> Result<(), String> {
        match self.ask(&addition(key, comment, lifetime)?)?.as_slice() {
            [SUCCESS, ..] => Ok(()),
            _ if self.tells_keys => Err("it refused the key".into()),
            _ => Err(
                "it refused the key and tells of no others, as one that is locked; `ssh-add -X` unlocks it"
                    .into(),
            ),
        }
    }

    /// Sends a message. The answer begins with its kind.
    fn ask(&mut self, message: &[u8]) -> Result<Vec<u8>, String> {
        let answer =
            self.talk(message).map_err(|error| format!("it does not answer: {}", machine::reason(&error)))?;
        if answer.is_empty() { Err("its answer is empty".into()) } else { Ok(answer) }
    }

    fn talk(&mut self, message: &[u8]) -> io::Result<Vec<u8>> {
        let length = u32::try_from(message.len()).map_err(io::Error::other)?;
        self.line.write_all(&length.to_be_bytes())?;
        self.line.write_all(message)?;
        self.line.flush()?;
        let mut length = [0; 4];
        self.line.read_exact(&mut length)?;
        let mut answer = Vec::new();
        let length = u32::from_be_bytes(length).min(MOST);
        (&mut self.line).take(length.into()).read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// The message that adds a key.
fn addition(
    key: &PrivateHalf,
    comment: &str,
    lifetime: Option<Duration>,
) -> Result<Zeroizing<Vec<u8>>, String> {
    let key = key.to_agent()?;
    let length = u32::try_from(comment.len()).map_err(|error| error.to_string())?;
    let seconds = lifetime.map(|time| u32::try_from(time.as_secs().max(1)).unwrap_or(u32::MAX));
    // Of full size from the start, so that no copy is left behind when it grows.
    let mut message = Zeroizing::new(Vec::with_capacity(key.len() + comment.len() + 16));
    message.push(if seconds.is_some() { ADD_ID_CONSTRAINED } else { ADD_IDENTITY });
    message.extend_from_slice(&key);
    message.extend(length.to_be_bytes());
    message.extend(comment.bytes());
    if let Some(seconds) = seconds {
        message.push(CONSTRAIN_LIFETIME);
        message.extend(seconds.to_be_bytes());
    }
    Ok(message)
}

#[cfg(unix)]
fn connect(socket: &str) -> Result<Box<dyn Line>, String> {
    let connect = || {
        let stream = std::os::unix::net::UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    };
    let stream: io::Result<_> = connect();
    Ok(Box::new(stream.map_err(|error| machine::reason(&error).into_owned())?))
}

#[cfg(not(unix))]
fn connect(_: &str) -> Result<Box<dyn Line>, String> {
    Err("it is reached on Unix alone".into())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::Cursor;
    use std::rc::Rc;

    use super::*;
    use crate::keys::Kind;

    /// An agent that says what it was told to say.
    struct Actor {
        says: Cursor<Vec<u8>>,
        heard: Rc<RefCell<Vec<u8>>>,
    }

    impl Read for Actor {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.says.read(into)
        }
    }

    impl Write for Actor {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.heard.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn agent(says: &[&[u8]]) -> (Result<Agent, String>, Rc<RefCell<Vec<u8>>>) {
        let heard = Rc::new(RefCell::new(Vec::new()));
        let actor = Actor { says: Cursor::new(says.concat()), heard: heard.clone() };
        (Agent::new(Box::new(actor)), heard)
    }

    const IDENTITIES: &[u8] = &[0, 0, 0, 5, IDENTITIES_ANSWER, 0, 0, 0, 0];

    #[test]
    fn a_key_is_added_with_its_comment_and_for_so_long() {
        let key = PrivateHalf::make(Kind::Ed25519).unwrap();
        for (lifetime, kind, end) in [
            (None, ADD_IDENTITY, &b"ci"[..]),
            (Some(Duration::from_secs(3600)), ADD_ID_CONSTRAINED, b"ci\x01\x00\x00\x0e\x10"),
            (Some(Duration::from_millis(1)), ADD_ID_CONSTRAINED, b"ci\x01\x00\x00\x00\x01"),
        ] {
            let (agent, heard) = agent(&[IDENTITIES, &[0, 0, 0, 1, SUCCESS]]);
            agent.unwrap().add(&key, "ci", lifetime).unwrap();
            let heard = heard.borrow();
            assert_eq!(heard[..5], [0, 0, 0, 1, REQUEST_IDENTITIES]);
            let length = u32::from_be_bytes(heard[5..9].try_into().unwrap());
            assert_eq!(length as usize, heard.len() - 9);
            assert_eq!(heard[9], kind);
            assert!(heard[10..].starts_with(b"\0\0\0\x0bssh-ed25519\0\0\0\x20"));
            assert!(heard.ends_with(end), "{lifetime:?}");
        }
    }

    #[test]
    fn an_agent_that_does_not_do_its_part_is_told_of() {
        for (says, told) in [
            (&[&[][..]][..], "does not answer"),
            (&[&[0, 0, 0, 0][..]], "empty"),
            (&[&[0, 0, 0, 1, 5][..]], "does not tell its keys"),
            (&[IDENTITIES], "does not answer"),
            (&[IDENTITIES, &[0, 0, 0, 1, 5]], "as one that is locked; `ssh-add -X` unlocks it"),
            (&[IDENTITIES, &[255, 255, 255, 255, 5]], "as one that is locked"),
        ] {
            let key = PrivateHalf::make(Kind::Ed25519).unwrap();
            let error = agent(says).0.and_then(|mut agent| agent.add(&key, "ci", None)).unwrap_err();
            assert!(error.contains(told), "{says:?}: {error}");
        }
        // One that tells of a key is not locked.
        let (agent, _) = agent(&[&[0, 0, 0, 5, IDENTITIES_ANSWER, 0, 0, 0, 1], &[0, 0, 0, 1, 5]]);
        let key = PrivateHalf::make(Kind::Ed25519).unwrap();
        assert_eq!(agent.unwrap().add(&key, "ci", None).unwrap_err(), "it refused the key");
    }
}
