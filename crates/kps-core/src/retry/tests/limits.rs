//! What the calls of a client share: the budget, and the pace.

use std::time::Duration;

use kps_model::ListKeypairs;

use super::scripted::{Scripted, THROTTLED, create, delete, status};
use crate::{ErrorKind, Retries, Transport, blocking};

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
