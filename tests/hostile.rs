//! No server, however broken, makes a client hang, panic or grow: what both adapters make of one, over sockets.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fmt::Write as _;
use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use kps_conformance::{Awaited, Subject};
use kps_core::{
    DecodeError, Draft, Error, ErrorKind, HttpOptions, ListFailedTaskResponse, Meta, Operation, Replay, Verb,
};
use kps_model::from_json;

use support::{build_on, options, read_request};

const MIB: usize = 1 << 20;

/// What the sockets at both ends may hold beyond what the client took: a client without a bound takes far more.
const IN_FLIGHT: usize = 32 * MIB;

/// How long the text of an error may be, whatever the server said.
const ERROR_TEXT: usize = 64 << 10;

/// What a server does with every connection.
#[derive(Clone)]
enum Act {
    /// Hears a request, says this, and closes its side.
    Say(Vec<u8>),
    /// Hears a request, says this, and then nothing until the client leaves.
    Stall(Vec<u8>),
    /// Hears a request, says the first, and then the second again and again until the client leaves.
    Repeat(Vec<u8>, Vec<u8>),
    /// Says this before it hears anything.
    Blurt(Vec<u8>),
}

/// A server that takes any number of connections, until it is dropped. The clients have to be dropped before.
struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    /// The most that was sent over one connection.
    most: Arc<AtomicUsize>,
    /// How many requests were heard.
    heard: Arc<AtomicUsize>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    fn start(act: impl Fn(&mut Talk<'_>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, most, heard) = <(Arc<AtomicBool>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let thread = {
            let (stop, most, heard) = (stop.clone(), most.clone(), heard.clone());
            thread::spawn(move || {
                thread::scope(|scope| {
                    for stream in listener.incoming() {
                        if stop.load(Ordering::SeqCst) {
                            return;
                        }
                        scope.spawn(|| {
                            let mut talk = Talk { stream: stream.unwrap(), sent: 0, heard: &heard };
                            act(&mut talk);
                            most.fetch_max(talk.sent, Ordering::SeqCst);
                        });
                    }
                });
            })
        };
        Self { address, stop, most, heard, thread: Some(thread) }
    }

    fn acting(act: Act) -> Self {
        Self::start(move |talk| match &act {
            Act::Say(answer) => {
                if talk.hear() && talk.say(answer) {
                    talk.close();
                }
            }
            Act::Stall(answer) => {
                if talk.hear() && talk.say(answer) {
                    talk.await_leave();
                }
            }
            Act::Repeat(first, then) => {
                if talk.hear() && talk.say(first) {
                    while talk.say(then) {}
                }
            }
            Act::Blurt(answer) => {
                if talk.say(answer) && talk.hear() {
                    talk.close();
                }
            }
        })
    }

    fn address(&self) -> String {
        self.address.to_string()
    }

    /// Ends the server, and tells how much it could send over one connection at most.
    fn most(self) -> usize {
        let most = self.most.clone();
        drop(self);
        most.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // It waits for a connection.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One connection, as the server sees it.
struct Talk<'a> {
    stream: TcpStream,
    sent: usize,
    heard: &'a AtomicUsize,
}

impl Talk<'_> {
    /// Whether a request came.
    fn hear(&mut self) -> bool {
        let came = read_request(&mut self.stream).is_some();
        self.heard.fetch_add(usize::from(came), Ordering::SeqCst);
        came
    }

    /// Whether the client still takes what is said.
    fn say(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(count) if count > 0 => {
                    self.sent += count;
                    bytes = &bytes[count..];
                }
                _ => return false,
            }
        }
        true
    }

    fn close(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        self.await_leave();
    }

    fn await_leave(&mut self) {
        let _ = std::io::copy(&mut self.stream, &mut std::io::sink());
    }
}

/// A call whose answer is a page. It is one that must not be repeated, so that each is one attempt.
struct Ask;

impl Operation for Ask {
    const META: Meta = Meta::new("Ask", Verb::Get, "/v3/{project_id}/ask", Replay::Never, 200);
    type Output = usize;

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new())
    }

    fn decode(answer: &Response<Bytes>) -> Result<usize, DecodeError> {
        from_json::<ListFailedTaskResponse>(answer.body()).map(|page| page.tasks.len())
    }
}

/// A call with a body, to which an answer needs none.
struct Tell;

impl Operation for Tell {
    const META: Meta = Meta::new("Tell", Verb::Post, "/v3/{project_id}/tell", Replay::Never, 204);
    type Output = ();

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new().body(r#"{"a":1}"#))
    }

    fn decode(_: &Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// What a call has to come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// A page of so many items, or no items at all where none are asked for.
    Items(usize),
    /// An error of this kind, with this status.
    Fails(ErrorKind, Option<u16>),
    /// One of these, as it happens.
    OneOf(&'static [Outcome]),
}

use ErrorKind::{Decode, Interrupted, Service, Timeout, TooLarge};
use Outcome::{Fails, Items, OneOf};

const BROKEN: Outcome = Fails(Interrupted, None);
const LATE: Outcome = Fails(Timeout, None);
const LARGE: Outcome = Fails(TooLarge, None);
const UNREADABLE: Outcome = Fails(Decode, Some(200));

const fn refused(status: u16) -> Outcome {
    Fails(Service, Some(status))
}

impl Outcome {
    fn fits(self, found: Self) -> bool {
        match self {
            OneOf(outcomes) => outcomes.contains(&found),
            _ => self == found,
        }
    }
}

struct Case {
    what: String,
    act: Act,
    options: HttpOptions,
    tells: bool,
    blocking: Outcome,
    awaited: Outcome,
}

fn case(what: impl Into<String>, act: Act, outcome: Outcome) -> Case {
    let what = what.into();
    Case { what, act, options: options(), tells: false, blocking: outcome, awaited: outcome }
}

impl Case {
    /// Of a client that takes 1 MiB at most.
    fn narrow(self) -> Self {
        self.at_most(MIB)
    }

    fn at_most(mut self, bytes: usize) -> Self {
        self.options = self.options.with_max_answer_bytes(bytes);
        self
    }

    /// Where a time-out is to end it, a client does not wait long, and takes whatever comes until then. Elsewhere it
    /// waits long, so that a slow machine does not make it late.
    fn options_for(&self, expected: Outcome) -> HttpOptions {
        if !expected.fits(LATE) {
            return self.options.clone();
        }
        self.options
            .clone()
            .with_connect_timeout(Duration::from_millis(50))
            .with_attempt_timeout(Duration::from_millis(150))
            .with_max_answer_bytes(usize::MAX)
    }

    /// Of a call that needs no answer but the status.
    fn tells(mut self) -> Self {
        self.tells = true;
        self
    }

    /// Of the blocking client this, for a reason.
    fn but_blocking(mut self, outcome: Outcome, _why: &str) -> Self {
        self.blocking = outcome;
        self
    }

    /// Of the async client this, for a reason.
    fn but_awaited(mut self, outcome: Outcome, _why: &str) -> Self {
        self.awaited = outcome;
        self
    }

    /// What is wrong, if anything is.
    fn check(
        &self,
        colour: &str,
        expected: Outcome,
        call: impl FnOnce(&str, &HttpOptions) -> Result<usize, Error>,
    ) -> Option<String> {
        let server = Server::acting(self.act.clone());
        let options = self.options_for(expected);
        let outcome = call(&server.address(), &options);
        let sent = server.most();
        let mut faults = String::new();
        let found = match &outcome {
            Ok(count) => Items(*count),
            Err(error) => {
                let name = if self.tells { "Tell" } else { "Ask" };
                let texts = [error.to_string(), error.report(), format!("{error:?}")];
                if error.operation() != Some(name) || !texts[0].starts_with(&format!("{name}: ")) {
                    let _ = write!(faults, "; it does not name the operation");
                }
                let longest = texts.iter().map(String::len).max().unwrap();
                if longest > ERROR_TEXT {
                    let _ = write!(faults, "; the error is {longest} bytes long");
                }
                Fails(error.kind(), error.status())
            }
        };
        if !expected.fits(found) {
            let report = outcome.as_ref().err().map(Error::report).unwrap_or_default();
            let report = report.chars().take(200).collect::<String>();
            let _ = write!(faults, "; expected {expected:?}, found {found:?} ({report})");
        }
        let endless = matches!(self.act, Act::Repeat(..));
        if endless && sent > options.max_answer_bytes().saturating_add(IN_FLIGHT) {
            let _ = write!(faults, "; the server could send {sent} bytes");
        }
        (!faults.is_empty()).then(|| format!("{}, {colour}{faults}", self.what))
    }

    fn call(&self, subject: &impl Subject) -> Result<usize, Error> {
        if self.tells { subject.send(Tell).map(|()| 0) } else { subject.send(Ask) }
    }

    fn run(&self) -> Vec<String> {
        let blocking = self.check("blocking", self.blocking, |address, options| {
            self.call(&build_on(kps_ureq::builder(), address, options).build().unwrap())
        });
        let awaited = self.check("awaited", self.awaited, |address, options| {
            let client = || build_on(kps_reqwest::builder(), address, options).build().unwrap();
            self.call(&Awaited::new(client))
        });
        blocking.into_iter().chain(awaited).collect()
    }
}

fn head(status: &str, headers: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}\r\n")
}

fn with_body(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut answer = head(status, &format!("{headers}content-length: {}\r\n", body.len())).into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn ok(body: impl AsRef<[u8]>) -> Vec<u8> {
    with_body("200 OK", "", body)
}

fn say(bytes: impl Into<Vec<u8>>) -> Act {
    Act::Say(bytes.into())
}

fn stall(bytes: impl Into<Vec<u8>>) -> Act {
    Act::Stall(bytes.into())
}

fn repeat(first: impl Into<Vec<u8>>, then: impl Into<Vec<u8>>) -> Act {
    Act::Repeat(first.into(), then.into())
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn large_answers() -> Vec<Case> {
    let block = vec![b'x'; 64 << 10];
    let mut chunk = format!("{:x}\r\n", block.len()).into_bytes();
    chunk.extend_from_slice(&block);
    chunk.extend_from_slice(b"\r\n");
    let stated = |length: &str| head("200 OK", &format!("content-length: {length}\r\n"));
    vec![
        case("a length beyond the cap", repeat(stated("1048577"), &block[..]), LARGE).narrow(),
        case("the greatest length there is", repeat(stated("18446744073709551615"), &block[..]), BROKEN)
            .narrow()
            .but_blocking(
                LARGE,
                "hyper takes the two greatest lengths for marks of its own and refuses them",
            ),
        case("a length of 2^63", repeat(stated("9223372036854775808"), &block[..]), LARGE).narrow(),
        case("a length for which there is no room", say(stated("4611686018427387904") + "{"), LARGE)
            .at_most(usize::MAX),
        case("chunks without end", repeat(CHUNKED, chunk.clone()), LARGE).narrow(),
        case("chunks of a byte without end", repeat(CHUNKED, "1\r\nx\r\n".repeat(4096)), LARGE)
            .at_most(64 << 10),
        case("one chunk without end", repeat(format!("{CHUNKED}fffffffffffffff\r\n"), &block[..]), LARGE)
            .narrow(),
        case("a body until the end that never comes", repeat(head("200 OK", ""), &block[..]), LARGE).narrow(),
        case("the same of HTTP/1.0", repeat("HTTP/1.0 200 OK\r\n\r\n", &block[..]), LARGE).narrow(),
        case("a refusal without end", repeat(head("500 Oh", ""), &block[..]), LARGE).narrow(),
        case("a body of the cap", say(ok(vec![b' '; MIB])), UNREADABLE).narrow(),
        case("a call that needs no body gets one without end", repeat(head("200 OK", ""), &block[..]), LARGE)
            .narrow()
            .tells(),
    ]
}

fn slow_answers() -> Vec<Case> {
    const PILED: &str = "ureq takes what has piled up of them for one head that is too large";
    let stated = head("200 OK", "content-length: 9\r\n");
    vec![
        case("silence", stall(""), LATE),
        case("a byte of the head", stall("H"), LATE),
        case("most of the head", stall("HTTP/1.1 200 OK\r\nserver: x\r\n"), LATE),
        case("a head", stall(stated.as_str()), LATE),
        case("a head and a byte", stall(format!("{stated}{{")), LATE),
        case("a head, chunks to come", stall(CHUNKED), LATE),
        case("a chunk and no more", stall(format!("{CHUNKED}2\r\n{{}}\r\n")), LATE),
        case("chunks without the last line", stall(format!("{CHUNKED}2\r\n{{}}\r\n0\r\n")), LATE),
        case("a body until the end that is awaited", stall(format!("{}{{}}", head("200 OK", ""))), LATE),
        case("100 Continue and no more", stall("HTTP/1.1 100 Continue\r\n\r\n"), LATE),
        // A byte always comes in time, so that only a time-out over the whole ends it.
        case("a trickle of chunks", repeat(CHUNKED, "1\r\n \r\n"), LATE),
        case("a trickle until the end", repeat(head("200 OK", ""), " "), LATE),
        case("a trickle of 100 Continue", repeat("", "HTTP/1.1 100 Continue\r\n\r\n"), LATE)
            .but_blocking(OneOf(&[LATE, BROKEN]), PILED),
        case("a trickle of 103", repeat("", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"), LATE)
            .but_blocking(OneOf(&[LATE, BROKEN]), PILED),
        case("a trickle of 102", repeat("", "HTTP/1.1 102 Processing\r\n\r\n"), LATE)
            .but_blocking(OneOf(&[LATE, BROKEN]), PILED),
    ]
}

fn cut_answers() -> Vec<Case> {
    vec![
        case("nothing", say(""), BROKEN),
        case("cut within the first line", say("HTTP/1.1 2"), BROKEN),
        case("cut within the head", say("HTTP/1.1 200 OK\r\ncontent-le"), BROKEN),
        case("cut before the last line of the head", say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n"), BROKEN),
        case("cut within the body", say(format!("{}{{}}", head("200 OK", "content-length: 9\r\n"))), BROKEN),
        case("a length and no body", say(head("200 OK", "content-length: 9\r\n")), BROKEN),
        case("chunks without the last", say(format!("{CHUNKED}2\r\n{{}}\r\n")), BROKEN),
        case("cut within a chunk", say(format!("{CHUNKED}9\r\n{{}}")), BROKEN),
        case("cut within the size of a chunk", say(format!("{CHUNKED}2")), BROKEN),
        case("no chunk at all", say(CHUNKED), BROKEN),
        case(
            "a refusal that is cut",
            say(format!("{}{{}}", head("400 Oh", "content-length: 9\r\n"))),
            BROKEN,
        ),
        case("cut, and no body is needed", say(head("200 OK", "content-length: 9\r\n")), BROKEN).tells(),
        case("a whole body until the end", say(format!("{}{{}}", head("200 OK", ""))), Items(0)),
        case("half a body until the end", say(format!("{}{{", head("200 OK", ""))), UNREADABLE),
    ]
}

fn lengths_that_lie() -> Vec<Case> {
    let stated = |headers: &str, body: &str| say(format!("{}{body}", head("200 OK", headers)));
    vec![
        case("a body longer than stated", stated("content-length: 2\r\n", "{}{\"tasks\":1}"), Items(0)),
        case("two lengths", stated("content-length: 2\r\ncontent-length: 3\r\n", "{} "), BROKEN),
        case(
            "two lengths the other way",
            stated("content-length: 3\r\ncontent-length: 2\r\n", "{} "),
            BROKEN,
        ),
        case("two lengths in one", stated("content-length: 2, 3\r\n", "{} "), BROKEN),
        case("twice the same length", stated("content-length: 2\r\ncontent-length: 2\r\n", "{}"), Items(0)),
        case("a negative length", stated("content-length: -2\r\n", "{}"), BROKEN),
        case("a length with a sign", stated("content-length: +2\r\n", "{}"), BROKEN),
        case("a length that is none", stated("content-length: two\r\n", "{}"), BROKEN),
        case("a length beyond 64 bits", stated("content-length: 18446744073709551616\r\n", "{}"), BROKEN),
        case("an empty length", stated("content-length: \r\n", "{}"), BROKEN),
        case(
            "a length and chunks",
            stated("content-length: 9\r\ntransfer-encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
            Items(0),
        ),
        case(
            "chunks and a length",
            stated("transfer-encoding: chunked\r\ncontent-length: 1\r\n", "2\r\n{}\r\n0\r\n\r\n"),
            Items(0),
        ),
        case(
            "a chunk of a size that is none",
            stated("transfer-encoding: chunked\r\n", "xyz\r\n{}\r\n0\r\n\r\n"),
            BROKEN,
        ),
        case(
            "a chunk of negative size",
            stated("transfer-encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n"),
            BROKEN,
        ),
        case(
            "a chunk beyond 64 bits",
            stated("transfer-encoding: chunked\r\n", "10000000000000002\r\n{}\r\n0\r\n\r\n"),
            BROKEN,
        ),
        case(
            "a chunk longer than its size",
            stated("transfer-encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n"),
            BROKEN,
        ),
        case(
            "a coding that nobody knows",
            stated("transfer-encoding: zip\r\ncontent-length: 2\r\n", "{}"),
            Items(0),
        ),
    ]
}

fn odd_bodies() -> Vec<Case> {
    let html = "<html><body>Welcome to the proxy</body></html>";
    let mut cases = vec![
        case("a page of HTML", say(ok(html)), UNREADABLE),
        case("a page of HTML, refused", say(with_body("502 Bad Gateway", "", html)), refused(502)),
        case("an empty refusal", say(with_body("503 Oh", "", "")), refused(503)),
        case("an empty 200", say(ok("")), UNREADABLE),
        case("an empty 200 where none is needed", say(ok("")), Items(0)).tells(),
        case("HTML where no body is needed", say(ok(html)), Items(0)).tells(),
        case("204", say(head("204 No Content", "")), Fails(Decode, Some(204))),
        case("204 where no body is needed", say(head("204 No Content", "")), Items(0)).tells(),
        case("204 with a body", say(with_body("204 No Content", "", "{}")), Fails(Decode, Some(204))),
        case("204 with a body where none is needed", say(with_body("204 No Content", "", "{}")), Items(0))
            .tells(),
        case("205 with a body", say(with_body("205 Reset Content", "", "{}")), Items(0)),
        case("299", say(with_body("299 Odd", "", "{}")), Items(0)),
        case("304 with a length", say(head("304 Not Modified", "content-length: 9\r\n")), refused(304)),
    ];
    for body in ["null", "\"x\"", "1", "true", "", " ", "{", "{}}", "{} {}", "\u{feff}{}"] {
        cases.push(case(format!("the body {body:?}"), say(ok(body)), UNREADABLE));
    }
    cases
}

fn odd_statuses() -> Vec<Case> {
    let page = "content-length: 2\r\n\r\n{}";
    let mut cases = vec![
        case(
            "100 before the answer",
            say(format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n{page}")),
            Items(0),
        ),
        case(
            "103 before the answer",
            say(format!("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n{page}")),
            Items(0),
        ),
        case(
            "a hundred of them before the answer",
            say(format!("{}HTTP/1.1 200 OK\r\n{page}", "HTTP/1.1 102 Processing\r\n\r\n".repeat(100))),
            Items(0),
        ),
        case(
            "101",
            say("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
            refused(101),
        ),
        case("status 000", say(format!("HTTP/1.1 000 Oh\r\n{page}")), BROKEN),
        case("status 099", say(format!("HTTP/1.1 099 Oh\r\n{page}")), BROKEN),
        case("status 999", say(format!("HTTP/1.1 999 Oh\r\n{page}")), refused(999)),
        case("status 1000", say(format!("HTTP/1.1 1000 Oh\r\n{page}")), BROKEN),
        case("status 20", say(format!("HTTP/1.1 20 Oh\r\n{page}")), BROKEN),
        case("no status", say(format!("HTTP/1.1 OK\r\n{page}")), BROKEN),
        case("status -200", say(format!("HTTP/1.1 -200 OK\r\n{page}")), BROKEN),
    ];
    for status in [300, 304] {
        let answer = head(&format!("{status} Oh"), "content-length: 0\r\n");
        cases.push(case(format!("{status} without a place"), say(answer), refused(status)));
    }
    cases
}

fn what_is_no_http() -> Vec<Case> {
    let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    vec![
        case("garbage", say(&b"\x00\xff\x13\x37garbage\r\n\r\n"[..]), BROKEN),
        case("lines without end", repeat("", "\r\n".repeat(4096)), BROKEN).narrow(),
        case("zeros without end", repeat("", vec![0; 64 << 10]), BROKEN).narrow(),
        case("HTTP/0.9", say("{}"), BROKEN),
        case("HTTP/0.9 in its own words", say("HTTP/0.9 200 OK\r\ncontent-length: 2\r\n\r\n{}"), BROKEN),
        case("HTTP/1.0", say("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}"), Items(0)),
        case("HTTP/1.2", say("HTTP/1.2 200 OK\r\ncontent-length: 2\r\n\r\n{}"), BROKEN),
        case("HTTP/2", say("HTTP/2 200 OK\r\ncontent-length: 2\r\n\r\n{}"), BROKEN),
        case("the beginning of HTTP/2", say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), BROKEN),
        case("the settings of HTTP/2", say(&b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"[..]), BROKEN),
        case("a record of TLS", say(&b"\x15\x03\x03\x00\x02\x02\x28"[..]), BROKEN),
        case("a request", say("GET / HTTP/1.1\r\nhost: x\r\n\r\n"), BROKEN),
        case("a greeting of SSH", say("SSH-2.0-OpenSSH_9.9\r\n"), BROKEN),
        // Whether it comes before or after the request is sent is up to the moment.
        case("an answer before the request", Act::Blurt(ok.into()), OneOf(&[Items(0), BROKEN])),
        case("an answer before the request with a body", Act::Blurt(ok.into()), OneOf(&[Items(0), BROKEN]))
            .tells(),
        case("garbage before the request", Act::Blurt(b"\x00garbage\r\n\r\n".to_vec()), BROKEN),
    ]
}

fn large_heads() -> Vec<Case> {
    let many = |count: usize| (0..count).fold(String::new(), |headers, n| format!("{headers}x-{n}: {n}\r\n"));
    let answer =
        |headers: &str| say(format!("{}{{}}", head("200 OK", &format!("{headers}content-length: 2\r\n"))));
    let letters = "x".repeat(64 << 10);
    vec![
        case("90 headers", answer(&many(90)), Items(0)),
        case("10,000 headers", answer(&many(10_000)), BROKEN),
        case("a header of 16 KiB", answer(&format!("x: {}\r\n", &letters[..16 << 10])), Items(0)),
        case("a header of 1 MiB", answer(&format!("x: {}\r\n", letters.repeat(16))), BROKEN),
        case("headers without end", repeat("HTTP/1.1 200 OK\r\n", "a: b\r\n".repeat(4096)), BROKEN).narrow(),
        case("a header without end", repeat("HTTP/1.1 200 OK\r\na: ", letters.clone()), BROKEN).narrow(),
        case("a name without end", repeat("HTTP/1.1 200 OK\r\n", letters.clone()), BROKEN).narrow(),
        case("a reason without end", repeat("HTTP/1.1 200 ", letters.clone()), BROKEN).narrow(),
        case("no reason", say("HTTP/1.1 200\r\ncontent-length: 2\r\n\r\n{}"), Items(0)),
        case("a header without a colon", answer("abc\r\n"), BROKEN),
        case("a header that goes on on the next line", answer("a: b\r\n c\r\n"), BROKEN),
        case("a header with a byte 0", answer("a: \0\r\n"), BROKEN),
        case(
            "trailers without end",
            repeat(format!("{CHUNKED}2\r\n{{}}\r\n0\r\n"), "a: b\r\n".repeat(4096)),
            BROKEN,
        )
        .but_blocking(LATE, "ureq reads and drops them, one after the other"),
        case(
            "a trailer without end",
            repeat(format!("{CHUNKED}2\r\n{{}}\r\n0\r\na: "), letters.clone()),
            BROKEN,
        )
        .narrow(),
        case("the extension of a chunk without end", repeat(format!("{CHUNKED}2;"), letters.clone()), BROKEN)
            .narrow(),
        case("the size of a chunk without end", repeat(CHUNKED, "0".repeat(64 << 10)), BROKEN)
            .but_awaited(LATE, "hyper reads on, for a number may begin with any number of zeros"),
    ]
}

fn odd_json() -> Vec<Case> {
    let task = |field: &str| format!(r#"{{"tasks":[{{"task_id":"t-1",{field}}}]}}"#);
    let long = "x".repeat(10 * MIB);
    let less = &long[..MIB];
    let wide = format!(r#"{{"tasks":[{}]}}"#, vec![r#"{"task_id":"t"}"#; 50_000].join(","));
    let mut cases = vec![
        case("not UTF-8", say(ok(b"{\"tasks\":[],\"x\":\"\xff\xfe\"}")), UNREADABLE),
        case("far more items than a page holds", say(ok(wide)), Items(50_000)),
        case("a value of 10 MiB that nobody reads", say(ok(format!(r#"{{"x":"{long}"}}"#))), Items(0)),
        case("a list of 10 MiB of text", say(ok(format!(r#"{{"tasks":"{long}"}}"#))), UNREADABLE),
        case("a name of 1 MiB", say(ok(task(&format!(r#""server_name":"{less}""#)))), Items(1)),
        case("an id of 1 MiB", say(ok(format!(r#"{{"tasks":[{{"task_id":"{less}"}}]}}"#))), Items(1)),
        case("a fault below a key of 1 MiB", say(ok(format!(r#"{{"{less}":{{"{less}":[}}}}"#))), UNREADABLE),
        case("a number of 1 MiB", say(ok(format!(r#"{{"total":{}}}"#, "9".repeat(MIB)))), UNREADABLE),
    ];
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let whole = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        cases.extend([
            case(
                format!("{open:?} 100,000 deep"),
                say(ok(&whole)),
                if open == "[" { UNREADABLE } else { Items(0) },
            ),
            case(
                format!("{open:?} 100,000 deep where nobody reads"),
                say(ok(format!(r#"{{"x":{whole}}}"#))),
                Items(0),
            ),
            case(
                format!("{open:?} as deep before a fault"),
                say(ok(format!(r#"{{"x":{whole},"tasks":1}}"#))),
                UNREADABLE,
            ),
            case(
                format!("{open:?} as deep as the items"),
                say(ok(format!(r#"{{"tasks":{whole}}}"#))),
                UNREADABLE,
            ),
            case(
                format!("{open:?} as deep as a name"),
                say(ok(task(&format!(r#""server_name":{whole}"#)))),
                UNREADABLE,
            ),
            case(
                format!("{open:?} without end"),
                say(ok(format!(r#"{{"x":{}"#, open.repeat(100_000)))),
                UNREADABLE,
            ),
        ]);
    }
    for (body, outcome) in [
        (r#"{"tasks":[],"tasks":[]}"#, UNREADABLE),
        (r#"{"total":1e400}"#, UNREADABLE),
        (r#"{"total":-1e400}"#, UNREADABLE),
        (r#"{"total":1180591620717411303424}"#, Items(0)),
        (r#"{"total":-1}"#, Items(0)),
        (r#"{"total":"many"}"#, Items(0)),
        (r#"{"total":[1]}"#, UNREADABLE),
        (r#"{"total":NaN}"#, UNREADABLE),
        (r#"{"tasks":{}}"#, UNREADABLE),
        (r#"{"tasks":null}"#, Items(0)),
        (r#"{"tasks":[null]}"#, UNREADABLE),
        (r#"{"tasks":[{}]}"#, UNREADABLE),
        // Fields without names, in their order: of a list of what is known, as serde reads it.
        ("[]", Items(0)),
        ("[0]", Items(0)),
        (r#"{"tasks":[["t-1"]]}"#, Items(1)),
        (r#"{"tasks":[{"task_id":"\ud800"}]}"#, UNREADABLE),
        (r#"{"tasks":[{"task_id":"\udc00\ud800"}]}"#, UNREADABLE),
        (r#"{"tasks":[{"task_id":"\u0000"}]}"#, Items(1)),
        (r#"{"x":"\ud800"}"#, Items(0)),
        (r#"{"tasks":[],}"#, UNREADABLE),
        (r#"{'tasks':[]}"#, UNREADABLE),
    ] {
        cases.push(case(format!("the body {body}"), say(ok(body)), outcome));
    }
    cases
}

fn odd_refusals() -> Vec<Case> {
    let long = "x".repeat(10 * MIB);
    let less = "x".repeat(MIB / 2);
    let nest = |open: &str, inner: &str, close: &str, times: usize| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    let details = r#"{"code":"A","message":"a","details":["#;
    let detail = r#"{"code":"A","message":"a"}"#;
    [
        ("10 MiB of text", long.clone()),
        ("a message of 10 MiB", format!(r#"{{"error_code":"A","error_msg":"{long}"}}"#)),
        ("a message of half a MiB", format!(r#"{{"error_code":"A","error_msg":"{less}"}}"#)),
        ("a code of half a MiB", format!(r#"{{"error_code":"{less}","error_msg":"a"}}"#)),
        ("a number of 1 MiB for a code", format!(r#"{{"error_code":{},"error_msg":"a"}}"#, "9".repeat(MIB))),
        ("an id of half a MiB", format!(r#"{{"error_code":"A","error_msg":"a","request_id":"{less}"}}"#)),
        ("a message of control characters", format!(r#"{{"error_msg":"{}"}}"#, r"\u0001".repeat(MIB / 8))),
        ("brackets 100,000 deep", nest("[", "", "]", 100_000)),
        ("objects 100,000 deep", nest(r#"{"error":"#, "1", "}", 100_000)),
        ("objects 100 deep", nest(r#"{"error":"#, detail, "}", 100)),
        ("details 100,000 deep", nest(details, "", "]}", 100_000)),
        ("details 60 deep", nest(details, "", "]}", 60)),
        ("30,000 details", format!("{details}{}]}}", vec![detail; 30_000].join(","))),
        ("half a million of numbers", format!(r#"{{"x":[{}]}}"#, vec!["1"; MIB / 2].join(","))),
        ("not UTF-8", String::from("\u{fffd}")),
        ("null", "null".into()),
        ("a list", "[]".into()),
        ("a number", "1e400".into()),
        ("half a character", r#"{"error_code":"\ud800"}"#.into()),
        ("the same key twice", r#"{"error_code":"A","error_code":["B"]}"#.into()),
    ]
    .map(|(what, body)| {
        case(format!("refused with {what}"), say(with_body("400 Bad Request", "", body)), refused(400))
    })
    .into()
}

/// Zeros that nobody asked to be packed: unpacked they are far beyond the cap.
fn packed_bodies() -> Vec<Case> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&vec![b' '; 16 * MIB]).unwrap();
    packer.write_all(b"{}").unwrap();
    let bomb = packer.finish().unwrap();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(b"{}").unwrap();
    let small = packer.finish().unwrap();
    let encoded = |status, coding, body: &[u8]| {
        say(with_body(status, &format!("content-encoding: {coding}\r\n"), body))
    };
    vec![
        case("a bomb", encoded("200 OK", "gzip", &bomb), UNREADABLE).narrow(),
        case("a page that is packed", encoded("200 OK", "gzip", &small), UNREADABLE),
        case("a page said to be packed", encoded("200 OK", "gzip", b"{}"), Items(0)),
        case("a coding that nobody knows", encoded("200 OK", "br, deflate, x", &small), UNREADABLE),
        case("a bomb as a refusal", encoded("400 Bad Request", "gzip", &bomb), refused(400)).narrow(),
        case("a bomb where no body is needed", encoded("200 OK", "gzip", &bomb), Items(0)).narrow().tells(),
    ]
}

#[test]
fn each_ends_in_what_it_is() {
    let mut cases = Vec::new();
    for some in [
        large_answers,
        slow_answers,
        cut_answers,
        lengths_that_lie,
        odd_bodies,
        odd_statuses,
        what_is_no_http,
        large_heads,
        odd_json,
        odd_refusals,
        packed_bodies,
    ] {
        cases.extend(some());
    }
    let next = AtomicUsize::new(0);
    // Some of them wait for a time-out, and others need not wait for those.
    let faults: Vec<String> = thread::scope(|scope| {
        let worker = || {
            let mut faults = Vec::new();
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                faults.extend(case.run());
            }
            faults
        };
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    println!("{} hostile servers, each in both colours", cases.len());
}

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
