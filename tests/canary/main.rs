//! Marked secrets go through every operation and every outcome, in both colours, with all that can be logged switched on,
//! and are then searched for in everything that can be seen.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod calls;
mod eyes;
mod outcome;
mod secrets;
mod server;

use std::sync::atomic::Ordering;

use kps_conformance::Awaited;
use kps_core::{
    CreateKeypairResponse, Error, HttpOptions, ListKeypairs, PrivateKey, Proxy, PublicKey, blocking,
};
use kps_emulator::Emulator;

use crate::calls::{Count, OverClosures, OverSockets, each_operation, each_wait, site};
use crate::eyes::{MARK, WIRE_LOG, assert_no_leak, leaks, see, see_error, seen, turn};
use crate::secrets::{credentials, password};
use crate::server::quoting_server;

#[test]
fn no_secret_is_seen_whatever_is_answered() {
    let _turn = turn();
    each_wait();
    let mut suite = OverClosures::default();
    each_operation(&mut suite);
    let seen = seen();
    println!(
        "{} calls, {} of them succeeded, {} bytes were seen",
        suite.0.calls,
        suite.0.succeeded,
        seen.len()
    );
    assert!(suite.0.succeeded > suite.0.calls / 20, "{} of {}", suite.0.succeeded, suite.0.calls);
    let all = Emulator::operations().map(|(name, ..)| name);
    assert_eq!(suite.0.operations, all.collect(), "`each_operation` has them all");
    assert!(
        seen.contains("kps.attempt") && seen.contains("kps.task") && seen.contains("<redacted>"),
        "nothing was seen"
    );
    assert_no_leak(&seen);
}

#[test]
fn no_secret_is_logged_by_the_http_clients() {
    let _turn = turn();
    let endpoint = quoting_server();
    let direct = HttpOptions::new().with_proxy(Proxy::None);
    for credentials in credentials() {
        let blocking =
            site(kps_ureq::builder(), credentials.clone()).http(direct.clone()).endpoint(&endpoint);
        let awaited = || site(kps_reqwest::builder(), credentials).http(direct.clone()).endpoint(&endpoint);
        let blocking = blocking.build().unwrap();
        let awaited = Awaited::new(|| awaited().build().unwrap());
        let mut suite = OverSockets { blocking, awaited, count: Count::default() };
        each_operation(&mut suite);
        assert!(suite.count.succeeded > 0);
    }
    let seen = seen();
    assert!(seen.contains("ureq") && seen.contains("reqwest"), "nothing was logged by the HTTP clients");
    assert_no_leak(&seen);
}

#[test]
fn nothing_is_sent_while_all_bytes_are_logged() {
    let _turn = turn();
    WIRE_LOG.store(true, Ordering::SeqCst);
    let [credentials, _] = credentials();
    let direct = HttpOptions::new().with_proxy(Proxy::None);
    let builder = site(kps_ureq::builder(), credentials.clone()).http(direct.clone());
    let error = builder.build().unwrap().send(ListKeypairs::new()).unwrap_err();
    assert!(error.report().ends_with("keep `ureq_proto` at the level debug"), "{}", error.report());
    assert_no_leak(&seen());

    let transport = |options: &HttpOptions, proxies| {
        kps_ureq::UreqTransport::new(options, proxies).map(kps_ureq::UreqTransport::with_wire_log)
    };
    let builder = site(blocking::Client::builder_with(transport), credentials).http(direct);
    let endpoint = quoting_server();
    let _ = builder.endpoint(&endpoint).build().unwrap().send(ListKeypairs::new());
    WIRE_LOG.store(false, Ordering::SeqCst);
    assert!(!leaks(&seen()).is_empty(), "that is what it is for");
}

#[test]
fn no_secret_is_in_the_error_of_a_reader() {
    let _turn = turn();
    for body in [
        format!(r#"{{"keypair":{{"name":"deploy","private_key":["{MARK}"]}}}}"#),
        format!(r#"{{"keypair":"{MARK}"}}"#),
        format!(r#"{{"keypair":{{"name":"deploy","private_key":"{MARK}"}}"#),
    ] {
        let error = kps_core::from_json::<CreateKeypairResponse>(body.as_bytes()).unwrap_err();
        see(&format!("{error} {error:?}"));
    }
    see(&format!("{:?} {:?}", PrivateKey::new(format!("{MARK} is no key")), PublicKey::new(MARK)));
    assert_no_leak(&seen());
}

#[test]
fn a_leak_is_found_wherever_it_is() {
    let _turn = turn();
    let planted = password();
    let leaking: [(&str, &dyn Fn()); 5] = [
        ("an event", &|| tracing::trace!(secret = planted.expose())),
        ("a span", &|| drop(tracing::trace_span!("leak", secret = planted.expose()))),
        ("a log", &|| log::trace!("{}", planted.expose())),
        ("a panic", &|| drop(std::panic::catch_unwind(|| std::panic::panic_any(MARK.to_owned())))),
        ("an error", &|| see_error(&Error::input(planted.expose()))),
    ];
    for (what, leak) in leaking {
        seen();
        leak();
        let seen = seen();
        assert!(!leaks(&seen).is_empty(), "{what}: {seen}");
    }
}
