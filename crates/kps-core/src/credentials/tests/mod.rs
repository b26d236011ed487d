//! The sources over transports of one closure, with variables, files and clocks of the tests' own.

mod asked;
mod found;
mod places;
mod project;
mod renewal;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Response;
use kps_model::{ListKeypairs, ProjectId};

use crate::{
    Builder, Credentials, CredentialsSource, Environment, Error, Failure, FailureKind, Oidc, Password,
    Prepared, Region, Sent, Transport, blocking,
};

pub(crate) const KEYS: &str =
    r#"{"credential":{"access":"AKTEMP","secret":"SKTEMP","securitytoken":"STTEMP"}}"#;

pub(crate) fn answer(status: u16, body: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
    *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
    answer
}

pub(crate) fn unreachable() -> Failure {
    Failure::new(FailureKind::Connect, Sent::No, "no route to host")
}

pub(crate) fn builder(transport: impl Transport + 'static) -> Builder<blocking::Client> {
    blocking::Client::builder(transport)
        .region(Region::CN_NORTH_4)
        .project_id(ProjectId::new("0a1b").unwrap())
}

/// The access key that a call is signed with.
pub(crate) fn signed_with(kps: &blocking::Client) -> Result<String, Error> {
    let prepared = kps.prepare(ListKeypairs::new())?;
    let authorization = prepared.headers()["authorization"].to_str().unwrap();
    let access = authorization.split_once("Access=").unwrap().1;
    Ok(access.split(',').next().unwrap().to_owned())
}

pub(crate) fn home<const N: usize>(variables: [(&str, &str); N]) -> Environment {
    let table: Environment = Environment::from(variables);
    table.with_variable("HOME", "/h")
}

pub(crate) fn file(text: &str) -> Environment {
    home([]).with_file("/h/.huaweicloud/credentials", text)
}

/// A transport that answers from a list, and notes what it was asked: method, address, metadata token, time limit.
pub(crate) fn script(
    answers: Vec<Result<Response<Bytes>, Failure>>,
) -> (impl Transport, Arc<Mutex<Vec<String>>>) {
    let (answers, asked) = (Mutex::new(VecDeque::from(answers)), Arc::new(Mutex::new(Vec::new())));
    let noted = asked.clone();
    let transport = move |request: Prepared| {
        let token = request.headers().get("x-metadata-token").map_or("-", |token| token.to_str().unwrap());
        let limit = request.time_limit().map_or(0, |limit| limit.as_secs());
        let seconds = request.headers().get("x-metadata-token-ttl-seconds");
        assert_eq!(seconds.is_some(), request.as_http().method() == "PUT");
        assert!(seconds.is_none_or(|seconds| seconds == "21600"));
        let line = format!("{} {} {token} {limit}", request.as_http().method(), request.uri());
        noted.lock().unwrap().push(line);
        answers.lock().unwrap().pop_front().expect("no more calls")
    };
    (transport, asked)
}

#[test]
fn no_source_shows_a_secret() {
    let all = format!(
        "{:?} {:?} {:?}",
        Password::new("a", "u", "hunter2"),
        Oidc::new("p", "a", "hunter2"),
        CredentialsSource::from(Credentials::access_key("AK", "hunter2")),
    );
    assert!(!all.contains("hunter2"), "{all}");
}
