use std::sync::Barrier;
use std::thread;

use http::StatusCode;
use kps_conformance::{Subject, in_both_colours};
use kps_core::{
    CreateKeypair, Description, Encryption, EnsuredKeypair, Error, ErrorKind, Fingerprint, KeypairName,
    ListKeypairDetail, PublicKey,
};
use kps_emulator::{Emulator, Fault, InProcess};

use crate::site::{Connect, awaited, blocking, interleaved, on, start};

const ANN: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P ann";
const BOB: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbobbobbobbobbobbobbobbobbobbobbobbobbobbob bob";

fn stage() -> (Emulator, InProcess) {
    let emulator = Emulator::new();
    let transport = emulator.in_process().with_virtual_clock(start());
    (emulator, transport)
}

fn laptop() -> KeypairName {
    KeypairName::new("laptop").unwrap()
}

fn import(line: &str) -> CreateKeypair {
    CreateKeypair::import(laptop(), PublicKey::new(line).unwrap())
}

fn word(outcome: &Result<EnsuredKeypair, Error>) -> &'static str {
    match outcome {
        Ok(keypair) if keypair.was_made() => "made",
        Ok(_) => "found",
        Err(error) => error.id(),
    }
}

in_both_colours!(
    a_key_pair_is_made_once,
    another_key_is_told,
    what_the_service_makes_must_be_hosted,
    a_lost_answer_is_looked_up,
    where_it_is_refused_the_refusal_is_told,
    it_is_gone_however_often,
    a_lost_deletion_is_looked_up,
    a_key_pair_is_described_and_never_lost,
);

fn a_key_pair_is_made_once<S: Subject>(connect: Connect<'_, S>) {
    let (emulator, transport) = stage();
    let kps = connect(transport);
    let other_comment = ANN.replace(" ann", " ann@elsewhere");
    for (line, expected) in [(ANN, "made"), (ANN, "found"), (other_comment.as_str(), "found")] {
        let outcome = kps.ensure_keypair(import(line));
        assert_eq!(word(&outcome), expected);
        let keypair = outcome.unwrap();
        assert_eq!((keypair.name(), keypair.public_key().unwrap().as_str()), (&laptop(), ANN));
        assert_eq!(keypair.fingerprint().unwrap().is_of(&PublicKey::new(ANN).unwrap()), Some(true));
    }
    assert_eq!(emulator.applied("CreateKeypair"), 1);
}

fn another_key_is_told<S: Subject>(connect: Connect<'_, S>) {
    let (_, transport) = stage();
    let kps = connect(transport);
    kps.send(import(BOB)).unwrap();
    let error = kps.ensure_keypair(import(ANN)).unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts(), error.may_have_been_applied()),
        (ErrorKind::Mismatch, 0, false)
    );
    let print = |line| Fingerprint::sha256(&PublicKey::new(line).unwrap()).unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "CreateKeypair: `laptop` is there with another key: it has {}, and {} is wanted",
            print(BOB),
            print(ANN),
        ),
    );
}

fn what_the_service_makes_must_be_hosted<S: Subject>(connect: Connect<'_, S>) {
    let (emulator, transport) = stage();
    let kps = connect(transport);
    assert_eq!(word(&kps.ensure_keypair(CreateKeypair::new(laptop()))), "input");
    assert!(emulator.calls().is_empty());
    let hosted = || CreateKeypair::new_hosted(laptop(), Encryption::Default);
    assert_eq!(word(&kps.ensure_keypair(hosted())), "made");
    assert_eq!(word(&kps.ensure_keypair(hosted())), "found");
    assert!(kps.ensure_absent(laptop()).unwrap());
    kps.send(CreateKeypair::new(laptop())).unwrap();
    assert_eq!(word(&kps.ensure_keypair(hosted())), "mismatch");
}

fn lost() -> [Fault; 5] {
    [
        Fault::ResetBefore,
        Fault::ResetAfter,
        Fault::CutBody,
        Fault::Garbage,
        Fault::StatusAfter(StatusCode::BAD_GATEWAY),
    ]
}

fn a_lost_answer_is_looked_up<S: Subject>(connect: Connect<'_, S>) {
    for fault in lost() {
        let (emulator, transport) = stage();
        emulator.inject(on("CreateKeypair", fault.clone()).nth(1));
        let outcome = connect(transport).ensure_keypair(import(ANN));
        assert_eq!(word(&outcome), "made", "{fault:?}: {outcome:?}");
        assert_eq!(emulator.applied("CreateKeypair"), 1, "{fault:?}");
    }
    // As often as the client makes attempts.
    let (emulator, transport) = stage();
    emulator.inject(on("CreateKeypair", Fault::ResetBefore));
    let error = connect(transport).ensure_keypair(import(ANN)).unwrap_err();
    assert!(error.id() == "interrupted" && error.may_have_been_applied());
    assert_eq!(emulator.injected().len(), 3);
    // Nobody can look.
    let (emulator, transport) = stage();
    emulator.inject(on("CreateKeypair", Fault::ResetAfter));
    for nth in 2..=4 {
        emulator.inject(on("ListKeypairDetail", Fault::Refuse).nth(nth));
    }
    let error = connect(transport).ensure_keypair(import(ANN)).unwrap_err();
    assert!(error.id() == "interrupted" && error.may_have_been_applied());
}

fn where_it_is_refused_the_refusal_is_told<S: Subject>(connect: Connect<'_, S>) {
    for (operation, code, id) in [
        ("ListKeypairDetail", "KPS.9003", "forbidden"),
        ("CreateKeypair", "KPS.9003", "forbidden"),
        ("CreateKeypair", "KPS.0002", "refused"),
    ] {
        let (emulator, transport) = stage();
        emulator.refuse_next(operation, code).unwrap();
        assert_eq!(word(&connect(transport).ensure_keypair(import(ANN))), id);
        assert_eq!(emulator.applied("CreateKeypair"), 0);
    }
    // The name is taken, and by nobody one may see.
    let (emulator, transport) = stage();
    (0..3).for_each(|_| emulator.refuse_next("CreateKeypair", "KPS.7004").unwrap());
    assert_eq!(word(&connect(transport).ensure_keypair(import(ANN))), "conflict");
}

fn it_is_gone_however_often<S: Subject>(connect: Connect<'_, S>) {
    let (emulator, transport) = stage();
    let kps = connect(transport);
    assert!(!kps.ensure_absent(laptop()).unwrap());
    kps.send(import(ANN)).unwrap();
    assert!(kps.ensure_absent(laptop()).unwrap());
    assert!(!kps.ensure_absent(laptop()).unwrap());
    emulator.refuse_next("DeleteKeypair", "KPS.9003").unwrap();
    assert!(kps.ensure_absent(laptop()).unwrap_err().is_forbidden());
}

fn a_lost_deletion_is_looked_up<S: Subject>(connect: Connect<'_, S>) {
    for fault in lost() {
        for times in [1, 3] {
            let (emulator, transport) = stage();
            let kps = connect(transport);
            kps.send(import(ANN)).unwrap();
            emulator.inject(on("DeleteKeypair", fault.clone()).first(times));
            let outcome = kps.ensure_absent(laptop());
            let is_there = kps.send(ListKeypairDetail::new(laptop())).is_ok();
            match outcome {
                Ok(was_there) => assert!(was_there && !is_there, "{fault:?}"),
                Err(error) => assert!(is_there && error.may_have_been_applied(), "{fault:?}"),
            }
            assert!(times == 3 || !is_there, "{fault:?}");
        }
    }
}

fn a_key_pair_is_described_and_never_lost<S: Subject>(connect: Connect<'_, S>) {
    let description = || Description::new("CI, until autumn").unwrap();
    let (emulator, transport) = stage();
    let kps = connect(transport);
    let described = kps.create_described(CreateKeypair::new(laptop()), description()).unwrap();
    assert!(described.description.is_ok() && described.keypair.private_key.is_some());
    assert!(!format!("{described:?}").contains("PRIVATE KEY"));
    let told = || kps.send(ListKeypairDetail::new(laptop())).unwrap().keypair.description.unwrap();
    assert_eq!(told(), "CI, until autumn");
    assert!(kps.create_described(CreateKeypair::new(laptop()), description()).unwrap_err().is_conflict());

    kps.ensure_absent(laptop()).unwrap();
    emulator.refuse_next("UpdateKeypairDescription", "KPS.9003").unwrap();
    let described = kps.create_described(CreateKeypair::new(laptop()), description()).unwrap();
    assert!(described.keypair.private_key.is_some());
    assert!(described.description.unwrap_err().is_forbidden());
    assert_eq!(told(), "");
}

/// How many call at once.
const MANY: usize = 8;

#[test]
fn many_threads_end_with_one_key_pair() {
    for _ in 0..20 {
        let (emulator, transport) = stage();
        let (kps, barrier) = (blocking(transport), Barrier::new(MANY));
        let at_once = || {
            barrier.wait();
            kps.ensure_keypair(import(ANN))
        };
        let outcomes: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..MANY).map(|_| scope.spawn(at_once)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let words: Vec<_> = outcomes.iter().map(word).collect();
        assert_eq!(words.iter().filter(|word| **word == "made").count(), 1, "{words:?}");
        assert_eq!(words.iter().filter(|word| **word == "found").count(), MANY - 1, "{words:?}");
        assert_eq!(emulator.applied("CreateKeypair"), 1);

        let gone: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..MANY).map(|_| scope.spawn(|| kps.ensure_absent(laptop()).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(gone.iter().filter(|was_there| **was_there).count(), 1);
    }
}

#[tokio::test]
async fn many_futures_end_with_one_key_pair() {
    let (emulator, transport) = stage();
    let kps = interleaved(transport);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..MANY {
        let kps = kps.clone();
        tasks.spawn(async move { kps.ensure_keypair(import(ANN)).await });
    }
    let words: Vec<_> = tasks.join_all().await.iter().map(word).collect();
    assert_eq!(words.iter().filter(|word| **word == "made").count(), 1, "{words:?}");
    assert_eq!(words.iter().filter(|word| **word == "found").count(), MANY - 1, "{words:?}");
    // All looked before any of them made it.
    assert_eq!(emulator.calls().iter().filter(|call| call.operation == Some("CreateKeypair")).count(), MANY);

    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..MANY {
        let kps = kps.clone();
        tasks.spawn(async move { kps.ensure_absent(laptop()).await.unwrap() });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|was_there| *was_there).count(), 1);
}
