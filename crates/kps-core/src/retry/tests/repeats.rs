//! What is repeated, and what is told of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kps_model::ListKeypairs;

use super::scripted::{Answer, Scripted, THROTTLED, course, create, delete, failure, lost, name, status};
use crate::{
    AttemptReport, CallReport, Credentials, CredentialsSource, Error, ErrorKind, FailureKind, Observer,
    Password, Sent,
};

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
        (
            vec![failure(FailureKind::Connect, Sent::No)],
            "DeleteKeypair: could not connect to https://kms.example.com (3 attempts)",
        ),
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
        (404, r#"{"error_code":"APIC.0101","error_msg":"x"}"#, false),
    ] {
        assert_eq!(found(status, body), expected, "{status} {body}");
    }
}

#[test]
fn a_gateway_is_understood_by_each_of_its_names() {
    let refused =
        |status, body| self::status(status).body(body).header("date", "Fri, 15 Jan 2027 09:00:00 GMT");
    for (throttled, expired, off) in [
        (
            r#"{"error_code":"APIGW.0308"}"#,
            r#"{"error_code":"APIGW.0307"}"#,
            r#"{"error_code":"APIGW.0301"}"#,
        ),
        (r#"{"error_code":"APIG.0308"}"#, r#"{"error_code":"APIG.0307"}"#, r#"{"error_code":"APIG.0301"}"#),
        (r#"{"error_code":"APIC.0308"}"#, r#"{"error_code":"APIC.0307"}"#, r#"{"error_code":"APIC.0301"}"#),
    ] {
        let world = Scripted::new([refused(400, throttled), status(200)]);
        world.client().send(ListKeypairs::new()).unwrap();
        let world = Scripted::new([refused(401, expired), status(200)]);
        let renewed = world.builder().credentials_from(|| Ok(Credentials::token("TK"))).build().unwrap();
        renewed.send(ListKeypairs::new()).unwrap();
        let world = Scripted::new([refused(401, off), status(200)]);
        world.client().send(ListKeypairs::new()).unwrap();
        assert_eq!(world.0.lock().unwrap().dates, ["20270115T080000Z", "20270115T090000Z"]);
    }
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
