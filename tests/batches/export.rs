use kps_conformance::{Subject, in_both_colours};
use kps_core::{
    BatchOptions, CreateKeypair, Encryption, KeypairName, Outcomes, Prepared, PrivateKey, blocking,
};
use kps_emulator::{Fault, FaultRule};

use crate::line::Line;
use crate::site::{Place, awaited, blocking, import, name, on_site};

fn names(count: usize) -> Vec<KeypairName> {
    (0..count).map(|number| name(format!("hosted-{number}"))).collect()
}

/// So many hosted key pairs, and the private keys they were made with.
fn set_up(count: usize) -> (Place, Vec<PrivateKey>) {
    let place = Place::new();
    let make = |name| CreateKeypair::new_hosted(name, Encryption::Default);
    let kps = place.kps();
    let keys =
        names(count).into_iter().map(|name| kps.send(make(name)).unwrap().keypair.private_key.unwrap());
    let keys = keys.collect();
    (place, keys)
}

fn words(outcomes: &Outcomes<KeypairName, PrivateKey>) -> Vec<&'static str> {
    outcomes
        .iter()
        .map(|outcome| outcome.result.as_ref().map_or_else(kps_core::Error::id, |_| "key"))
        .collect()
}

in_both_colours!(
    any_number_is_exported_in_its_order,
    those_that_cannot_be_are_told_from_the_others,
    what_breaks_is_told_and_the_rest_goes_on,
);

fn any_number_is_exported_in_its_order<S: Subject>(connect: &dyn Fn(Line) -> S) {
    for at_once in [1, 3] {
        let (place, keys) = set_up(33);
        let calls = place.emulator.calls().len();
        let options = BatchOptions::new().with_calls_at_once(at_once);
        let outcomes = connect(place.line()).export_private_keys(names(33), &options);
        assert!(outcomes.is_complete());
        for ((outcome, name), key) in outcomes.iter().zip(names(33)).zip(&keys) {
            assert_eq!(outcome.item, name);
            assert_eq!(outcome.result.as_ref().unwrap().expose(), key.expose());
        }
        assert_eq!(place.emulator.calls().len() - calls, 4);
        assert!(!format!("{outcomes:?}").contains("PRIVATE KEY"));
    }
}

fn those_that_cannot_be_are_told_from_the_others<S: Subject>(connect: &dyn Fn(Line) -> S) {
    let (place, keys) = set_up(14);
    place.kps().send(import(0)).unwrap();
    let mut wanted = names(14);
    wanted.insert(3, name("absent"));
    wanted.insert(8, name("user-0"));
    wanted.push(name("hosted-2"));
    let outcomes = connect(place.line()).export_private_keys(wanted, &BatchOptions::new());
    let mut expected = ["key"; 17];
    (expected[3], expected[8], expected[16]) = ("not_found", "refused", "input");
    assert_eq!(words(&outcomes), expected);
    let codes: Vec<_> = outcomes.failed().map(|(_, error)| error.code()).collect();
    assert_eq!(codes, [Some("KPS.4016"), Some("KPS.6005"), None]);
    let exported = outcomes.succeeded().map(|(_, key)| key.expose());
    assert!(exported.eq(keys.iter().map(PrivateKey::expose)));
}

fn what_breaks_is_told_and_the_rest_goes_on<S: Subject>(connect: &dyn Fn(Line) -> S) {
    let (place, _) = set_up(30);
    for nth in 2..=4 {
        place
            .emulator
            .inject(FaultRule::new(Fault::ResetAfter).on("BatchExportPrivateKey").unwrap().nth(nth));
    }
    let outcomes = connect(place.line()).export_private_keys(names(30), &BatchOptions::new());
    assert_eq!(words(&outcomes), [["key"; 10], ["interrupted"; 10], ["key"; 10]].concat());
    assert!(outcomes.failed().all(|(_, error)| error.attempts() == 3));

    let (place, _) = set_up(30);
    place.emulator.refuse_next("BatchExportPrivateKey", "KPS.4016").unwrap();
    place.emulator.refuse_next("ExportPrivateKey", "KPS.9003").unwrap();
    let outcomes = connect(place.line()).export_private_keys(names(30), &BatchOptions::new());
    assert_eq!(words(&outcomes), [&["forbidden"][..], &["not_tried"; 29]].concat());

    // An archive that is none.
    let (place, _) = set_up(12);
    place.emulator.inject(FaultRule::new(Fault::Garbage).on("BatchExportPrivateKey").unwrap());
    assert!(connect(place.line()).export_private_keys(names(12), &BatchOptions::new()).is_complete());
}

#[test]
fn no_names_are_no_calls() {
    let nobody = |_: Prepared| panic!("nothing is sent");
    let kps = on_site(blocking::Client::builder(nobody)).build().unwrap();
    assert!(kps.export_private_keys(vec![], &BatchOptions::new()).is_empty());
    assert!(kps.import_keypairs(vec![], &BatchOptions::new().with_calls_at_once(4)).is_empty());
}
