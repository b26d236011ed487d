//! The operations on tasks.

use bytes::Bytes;
use http::Response;
use kps_core::{
    Credentials, DecodeError, Draft, Error, ErrorKind, Limit, ListFailedTask, Meta, Offset, Operation,
    Replay, Verb,
};
use kps_emulator::Emulator;

use crate::{Connect, FULL, MANY, MANY_TASKS, NONE, Site, Subject, built_in, project};

/// The whole group.
pub fn all(connect: Connect<'_>) {
    every_task_is_listed_once_and_in_order(connect);
    pages_are_as_large_as_asked_for(connect);
    a_list_starts_where_it_is_told_to(connect);
    a_list_may_be_empty(connect);
    the_documented_sample_is_read(connect);
    every_sort_of_credentials_is_taken(connect);
    refusals_tell_all_the_service_said(connect);
    a_token_is_not_in_an_error_that_quotes_the_request(connect);
}

/// An operation the service does not have, with values that must be encoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoSuchOperation;

impl Operation for NoSuchOperation {
    const META: Meta =
        Meta::new("NoSuchOperation", Verb::Post, "/v3/{project_id}/{name}/nothing", Replay::Never, 200);
    type Output = ();

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new().path("name", "../a b%2F'é").query("q", "a'b &=+/").query("empty", ""))
    }

    fn decode(_: &Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

fn known() -> Credentials {
    Credentials::access_key("AKCONFORMANCE", "SKconformance")
}

fn subject(connect: Connect<'_>, id: &str) -> Box<dyn Subject> {
    connect(&Site { credentials: known(), project_id: project(id) })
}

fn called(connect: Connect<'_>, credentials: Credentials) -> Result<usize, Error> {
    let subject = connect(&Site { credentials, project_id: built_in() });
    subject.page(ListFailedTask::new()).map(|page| page.tasks.len())
}

fn limit(number: u32) -> Limit {
    Limit::new(number).unwrap()
}

fn ids(subject: &dyn Subject, operation: ListFailedTask) -> Vec<String> {
    subject.items(operation).into_iter().map(|task| task.unwrap().task_id.to_string()).collect()
}

/// Whatever the page size.
pub fn every_task_is_listed_once_and_in_order(connect: Connect<'_>) {
    for (id, count) in [(MANY, MANY_TASKS), (FULL, 1000)] {
        let subject = subject(connect, id);
        let expected: Vec<String> = (0..count).map(|n| format!("task-{n}")).collect();
        for operation in [None, Some(1000), Some(500), Some(333)]
            .map(|size| size.map_or(ListFailedTask::new(), with_limit))
        {
            assert_eq!(ids(&*subject, operation), expected);
        }
    }
}

fn with_limit(size: u32) -> ListFailedTask {
    ListFailedTask::new().with_limit(limit(size))
}

/// And the last holds the rest.
pub fn pages_are_as_large_as_asked_for(connect: Connect<'_>) {
    let pages = subject(connect, MANY).pages(with_limit(1000));
    let sizes: Vec<usize> = pages.into_iter().map(|page| page.unwrap().tasks.len()).collect();
    assert_eq!(sizes, [1000, 1000, 503]);
}

/// Paging goes on from the request's own offset.
pub fn a_list_starts_where_it_is_told_to(connect: Connect<'_>) {
    let from = |offset| with_limit(2).with_offset(Offset::new(offset).unwrap());
    assert_eq!(ids(&*subject(connect, MANY), from(2500)), ["task-2500", "task-2501", "task-2502"]);
    assert!(ids(&*subject(connect, MANY), from(2503)).is_empty());
}

/// Which is no error.
pub fn a_list_may_be_empty(connect: Connect<'_>) {
    let subject = subject(connect, NONE);
    assert!(ids(&*subject, ListFailedTask::new()).is_empty());
    assert!(subject.pages(ListFailedTask::new()).is_empty());
    assert_eq!(subject.page(ListFailedTask::new()).unwrap().total, Some(0));
}

/// As the service documents it.
pub fn the_documented_sample_is_read(connect: Connect<'_>) {
    let subject = connect(&Site { credentials: known(), project_id: built_in() });
    let page = subject.page(with_limit(1)).unwrap();
    let task = page.tasks.first().unwrap();
    assert_eq!(task.operate_type.as_ref().unwrap().as_str(), "RUNNING_RESET");
    assert_eq!(task.task_time.as_ref().unwrap().to_string(), "2018-04-10T06:35:30Z");
}

/// A permanent key, a temporary one, a token.
pub fn every_sort_of_credentials_is_taken(connect: Connect<'_>) {
    let temporary =
        Credentials::access_key("AKEMULATOR0000000002", "SKemulatorIsPublicAndOpensNothing0000002");
    for credentials in [
        known(),
        temporary.with_security_token("STemulatorIsPublicAndOpensNothing"),
        Credentials::token(Emulator::TOKEN),
    ] {
        assert!(called(connect, credentials).unwrap() > 0);
    }
}

/// Status, code, message and request id, from the gateway and from the service.
pub fn refusals_tell_all_the_service_said(connect: Connect<'_>) {
    let unknown_project = subject(connect, "unknown").page(ListFailedTask::new()).map(drop);
    for (outcome, status, code, message) in [
        (
            called(connect, Credentials::access_key("AKNOBODY", "SK")).map(drop),
            401,
            "APIGW.0301",
            "ak AKNOBODY not exist",
        ),
        (
            called(connect, Credentials::access_key("AKCONFORMANCE", "wrong")).map(drop),
            401,
            "APIGW.0301",
            "verify aksk signature fail, canonicalRequest:GET|/v3/",
        ),
        (called(connect, Credentials::token("wrong")).map(drop), 401, "APIGW.0301", "decrypt token fail"),
        (unknown_project, 403, "APIGW.0310", "unavailable"),
        (subject(connect, MANY).unknown(), 404, "APIGW.0101", "does not exist"),
    ] {
        let error = outcome.unwrap_err();
        assert_eq!(
            (error.kind(), error.status(), error.code()),
            (ErrorKind::Service, Some(status), Some(code))
        );
        assert!(error.message().unwrap().contains(message), "{error}");
        assert_eq!(error.request_id().unwrap().len(), 32);
        assert!(error.to_string().contains(error.request_id().unwrap()), "{error}");
        assert!(error.operation().is_some());
    }
}

/// The gateway quotes the values of the signed headers.
pub fn a_token_is_not_in_an_error_that_quotes_the_request(connect: Connect<'_>) {
    let wrong = Credentials::access_key("AKCONFORMANCE", "wrong").with_security_token("hidden-token");
    let error = called(connect, wrong).unwrap_err();
    assert!(error.message().unwrap().contains("x-security-token:<redacted>"), "{error}");
    assert!(!format!("{error} {error:?} {}", error.report()).contains("hidden-token"));
}
