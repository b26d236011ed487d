//! The operations on tasks, and what refusals tell.

use bytes::Bytes;
use http::Response;
use kps_core::{
    Action, AssociateKeypair, Credentials, DecodeError, DeleteAllFailedTask, DeleteFailedTask, Draft, Error,
    ErrorKind, Limit, ListFailedTask, ListKeypairTask, ListRunningTask, Login, Meta, Offset, Operation,
    Phase, Replay, RunningTask, Server, TaskId, Verb,
};
use kps_emulator::{Emulator, Quirks};

use crate::stage::{name, refusal};
use crate::{FULL, MANY, MANY_TASKS, NONE, Stage, Subject, built_in, known, password, project, server};

/// The whole group.
pub fn all<S: Subject>(stage: &Stage<'_, S>) {
    every_task_is_listed_once_and_in_order(stage);
    pages_are_as_large_as_asked_for(stage);
    a_list_starts_where_it_is_told_to(stage);
    a_list_may_be_empty(stage);
    the_documented_sample_is_read(stage);
    a_task_is_in_the_list_of_running_ones_from_its_acceptance_to_its_end(stage);
    records_are_deleted_one_by_one_and_all_at_once(stage);
    every_sort_of_credentials_is_taken(stage);
    refusals_tell_all_the_service_said(stage);
    a_token_is_not_in_an_error_that_quotes_the_request(stage);
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

fn subject<S: Subject>(stage: &Stage<'_, S>, id: &str) -> S {
    stage.client(project(id), known())
}

fn called<S: Subject>(stage: &Stage<'_, S>, credentials: Credentials) -> Result<usize, Error> {
    stage.client(built_in(), credentials).send(ListFailedTask::new()).map(|page| page.tasks.len())
}

fn limit(number: u32) -> Limit {
    Limit::new(number).unwrap()
}

fn ids<S: Subject>(subject: &S, operation: ListFailedTask) -> Vec<String> {
    subject.items(operation).into_iter().map(|task| task.unwrap().task_id.to_string()).collect()
}

/// Whatever the page size.
pub fn every_task_is_listed_once_and_in_order<S: Subject>(stage: &Stage<'_, S>) {
    for (id, count) in [(MANY, MANY_TASKS), (FULL, 1000)] {
        let subject = subject(stage, id);
        let expected: Vec<String> = (0..count).map(|n| format!("task-{n}")).collect();
        for operation in [None, Some(1000), Some(500), Some(333)]
            .map(|size| size.map_or(ListFailedTask::new(), with_limit))
        {
            assert_eq!(ids(&subject, operation), expected);
        }
    }
}

fn with_limit(size: u32) -> ListFailedTask {
    ListFailedTask::new().with_limit(limit(size))
}

/// And the last holds the rest.
pub fn pages_are_as_large_as_asked_for<S: Subject>(stage: &Stage<'_, S>) {
    let pages = subject(stage, MANY).pages(with_limit(1000));
    let sizes: Vec<_> = pages
        .into_iter()
        .map(|page| page.map(|page| (page.tasks.len(), page.total.unwrap())).unwrap())
        .collect();
    let expected = match stage.quirks() {
        Quirks::Hostile => [(1000, 1000), (1000, 1000), (503, 503)],
        _ => [(1000, 2503), (1000, 2503), (503, 2503)],
    };
    assert_eq!(sizes, expected);
}

/// Paging goes on from the request's own offset.
pub fn a_list_starts_where_it_is_told_to<S: Subject>(stage: &Stage<'_, S>) {
    let from = |offset| with_limit(2).with_offset(Offset::new(offset).unwrap());
    assert_eq!(ids(&subject(stage, MANY), from(2500)), ["task-2500", "task-2501", "task-2502"]);
    assert!(ids(&subject(stage, MANY), from(2503)).is_empty());
}

/// Which is no error.
pub fn a_list_may_be_empty<S: Subject>(stage: &Stage<'_, S>) {
    let subject = subject(stage, NONE);
    assert!(ids(&subject, ListFailedTask::new()).is_empty());
    assert!(subject.pages(ListFailedTask::new()).is_empty());
    assert_eq!(subject.send(ListFailedTask::new()).unwrap().total, Some(0));
}

/// As the service documents it.
pub fn the_documented_sample_is_read<S: Subject>(stage: &Stage<'_, S>) {
    let page = stage.client(built_in(), known()).send(with_limit(1)).unwrap();
    let task = page.tasks.first().unwrap();
    assert_eq!(task.operate_type.as_ref().unwrap().as_str(), "RUNNING_RESET");
    assert_eq!(task.task_time.as_ref().unwrap().to_string(), "2018-04-10T06:35:30Z");
}

/// Ready for a sixth of its time, running for the rest.
pub fn a_task_is_in_the_list_of_running_ones_from_its_acceptance_to_its_end<S: Subject>(
    stage: &Stage<'_, S>,
) {
    let project = stage.project("task-running");
    let kps = &project.kps;
    project.made("a");
    // The phase alone has been seen too.
    let listed = || -> Vec<(TaskId, Phase)> {
        let tasks = kps.items(ListRunningTask::new()).into_iter().map(|task| task.unwrap());
        let understood = |task: RunningTask| {
            let kind = task.operate_type.unwrap();
            assert!(kind.action().is_none_or(|action| action == Action::Bind), "{kind}");
            (task.task_id, kind.phase().unwrap())
        };
        tasks.map(understood).collect()
    };
    assert!(listed().is_empty());
    let bind = |number| {
        let login = Login::password(password(number));
        let receipt = kps.send(AssociateKeypair::new(name("a"), Server::running(server(number), login)));
        receipt.unwrap().task_id.unwrap()
    };
    let first = bind(1);
    assert_eq!(listed(), [(first.clone(), Phase::Ready)]);
    project.advance(3);
    assert_eq!(project.status(&first), "RUNNING_BIND");
    let second = bind(2);
    assert_eq!(listed(), [(first.clone(), Phase::Running), (second.clone(), Phase::Ready)]);
    let page =
        kps.send(ListRunningTask::new().with_limit(limit(1)).with_offset(Offset::new(1).unwrap())).unwrap();
    let total = if stage.quirks() == Quirks::Hostile { 1 } else { 2 };
    assert_eq!((page.total, &page.tasks[0].task_id), (Some(total), &second));
    assert_eq!(page.tasks[0].server_name.as_deref(), Some("name-2"));
    for size in [1, 2, 1000] {
        let tasks = kps.items(ListRunningTask::new().with_limit(limit(size)));
        assert!(tasks.len() == 2 && tasks.iter().all(Result::is_ok));
    }
    project.advance(9);
    assert_eq!(project.status(&first), "SUCCESS_BIND");
    assert_eq!(listed(), [(second.clone(), Phase::Running)]);
    project.end_tasks();
    assert!(listed().is_empty());
    assert_eq!(project.status(&second), "SUCCESS_BIND");
}

/// The tasks themselves can still be asked for.
pub fn records_are_deleted_one_by_one_and_all_at_once<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("task-records");
    let kps = &project.kps;
    project.made("a");
    let fail = |number| {
        let server = Server::running(server(number), Login::password("hunter2"));
        kps.send(AssociateKeypair::new(name("a"), server)).unwrap().task_id.unwrap()
    };
    let tasks: Vec<TaskId> = [1, 2, 3, 4].into_iter().map(fail).collect();
    project.end_tasks();
    let recorded = || -> Vec<TaskId> {
        kps.items(ListFailedTask::new()).into_iter().map(|task| task.unwrap().task_id).collect()
    };
    assert_eq!(recorded(), tasks);
    kps.send(DeleteFailedTask::new(tasks[1].clone())).unwrap();
    assert_eq!(recorded(), [tasks[0].clone(), tasks[2].clone(), tasks[3].clone()]);
    assert_eq!(project.status(&tasks[1]), "FAILED_BIND");

    let unknown = TaskId::new("00000000-0000-4000-8000-000000000000").unwrap();
    let malformed = TaskId::new("a/b").unwrap();
    for (found, code) in [
        (refusal(kps.send(DeleteFailedTask::new(tasks[1].clone()))), "KPS.0005"),
        (refusal(kps.send(DeleteFailedTask::new(unknown.clone()))), "KPS.0005"),
        (refusal(kps.send(DeleteFailedTask::new(malformed.clone()))), "KPS.0001"),
        (refusal(kps.send(ListKeypairTask::new(unknown))), "KPS.0005"),
        (refusal(kps.send(ListKeypairTask::new(malformed))), "KPS.0001"),
    ] {
        assert_eq!(found, (400, code.into()));
    }
    assert_eq!(recorded().len(), 3);
    let pending = fail(5);
    kps.send(DeleteAllFailedTask::new()).unwrap();
    assert!(recorded().is_empty());
    kps.send(DeleteAllFailedTask::new()).unwrap();
    assert_eq!(project.status(&tasks[0]), "FAILED_BIND");
    assert_eq!(kps.items(ListRunningTask::new()).len(), 1, "what is under way goes on");
    project.end_tasks();
    assert_eq!(recorded(), [pending]);
}

/// A permanent key, a temporary one, a token.
pub fn every_sort_of_credentials_is_taken<S: Subject>(stage: &Stage<'_, S>) {
    let temporary =
        Credentials::access_key("AKEMULATOR0000000002", "SKemulatorIsPublicAndOpensNothing0000002");
    for credentials in [
        known(),
        temporary.with_security_token("STemulatorIsPublicAndOpensNothing"),
        Credentials::token(Emulator::TOKEN),
    ] {
        assert!(called(stage, credentials).unwrap() > 0);
    }
}

/// Status, code, message and request id, from the gateway and from the service.
pub fn refusals_tell_all_the_service_said<S: Subject>(stage: &Stage<'_, S>) {
    let unknown_project = subject(stage, "unknown").send(ListFailedTask::new()).map(drop);
    for (outcome, status, code, message) in [
        (
            called(stage, Credentials::access_key("AKNOBODY", "SK")).map(drop),
            401,
            "APIGW.0301",
            "ak AKNOBODY not exist",
        ),
        (
            called(stage, Credentials::access_key("AKCONFORMANCE", "wrong")).map(drop),
            401,
            "APIGW.0301",
            "verify aksk signature fail, canonicalRequest:GET|/v3/",
        ),
        (called(stage, Credentials::token("wrong")).map(drop), 401, "APIGW.0301", "decrypt token fail"),
        (unknown_project, 403, "APIGW.0310", "unavailable"),
        (subject(stage, MANY).send(NoSuchOperation), 404, "APIGW.0101", "does not exist"),
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
pub fn a_token_is_not_in_an_error_that_quotes_the_request<S: Subject>(stage: &Stage<'_, S>) {
    let wrong = Credentials::access_key("AKCONFORMANCE", "wrong").with_security_token("hidden-token");
    let error = called(stage, wrong).unwrap_err();
    assert!(error.message().unwrap().contains("x-security-token:<redacted>"), "{error}");
    assert!(!format!("{error} {error:?} {}", error.report()).contains("hidden-token"));
}
