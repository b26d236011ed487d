//! Whatever the answers, both colours ask the same and end the same.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use kps_core::{
    Builder, Client, Credentials, Failure, FailureKind, Limit, ListFailedTask, Prepared, ProjectId, Sent,
    blocking,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Answer {
    Page { first: usize, count: usize, total: Option<u64> },
    Raw(u16, String),
    Fail(FailureKind, Sent),
}

impl Answer {
    fn give(&self) -> Result<Response<Bytes>, Failure> {
        let (status, body) = match self {
            Self::Fail(kind, sent) => return Err(Failure::new(*kind, *sent, "as scripted")),
            Self::Raw(status, body) => (*status, body.clone()),
            Self::Page { first, count, total } => {
                let tasks: Vec<_> =
                    (*first..first + count).map(|n| format!(r#"{{"task_id":"t-{n}"}}"#)).collect();
                let total = total.map_or("null".into(), |total| total.to_string());
                (200, format!(r#"{{"total":{total},"tasks":[{}]}}"#, tasks.join(",")))
            }
        };
        Ok(Response::builder().status(status).header("x-request-id", "r-1").body(body.into()).unwrap())
    }
}

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let page = (0_usize..4, 0_usize..4, proptest::option::of(0_u64..9))
        .prop_map(|(first, count, total)| Answer::Page { first: first * 3, count, total });
    let raw = (
        200_u16..600,
        "(|\\{\"error_code\":\"A.1\",\"error_msg\":\"\\PC{0,4}\"\\}|<html>|\\{\"tasks\":\\[\\{\\}\\]\\})",
    )
        .prop_map(|(status, body)| Answer::Raw(status, body));
    let fail = prop::sample::select(vec![
        (FailureKind::Connect, Sent::No),
        (FailureKind::Timeout, Sent::Maybe),
        (FailureKind::TooLarge, Sent::Maybe),
    ])
    .prop_map(|(kind, sent)| Answer::Fail(kind, sent));
    proptest::collection::vec(prop_oneof![8 => page, 1 => raw, 1 => fail], 1..8)
}

/// Everything of a request that the service sees.
fn seen(request: &Prepared) -> String {
    let headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    format!("{} {} {headers:?}", request.as_http().method(), request.uri())
}

fn clock() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_775_032_200)
}

fn build_on<C>(builder: Builder<C>) -> Builder<C> {
    builder
        .endpoint("https://kms.example.com")
        .credentials(Credentials::access_key("AK", "SK").with_security_token("ST"))
        .project_id(ProjectId::new("0a1b").unwrap())
}

type Log = Arc<Mutex<Vec<String>>>;

/// Answers from the script, and then with an empty page.
fn script(
    answers: &[Answer],
    log: &Log,
) -> impl Fn(Prepared) -> Result<Response<Bytes>, Failure> + Send + Sync + 'static {
    let (answers, log) = (answers.to_vec(), log.clone());
    move |request| {
        let mut log = log.lock().unwrap();
        log.push(seen(&request));
        answers.get(log.len() - 1).unwrap_or(&Answer::Page { first: 0, count: 0, total: None }).give()
    }
}

fn text<T: std::fmt::Debug>(outcome: Result<T, kps_core::Error>) -> String {
    outcome
        .map_or_else(|error| format!("{:?} {}", error.kind(), error.report()), |value| format!("{value:?}"))
}

proptest! {
    #[test]
    fn the_same_answers_give_the_same_requests_and_the_same_end(answers in answers(), limit in 1_u32..5) {
        let operation = ListFailedTask::new().with_limit(Limit::new(limit).unwrap());

        let blocking_log = Log::default();
        let kps = build_on(blocking::Client::builder((script(&answers, &blocking_log), clock))).build().unwrap();
        let blocking: Vec<String> = kps.items(operation.clone()).map(text).collect();

        let awaited_log = Log::default();
        let send = script(&answers, &awaited_log);
        let kps = build_on(Client::builder((move |request| ready(send(request)), clock))).build().unwrap();
        let mut items = kps.items(operation);
        let awaited: Vec<String> = pollster::block_on(async {
            let mut outcomes = Vec::new();
            while let Some(item) = items.next().await {
                outcomes.push(text(item));
            }
            assert!(items.next().await.is_none());
            outcomes
        });

        prop_assert_eq!(blocking, awaited);
        prop_assert_eq!(&*blocking_log.lock().unwrap(), &*awaited_log.lock().unwrap());
    }
}

#[test]
fn clients_are_shared_between_threads_and_errors_travel() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    fn travels<T: std::error::Error + Send + Sync + 'static>() {}
    fn is_send<T: Send>(_: &T) {}
    shared::<Client>();
    shared::<blocking::Client>();
    travels::<kps_core::Error>();
    let nobody = |_: Prepared| ready(Ok(Response::default()));
    let kps = build_on(Client::builder(nobody)).build().unwrap();
    is_send(&kps.send(ListFailedTask::new()));
    is_send(&kps.items(ListFailedTask::new()).next());
    assert!(!format!("{kps:?}").contains("ST"));
}

#[test]
fn a_list_that_does_not_advance_ends_in_an_error_after_its_items() {
    let page = Answer::Page { first: 0, count: 2, total: Some(9) };
    let kps =
        build_on(blocking::Client::builder(script(&[page.clone(), page], &Log::default()))).build().unwrap();
    let outcomes: Vec<String> = kps
        .items(ListFailedTask::new())
        .map(|item| item.map_or_else(|e| e.to_string(), |t| t.task_id.to_string()))
        .collect();
    let error = "ListFailedTask: the list does not advance: offset 2 gave the page before it again";
    assert_eq!(outcomes, ["t-0", "t-1", error]);
}
