//! Calls on a clock that passes only when somebody sleeps or a server dawdles.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use kps_model::{
    AssociateKeypair, CreateKeypair, DeleteFailedTask, DeleteKeypair, DisassociateKeypair, KeypairName,
    ListKeypairs, Login, ProjectId, PublicKey, Server, ServerId, TaskId,
};

use crate::{
    AsyncTransport, AttemptReport, Builder, CallReport, Client, Credentials, CredentialsSource, Error,
    ErrorKind, Failure, FailureKind, HttpOptions, Observer, Operation, Password, Prepared, Resolution,
    Resolve, Retries, Sent, Transport, blocking,
};

/// An answer, and after how many milliseconds it comes.
#[derive(Clone)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: &'static str,
    failure: Option<(FailureKind, Sent)>,
    takes: u64,
}

fn status(status: u16) -> Answer {
    let body = if status < 300 { r#"{"keypairs":[],"tasks":[]}"# } else { "" };
    Answer { status, headers: Vec::new(), body, failure: None, takes: 0 }
}

fn failure(kind: FailureKind, sent: Sent) -> Answer {
    Answer { failure: Some((kind, sent)), ..status(200) }
}

fn lost() -> Answer {
    failure(FailureKind::Interrupted, Sent::Maybe)
}

impl Answer {
    fn body(mut self, body: &'static str) -> Self {
        self.body = body;
        self
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn after(mut self, millis: u64) -> Self {
        self.takes = millis;
        self
    }
}

/// What happened, and when.
#[derive(Default)]
struct World {
    millis: u64,
    answers: VecDeque<Answer>,
    /// When requests were sent, and their time limits, in milliseconds.
    sent: Vec<(u64, Option<u64>)>,
    dates: Vec<String>,
    slept: Vec<u64>,
}

/// The last answer is given again and again.
#[derive(Clone, Default)]
struct Scripted(Arc<Mutex<World>>);

impl Scripted {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let scripted = Self::default();
        scripted.script(answers);
        scripted
    }

    fn script(&self, answers: impl IntoIterator<Item = Answer>) {
        self.0.lock().unwrap().answers = answers.into_iter().collect();
    }

    fn pass(&self, millis: u64) {
        self.0.lock().unwrap().millis += millis;
    }

    fn sent(&self) -> Vec<(u64, Option<u64>)> {
        std::mem::take(&mut self.0.lock().unwrap().sent)
    }

    fn count(&self) -> usize {
        self.sent().len()
    }

    fn builder(&self) -> Builder<blocking::Client> {
        blocking::Client::builder(self.clone())
            .endpoint("https://kms.example.com")
            .credentials(Credentials::access_key("AK", "SK"))
            .project_id(ProjectId::new("0a1b").unwrap())
            .retries(Retries::new().with_seed(7))
    }

    fn client(&self) -> blocking::Client {
        self.builder().build().unwrap()
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}

/// 2027-01-15T08:00:00Z
const START: Duration = Duration::from_secs(1_800_000_000);

impl Transport for Scripted {
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        let mut world = self.0.lock().unwrap();
        let now = world.millis;
        world.sent.push((now, request.time_limit().map(millis)));
        let date = request.headers().get("x-sdk-date").map(|date| date.to_str().unwrap().to_owned());
        world.dates.extend(date);
        let answer = match world.answers.len() {
            0 => status(200),
            1 => world.answers[0].clone(),
            _ => world.answers.pop_front().unwrap(),
        };
        let limit = request.time_limit().map_or(u64::MAX, millis);
        world.millis += answer.takes.min(limit);
        if answer.takes > limit {
            return Err(Failure::new(FailureKind::Timeout, Sent::Maybe, "it takes too long"));
        }
        if let Some((kind, sent)) = answer.failure {
            return Err(Failure::new(kind, sent, "as scripted"));
        }
        let mut response = Response::builder().status(answer.status);
        for (name, value) in answer.headers {
            response = response.header(name, value);
        }
        Ok(response.body(answer.body.into()).unwrap())
    }

    fn sleep(&self, time: Duration) {
        let mut world = self.0.lock().unwrap();
        // Pauses are kept to the nanosecond, and the clock of this world to the millisecond.
        let time = millis(time + Duration::from_nanos(999_999));
        world.millis += time;
        world.slept.push(time);
    }

    fn now(&self) -> SystemTime {
        UNIX_EPOCH + START + self.ticks()
    }

    fn ticks(&self) -> Duration {
        Duration::from_millis(self.0.lock().unwrap().millis)
    }
}

fn name() -> KeypairName {
    KeypairName::new("deploy").unwrap()
}

fn create() -> CreateKeypair {
    CreateKeypair::new(name())
}

fn delete() -> DeleteKeypair {
    DeleteKeypair::new(name())
}

const THROTTLED: &str = r#"{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached: policy user over ratelimit,limit:20,time:10 second"}"#;

/// How many requests the call took, its error, and whether it may have been applied.
fn course<O: Operation>(operation: O, answers: &[Answer]) -> (usize, Option<Error>) {
    let world = Scripted::new(answers.iter().cloned());
    let error = world.client().send(operation).err();
    (world.count(), error)
}

#[test]
fn what_is_repeated_and_what_is_told() {
    let refused = || failure(FailureKind::Connect, Sent::No);
    let created = || status(200).body(r#"{"keypair":{"name":"deploy"}}"#);
    for (what, answers, [safe, idempotent, never]) in [
        // How many requests; with a mark if it may have been applied.
        ("not sent", vec![refused()], [(3, false), (3, false), (3, false)]),
        ("sent at last", vec![refused(), refused(), created()], [(3, false), (3, false), (3, false)]),
        ("lost", vec![lost()], [(3, false), (3, true), (1, true)]),
        ("503", vec![status(503)], [(3, false), (3, true), (1, true)]),
        ("429", vec![status(429)], [(3, false), (3, false), (3, false)]),
        ("401", vec![status(401)], [(1, false), (1, false), (1, false)]),
        ("404", vec![status(404)], [(1, false), (1, false), (1, false)]),
        ("a redirect", vec![status(302)], [(1, false), (1, false), (1, false)]),
        ("a certificate", vec![failure(FailureKind::Tls, Sent::No)], [(1, false), (1, false), (1, false)]),
        ("too large", vec![failure(FailureKind::TooLarge, Sent::Maybe)], [(1, false), (1, true), (1, true)]),
        ("lost, then refused", vec![lost(), status(403)], [(2, false), (2, true), (1, true)]),
        ("not sent, then lost", vec![refused(), lost()], [(3, false), (3, true), (2, true)]),
    ] {
        let check = |outcome: (usize, Option<Error>), expected: (usize, bool)| {
            let (requests, error) = outcome;
            let uncertain = error.as_ref().is_some_and(Error::may_have_been_applied);
            assert_eq!((requests, uncertain), expected, "{what}: {error:?}");
            if let Some(error) = error {
                assert_eq!(error.attempts() as usize, requests, "{what}");
            }
        };
        check(course(ListKeypairs::new(), &answers), safe);
        check(course(delete(), &answers), idempotent);
        check(course(create(), &answers), never);
    }
    // Applied for certain, and its answer is of no use.
    let (requests, error) = course(create(), &[status(200).body("<html>")]);
    assert_eq!((requests, error.unwrap().may_have_been_applied()), (1, true));
    let (requests, error) = course(ListKeypairs::new(), &[status(200).body("<html>")]);
    assert_eq!((requests, error.unwrap().may_have_been_applied()), (1, false));
}

#[test]
fn an_error_tells_how_the_call_went() {
    for (answers, text) in [
        (vec![lost()], "DeleteKeypair: the connection broke (3 attempts; it may have been applied)"),
        (vec![status(400)], "DeleteKeypair: the service answered status 400"),
        (vec![failure(FailureKind::Connect, Sent::No)], "DeleteKeypair: could not connect (3 attempts)"),
    ] {
        assert_eq!(course(delete(), &answers).1.unwrap().to_string(), text);
    }
}

#[test]
fn a_deletion_that_finds_nothing_after_a_lost_answer_is_likely_done() {
    let gone = || status(400).body(r#"{"error_code":"KPS.4016","error_msg":"no such key pair"}"#);
    let likely = |answers: &[Answer]| course(delete(), answers).1.unwrap().likely_done();
    assert!(likely(&[lost(), gone()]));
    assert!(likely(&[status(504), status(404)]));
    assert!(!likely(&[gone()]));
    assert!(!likely(&[failure(FailureKind::Connect, Sent::No), gone()]));
    assert!(!likely(&[lost(), status(403)]));
    let described =
        kps_model::UpdateKeypairDescription::new(name(), kps_model::Description::new("x").unwrap());
    assert!(!course(described, &[lost(), gone()]).1.unwrap().likely_done());
}

#[test]
fn what_does_not_exist() {
    let found = |status: u16, body: &'static str| {
        course(ListKeypairs::new(), &[self::status(status).body(body)]).1.unwrap().is_not_found()
    };
    for (status, body, expected) in [
        (400, r#"{"error_code":"KPS.4016","error_msg":"x"}"#, true),
        (500, r#"{"error_code":"KPS.6004","error_msg":"x"}"#, true),
        (400, r#"{"error_code":"KPS.0005","error_msg":"x"}"#, true),
        (400, r#"{"error_code":"KPS.0006","error_msg":"x"}"#, true),
        (400, r#"{"error_code":"KPS.0002","error_msg":"x"}"#, false),
        (404, r#"{"error_code":"KPS.0001","error_msg":"x"}"#, true),
        (404, "<html>", true),
        (404, r#"{"error_code":"APIGW.0101","error_msg":"x"}"#, false),
        (404, r#"{"error_code":"APIG.0103","error_msg":"x"}"#, false),
    ] {
        assert_eq!(found(status, body), expected, "{status} {body}");
    }
}

#[test]
fn pauses_double_and_every_attempt_is_signed_anew() {
    let world = Scripted::new([status(503).after(1000)]);
    let kps = world.builder().retries(Retries::new().with_seed(7).with_attempts(6)).build().unwrap();
    assert_eq!(kps.send(ListKeypairs::new()).unwrap_err().attempts(), 6);
    let world = world.0.lock().unwrap();
    for (pause, most) in world.slept.iter().zip([100, 200, 400, 800, 1600]) {
        assert!(*pause <= most, "{pause} of {most}");
    }
    assert_eq!(world.slept.len(), 5);
    let mut dates = world.dates.clone();
    dates.dedup();
    assert_eq!(dates.len(), 6, "{dates:?}");
}

#[test]
fn the_service_may_ask_for_a_longer_pause() {
    let date = |seconds: u64| httpdate::fmt_http_date(UNIX_EPOCH + START + Duration::from_secs(seconds));
    for (header, paused) in [
        ("7".to_owned(), 7000),
        (" 7 ".to_owned(), 7000),
        (date(9), 9000),
        (date(0), 0),
        ("-1".to_owned(), 0),
        ("soon".to_owned(), 0),
    ] {
        let world = Scripted::new([status(503).header("retry-after", &*header), status(200)]);
        world.client().send(ListKeypairs::new()).unwrap();
        let slept: u64 = world.0.lock().unwrap().slept.iter().sum();
        assert!((paused..=paused.max(100)).contains(&slept), "{header}: {slept}");
    }
}

#[test]
fn what_cannot_be_done_in_time_is_not_begun() {
    for header in ["121", "18446744073709551615"] {
        let world = Scripted::new([status(503).header("retry-after", header)]);
        let error = world.client().send(ListKeypairs::new()).unwrap_err();
        assert_eq!((world.count(), world.ticks()), (1, Duration::ZERO));
        assert_eq!(error.retry_after().unwrap().as_secs(), header.parse::<u64>().unwrap());
        let end = "status 503 (no time for another attempt)";
        assert!(error.to_string().ends_with(end), "{error}");
    }
}

#[test]
fn attempts_and_calls_end_in_time() {
    // A server that never answers in time.
    let world = Scripted::new([status(200).after(10_000_000)]);
    let error = world.client().send(ListKeypairs::new()).unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(world.ticks(), Duration::from_secs(120));
    let sent = world.sent();
    assert_eq!(sent[0], (0, Some(60_000)));
    assert!(sent[1].0 < 60_200 && sent[1].1 == Some(120_000 - sent[1].0), "{sent:?}");
    assert_eq!(sent.len(), 2);

    let seconds = Duration::from_secs;
    let builder = world.builder().timeout(seconds(50));
    let kps = builder.http(HttpOptions::new().with_attempt_timeout(seconds(10))).build().unwrap();
    let limits = |kps: &blocking::Client| {
        kps.send(ListKeypairs::new()).unwrap_err();
        world.sent().iter().map(|(_, limit)| limit.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(limits(&kps), [10_000; 3]);
    assert_eq!(limits(&kps.with_attempts(1)), [10_000]);
    assert_eq!(limits(&kps.with_attempt_timeout(seconds(5)).with_attempts(2)), [5000; 2]);
    assert_eq!(limits(&kps.with_timeout(seconds(3))), [3000]);
    assert_eq!(limits(&kps.with_attempts(0)), [10_000], "one at least");
    let error = kps.with_timeout(Duration::ZERO).send(ListKeypairs::new()).unwrap_err();
    assert!(world.sent().is_empty() && error.attempts() == 0, "{error}");
    assert_eq!(error.to_string(), "ListKeypairs: not sent within 0.0 s");
}

#[test]
fn an_endpoint_can_be_another_for_some_calls() {
    let hosts = Arc::new(Mutex::new(Vec::new()));
    let noted = hosts.clone();
    let transport = move |request: Prepared| {
        noted.lock().unwrap().push(request.uri().host().unwrap().to_owned());
        Ok(Response::new(r#"{"keypairs":[]}"#.into()))
    };
    let kps = blocking::Client::builder(transport)
        .endpoint("https://a.example")
        .credentials(Credentials::access_key("AK", "SK"))
        .project_id(ProjectId::new("0a1b").unwrap())
        .build()
        .unwrap();
    kps.with_endpoint("b.example").unwrap().send(ListKeypairs::new()).unwrap();
    kps.send(ListKeypairs::new()).unwrap();
    assert_eq!(*hosts.lock().unwrap(), ["b.example", "a.example"]);
    assert_eq!(kps.with_endpoint("http://").unwrap_err().kind(), ErrorKind::Config);
}

/// The same world for the client that is awaited, in which nobody wakes up again.
struct Asleep(Scripted);

#[async_trait]
impl AsyncTransport for Asleep {
    async fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        Transport::send(&self.0, request)
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }

    fn ticks(&self) -> Duration {
        Transport::ticks(&self.0)
    }
}

#[test]
fn dropping_a_call_ends_it() {
    let world = Scripted::new([status(429), status(200)]);
    let kps = Client::builder(Asleep(world.clone()))
        .endpoint("https://kms.example.com")
        .credentials(Credentials::access_key("AK", "SK"))
        .project_id(ProjectId::new("0a1b").unwrap())
        .build()
        .unwrap();
    let mut context = Context::from_waker(Waker::noop());
    let mut call = Box::pin(kps.send(ListKeypairs::new()));
    assert!(call.as_mut().poll(&mut context).is_pending());
    assert_eq!(world.count(), 1);
    drop(call);
    world.pass(20_000);
    let mut call = Box::pin(kps.send(ListKeypairs::new()));
    assert!(matches!(call.as_mut().poll(&mut context), Poll::Ready(Ok(_))));
    assert_eq!(world.count(), 1);
}

#[test]
fn what_is_asked_for_on_the_way_is_part_of_the_call() {
    let source = || CredentialsSource::password(Password::new("account", "user", "hunter2"));
    let token = r#"{"token":{"expires_at":"2030-01-01T00:00:00.000000Z","project":{"id":"0a1b"}}}"#;
    let handed_out = || status(201).header("x-subject-token", "TK").body(token);
    let made = || status(200).body(r#"{"keypair":{"name":"deploy"}}"#);
    for (answers, requests, kind) in [
        // Making a key pair is never repeated, but before there is a token it is not sent.
        (vec![status(503), lost(), handed_out(), made()], 4, None),
        (vec![handed_out(), status(503)], 2, Some(ErrorKind::Service)),
        (vec![status(503)], 3, Some(ErrorKind::Credentials)),
        (vec![status(401)], 1, Some(ErrorKind::Credentials)),
    ] {
        let world = Scripted::new(answers);
        let builder = world.builder().region(crate::Region::CN_NORTH_4).credentials(source());
        let error = builder.build().unwrap().send(create()).err();
        assert_eq!((world.count(), error.as_ref().map(Error::kind)), (requests, kind), "{error:?}");
    }
    // Together they have no more time than the call.
    let world = Scripted::new([status(503).after(9000)]);
    let kps = world.builder().region(crate::Region::CN_NORTH_4).credentials(source()).build().unwrap();
    kps.with_timeout(Duration::from_secs(15)).send(create()).unwrap_err();
    let limits: Vec<_> = world.sent().iter().map(|(_, limit)| limit.unwrap()).collect();
    assert!(limits[0] == 10_000 && limits[1] < 6000 && limits.len() == 2, "{limits:?}");
}

/// Keeps what it is told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Observer for Told {
    fn attempt(&self, attempt: &AttemptReport<'_>) {
        self.0.lock().unwrap().push(format!(
            "{} {} {:?} {:?} {:?} {:?} {}",
            attempt.operation,
            attempt.attempt,
            attempt.status,
            attempt.code,
            attempt.request_id,
            attempt.error,
            attempt.took.as_millis(),
        ));
    }

    fn wait(&self, operation: &'static str, _: Duration) {
        self.0.lock().unwrap().push(format!("{operation} waits"));
    }

    fn call(&self, call: &CallReport<'_>) {
        let error = call.error.map(Error::kind);
        let (status, request_id) = (call.status, call.request_id);
        let ended = format!("{} {} {status:?} {request_id:?} {error:?}", call.operation, call.attempts);
        self.0.lock().unwrap().push(ended);
    }
}

#[test]
fn an_observer_is_told_of_attempts_waits_and_calls() {
    let told = Told::default();
    let throttled = status(429).body(THROTTLED).header("x-request-id", "r-1").after(20);
    let world = Scripted::new([throttled, lost(), status(200).header("x-request-id", "r-2"), status(403)]);
    let kps = world.builder().observer(told.clone()).build().unwrap();
    let answer = kps.answer(ListKeypairs::new()).unwrap();
    assert_eq!((answer.status, answer.request_id.as_deref(), answer.attempts), (200, Some("r-2"), 3));
    kps.send(delete()).unwrap_err();
    let expected = [
        r#"ListKeypairs 1 Some(429) Some("APIGW.0308") Some("r-1") Some(Service) 20"#,
        "ListKeypairs waits",
        "ListKeypairs 2 None None None Some(Interrupted) 0",
        "ListKeypairs waits",
        r#"ListKeypairs 3 Some(200) None Some("r-2") None 0"#,
        r#"ListKeypairs 3 Some(200) Some("r-2") None"#,
        "DeleteKeypair 1 Some(403) None None Some(Service) 0",
        "DeleteKeypair 1 Some(403) None Some(Service)",
    ];
    assert_eq!(*told.0.lock().unwrap(), expected);
}

#[test]
fn in_an_outage_the_budget_ends_repetitions() {
    let world = Scripted::new([status(503)]);
    let kps = world.builder().retries(Retries::new().with_seed(7).with_budget(3)).build().unwrap();
    let requests = |kps: &blocking::Client| {
        let error = kps.send(ListKeypairs::new()).err();
        (world.count(), error.map(|error| error.to_string()).unwrap_or_default())
    };
    assert_eq!(requests(&kps).0, 3);
    // Clones share it.
    let (count, text) = requests(&kps.clone());
    assert_eq!(count, 2);
    assert!(text.ends_with("(2 attempts; the client has no repetitions left to spend)"), "{text}");
    assert_eq!(requests(&kps).0, 1);
    world.script([status(200)]);
    (0..10).for_each(|_| assert_eq!(requests(&kps).0, 1));
    world.script([status(503)]);
    assert_eq!(requests(&kps).0, 2);
}

#[test]
fn a_throttling_slows_down_everybody_who_shares_the_client() {
    let world = Scripted::new([status(429).body(THROTTLED), status(200)]);
    let kps = world.client();
    kps.send(ListKeypairs::new()).unwrap();
    let other = kps.with_header("x-language", "en-us").unwrap();
    for _ in 0..5 {
        other.send(ListKeypairs::new()).unwrap();
    }
    // 20 in 10 s are half a second apart.
    let sent = world.sent();
    assert!((250..=500).contains(&sent[1].0), "{sent:?}");
    let apart: Vec<u64> = sent[1..].windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    assert!(apart.iter().all(|apart| (499..=501).contains(apart)), "{apart:?}");
    // Other operations have a lane of their own, and after the window all is as before.
    let before = world.ticks();
    kps.send(delete()).unwrap();
    world.pass(11_000);
    (0..5).for_each(|_| drop(kps.send(ListKeypairs::new()).unwrap()));
    assert_eq!(world.ticks(), before + Duration::from_secs(11));
}

#[test]
fn a_throttling_without_end_is_an_error_that_tells_how_long_to_wait() {
    let world = Scripted::new([status(429).body(THROTTLED).header("retry-after", "4000000000")]);
    let kps = world.client();
    let error = kps.send(create()).unwrap_err();
    assert!(error.is_throttled() && !error.may_have_been_applied());
    assert_eq!(
        (error.code(), error.retry_after()),
        (Some("APIGW.0308"), Some(Duration::from_secs(4_000_000_000)))
    );
    assert_eq!(world.count(), 1);

    let held = kps.send(create()).unwrap_err();
    assert_eq!((held.kind(), held.attempts(), world.count()), (ErrorKind::Throttled, 0, 0));
    assert!(held.is_throttled() && held.retry_after() == Some(Duration::from_secs(300)), "{held}");
    assert_eq!(
        held.to_string(),
        "CreateKeypair: held back, since calls follow too fast: its turn is in 300.0 s",
    );
    // Nobody is held back for ever.
    world.script([status(200).body(r#"{"keypair":{"name":"deploy"}}"#)]);
    world.pass(300_000);
    assert!(kps.send(create()).is_ok());
}

#[test]
fn a_limit_can_be_kept_ahead_of_time() {
    let world = Scripted::new([status(200)]);
    let kps = world.builder().rate_limit(2, Duration::from_secs(2)).build().unwrap();
    (0..4).for_each(|_| drop(kps.send(ListKeypairs::new()).unwrap()));
    let sent: Vec<u64> = world.sent().iter().map(|(at, _)| *at).collect();
    assert_eq!(sent, [0, 0, 1000, 2000]);
}

/// What becomes of a call whose answer was lost, when what is looked up is answered so.
fn resolved<O: Resolve + Clone>(operation: &O, lookup: &[Answer]) -> Result<Resolution<O::Found>, Error> {
    // The service's clock is five minutes ahead, and the answer was lost after 10 s.
    let world = Scripted::new([lost().after(10_000)]);
    world.pass(60_000);
    let kps = world.builder().retries(Retries::none()).build().unwrap();
    let error = kps.send(operation.clone()).err().unwrap();
    assert!(error.may_have_been_applied());
    world.count();
    let now = httpdate::fmt_http_date(UNIX_EPOCH + START + Duration::from_secs(310));
    let time = status(200).body(r#"{"tasks":[]}"#).header("date", now);
    world.script([time].into_iter().chain(lookup.iter().cloned()));
    kps.resolve(operation, &error)
}

/// When the call began by the service's clock, in milliseconds.
const BEGAN: i64 = 1_800_000_300_000;

fn detail(created: i64, key: &str) -> Answer {
    let body = format!(r#"{{"keypair":{{"name":"deploy","create_time":{created},"public_key":"{key}"}}}}"#);
    status(200).body(body.leak())
}

fn unknown_time() -> Answer {
    status(200).body(r#"{"keypair":{"name":"deploy"}}"#)
}

fn no_such() -> Answer {
    status(400).body(r#"{"error_code":"KPS.4016","error_msg":"x"}"#)
}

/// `done`, `not done` or `unknown`.
fn word<T>(resolution: &Resolution<T>) -> &'static str {
    match resolution {
        Resolution::Done(_) => "done",
        Resolution::NotDone => "not done",
        Resolution::Unknown => "unknown",
    }
}

#[test]
fn whether_a_key_pair_was_made_or_deleted() {
    let made = create();
    let imported = CreateKeypair::import(name(), PublicKey::new("ssh-ed25519 AAAA me@here").unwrap());
    for (answer, make, import, remove) in [
        (no_such(), "not done", "not done", "done"),
        (detail(BEGAN, "ssh-ed25519 AAAA other"), "done", "done", "done"),
        (detail(BEGAN - 1, "ssh-ed25519 AAAA"), "not done", "done", "not done"),
        (detail(BEGAN, "ssh-ed25519 BBBB me@here"), "done", "not done", "done"),
        (unknown_time(), "unknown", "unknown", "unknown"),
    ] {
        let answers = [answer.clone()];
        let body = answer.body;
        assert_eq!(word(&resolved(&made, &answers).unwrap()), make, "{body}");
        assert_eq!(word(&resolved(&imported, &answers).unwrap()), import, "{body}");
        assert_eq!(word(&resolved(&delete(), &answers).unwrap()), remove, "{body}");
    }
    assert_eq!(resolved(&delete(), &[status(403)]).unwrap_err().status(), Some(403));
}

/// A page with one task.
fn tasks(server: &str, key_pair: &str, kind: &str, time: i64) -> Answer {
    let body = format!(
        r#"{{"total":1,"tasks":[{{"task_id":"t-1","server_id":"{server}","keypair_name":"{key_pair}","operate_type":"{kind}","task_time":{time}}}]}}"#
    );
    status(200).body(body.leak())
}

#[test]
fn whether_a_binding_was_accepted() {
    let server = Server::running(ServerId::new("s-1").unwrap(), Login::password("x"));
    let bind = AssociateKeypair::new(name(), server.clone());
    let unbind = DisassociateKeypair::new(server);
    let none = || status(200).body(r#"{"total":0,"tasks":[]}"#);
    for (running, failed, binding, unbinding) in [
        (none(), none(), "unknown", "unknown"),
        (tasks("s-1", "deploy", "RUNNING_BIND", BEGAN), none(), "done", "unknown"),
        (none(), tasks("s-1", "deploy", "FAILED_REPLACE", BEGAN + 9), "done", "unknown"),
        (none(), tasks("s-1", "other", "FAILED_UNBIND", BEGAN), "unknown", "done"),
        (tasks("s-1", "deploy", "RUNNING_BIND", BEGAN - 1), none(), "unknown", "unknown"),
        (tasks("s-2", "deploy", "RUNNING_BIND", BEGAN), none(), "unknown", "unknown"),
        (tasks("s-1", "other", "RUNNING_BIND", BEGAN), none(), "unknown", "unknown"),
    ] {
        let answers = [running.clone(), failed.clone()];
        let what = format!("{} {}", running.body, failed.body);
        assert_eq!(word(&resolved(&bind, &answers).unwrap()), binding, "{what}");
        assert_eq!(word(&resolved(&unbind, &answers).unwrap()), unbinding, "{what}");
    }
    let one = [tasks("s-1", "deploy", "RUNNING_BIND", BEGAN)];
    assert_eq!(resolved(&bind, &one).unwrap(), Resolution::Done(TaskId::new("t-1").unwrap()));
}

#[test]
fn whether_a_record_was_deleted() {
    let there = DeleteFailedTask::new(TaskId::new("t-1").unwrap());
    let other = DeleteFailedTask::new(TaskId::new("t-2").unwrap());
    let list = [tasks("s-1", "deploy", "FAILED_BIND", BEGAN)];
    assert_eq!(word(&resolved(&there, &list).unwrap()), "not done");
    assert_eq!(word(&resolved(&other, &list).unwrap()), "done");
}

#[test]
fn what_was_surely_not_applied_is_not_looked_for() {
    let world = Scripted::new([status(403)]);
    let kps = world.client();
    let error = kps.send(delete()).unwrap_err();
    world.count();
    assert_eq!(kps.resolve(&delete(), &error).unwrap(), Resolution::NotDone);
    let other = kps.resolve(&create(), &error).unwrap_err();
    assert_eq!((other.kind(), world.count()), (ErrorKind::Input, 0));
    assert_eq!(other.to_string(), "CreateKeypair: an error of DeleteKeypair says nothing of it");
}
