//! What a server does, and what a call has to come to.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use kps_conformance::{Awaited, Subject};
use kps_core::ErrorKind::{Decode, Interrupted, Service, Timeout, TooLarge};
use kps_core::{
    DecodeError, Draft, Error, ErrorKind, HttpOptions, ListFailedTaskResponse, Meta, Operation, Replay, Verb,
};
use kps_model::from_json;

use crate::case::Outcome::{Fails, Items, OneOf};
use crate::server::{Act, MIB, Server};
use crate::support::{build_on, options};

/// What the sockets at both ends may hold beyond what the client took: a client without a bound takes far more.
const IN_FLIGHT: usize = 32 * MIB;

/// How long the text of an error may be, whatever the server said.
const ERROR_TEXT: usize = 64 << 10;

/// A call whose answer is a page. It is one that must not be repeated, so that each is one attempt.
pub(crate) struct Ask;

impl Operation for Ask {
    const META: Meta = Meta::new("Ask", Verb::Get, "/v3/{project_id}/ask", Replay::Never, 200);
    type Output = usize;

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new())
    }

    fn decode(answer: &Response<Bytes>) -> Result<usize, DecodeError> {
        from_json::<ListFailedTaskResponse>(answer.body()).map(|page| page.tasks.len())
    }
}

/// A call with a body, to which an answer needs none.
struct Tell;

impl Operation for Tell {
    const META: Meta = Meta::new("Tell", Verb::Post, "/v3/{project_id}/tell", Replay::Never, 204);
    type Output = ();

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new().body(r#"{"a":1}"#))
    }

    fn decode(_: &Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// What a call has to come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A page of so many items, or no items at all where none are asked for.
    Items(usize),
    /// An error of this kind, with this status.
    Fails(ErrorKind, Option<u16>),
    /// One of these, as it happens.
    OneOf(&'static [Outcome]),
}

pub(crate) const BROKEN: Outcome = Fails(Interrupted, None);
pub(crate) const LATE: Outcome = Fails(Timeout, None);

pub(crate) const LARGE: Outcome = Fails(TooLarge, None);
pub(crate) const UNREADABLE: Outcome = Fails(Decode, Some(200));

pub(crate) const fn refused(status: u16) -> Outcome {
    Fails(Service, Some(status))
}

impl Outcome {
    fn fits(self, found: Self) -> bool {
        match self {
            OneOf(outcomes) => outcomes.contains(&found),
            _ => self == found,
        }
    }
}

pub(crate) struct Case {
    pub(crate) what: String,
    pub(crate) act: Act,
    pub(crate) options: HttpOptions,
    pub(crate) tells: bool,
    pub(crate) blocking: Outcome,
    pub(crate) awaited: Outcome,
}

pub(crate) fn case(what: impl Into<String>, act: Act, outcome: Outcome) -> Case {
    let what = what.into();
    Case { what, act, options: options(), tells: false, blocking: outcome, awaited: outcome }
}

impl Case {
    /// Of a client that takes 1 MiB at most.
    pub(crate) fn narrow(self) -> Self {
        self.at_most(MIB)
    }

    pub(crate) fn at_most(mut self, bytes: usize) -> Self {
        self.options = self.options.with_max_answer_bytes(bytes);
        self
    }

    /// Where a time-out is to end it, a client does not wait long, and takes whatever comes until then. Elsewhere it
    /// waits long, so that a slow machine does not make it late.
    pub(crate) fn options_for(&self, expected: Outcome) -> HttpOptions {
        if !expected.fits(LATE) {
            return self.options.clone();
        }
        self.options
            .clone()
            .with_connect_timeout(Duration::from_millis(50))
            .with_attempt_timeout(Duration::from_millis(150))
            .with_max_answer_bytes(usize::MAX)
    }

    /// Of a call that needs no answer but the status.
    pub(crate) fn tells(mut self) -> Self {
        self.tells = true;
        self
    }

    /// Of the blocking client this, for a reason.
    pub(crate) fn but_blocking(mut self, outcome: Outcome, _why: &str) -> Self {
        self.blocking = outcome;
        self
    }

    /// Of the async client this, for a reason.
    pub(crate) fn but_awaited(mut self, outcome: Outcome, _why: &str) -> Self {
        self.awaited = outcome;
        self
    }

    /// What is wrong, if anything is.
    pub(crate) fn check(
        &self,
        colour: &str,
        expected: Outcome,
        call: impl FnOnce(&str, &HttpOptions) -> Result<usize, Error>,
    ) -> Option<String> {
        let server = Server::acting(self.act.clone());
        let options = self.options_for(expected);
        let outcome = call(&server.address(), &options);
        let sent = server.most();
        let mut faults = String::new();
        let found = match &outcome {
            Ok(count) => Items(*count),
            Err(error) => {
                let name = if self.tells { "Tell" } else { "Ask" };
                let texts = [error.to_string(), error.report(), format!("{error:?}")];
                if error.operation() != Some(name) || !texts[0].starts_with(&format!("{name}: ")) {
                    let _ = write!(faults, "; it does not name the operation");
                }
                let longest = texts.iter().map(String::len).max().unwrap();
                if longest > ERROR_TEXT {
                    let _ = write!(faults, "; the error is {longest} bytes long");
                }
                Fails(error.kind(), error.status())
            }
        };
        if !expected.fits(found) {
            let report = outcome.as_ref().err().map(Error::report).unwrap_or_default();
            let report = report.chars().take(200).collect::<String>();
            let _ = write!(faults, "; expected {expected:?}, found {found:?} ({report})");
        }
        let endless = matches!(self.act, Act::Repeat(..));
        if endless && sent > options.max_answer_bytes().saturating_add(IN_FLIGHT) {
            let _ = write!(faults, "; the server could send {sent} bytes");
        }
        (!faults.is_empty()).then(|| format!("{}, {colour}{faults}", self.what))
    }

    pub(crate) fn call(&self, subject: &impl Subject) -> Result<usize, Error> {
        if self.tells { subject.send(Tell).map(|()| 0) } else { subject.send(Ask) }
    }

    pub(crate) fn run(&self) -> Vec<String> {
        let blocking = self.check("blocking", self.blocking, |address, options| {
            self.call(&build_on(kps_ureq::builder(), address, options).build().unwrap())
        });
        let awaited = self.check("awaited", self.awaited, |address, options| {
            let client = || build_on(kps_reqwest::builder(), address, options).build().unwrap();
            self.call(&Awaited::new(client))
        });
        blocking.into_iter().chain(awaited).collect()
    }
}
