//! Why a command stops, and with which exit code.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use kps_ureq::{Error, ErrorKind, Region};
use serde_json::{Value, json};

use crate::{machine, output, words};

/// Why a command does not go on.
#[derive(Debug)]
pub(crate) enum Stop {
    /// There is no more to do: the request was printed that was not to be sent, or nobody reads any more.
    Done,
    /// What went wrong has been told.
    Told(Exit),
    Failed(Box<Failure>),
}

/// The exit codes; scripts decide by them, so they are documented and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The service refused, or what it answered cannot be used.
    Failed = 1,
    /// The command line, or what it is set up with, is wrong.
    Usage = 2,
    Credentials = 3,
    Network = 4,
    TaskFailed = 5,
    TimedOut = 6,
    NotFound = 7,
    /// By whoever sits at the terminal.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    const fn id(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Credentials => "credentials",
            Self::Network => "network",
            Self::TaskFailed => "task_failed",
            Self::TimedOut => "timed_out",
            Self::NotFound => "not_found",
            Self::Interrupted => "interrupted",
        }
    }

    /// The exit code of an error.
    pub(crate) fn of(error: &Error) -> Self {
        // Its record may tell of any code, such as that of a key pair that is not there.
        if error.kind() == ErrorKind::TaskFailed {
            return Self::TaskFailed;
        }
        if error.is_not_found() {
            return Self::NotFound;
        }
        if is_out_of_reach(error) {
            return Self::Network;
        }
        if error.is_auth() {
            return Self::Credentials;
        }
        match error.kind() {
            ErrorKind::Input | ErrorKind::Config => Self::Usage,
            ErrorKind::Credentials => Self::Credentials,
            ErrorKind::Connect | ErrorKind::Tls | ErrorKind::Interrupted | ErrorKind::Transport => {
                Self::Network
            }
            ErrorKind::Timeout | ErrorKind::TaskTimeout => Self::TimedOut,
            ErrorKind::TaskGone => Self::NotFound,
            _ => Self::Failed,
        }
    }
}

/// What went wrong, and what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    cure: Option<String>,
    /// The error of a call, which has more to tell in JSON.
    error: Option<Error>,
    /// Where, if there are several.
    region: Option<Region>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string(), cure: None, error: None, region: None }
    }

    /// The command line is wrong.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The error of a call, if it is one.
    pub(crate) const fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    #[must_use]
    pub(crate) fn with_cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }

    /// Says of which region it is.
    #[must_use]
    pub(crate) fn of(mut self, region: Option<&Region>) -> Self {
        self.region = region.cloned();
        self
    }

    /// The code that it ends the program with.
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// What went wrong and what to do, without the name of the program.
    pub(crate) fn text(&self) -> String {
        let region = self.region.as_ref().map(|region| format!("{region}: ")).unwrap_or_default();
        match &self.cure {
            Some(cure) => format!("{region}{}; {cure}", self.message),
            None => format!("{region}{}", self.message),
        }
    }

    /// Says it on standard error.
    pub(crate) fn tell(&self, as_json: bool) -> ExitCode {
        let text = if as_json { self.json().to_string() } else { self.to_string() };
        let text = if as_json { output::in_json(&text) } else { output::escape(&text) };
        // If nobody can be told, there is the code.
        drop(writeln!(io::stderr(), "{text}"));
        self.exit.into()
    }

    fn json(&self) -> Value {
        json!({ "error": self.value() })
    }

    /// The error as an object.
    pub(crate) fn value(&self) -> Value {
        let mut error = match &self.error {
            Some(error) => serde_json::to_value(error).unwrap_or_default(),
            None => json!({"id": self.exit.id(), "message": self.message}),
        };
        if let Some(fields) = error.as_object_mut() {
            if let Some(error) = &self.error {
                fields.insert("message".into(), words::told(error).into());
            }
            if let Some(Value::String(cure)) = fields.get_mut("cure") {
                *cure = words::of_the_command_line(cure).into_owned();
            }
            if let Some(cure) = &self.cure {
                fields.insert("cure".into(), cure.as_str().into());
            }
            if let Some(region) = &self.region {
                fields.insert("region".into(), region.id().into());
            }
            fields.insert("exit".into(), (self.exit as u8).into());
        }
        error
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kps: {}", self.text())
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = words::of_the_command_line(&error.report()).into_owned();
        // The report tells the cure of a code.
        let cure = if error.cure().is_some() { None } else { cure(&error) };
        let exit = Exit::of(&error);
        Self { exit, message, cure: cure.map(str::to_owned), error: Some(error), region: None }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}

/// Whether who was asked for credentials, or for the project, did not answer: what lies below is of the connection.
fn is_out_of_reach(error: &Error) -> bool {
    error.kind() == ErrorKind::Credentials && std::error::Error::source(error).is_some()
}

/// What to do about what is no refusal of the service's.
fn cure(error: &Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::Credentials if !is_out_of_reach(error) => {
            Some("`kps configure` writes a key down, and `kps doctor` tells where one is looked for")
        }
        ErrorKind::Credentials | ErrorKind::Connect | ErrorKind::Tls | ErrorKind::Interrupted => {
            Some("`kps doctor` finds out why")
        }
        ErrorKind::Service if error.status() >= Some(500) => Some("it may pass; try again later"),
        ErrorKind::Decode | ErrorKind::Service if error.code().is_none() => {
            Some("see whether it is the service that answers there, and no proxy or other program")
        }
        ErrorKind::Timeout => Some("a longer --timeout may help, and `kps doctor` finds out why"),
        ErrorKind::Throttled => Some("a longer --timeout lets it wait for its turn"),
        _ => None,
    }
}

/// What cannot be printed: if nobody reads any more, that is no failure.
impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Done;
        }
        Failure::new(Exit::Failed, format_args!("the output cannot be written: {}", machine::reason(&error)))
            .into()
    }
}
