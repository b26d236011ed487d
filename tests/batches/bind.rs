use std::time::Duration;

use kps_conformance::{Subject, in_both_colours};
use kps_core::{
    AssociateKeypair, BatchOptions, CreateKeypair, Encryption, Login, Outcomes, PrivateKey, Server, ServerId,
    TaskHandle, WaitOptions,
};
use kps_emulator::{Emulator, Fault, FaultRule, RefusalCode, Seed, SeedServer};

use crate::line::Line;
use crate::site::{Place, awaited, blocking, name};

const RUNNING: usize = 34;

fn id(number: usize) -> ServerId {
    ServerId::new(format!("server-{number:02}")).unwrap()
}

/// Servers 0 to 33 run, with passwords of their own; 34 to 36 are shut off.
fn set_up() -> (Place, PrivateKey) {
    let running = (0..RUNNING).map(|number| SeedServer::running(id(number), format!("p-{number}")));
    let stopped = (RUNNING..RUNNING + 3).map(|number| SeedServer::stopped(id(number)));
    let servers = running.chain(stopped);
    let place =
        Place::of(Emulator::with_seed(Seed::built_in().with_servers(Emulator::project_id(), servers)));
    let kps = place.kps();
    let make = |named| kps.send(CreateKeypair::new_hosted(name(named), Encryption::Default)).unwrap().keypair;
    let key = make("a").private_key.unwrap();
    make("b");
    place.pass(Duration::from_secs(60));
    (place, key)
}

fn by_password(named: &str, number: usize) -> AssociateKeypair {
    let login = Login::password(format!("p-{number}"));
    AssociateKeypair::new(name(named), Server::running(id(number), login))
}

fn stopped(named: &str, number: usize) -> AssociateKeypair {
    AssociateKeypair::new(name(named), Server::stopped(id(number)))
}

fn words(outcomes: &Outcomes<ServerId, TaskHandle>) -> Vec<&'static str> {
    outcomes
        .iter()
        .map(|outcome| outcome.result.as_ref().map_or_else(kps_core::Error::id, |_| "task"))
        .collect()
}

fn carried(place: &Place, number: usize) -> Option<String> {
    let servers = place.emulator.servers(&Emulator::project_id());
    servers
        .into_iter()
        .find(|server| server.id == id(number))
        .unwrap()
        .keypair_name
        .map(|name| name.to_string())
}

fn calls(place: &Place, operation: &str) -> usize {
    place.emulator.calls().iter().filter(|call| call.operation == Some(operation)).count()
}

/// Every third server gets `b`, so that the key pairs are mixed.
fn all() -> Vec<AssociateKeypair> {
    let of = |number| if number % 3 == 0 { "b" } else { "a" };
    let running = (0..RUNNING).map(|number| by_password(of(number), number));
    running.chain((RUNNING..RUNNING + 3).map(|number| stopped("a", number))).collect()
}

in_both_colours!(
    any_number_is_bound_in_its_order,
    each_is_accepted_or_refused_by_itself,
    a_lost_answer_is_looked_up,
    a_call_that_is_refused_takes_no_other_with_it,
);

fn any_number_is_bound_in_its_order<S: Subject>(connect: &dyn Fn(Line) -> S) {
    for at_once in [1, 4] {
        let (place, _) = set_up();
        let kps = connect(place.line());
        let mut bindings = all();
        bindings.swap(3, 35);
        let options = BatchOptions::new().with_calls_at_once(at_once);
        let outcomes = kps.associate_keypairs(bindings.clone(), &options);
        assert!(outcomes.is_complete(), "{outcomes:?}");
        for (outcome, binding) in outcomes.iter().zip(&bindings) {
            let task = outcome.result.as_ref().unwrap();
            assert_eq!(outcome.item, *binding.server.id());
            assert_eq!(task.server_id.as_ref(), Some(binding.server.id()));
            assert_eq!(task.keypair_name.as_ref(), Some(&binding.keypair_name));
        }
        // 22 of one key pair, 12 of the other, and three by themselves.
        assert_eq!((calls(&place, "BatchAssociateKeypair"), calls(&place, "AssociateKeypair")), (5, 3));
        let tasks = outcomes.succeeded().map(|(_, task)| task.clone()).collect();
        assert!(kps.wait_all(tasks, &WaitOptions::new()).iter().all(Result::is_ok));
        for binding in bindings {
            let number = binding.server.id().as_str()[7..].parse().unwrap();
            assert_eq!(carried(&place, number), Some(binding.keypair_name.to_string()));
        }
    }
}

fn each_is_accepted_or_refused_by_itself<S: Subject>(connect: &dyn Fn(Line) -> S) {
    let (place, key) = set_up();
    let kps = connect(place.line());
    let first = kps.associate_keypairs(vec![by_password("a", 1), by_password("a", 2)], &BatchOptions::new());
    let tasks = first.succeeded().map(|(_, task)| task.clone()).collect();
    assert!(kps.wait_all(tasks, &WaitOptions::new()).iter().all(Result::is_ok));

    let gone = AssociateKeypair::new(
        name("a"),
        Server::running(ServerId::new("gone").unwrap(), Login::password("p")),
    );
    let no_password = AssociateKeypair::new(name("a"), Server::running(id(6), Login::password("")));
    let replace = AssociateKeypair::new(name("b"), Server::running(id(2), Login::private_key(key)));
    let bindings = vec![
        by_password("a", 0),
        by_password("a", 1),
        gone,
        replace,
        by_password("absent", 4),
        by_password("absent", 5),
        no_password,
        by_password("a", 0),
        by_password("b", 7),
    ];
    let outcomes = kps.associate_keypairs(bindings, &BatchOptions::new());
    let expected = ["task", "task", "refused", "task", "not_found", "not_found", "input", "input", "task"];
    // One that cannot be sent has all of its call sent one by one, where a server that carries a key pair is accepted.
    assert_eq!(words(&outcomes), expected);
    let without = vec![by_password("a", 8), by_password("a", 1), by_password("a", 9)];
    let outcomes = kps.associate_keypairs(without, &BatchOptions::new());
    assert_eq!(words(&outcomes), ["task", "refused", "task"]);
    let (_, error) = outcomes.failed().next().unwrap();
    let text = "BatchAssociateKeypair: refused within an answer of status 202, request id ";
    assert!(error.to_string().starts_with(text) && error.code() == Some("KPS.0002"), "{error}");
}

fn a_lost_answer_is_looked_up<S: Subject>(connect: &dyn Fn(Line) -> S) {
    for fault in [Fault::ResetAfter, Fault::CutBody, Fault::Garbage] {
        let (place, _) = set_up();
        place.emulator.inject(FaultRule::new(fault.clone()).on("BatchAssociateKeypair").unwrap().nth(2));
        place.emulator.inject(FaultRule::new(fault).on("AssociateKeypair").unwrap().nth(1));
        let kps = connect(place.line());
        let outcomes = kps.associate_keypairs(all(), &BatchOptions::new());
        assert!(outcomes.is_complete(), "{outcomes:?}");
        assert_eq!((calls(&place, "BatchAssociateKeypair"), calls(&place, "AssociateKeypair")), (5, 3));
        let tasks = outcomes.succeeded().map(|(_, task)| task.clone()).collect();
        assert!(kps.wait_all(tasks, &WaitOptions::new()).iter().all(Result::is_ok));
    }
    let (place, _) = set_up();
    place.emulator.inject(FaultRule::new(Fault::ResetBefore).on("BatchAssociateKeypair").unwrap().nth(1));
    let outcomes = connect(place.line()).associate_keypairs(all(), &BatchOptions::new());
    assert_eq!(words(&outcomes).iter().filter(|word| **word == "interrupted").count(), 10);
    assert!(outcomes.failed().all(|(_, error)| error.may_have_been_applied()));
}

fn a_call_that_is_refused_takes_no_other_with_it<S: Subject>(connect: &dyn Fn(Line) -> S) {
    let refuse = |nth, code| {
        let (place, _) = set_up();
        let fault = Fault::Code(RefusalCode::new(code).unwrap());
        place.emulator.inject(FaultRule::new(fault).on("BatchAssociateKeypair").unwrap().nth(nth));
        place
    };
    let place = refuse(2, "KPS.0002");
    let outcomes = connect(place.line()).associate_keypairs(all(), &BatchOptions::new());
    assert!(outcomes.is_complete(), "{outcomes:?}");
    assert_eq!(calls(&place, "AssociateKeypair"), 3 + 10);

    let place = refuse(2, "KPS.4016");
    let outcomes = connect(place.line()).associate_keypairs(all(), &BatchOptions::new());
    assert_eq!(words(&outcomes).iter().filter(|word| **word == "not_found").count(), 10);
    assert_eq!(calls(&place, "AssociateKeypair"), 3);

    let place = refuse(2, "KPS.9003");
    let outcomes = connect(place.line()).associate_keypairs(all(), &BatchOptions::new());
    let words = words(&outcomes);
    let count = |of: &str| words.iter().filter(|word| **word == of).count();
    assert_eq!((count("task"), count("forbidden"), count("not_tried")), (10, 10, 17), "{words:?}");
}
