//! Runs that end anywhere, and the run after.

use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Waker};

use kps_conformance::{Subject, in_both_colours};
use kps_core::{BatchOptions, CreateKeypair};
use kps_emulator::{Fault, FaultRule};
use proptest::prelude::*;

use crate::line::{Cut, Line};
use crate::site::{Place, awaited, blocking, client, id_of, import, imports, in_order, name, public, words};

const COUNT: usize = 33;

/// Key pairs 20 to 22 are there before, and the name of 30 is another's.
fn set_up() -> Place {
    let place = Place::new();
    for number in 20..23 {
        place.kps().send(import(number)).unwrap();
    }
    place.kps().send(CreateKeypair::import(name("user-30"), public(99))).unwrap();
    place
}

/// Runs again with a new client, and looks that all is done, and nothing twice.
fn resume<S: Subject>(place: &Place, connect: &dyn Fn(Line) -> S, case: &str) {
    let numbers = || (0..COUNT).filter(|number| *number != 30);
    let before: Vec<_> = numbers().map(|number| id_of(&place.kps(), number)).collect();
    let outcomes = connect(place.line()).import_keypairs(imports(COUNT), &BatchOptions::new());
    assert!(in_order(&outcomes, &imports(COUNT)), "{case}");
    let words = words(&outcomes);
    assert_eq!(words[30], "mismatch", "{case}");
    for (number, before) in numbers().zip(before) {
        assert_eq!(words[number], if before.is_some() { "found" } else { "made" }, "{case}: {number}");
        let now = id_of(&place.kps(), number);
        assert!(now.is_some() && before.is_none_or(|before| Some(before) == now), "{case}: {number}");
    }
}

in_both_colours!(a_run_that_is_cut_anywhere_is_completed_by_the_next);

fn a_run_that_is_cut_anywhere_is_completed_by_the_next<S: Subject>(connect: &dyn Fn(Line) -> S) {
    for at_once in [1, 3] {
        let options = BatchOptions::new().with_calls_at_once(at_once);
        for cut in [Cut::Before, Cut::After] {
            let mut at = 0;
            loop {
                let place = set_up();
                let line = Line::cut(place.transport.clone(), at, cut);
                let outcomes = connect(line.clone()).import_keypairs(imports(COUNT), &options);
                let case = format!("{cut:?} {at}, {at_once} at once");
                // What the first run told is so, whatever it knew.
                for (number, outcome) in outcomes.iter().enumerate() {
                    match &outcome.result {
                        Ok(_) => assert!(id_of(&place.kps(), number).is_some(), "{case}: {number}"),
                        Err(_) if number == 30 => {}
                        Err(error) if error.may_have_been_applied() => {}
                        Err(_) => assert!(
                            (20..23).contains(&number) || id_of(&place.kps(), number).is_none(),
                            "{case}: {number}"
                        ),
                    }
                }
                resume(&place, connect, &case);
                if !line.is_cut() {
                    break;
                }
                at += 1;
            }
            assert!(at >= 8, "four calls, and a look at each of four key pairs: {at}");
        }
    }
}

#[test]
fn a_run_that_is_given_up_anywhere_is_completed_by_the_next() {
    for at_once in [1, 3] {
        let options = BatchOptions::new().with_calls_at_once(at_once);
        let mut at = 0;
        loop {
            let place = set_up();
            let kps = client(Line::cut(place.transport.clone(), at, Cut::Held));
            // Dropped where it waits, or when it has ended.
            let ended = {
                let mut run = pin!(kps.import_keypairs(imports(COUNT), &options));
                let mut context = Context::from_waker(Waker::noop());
                (0..100).any(|_| run.as_mut().poll(&mut context).is_ready())
            };
            resume(&place, &blocking, &format!("held at {at}, {at_once} at once"));
            if ended {
                break;
            }
            at += 1;
        }
        assert_eq!(at, 8, "four calls, and a look at each of four key pairs");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is there before and whatever breaks by chance, what is told is so, and at last all is done.
    #[test]
    fn chance_is_survived(
        count in 0_usize..45,
        there in proptest::collection::btree_set(0_usize..45, 0..6),
        at_once in 1_usize..6,
        seed in any::<u64>(),
    ) {
        let place = Place::new();
        for number in &there {
            place.kps().send(import(*number)).unwrap();
        }
        for (nth, fault) in [Fault::ResetBefore, Fault::ResetAfter, Fault::CutBody, Fault::Refuse, Fault::Garbage].into_iter().enumerate() {
            place.emulator.inject(FaultRule::new(fault).chance(0.1, seed.wrapping_add(nth as u64)));
        }
        let options = BatchOptions::new().with_calls_at_once(at_once);
        let outcomes = blocking(place.line()).import_keypairs(imports(count), &options);
        place.emulator.clear_faults();
        prop_assert!(in_order(&outcomes, &imports(count)));
        for (number, outcome) in outcomes.iter().enumerate() {
            let is_there = id_of(&place.kps(), number).is_some();
            match &outcome.result {
                Ok(_) => prop_assert!(is_there),
                // Nobody could look, or it was there before.
                Err(error) => prop_assert!(!is_there || error.may_have_been_applied() || there.contains(&number), "{}: {}", number, error),
            }
        }
        let again = place.kps().import_keypairs(imports(count), &BatchOptions::new());
        prop_assert!(again.is_complete());
    }
}
