use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kps_conformance::{Subject, in_both_colours};
use kps_core::{BatchOptions, CreateKeypair, Encryption, ErrorKind, Fingerprint, UserId};
use kps_emulator::{AuthFault, Fault, FaultRule, RefusalCode};

use crate::line::Line;
use crate::site::{Place, awaited, blocking, import, imports, in_order, name, public, words};

in_both_colours!(
    two_hundred_and_fifty_are_imported_in_their_order,
    each_has_an_outcome_of_its_own,
    a_call_that_fails_takes_no_other_with_it,
    where_all_would_fail_nothing_more_is_sent,
    what_is_refused_as_a_whole_is_sent_one_by_one,
    throttling_slows_it_down_and_no_more,
);

fn two_hundred_and_fifty_are_imported_in_their_order<S: Subject>(connect: &dyn Fn(Line) -> S) {
    for at_once in [0, 1, 4, 100] {
        let place = Place::new();
        let kps = connect(place.line());
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = told.clone();
        let options = BatchOptions::new().with_calls_at_once(at_once).with_progress(move |item| {
            assert!(item.error.is_none() && item.total == 250);
            heard.lock().unwrap().push((item.done, item.item.to_owned()));
        });

        let outcomes = kps.import_keypairs(imports(250), &options);
        assert!(outcomes.is_complete() && in_order(&outcomes, &imports(250)), "{at_once}");
        assert_eq!(words(&outcomes), ["made"; 250]);
        assert_eq!(place.emulator.calls().len(), 25);
        let told = std::mem::take(&mut *told.lock().unwrap());
        assert!(told.iter().map(|(done, _)| *done).eq(1..=250), "one after the other: {told:?}");
        let names: BTreeMap<String, usize> = told.into_iter().map(|(done, item)| (item, done)).collect();
        assert_eq!(names.len(), 250);

        let again = kps.import_keypairs(imports(250), &options);
        assert!(in_order(&again, &imports(250)));
        assert_eq!(words(&again), ["found"; 250]);
    }
}

fn each_has_an_outcome_of_its_own<S: Subject>(connect: &dyn Fn(Line) -> S) {
    let place = Place::new();
    let made = place.kps().send(CreateKeypair::new(name("made"))).unwrap().keypair;
    let private_key = made.private_key.unwrap();
    let hosted = |named: &str, key| {
        CreateKeypair::import_hosted(name(named), key, private_key.clone(), Encryption::Default)
    };
    place.kps().send(import(1)).unwrap();
    let taken = CreateKeypair::import(name("user-1"), public(2));
    let elsewhere = import(7).with_user_id(UserId::new("somebody").unwrap());
    let batch = vec![
        import(0),
        import(1),
        hosted("hosted", made.public_key.unwrap()),
        hosted("mixed", public(3)),
        taken.clone(),
        CreateKeypair::new(name("new")),
        elsewhere,
        import(8),
    ];
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = heard.clone();
    let options = BatchOptions::new().with_progress(move |item| {
        told.lock().unwrap().push(item.error.map(kps_core::Error::id));
    });
    let outcomes = connect(place.line()).import_keypairs(batch, &options);
    let expected = ["made", "found", "made", "refused", "input", "input", "not_found", "made"];
    assert_eq!(words(&outcomes), expected);
    assert_eq!(heard.lock().unwrap().iter().filter(|error| error.is_some()).count(), 4);

    let texts: BTreeMap<_, _> =
        outcomes.failed().map(|(item, error)| (item.to_string(), error.to_string())).collect();
    assert!(texts["mixed"].ends_with("code KPS.6011: The private key does not match the public key"));
    assert_eq!(texts["user-1"], "`user-1` is item 2 of the batch already");
    assert_eq!(texts["new"], "BatchImportKeypair: `new` has no public key to import");
    assert!(texts["user-7"].starts_with("BatchImportKeypair: refused within an answer of status 200"));

    // A batch hands a hosted key back, and nothing shows it.
    let json = serde_json::to_string(&outcomes).unwrap();
    let shown = format!("{json}{outcomes:?}");
    assert!(!shown.contains("PRIVATE KEY"), "{shown}");
    assert!(
        json.starts_with(r#"[{"item":"user-0","result":{"name":"user-0","made":true,"public_key":"ssh-"#)
    );

    let other = connect(place.line()).import_keypairs(vec![taken], &BatchOptions::new());
    let (_, error) = other.failed().next().unwrap();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    let print = |number| Fingerprint::sha256(&public(number)).unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "BatchImportKeypair: `user-1` is there with another key: it has {}, and {} is wanted",
            print(1),
            print(2),
        ),
    );
}

fn a_call_that_fails_takes_no_other_with_it<S: Subject>(connect: &dyn Fn(Line) -> S) {
    // The third of five calls finds nobody, with each of its attempts.
    let place = Place::new();
    for nth in 3..=5 {
        place.emulator.inject(FaultRule::new(Fault::Refuse).on("BatchImportKeypair").unwrap().nth(nth));
    }
    let kps = connect(place.line());
    let outcomes = kps.import_keypairs(imports(50), &BatchOptions::new());
    assert!(in_order(&outcomes, &imports(50)));
    let expected = [["made"; 10], ["made"; 10], ["connect"; 10], ["made"; 10], ["made"; 10]];
    assert_eq!(words(&outcomes), expected.concat());
    assert!(outcomes.failed().all(|(_, error)| error.attempts() == 3 && !error.may_have_been_applied()));

    let again = words(&kps.import_keypairs(imports(50), &BatchOptions::new()));
    let expected = [["found"; 10], ["found"; 10], ["made"; 10], ["found"; 10], ["found"; 10]];
    assert_eq!(again, expected.concat());
}

fn where_all_would_fail_nothing_more_is_sent<S: Subject>(connect: &dyn Fn(Line) -> S) {
    let code = |code| Fault::Code(RefusalCode::new(code).unwrap());
    for (fault, id) in [
        (code("KPS.9003"), "forbidden"),
        (code("KPS.9004"), "forbidden"),
        (Fault::Auth(AuthFault::Signature), "unauthenticated"),
    ] {
        for at_once in [1, 2] {
            let place = Place::new();
            let from_third = || FaultRule::new(fault.clone()).on("BatchImportKeypair").unwrap();
            for nth in 3..=6 {
                place.emulator.inject(from_third().nth(nth));
            }
            let kps = connect(place.line());
            let options = BatchOptions::new().with_calls_at_once(at_once);
            let outcomes = kps.import_keypairs(imports(60), &options);
            let words = words(&outcomes);
            assert_eq!(words.iter().filter(|word| **word == "made").count(), 20, "{words:?}");
            let refused = words.iter().filter(|word| **word == id).count();
            assert!(refused == 10 || refused == 20 && at_once == 2, "{words:?}");
            let not_tried = words.iter().filter(|word| **word == "not_tried").count();
            assert_eq!(20 + refused + not_tried, 60, "{words:?}");
            let (_, error) = outcomes.failed().last().unwrap();
            assert!(
                error.to_string().starts_with("not tried, since another call ended so: BatchImportKeypair: ")
            );
            assert!(place.emulator.calls().len() <= 3 + (at_once - 1) + 2);
        }
    }
}

fn what_is_refused_as_a_whole_is_sent_one_by_one<S: Subject>(connect: &dyn Fn(Line) -> S) {
    let place = Place::new();
    // The second call of ten, and then the third by itself.
    for nth in [2, 5] {
        let fault = Fault::Code(RefusalCode::new("KPS.0002").unwrap());
        place.emulator.inject(FaultRule::new(fault).on("BatchImportKeypair").unwrap().nth(nth));
    }
    let outcomes = connect(place.line()).import_keypairs(imports(30), &BatchOptions::new());
    let mut expected = ["made"; 30];
    expected[12] = "refused";
    assert_eq!(words(&outcomes), expected);
    assert_eq!(place.emulator.calls().len(), 13);

    // Who may not is not told so ten times: five wrong signatures lock the key.
    let place = Place::new();
    place.emulator.refuse_next("BatchImportKeypair", "KPS.0002").unwrap();
    let fault = || Fault::Code(RefusalCode::new("KPS.9003").unwrap());
    place.emulator.inject(FaultRule::new(fault()).on("BatchImportKeypair").unwrap().nth(4));
    let outcomes = connect(place.line()).import_keypairs(imports(20), &BatchOptions::new());
    let expected = [&["made"; 2][..], &["forbidden"], &["not_tried"; 17]].concat();
    assert_eq!(words(&outcomes), expected);
}

fn throttling_slows_it_down_and_no_more<S: Subject>(connect: &dyn Fn(Line) -> S) {
    for at_once in [1, 4] {
        let place = Place::new();
        let throttle = Fault::Throttle { limit: 2, window: Duration::from_secs(1) };
        place.emulator.inject(FaultRule::new(throttle).on("BatchImportKeypair").unwrap());
        let kps = connect(place.line());
        let options = BatchOptions::new().with_calls_at_once(at_once);
        // A call that is out of its turn three times is left for the next run.
        let mut runs = 0;
        loop {
            runs += 1;
            let outcomes = kps.import_keypairs(imports(120), &options);
            assert!(outcomes.failed().all(|(_, error)| error.is_throttled()), "{outcomes:?}");
            if outcomes.is_complete() {
                break;
            }
        }
        assert!(runs < 10, "{runs}");
    }
}
