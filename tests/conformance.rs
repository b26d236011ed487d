//! The suite over every transport: in process and over HTTP, blocking and awaited.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use kps_conformance::{Awaited, Site, Stage, all, seed};
use kps_core::{Client, HttpOptions, ListFailedTask, Proxy, blocking};
use kps_emulator::{Emulator, Quirks, Server};

/// Nobody is there: all addresses lead to the emulator in the same process.
const ENDPOINT: &str = "http://kms.example.com";

fn direct() -> HttpOptions {
    HttpOptions::new().with_proxy(Proxy::None)
}

/// What a client reads must not depend on the form in which it is told.
fn emulators() -> impl Iterator<Item = Emulator> {
    [Quirks::Documented, Quirks::Observed, Quirks::Hostile]
        .into_iter()
        .map(|quirks| Emulator::builder().seed(seed()).quirks(quirks).build())
}

#[test]
fn in_process_blocking() {
    for emulator in emulators() {
        let connect =
            |site: &Site| site.build_on(blocking::Client::builder(emulator.in_process())).build().unwrap();
        all(&Stage::new(&emulator, ENDPOINT, &connect));
    }
}

#[test]
fn in_process_awaited() {
    for emulator in emulators() {
        let connect = |site: &Site| {
            Awaited::new(|| site.build_on(Client::builder(emulator.in_process())).build().unwrap())
        };
        all(&Stage::new(&emulator, ENDPOINT, &connect));
    }
}

#[test]
fn over_http_with_ureq() {
    for emulator in emulators() {
        let server = Server::start(emulator.clone()).unwrap();
        let connect = |site: &Site| site.build_on(kps_ureq::builder()).build().unwrap();
        all(&Stage::new(&emulator, &server.endpoint(), &connect));
    }
}

#[test]
fn over_http_with_reqwest() {
    for emulator in emulators() {
        let server = Server::start(emulator.clone()).unwrap();
        let connect = |site: &Site| Awaited::new(|| site.build_on(kps_reqwest::builder()).build().unwrap());
        all(&Stage::new(&emulator, &server.endpoint(), &connect));
    }
}

#[tokio::test]
async fn the_blocking_client_works_within_a_runtime() {
    let server = Server::start(Emulator::new()).unwrap();
    let kps = kps_ureq::builder()
        .endpoint(server.endpoint())
        .credentials(Emulator::credentials())
        .project_id(Emulator::project_id())
        .http(direct())
        .build()
        .unwrap();
    assert!(kps.items(ListFailedTask::new()).all(|task| task.is_ok()));
    let again = tokio::task::spawn_blocking(move || kps.send(ListFailedTask::new())).await.unwrap();
    assert!(!again.unwrap().tasks.is_empty());
}
