//! Answers that are lost on the way: what the service did is looked up.

use std::time::Duration;

use http::StatusCode;
use kps_conformance::{Subject, in_both_colours};
use kps_core::{BatchOptions, Client, ErrorKind, ListKeypairDetail, blocking};
use kps_emulator::{Fault, FaultRule};

use crate::line::Line;
use crate::site::{Place, awaited, blocking, id_of, import, imports, in_order, name, on_site, words};

/// Faults after which nobody knows what the service did.
fn faults() -> [Fault; 6] {
    [
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::CutBody,
        Fault::Garbage,
        Fault::Status(StatusCode::BAD_GATEWAY),
        Fault::StatusAfter(StatusCode::GATEWAY_TIMEOUT),
    ]
}

in_both_colours!(each_is_looked_for_and_sent_once_more);

fn each_is_looked_for_and_sent_once_more<S: Subject>(connect: &dyn Fn(Line) -> S) {
    for fault in faults() {
        for at_once in [1, 4] {
            let place = Place::new();
            // Some of the second call were there before.
            for number in [11, 15] {
                place.kps().send(import(number)).unwrap();
            }
            place.pass(Duration::from_secs(60));
            place.emulator.inject(FaultRule::new(fault.clone()).on("BatchImportKeypair").unwrap().nth(2));
            let options = BatchOptions::new().with_calls_at_once(at_once);
            let outcomes = connect(place.line()).import_keypairs(imports(30), &options);
            assert!(in_order(&outcomes, &imports(30)));
            let mut expected = ["made"; 30];
            [expected[11], expected[15]] = ["found"; 2];
            assert_eq!(words(&outcomes), expected, "{fault:?} {at_once}: {outcomes:?}");
        }
    }
}

#[test]
fn without_another_attempt_each_is_told_what_is_so() {
    for (fault, applied) in [(Fault::ResetBefore, false), (Fault::ResetAfter, true)] {
        let place = Place::new();
        place.kps().send(import(3)).unwrap();
        place.pass(Duration::from_secs(60));
        place.emulator.inject(FaultRule::new(fault).on("BatchImportKeypair").unwrap().nth(1));
        let kps = place.kps().with_attempts(1);
        let outcomes = kps.import_keypairs(imports(12), &BatchOptions::new());
        let mut expected = [if applied { "made" } else { "interrupted" }; 12];
        [expected[3], expected[10], expected[11]] = ["found", "made", "made"];
        assert_eq!(words(&outcomes), expected);
        assert!(outcomes.failed().all(|(_, error)| error.may_have_been_applied()));
    }
}

#[test]
fn where_it_cannot_be_looked_the_lost_call_is_told() {
    let place = Place::new();
    place.emulator.inject(FaultRule::new(Fault::ResetAfter).on("BatchImportKeypair").unwrap().nth(1));
    place.emulator.inject(FaultRule::new(Fault::Refuse).on("ListKeypairDetail").unwrap());
    let outcomes = place.kps().import_keypairs(imports(12), &BatchOptions::new());
    assert_eq!(words(&outcomes), [&["interrupted"; 10][..], &["made"; 2]].concat());
    assert!(outcomes.failed().all(|(_, error)| error.may_have_been_applied()));
    // One look is enough to know that.
    assert_eq!(place.emulator.injected().iter().filter(|(name, _)| *name == "ListKeypairDetail").count(), 3);
}

#[test]
fn a_name_that_is_taken_and_cannot_be_looked_at_stays_a_conflict() {
    let place = Place::new();
    place.kps().send(import(0)).unwrap();
    place.emulator.inject(FaultRule::new(Fault::Refuse).on("ListKeypairDetail").unwrap());
    let outcomes = place.kps().import_keypairs(imports(2), &BatchOptions::new());
    assert_eq!(words(&outcomes), ["conflict", "made"]);
    let (_, error) = outcomes.failed().next().unwrap();
    assert_eq!((error.code(), error.status()), (Some("KPS.7004"), Some(200)));
}

/// An answer of the service as the test wants it, and nothing there that could be looked at.
fn answered(body: &'static str) -> impl Fn(kps_core::Prepared) -> http::Response<bytes::Bytes> + Send + Sync {
    move |request| {
        let mut answer = http::Response::new(body.into());
        if request.uri().path().contains("/keypairs/user-") {
            *answer.status_mut() = StatusCode::NOT_FOUND;
        }
        answer
    }
}

#[test]
fn an_answer_is_matched_by_name_and_what_it_leaves_out_is_looked_for() {
    let body = r#"{"failed_keypairs":[{"keypair_name":"user-2","failed_reason":"as it is"}],
        "succeeded_keypairs":[{"keypair":{"keypair":{"name":"user-3"}}},{"keypair":{"name":"stranger"}},{"keypair":{"name":"user-0"}}]}"#;
    let give = answered(body);
    let kps = on_site(blocking::Client::builder(move |request| Ok(give(request)))).build().unwrap();
    let one = kps.import_keypairs(imports(4), &BatchOptions::new());
    let give = answered(body);
    let kps = on_site(Client::builder(move |request| std::future::ready(Ok(give(request))))).build().unwrap();
    let other = pollster::block_on(kps.import_keypairs(imports(4), &BatchOptions::new()));
    for outcomes in [one, other] {
        assert_eq!(words(&outcomes), ["made", "decode", "refused", "made"]);
        let errors: Vec<_> = outcomes.failed().map(|(_, error)| error).collect();
        assert_eq!(errors[0].kind(), ErrorKind::Decode);
        assert!(errors[0].may_have_been_applied());
        assert_eq!(
            errors[0].to_string(),
            "BatchImportKeypair: the answer says nothing of this item (it may have been applied)",
        );
        assert_eq!(errors[1].message(), Some("as it is"));
    }
}

#[test]
fn what_is_made_meanwhile_by_another_is_found() {
    let place = Place::new();
    assert!(place.kps().import_keypairs(imports(5), &BatchOptions::new()).is_complete());
    let ids: Vec<_> = (0..5).map(|number| id_of(&place.kps(), number)).collect();
    let outcomes = place.kps().import_keypairs(imports(10), &BatchOptions::new());
    assert_eq!(words(&outcomes), [["found"; 5], ["made"; 5]].concat());
    assert!(ids.iter().all(Option::is_some));
    assert_eq!(ids, (0..5).map(|number| id_of(&place.kps(), number)).collect::<Vec<_>>());
    assert!(place.kps().send(ListKeypairDetail::new(name("user-10"))).is_err());
}
