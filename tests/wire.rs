//! What both adapters send, byte for byte, and what they make of servers that misbehave.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::thread;
use std::time::Duration;

use kps_conformance::{Awaited, Subject};
use kps_core::sign::Signer;
use kps_core::{
    DecodeError, Draft, Error, ErrorKind, HttpOptions, ListFailedTask, Meta, Operation, Replay, Secret, Verb,
};

use support::{build_on, options, read_request};

const EMPTY_PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// A server that takes one connection after the other, reads a request and answers with these bytes, and then
/// either closes or waits for the client to.
struct Server {
    address: String,
    thread: thread::JoinHandle<Vec<String>>,
}

impl Server {
    fn start(answers: Vec<String>, close: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let thread =
            thread::spawn(move || answers.iter().map(|answer| serve(&listener, answer, close)).collect());
        Self { address, thread }
    }

    fn requests(self) -> Vec<String> {
        self.thread.join().unwrap()
    }
}

fn serve(listener: &TcpListener, answer: &str, close: bool) -> String {
    let (mut stream, _) = listener.accept().unwrap();
    // Nothing, if the client has lost its patience before it was whole.
    let request = read_request(&mut stream).unwrap_or_default();
    let _ = stream.write_all(answer.as_bytes());
    if close {
        let _ = stream.shutdown(Shutdown::Write);
    }
    // Until the client hangs up.
    let _ = stream.read_to_end(&mut Vec::new());
    request
}

fn call(subject: &impl Subject) -> Result<usize, Error> {
    subject.send(ListFailedTask::new()).map(|page| page.tasks.len())
}

/// The same call in both colours, each on a server of its own.
fn both(answer: &str, close: bool, options: &HttpOptions) -> [Result<usize, Error>; 2] {
    let server = || Server::start(vec![answer.to_owned()], close);
    let (first, second) = (server(), server());
    let blocking = {
        let client = build_on(kps_ureq::builder(), &first.address, options).build().unwrap();
        call(&client)
    };
    let awaited = {
        let client =
            Awaited::new(|| build_on(kps_reqwest::builder(), &second.address, options).build().unwrap());
        call(&client)
    };
    first.requests();
    second.requests();
    [blocking, awaited]
}

fn assert_kind(answer: &str, close: bool, options: &HttpOptions, kind: ErrorKind) {
    for outcome in both(answer, close, options) {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), kind, "{answer:?}: {}", error.report());
    }
}

#[test]
fn answers_that_cannot_be_had_are_told_apart() {
    let options = options();
    let hasty = options
        .clone()
        .with_connect_timeout(Duration::from_millis(50))
        .with_attempt_timeout(Duration::from_millis(250));
    let late = options.clone().with_answer_timeout(Duration::from_millis(250));
    let stuck = options.clone().with_body_timeout(Duration::from_millis(50));
    let narrow = options.clone().with_max_answer_bytes(8);
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n";
    for (answer, close, options, kind) in [
        ("", true, &options, ErrorKind::Interrupted),
        ("garbage\r\n\r\n", true, &options, ErrorKind::Interrupted),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}", true, &options, ErrorKind::Interrupted),
        ("", false, &hasty, ErrorKind::Timeout),
        ("", false, &late, ErrorKind::Timeout),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}", false, &stuck, ErrorKind::Timeout),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}", false, &hasty, ErrorKind::Timeout),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123456789", true, &narrow, ErrorKind::TooLarge),
        (chunked, true, &narrow, ErrorKind::TooLarge),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123456789", true, &options, ErrorKind::Decode),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", true, &options, ErrorKind::Decode),
    ] {
        assert_kind(answer, close, options, kind);
    }
}

/// The other time-outs are so long that the test would not end.
#[test]
fn connecting_has_a_time_out_of_its_own_that_takes_tls_in() {
    // It takes connections, and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let options = options()
        .with_connect_timeout(Duration::from_millis(50))
        .with_attempt_timeout(Duration::from_secs(36_000));
    let endpoint = format!("https://{address}");
    let blocking = build_on(kps_ureq::builder(), &address, &options).timeout(Duration::from_secs(72_000));
    let blocking = blocking.endpoint(&endpoint).build().unwrap();
    let awaited = Awaited::new(|| {
        let builder = build_on(kps_reqwest::builder(), &address, &options).endpoint(&endpoint);
        builder.timeout(Duration::from_secs(72_000)).build().unwrap()
    });
    for outcome in [call(&blocking), call(&awaited)] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{}", error.report());
        assert!(!error.may_have_been_applied());
    }
}

/// Though an attempt could take a minute.
#[test]
fn the_time_of_a_call_bounds_its_attempts() {
    let server = || Server::start(vec![String::new()], false);
    let (first, second) = (server(), server());
    let short = Duration::from_millis(100);
    let blocking = build_on(kps_ureq::builder(), &first.address, &options()).timeout(short).build().unwrap();
    assert!(call(&blocking).unwrap_err().is_timeout());
    let awaited = Awaited::new(|| {
        build_on(kps_reqwest::builder(), &second.address, &options()).timeout(short).build().unwrap()
    });
    assert!(call(&awaited).unwrap_err().is_timeout());
    drop((blocking, awaited));
    first.requests();
    second.requests();
}

#[test]
fn an_answer_of_just_the_cap_is_taken() {
    let narrow = options().with_max_answer_bytes(2);
    for outcome in both(EMPTY_PAGE, true, &narrow) {
        assert_eq!(outcome.unwrap(), 0);
    }
}

#[test]
fn a_redirect_is_an_error_with_its_status() {
    let redirect =
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    for outcome in both(redirect, true, &options()) {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Service, Some(307)));
    }
}

#[test]
fn clients_of_ones_own_do_not_follow_a_redirect_either() {
    let redirect =
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    // A client of one's own needs one, as reqwest says.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = || Server::start(vec![redirect.to_owned()], true);
    let (first, second) = (server(), server());
    let direct = ureq::Agent::config_builder().proxy(None).build().new_agent();
    let agent = kps_ureq::UreqTransport::with_agent(direct);
    let blocking = build_on(kps_ureq::Client::builder(agent), &first.address, &options()).build().unwrap();
    let awaited = Awaited::new(|| {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        let transport = kps_reqwest::ReqwestTransport::with_client(client.build().unwrap());
        build_on(kps_reqwest::Client::builder(transport), &second.address, &options()).build().unwrap()
    });
    for outcome in [call(&blocking), call(&awaited)] {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Service, Some(307)), "{}", error.report());
    }
    // The servers wait until the clients hang up.
    drop((blocking, awaited));
    first.requests();
    second.requests();
}

#[test]
fn nobody_listening_is_told_as_such() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let blocking = build_on(kps_ureq::builder(), &free, &options()).build().unwrap();
    let awaited = Awaited::new(|| build_on(kps_reqwest::builder(), &free, &options()).build().unwrap());
    for outcome in [call(&blocking), call(&awaited)] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(error.report().contains("efused"), "{}", error.report());
    }
}

/// An operation with a body, or without one, and values that a URL type would like to change.
#[derive(Clone)]
struct Post(&'static str);

impl Operation for Post {
    const META: Meta = Meta::new("Post", Verb::Post, "/v3/{project_id}/{name}/x", Replay::Never, 200);
    type Output = ();

    fn encode(&self) -> Result<Draft, Error> {
        let draft = Draft::new().path("name", "../it's a b%2Fé~!").query("b", "'\"<> `{}|\\^").query("a", "");
        Ok(draft.body(self.0))
    }

    fn decode(_: &http::Response<bytes::Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Head lines, sorted, without the ones that differ with the moment.
fn fixed(request: &str) -> Vec<String> {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<String> = head.lines().map(str::to_ascii_lowercase).collect();
    lines
        .retain(|line| !["authorization:", "x-sdk-date:", "host:"].iter().any(|name| line.starts_with(name)));
    lines.sort();
    lines.push(body.to_owned());
    lines
}

/// The target that was sent, with everything else, gives the signature that was sent.
fn assert_signed(request: &str) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let mut start = lines.next().unwrap().split(' ');
    let (method, target) = (start.next().unwrap(), start.next().unwrap());
    let headers: Vec<(&str, &str)> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    let value = |name: &str| {
        let found: Vec<&str> = headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
            .collect();
        assert_eq!(found.len(), 1, "{name} in {request}");
        found[0]
    };
    let authorization = value("authorization");
    let names = authorization.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
    let signed: Vec<(&str, &str)> = names.split(';').map(|name| (name, value(name))).collect();
    let signer = Signer::new("AKEXAMPLE", &Secret::new("SKexample")).unwrap();
    let url = format!("http://{}{target}", value("host"));
    let again = signer.sign(method, &url, &signed, body.as_bytes(), std::time::UNIX_EPOCH).unwrap();
    assert_eq!(again.authorization(), authorization, "{request}");
}

fn sent_by_both(operation: impl Operation + Clone) -> [String; 2] {
    let server = || Server::start(vec![EMPTY_PAGE.to_owned()], true);
    let (first, second) = (server(), server());
    build_on(kps_ureq::builder(), &first.address, &options())
        .build()
        .unwrap()
        .send(operation.clone())
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = build_on(kps_reqwest::builder(), &second.address, &options()).build().unwrap();
    runtime.block_on(client.send(operation)).unwrap();
    drop((runtime, client));
    [first.requests().remove(0), second.requests().remove(0)]
}

#[test]
fn what_is_sent_is_what_was_signed_and_the_same_in_both_colours() {
    let page = sent_by_both(ListFailedTask::new());
    let with_body = sent_by_both(Post(r#"{"a":"é"}"#));
    let without = sent_by_both(Post(""));
    assert!(page[0].starts_with("GET /v3/0a1b/failed-tasks HTTP/1.1\r\n"), "{}", page[0]);
    assert!(
        without[0].starts_with("POST /v3/0a1b/..%2Fit%27s%20a%20b%252F%C3%A9~%21/x?a=&b=%27%22"),
        "{}",
        without[0]
    );
    assert!(fixed(&without[0]).contains(&"content-length: 0".to_owned()), "{}", without[0]);
    for [blocking, awaited] in [page, with_body, without] {
        assert_signed(&blocking);
        assert_signed(&awaited);
        assert_eq!(fixed(&blocking), fixed(&awaited));
    }
}
