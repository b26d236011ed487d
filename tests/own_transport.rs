//! The suite of the adapters, passed by the transport that the example brings.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test fails by panicking")]

#[path = "../examples/own_transport/transport.rs"]
mod transport;

use kps_conformance::{Site, Stage, all, seed};
use kps_core::blocking::Client;
use kps_emulator::{Emulator, Server};
use transport::Minreq;

#[test]
fn a_transport_of_ones_own_passes_the_suite() {
    let emulator = Emulator::with_seed(seed());
    let server = Server::start(emulator.clone()).unwrap();
    let connect = |site: &Site| site.build_on(Client::builder(Minreq)).build().unwrap();
    all(&Stage::new(&emulator, &server.endpoint(), &connect));
}

/// Comments and blank lines count, too.
#[test]
fn it_takes_less_than_a_hundred_lines() {
    let lines = |text: &str| text.lines().count();
    let all = lines(include_str!("../examples/own_transport/transport.rs"))
        + lines(include_str!("../examples/own_transport/main.rs"));
    assert!(all < 100, "{all}");
}
