//! All operations under all faults, in both colours, on a clock that passes only when somebody waits.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use http::StatusCode;
use kps_conformance::faults::{Count, all, lost_answers_are_looked_up, site};
use kps_conformance::{Awaited, Subject};
use kps_core::{
    Builder, Client, CreateKeypair, HttpOptions, KeypairName, ListKeypairs, Proxy, Retries, blocking,
};
use kps_emulator::{Emulator, Fault, FaultRule, InProcess, Server};

fn blocking(transport: InProcess) -> impl Subject {
    site(blocking::Client::builder(transport)).build().unwrap()
}

fn awaited(transport: InProcess) -> impl Subject {
    Awaited::new(|| site(Client::builder(transport)).build().unwrap())
}

#[test]
fn nothing_is_lost_or_done_twice_and_all_ends_in_time() {
    let (first, second): (Count, Count) = (all(&blocking), all(&awaited));
    println!(
        "{} operations x {} faults x 5 ways to strike x 2 colours: {} cases, in {} of which the call succeeded",
        first.operations,
        first.faults,
        first.cases + second.cases,
        first.survived + second.survived,
    );
    let all = Emulator::operations().count();
    assert_eq!((first.operations, first.cases), (all, all * first.faults * 5));
    assert_eq!(first, second, "both colours take the same way");
}

#[test]
fn what_became_of_lost_answers_is_found_out() {
    lost_answers_are_looked_up(&blocking);
    lost_answers_are_looked_up(&awaited);
}

/// Without pauses, which would take real time.
fn over_http<C>(builder: Builder<C>, server: &Server) -> Builder<C> {
    site(builder)
        .endpoint(server.endpoint())
        .http(HttpOptions::new().with_proxy(Proxy::None))
        .retries(Retries::new().with_backoff(Duration::ZERO, Duration::ZERO))
}

/// On a connection that was used before, as most are.
fn breaks(kps: &impl Subject, emulator: &Emulator) {
    for (fault, applied) in [
        (Fault::Refuse, 0),
        (Fault::ResetBefore, 0),
        (Fault::ResetAfter, 1),
        (Fault::CutBody, 1),
        (Fault::Status(StatusCode::BAD_GATEWAY), 0),
        (Fault::StatusAfter(StatusCode::GATEWAY_TIMEOUT), 1),
    ] {
        kps.send(ListKeypairs::new()).unwrap();
        emulator.inject(FaultRule::new(fault.clone()).once());
        kps.send(ListKeypairs::new()).unwrap();
        emulator.inject(FaultRule::new(fault.clone()).once());
        let name = KeypairName::new(format!("under-{}", emulator.injected().len())).unwrap();
        let before = (emulator.applied("CreateKeypair"), emulator.injected().len());
        let error = kps.send(CreateKeypair::new(name)).unwrap_err();
        assert!(error.may_have_been_applied() && error.attempts() == 1, "{fault:?}: {}", error.report());
        let after = (emulator.applied("CreateKeypair"), emulator.injected().len());
        assert_eq!((after.0 - before.0, after.1 - before.1), (applied, 1), "{fault:?}");
    }
}

#[test]
fn connections_that_break_are_told_from_those_that_were_not_there() {
    let emulator = Emulator::new();
    let server = Server::start(emulator.clone()).unwrap();
    breaks(&over_http(kps_ureq::builder(), &server).build().unwrap(), &emulator);
    let emulator = Emulator::new();
    let server = Server::start(emulator.clone()).unwrap();
    let awaited = Awaited::new(|| over_http(kps_reqwest::builder(), &server).build().unwrap());
    breaks(&awaited, &emulator);
}
