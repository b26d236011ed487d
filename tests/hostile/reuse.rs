//! What comes over a connection that is kept.

use std::io::Write;
use std::net::Shutdown;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, mpsc};

use kps_conformance::{Awaited, Subject};
use kps_core::Error;
use kps_core::ErrorKind::Service;

use crate::case::Ask;
use crate::says::{head, ok};
use crate::server::{Act, Server};
use crate::support::{build_on, options};

/// Checks a call of both colours on one server, whose clients keep their connections.
fn with_clients(server: &Server, check: impl Fn(&dyn Fn() -> Result<usize, Error>)) {
    let options = options().with_idle_connections(16);
    let blocking = build_on(kps_ureq::builder(), &server.address(), &options).build().unwrap();
    check(&|| blocking.send(Ask));
    let client = || build_on(kps_reqwest::builder(), &server.address(), &options).build().unwrap();
    let awaited = Awaited::new(client);
    check(&|| awaited.send(Ask));
}

#[test]
fn nothing_is_sent_to_where_a_redirect_points() {
    let elsewhere = Server::acting(Act::Say(ok("{}")));
    for status in [300, 301, 302, 303, 304, 305, 307, 308, 399] {
        for place in ["/other", "http://user:password@{}/", "//{}/", "http://{}/v3/0a1b/ask"] {
            let place = place.replace("{}", &elsewhere.address());
            let headers = format!("location: {place}\r\nrefresh: 0; url={place}\r\ncontent-length: 0\r\n");
            let server = Server::acting(Act::Say(head(&format!("{status} Go"), &headers).into_bytes()));
            with_clients(&server, |call| {
                let error = call().unwrap_err();
                assert_eq!((error.kind(), error.status()), (Service, Some(status)), "{}", error.report());
            });
            assert_eq!(server.heard.load(Ordering::SeqCst), 2, "each asked once");
        }
    }
    assert_eq!(elsewhere.heard.load(Ordering::SeqCst), 0);
    assert_eq!(elsewhere.most(), 0);
}

/// A page of one item, which nobody asked for.
fn unasked() -> Vec<u8> {
    ok(r#"{"tasks":[{"task_id":"unasked"}]}"#)
}

#[test]
fn what_comes_behind_an_answer_is_not_taken_for_the_next() {
    for (what, behind) in [
        ("a second answer", unasked()),
        ("two more answers", unasked().repeat(2)),
        ("half an answer", unasked()[..20].to_vec()),
        ("garbage", b"garbage".to_vec()),
        ("a line", b"\r\n".to_vec()),
        ("a megabyte", unasked().repeat(1 << 14)),
    ] {
        let answer = [ok("{}"), behind].concat();
        let server = Server::start(move |talk| while talk.hear() && talk.say(&answer) {});
        with_clients(&server, |call| {
            for _ in 0..4 {
                assert_eq!(call().unwrap(), 0, "{what}");
            }
        });
    }
}

#[test]
fn an_answer_on_an_idle_connection_is_not_taken_for_the_next() {
    let connections = Arc::new(Mutex::new(Vec::new()));
    let noted = connections.clone();
    let server = Server::start(move |talk| {
        noted.lock().unwrap().push(talk.stream.try_clone().unwrap());
        while talk.hear() && talk.say(&ok("{}")) {}
    });
    with_clients(&server, |call| {
        for _ in 0..4 {
            assert_eq!(call().unwrap(), 0);
            // The call is over; those that the client closed take nothing.
            for connection in &mut *connections.lock().unwrap() {
                let _ = connection.write_all(&unasked());
            }
        }
    });
    connections.lock().unwrap().clear();
}

#[test]
fn a_connection_that_the_server_closed_is_not_used_again() {
    let (said, closed) = mpsc::channel::<()>();
    let server = Server::start(move |talk| {
        if talk.hear() && talk.say(&ok("{}")) {
            let _ = talk.stream.shutdown(Shutdown::Both);
            let _ = said.send(());
        }
    });
    with_clients(&server, |call| {
        for _ in 0..4 {
            assert_eq!(call().unwrap(), 0);
            closed.recv().unwrap();
        }
    });
    assert_eq!(server.heard.load(Ordering::SeqCst), 8);
}
