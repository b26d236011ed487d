use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use kps_core::{
    AsyncTransport, CreateKeypair, Failure, FailureKind, KeypairName, ListKeypairs, Operation, Prepared,
    Region, Sent, Transport, blocking,
};
use kps_model::{ErrorBody, ProjectId};
use proptest::prelude::*;

use super::{AuthFault, End, Fault, FaultRule, RefusalCode, Way};
use crate::{Emulator, InProcess};

const COLOURS: [Colour; 2] = [Colour::Blocking, Colour::Awaited];

#[derive(Clone, Copy, Debug)]
enum Colour {
    Blocking,
    Awaited,
}

/// What a client gets to see.
#[derive(Debug, PartialEq)]
enum Seen {
    Answer(u16, Option<String>),
    Failure(FailureKind, Sent),
}

fn answered(status: u16) -> Seen {
    Seen::Answer(status, None)
}

fn refused(status: u16, code: &str) -> Seen {
    Seen::Answer(status, Some(code.to_owned()))
}

fn lost() -> Seen {
    Seen::Failure(FailureKind::Interrupted, Sent::Maybe)
}

fn start() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn virtual_transport(emulator: &Emulator) -> InProcess {
    emulator.in_process().with_virtual_clock(start())
}

fn prepare(transport: &InProcess, operation: impl Operation) -> Prepared {
    let kps = blocking::Client::builder(transport.clone())
        .region(Region::CN_NORTH_4)
        .credentials(Emulator::credentials())
        .project_id(Emulator::project_id())
        .build()
        .unwrap();
    kps.prepare(operation).unwrap()
}

fn send(
    colour: Colour,
    transport: &InProcess,
    operation: impl Operation,
) -> Result<Response<Bytes>, Failure> {
    let request = prepare(transport, operation);
    match colour {
        Colour::Blocking => Transport::send(transport, request),
        Colour::Awaited => at_once(AsyncTransport::send(transport, request)),
    }
}

/// Nothing of this transport waits.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let Poll::Ready(value) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits");
    };
    value
}

fn see(result: Result<Response<Bytes>, Failure>) -> Seen {
    match result {
        Ok(answer) => Seen::Answer(answer.status().as_u16(), ErrorBody::parse(answer.body()).code),
        Err(failure) => Seen::Failure(failure.kind(), failure.sent()),
    }
}

fn create() -> CreateKeypair {
    CreateKeypair::new(KeypairName::new("deploy").unwrap())
}

fn code(text: &str) -> Fault {
    Fault::Code(RefusalCode::new(text).unwrap())
}

fn throttle(limit: u32, seconds: u64) -> Fault {
    Fault::Throttle { limit, window: Duration::from_secs(seconds) }
}

/// What so many lists come to, one after the other.
fn lists(transport: &InProcess, count: usize) -> Vec<Seen> {
    (0..count).map(|_| see(send(Colour::Blocking, transport, ListKeypairs::new()))).collect()
}

#[test]
fn each_fault_does_what_it_says() {
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    for (fault, seen, own) in [
        (Fault::Latency(Duration::from_secs(9)), answered(200), Some(200)),
        (Fault::ClockSkew(900), answered(200), Some(200)),
        (Fault::ClockSkew(-901), refused(401, "APIGW.0301"), Some(401)),
        (Fault::Refuse, Seen::Failure(FailureKind::Connect, Sent::No), None),
        (Fault::ResetBefore, lost(), None),
        (Fault::Status(unavailable), answered(503), None),
        (throttle(0, 60), refused(429, "APIGW.0308"), None),
        (Fault::Auth(AuthFault::TokenRevoked), refused(401, "APIGW.0307"), None),
        (Fault::Auth(AuthFault::Locked), refused(401, "APIGW.0301"), None),
        (code("KPS.5002"), refused(500, "KPS.5002"), None),
        (Fault::ResetAfter, lost(), Some(200)),
        (Fault::CutBody, lost(), Some(200)),
        (Fault::Garbage, answered(200), Some(200)),
        (Fault::StatusAfter(StatusCode::GATEWAY_TIMEOUT), answered(504), Some(200)),
    ] {
        for colour in COLOURS {
            let emulator = Emulator::new();
            let transport = virtual_transport(&emulator);
            let rule = FaultRule::new(fault.clone()).on("CreateKeypair").unwrap();
            emulator.inject(rule);
            assert_eq!(see(send(colour, &transport, create())), seen, "{colour:?} {fault:?}");
            assert_eq!(emulator.injected(), [("CreateKeypair", fault.clone())]);

            let calls = emulator.calls();
            assert_eq!(calls.len(), usize::from(fault != Fault::Refuse), "{fault:?}");
            for call in calls {
                assert_eq!(call.status.map(|status| status.as_u16()), own, "{fault:?}");
                assert_eq!((call.operation, call.faults), (Some("CreateKeypair"), vec![fault.clone()]));
            }
            let has_acted = own == Some(200);
            assert_eq!(emulator.applied("CreateKeypair"), usize::from(has_acted), "{fault:?}");

            emulator.clear_faults();
            let again = if has_acted { refused(400, "KPS.7004") } else { answered(200) };
            assert_eq!(see(send(colour, &transport, create())), again, "what {fault:?} left");
            assert_eq!(emulator.injected().len(), 1);
        }
    }
}

#[test]
fn what_stands_in_front_answers_with_a_page() {
    let emulator = Emulator::new();
    let transport = virtual_transport(&emulator);
    for fault in [Fault::Status(StatusCode::BAD_GATEWAY), Fault::StatusAfter(StatusCode::BAD_GATEWAY)] {
        emulator.inject(FaultRule::new(fault).once());
        let answer = send(Colour::Blocking, &transport, ListKeypairs::new()).unwrap();
        assert_eq!(answer.headers()["content-type"], "text/html");
        assert_eq!(answer.headers()["date"], "Fri, 15 Jan 2027 08:00:00 GMT");
        assert!(!answer.headers().contains_key("x-request-id"));
        assert!(answer.body().starts_with(b"<html>\r\n<head><title>502 Bad Gateway</title>"));
    }
    emulator.inject(FaultRule::new(Fault::Status(StatusCode::NO_CONTENT)));
    let answer = send(Colour::Blocking, &transport, ListKeypairs::new()).unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().len()), (204, 0));
}

#[test]
fn garbage_is_neither_json_nor_text() {
    let emulator = Emulator::new();
    emulator.inject(FaultRule::new(Fault::Garbage));
    let answer = send(Colour::Blocking, &virtual_transport(&emulator), ListKeypairs::new()).unwrap();
    assert!(std::str::from_utf8(answer.body()).is_err());
    assert!(answer.body().starts_with(b"<html>"));
}

#[test]
fn a_rule_acts_when_it_is_due() {
    let unavailable = Fault::Status(StatusCode::SERVICE_UNAVAILABLE);
    let rule = || FaultRule::new(unavailable.clone());
    for (rule, expected) in [
        (rule(), [503, 503, 503, 503]),
        (rule().nth(0), [200, 200, 200, 200]),
        (rule().nth(1), [503, 200, 200, 200]),
        (rule().nth(3), [200, 200, 503, 200]),
        (rule().first(0), [200, 200, 200, 200]),
        (rule().first(2), [503, 503, 200, 200]),
        (rule().once(), [503, 200, 200, 200]),
        (rule().chance(0.0, 1), [200, 200, 200, 200]),
        (rule().chance(1.0, 1), [503, 503, 503, 503]),
        (rule().nth(3).on("ListKeypairs").unwrap(), [200, 200, 503, 200]),
        (rule().on("CreateKeypair").unwrap(), [200, 200, 200, 200]),
    ] {
        let emulator = Emulator::new();
        emulator.inject(rule.clone());
        let seen = lists(&virtual_transport(&emulator), 4);
        assert_eq!(seen, expected.map(answered), "{rule:?}");
        let count = expected.iter().filter(|status| **status == 503).count();
        assert_eq!(emulator.injected(), vec![("ListKeypairs", unavailable.clone()); count]);
        assert_eq!(emulator.applied("ListKeypairs"), 4 - count);
    }
}

#[test]
fn only_calls_of_its_operation_count() {
    let emulator = Emulator::new();
    let transport = virtual_transport(&emulator);
    emulator.inject(FaultRule::new(Fault::Refuse).on("CreateKeypair").unwrap().nth(1));
    assert_eq!(lists(&transport, 2), [answered(200), answered(200)]);
    let refused = Seen::Failure(FailureKind::Connect, Sent::No);
    assert_eq!(see(send(Colour::Blocking, &transport, create())), refused);
}

#[test]
fn the_same_seed_makes_it_the_same_calls() {
    let run = |seed| {
        let emulator = Emulator::new();
        emulator.inject(FaultRule::new(Fault::ResetBefore).chance(0.5, seed));
        lists(&virtual_transport(&emulator), 64)
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    let count = run(1).iter().filter(|seen| **seen == lost()).count();
    assert!((20..=44).contains(&count), "{count}");
}

#[test]
fn a_rule_without_an_operation_is_only_for_those_of_the_service() {
    let emulator = Emulator::new();
    emulator.inject(FaultRule::new(Fault::Refuse));
    emulator.inject(FaultRule::new(Fault::ClockSkew(9)));
    for target in ["/v3/projects", "/openstack/latest/securitykey", "/nowhere"] {
        let request = Request::get(format!("http://kms.example.com{target}")).body(Bytes::new()).unwrap();
        let outcome = emulator.respond(&request, start(), Way::Connection);
        let End::Answer(answer) = outcome.end else { panic!("{target}: {outcome:?}") };
        assert_eq!(answer.headers()["date"], "Fri, 15 Jan 2027 08:00:00 GMT", "{target}");
    }
    assert_eq!(emulator.injected(), []);
    assert!(emulator.calls().iter().all(|call| call.operation.is_none() && call.faults.is_empty()));
}

#[test]
fn what_comes_first_on_the_way_acts() {
    let unavailable = Fault::Status(StatusCode::SERVICE_UNAVAILABLE);
    let way = [
        (Fault::Refuse, Seen::Failure(FailureKind::Connect, Sent::No)),
        (Fault::ResetBefore, lost()),
        (unavailable, answered(503)),
        (throttle(0, 60), refused(429, "APIGW.0308")),
        (Fault::Auth(AuthFault::TokenRevoked), refused(401, "APIGW.0307")),
        (code("KPS.5001"), refused(500, "KPS.5001")),
        (Fault::Garbage, answered(200)),
        (Fault::ResetAfter, lost()),
    ];
    let emulator = Emulator::new();
    let transport = virtual_transport(&emulator);
    // The last two are at the same place, where the first that was injected acts.
    for at in [7, 6, 5, 4, 3, 2, 1, 0] {
        let at = if at > 5 { 13 - at } else { at };
        emulator.inject(FaultRule::new(way[at].0.clone()).once());
    }
    for (fault, seen) in way {
        assert_eq!(lists(&transport, 1), [seen]);
        assert_eq!(emulator.injected().last(), Some(&("ListKeypairs", fault)));
    }
    assert_eq!(lists(&transport, 1), [answered(200)], "each once");
}

#[test]
fn a_rule_counts_a_call_that_another_takes() {
    let emulator = Emulator::new();
    emulator.inject(FaultRule::new(code("KPS.5001")).nth(1));
    emulator.inject(FaultRule::new(Fault::ResetBefore).nth(1));
    emulator.inject(FaultRule::new(Fault::Garbage).nth(2));
    assert_eq!(lists(&virtual_transport(&emulator), 3), [lost(), answered(200), answered(200)]);
    let injected = [Fault::ResetBefore, Fault::Garbage].map(|fault| ("ListKeypairs", fault));
    assert_eq!(emulator.injected(), injected);
}

#[test]
fn slowness_and_a_wrong_clock_go_with_any_other() {
    let emulator = Emulator::new();
    let transport = virtual_transport(&emulator);
    let along = [Fault::Latency(Duration::from_secs(2)), Fault::Latency(Duration::from_secs(3))];
    let along = along.into_iter().chain([Fault::ClockSkew(60), Fault::ClockSkew(-20)]);
    for fault in along.clone() {
        emulator.inject(FaultRule::new(fault).first(2));
    }
    emulator.inject(FaultRule::new(Fault::Garbage).nth(1));
    let answer = send(Colour::Blocking, &transport, ListKeypairs::new()).unwrap();
    assert_eq!(answer.headers()["date"], "Fri, 15 Jan 2027 08:00:40 GMT");
    assert_eq!(Transport::ticks(&transport), Duration::from_secs(5));
    let all: Vec<Fault> = along.chain([Fault::Garbage]).collect();
    assert_eq!(emulator.calls()[0].faults, all);

    emulator.inject(FaultRule::new(Fault::Refuse).once());
    assert_eq!(lists(&transport, 1), [Seen::Failure(FailureKind::Connect, Sent::No)]);
    assert_eq!(Transport::ticks(&transport), Duration::from_secs(5), "nobody is there to be slow");
    assert_eq!(emulator.injected().last(), Some(&("ListKeypairs", Fault::Refuse)));
    assert_eq!(emulator.injected().len(), all.len() + 1);
}

#[test]
fn a_throttle_opens_again_after_its_window() {
    let emulator = Emulator::new();
    let transport = virtual_transport(&emulator);
    emulator.inject(FaultRule::new(throttle(2, 300)).on("ListKeypairs").unwrap());
    let shut = || refused(429, "APIGW.0308");
    assert_eq!(lists(&transport, 3), [answered(200), answered(200), shut()]);
    let refusal = send(Colour::Blocking, &transport, ListKeypairs::new()).unwrap();
    let body = ErrorBody::parse(refusal.body());
    assert_eq!(
        body.message.unwrap(),
        "The throttling threshold has been reached: policy user over ratelimit,limit:2,time:5 minute",
    );
    assert_eq!(body.request_id.unwrap().as_bytes(), refusal.headers()["x-request-id"].as_bytes());
    assert_eq!(see(send(Colour::Blocking, &transport, create())), answered(200), "another operation");

    Transport::sleep(&transport, Duration::from_millis(299_999));
    assert_eq!(lists(&transport, 1), [shut()]);
    Transport::sleep(&transport, Duration::from_millis(1));
    assert_eq!(lists(&transport, 3), [answered(200), answered(200), shut()]);
    emulator.advance(Duration::from_secs(300));
    assert_eq!(lists(&transport, 1), [answered(200)]);
    let refusals = emulator.injected();
    assert_eq!(refusals, vec![("ListKeypairs", throttle(2, 300)); 4], "only what it refused was injected");
}

#[test]
fn a_call_that_breaks_before_a_throttle_does_not_count_there() {
    let emulator = Emulator::new();
    emulator.inject(FaultRule::new(throttle(1, 60)));
    emulator.inject(FaultRule::new(Fault::ResetBefore).nth(1));
    let seen = lists(&virtual_transport(&emulator), 3);
    assert_eq!(seen, [lost(), answered(200), refused(429, "APIGW.0308")]);
}

#[test]
fn a_wrong_clock_is_told_and_judges_signatures() {
    let emulator = Emulator::new();
    let transport = virtual_transport(&emulator);
    emulator.inject(FaultRule::new(Fault::ClockSkew(-3600)).nth(1));
    let answer = send(Colour::Blocking, &transport, ListKeypairs::new()).unwrap();
    assert_eq!(answer.headers()["date"], "Fri, 15 Jan 2027 07:00:00 GMT");
    let message = ErrorBody::parse(answer.body()).message.unwrap();
    let ends = "signature expired, signature time:20270115T080000Z,server time:20270115T070000Z";
    assert!(message.ends_with(ends), "{message}");
    for (skew, date) in [
        (i64::MIN, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (i64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (-1_800_000_001, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (1, "Fri, 15 Jan 2027 08:00:01 GMT"),
    ] {
        emulator.inject(FaultRule::new(Fault::ClockSkew(skew)).once());
        let answer = send(Colour::Blocking, &transport, ListKeypairs::new()).unwrap();
        assert_eq!(answer.headers()["date"], date);
    }
    assert_eq!(lists(&transport, 1), [answered(200)]);
}

#[test]
fn a_refusal_of_the_service_waits_for_a_call_that_gets_there() {
    let emulator = Emulator::new();
    let list = |project: &ProjectId, token: &str| {
        let request = Request::get(format!("http://kms.example.com/v3/{project}/keypairs"));
        let request = request.header("x-auth-token", token).body(Bytes::new()).unwrap();
        see(Ok(emulator.handle(&request, start())))
    };
    let (project, stranger) = (Emulator::project_id(), ProjectId::new("unknown").unwrap());
    emulator.refuse_next("ListKeypairs", "KPS.9004").unwrap();
    assert_eq!(list(&project, "wrong"), refused(401, "APIGW.0301"));
    assert_eq!(list(&stranger, Emulator::TOKEN), refused(403, "APIGW.0310"));
    assert_eq!(emulator.injected(), []);
    assert_eq!(list(&project, Emulator::TOKEN), refused(403, "KPS.9004"));
    assert_eq!(list(&project, Emulator::TOKEN), answered(200));
    let statuses = emulator.calls().into_iter().map(|call| call.status.map(|status| status.as_u16()));
    assert_eq!(statuses.collect::<Vec<_>>(), [Some(401), Some(403), None, Some(200)]);
}

#[test]
fn a_call_without_a_connection_passes_its_faults_over() {
    let emulator = Emulator::new();
    let project = Emulator::project_id();
    let request = Request::get(format!("http://kms.example.com/v3/{project}/keypairs"));
    let request = request.header("x-auth-token", Emulator::TOKEN).body(Bytes::new()).unwrap();
    let of_connection = [
        Fault::Latency(Duration::from_secs(1)),
        Fault::Refuse,
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::CutBody,
    ];
    for fault in of_connection {
        emulator.inject(FaultRule::new(fault).nth(1));
    }
    assert_eq!(emulator.handle(&request, start()).status(), 200);
    assert_eq!(emulator.injected(), []);
    emulator.inject(FaultRule::new(Fault::StatusAfter(StatusCode::BAD_GATEWAY)).nth(1));
    assert_eq!(emulator.handle(&request, start()).status(), 502);

    let refused = Seen::Failure(FailureKind::Connect, Sent::No);
    assert_eq!(lists(&virtual_transport(&emulator), 2), [refused, answered(200)], "they were not counted");
}

#[test]
fn nothing_of_an_answer_without_a_body_can_be_cut() {
    let empty = End::cut(Response::new(Bytes::new()));
    assert!(matches!(empty, End::Reset), "{empty:?}");
    let full = End::cut(Response::new(Bytes::from_static(b"{")));
    assert!(matches!(full, End::Cut(_)), "{full:?}");
}

#[test]
fn rules_and_the_journal_are_shared_by_clones() {
    let emulator = Emulator::new();
    emulator.clone().inject(FaultRule::new(Fault::Garbage));
    lists(&virtual_transport(&emulator.clone()), 1);
    assert_eq!(emulator.applied("ListKeypairs"), 1);
    assert_eq!(emulator.injected().len(), 1);
}

fn any_fault() -> impl Strategy<Value = Fault> {
    let time = || {
        prop_oneof![Just(Duration::ZERO), Just(Duration::MAX), (0..u64::MAX).prop_map(Duration::from_nanos)]
    };
    let status = || (100_u16..1000).prop_map(|status| StatusCode::from_u16(status).unwrap());
    prop_oneof![
        time().prop_map(Fault::Latency),
        any::<i64>().prop_map(Fault::ClockSkew),
        prop_oneof![Just(i64::MIN), Just(i64::MAX)].prop_map(Fault::ClockSkew),
        Just(Fault::Refuse),
        Just(Fault::ResetBefore),
        status().prop_map(Fault::Status),
        (any::<u32>(), time()).prop_map(|(limit, window)| Fault::Throttle { limit: limit % 3, window }),
        Just(Fault::Auth(AuthFault::SignatureExpired)),
        Just(code("KPS.5001")),
        Just(Fault::ResetAfter),
        Just(Fault::CutBody),
        Just(Fault::Garbage),
        status().prop_map(Fault::StatusAfter),
    ]
}

fn any_rule() -> impl Strategy<Value = FaultRule> {
    (any_fault(), 0..5, any::<u64>(), any::<f64>()).prop_map(|(fault, when, number, probability)| {
        let rule = FaultRule::new(fault);
        match when {
            0 => rule.nth(number % 5),
            1 => rule.first(number),
            2 => rule.once(),
            3 => rule.chance(probability, number),
            _ => rule,
        }
    })
}

proptest! {
    #[test]
    fn whatever_is_asked_for_nothing_panics(
        rules in proptest::collection::vec(any_rule(), 0..6),
        seconds in prop_oneof![Just(0_u64), Just(253_402_300_799), 0..u64::MAX / 4],
        is_early in any::<bool>(),
    ) {
        let emulator = Emulator::new();
        for rule in &rules {
            emulator.inject(rule.clone());
        }
        let by = Duration::from_secs(seconds);
        let now = if is_early { UNIX_EPOCH.checked_sub(by) } else { UNIX_EPOCH.checked_add(by) };
        let now = now.unwrap_or(UNIX_EPOCH);
        let project = Emulator::PROJECT_ID;
        let request = Request::get(format!("http://kms.example.com/v3/{project}/keypairs"));
        let request = request.header("x-auth-token", Emulator::TOKEN).body(Bytes::new()).unwrap();
        for _ in 0..4 {
            emulator.respond(&request, now, Way::Connection);
            emulator.handle(&request, now);
        }
        prop_assert!(emulator.calls().len() <= 8);
        prop_assert!(emulator.applied("ListKeypairs") <= 8);
    }
}
