//! Marked secrets go through every operation and every outcome, in both colours, with all that can be logged switched on,
//! and are then searched for in everything that can be seen.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::{Debug, Write as _};
use std::future::ready;
use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use kps_conformance::{Awaited, Subject};
use kps_core::{
    AssociateKeypair, AttemptReport, BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair,
    BatchServer, Builder, CallReport, ClearPrivateKey, Client, CreateKeypair, CreateKeypairResponse,
    Credentials, DeleteAllFailedTask, DeleteFailedTask, DeleteKeypair, Description, DisassociateKeypair,
    Encryption, Error, ExportPrivateKey, Failure, FailureKind, HttpOptions, ImportPrivateKey, KeypairName,
    ListFailedTask, ListKeypairDetail, ListKeypairTask, ListKeypairs, ListRunningTask, Login, Observer,
    Operation, Prepared, PrivateKey, ProjectId, Proxy, PublicKey, Retries, Secret, Sent, Server, ServerId,
    TaskHandle, TaskId, TaskState, UpdateKeypairDescription, WaitOptions, blocking,
};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// It stands in every secret.
const MARK: &str = "TOPSECRET";

/// All that could be seen so far.
static SEEN: Mutex<String> = Mutex::new(String::new());

fn see(text: &str) {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    seen.push_str(text);
    seen.push('\n');
}

/// What could be seen since this was last asked.
fn seen() -> String {
    std::mem::take(&mut *SEEN.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The lines with a secret in them.
fn leaks(seen: &str) -> Vec<String> {
    let shown = |line: &str| line.chars().take(300).collect();
    seen.lines().filter(|line| line.contains(MARK)).map(shown).collect()
}

/// Sees all spans and events, and what the HTTP clients log.
struct Everything;

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        see(&format!("{}={value:?}", field.name()));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        see(span.metadata().name());
        span.record(&mut Self);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Self);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Self);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Whether the logger takes the bytes that ureq sends.
static WIRE_LOG: AtomicBool = AtomicBool::new(false);

impl log::Log for Everything {
    fn enabled(&self, record: &log::Metadata<'_>) -> bool {
        WIRE_LOG.load(Ordering::SeqCst) || !record.target().starts_with("ureq_proto")
    }

    fn log(&self, record: &log::Record<'_>) {
        if !log::Log::enabled(self, record.metadata()) {
            return;
        }
        see(&format!("{}: {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

impl Observer for Everything {
    fn attempt(&self, attempt: &AttemptReport<'_>) {
        see(&format!("{attempt:?}"));
    }

    fn call(&self, call: &CallReport<'_>) {
        see(&format!("{call:?}"));
    }
}

/// One test at a time, since what is logged is everybody's.
static TURN: Mutex<()> = Mutex::new(());

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(Everything).unwrap();
        log::set_logger(&Everything).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            see(&panic.to_string());
            usual(panic);
        }));
    });
}

fn pem() -> String {
    let line = |n: u32| format!("{MARK}Line{n}+/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n");
    format!("-----BEGIN RSA PRIVATE KEY-----\n{}{}-----END RSA PRIVATE KEY-----\n", line(1), line(2))
}

fn key() -> PrivateKey {
    PrivateKey::new(pem()).unwrap()
}

fn password() -> Secret {
    Secret::new(format!("\"{MARK}\\pass/word=\""))
}

fn name() -> KeypairName {
    KeypairName::new("deploy").unwrap()
}

fn public() -> PublicKey {
    PublicKey::new("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P a")
        .unwrap()
}

/// How the service, or something that stands in its place, answers a request.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// With all secrets an answer may have.
    Success,
    /// The same, cut off.
    Cut,
    /// With a secret where something else is expected.
    Odd,
    /// A refusal that quotes the request, as JSON.
    Refused(u16),
    /// The same within a nested object and a list.
    Nested,
    /// The same with a status of success, as bindings are refused.
    RefusedReceipt,
    /// A page of HTML that quotes the request.
    Html,
    /// No answer.
    Lost,
}

const OUTCOMES: [Outcome; 11] = [
    Outcome::Success,
    Outcome::Cut,
    Outcome::Odd,
    Outcome::Refused(400),
    Outcome::Refused(401),
    Outcome::Refused(429),
    Outcome::Refused(503),
    Outcome::Nested,
    Outcome::RefusedReceipt,
    Outcome::Html,
    Outcome::Lost,
];

/// The whole request, as a gateway quotes it.
fn quoted(request: &http::Request<Bytes>) -> String {
    let mut text = format!("{} {}\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        writeln!(text, "{name}:{}", value.to_str().unwrap()).unwrap();
    }
    text.push_str(std::str::from_utf8(request.body()).unwrap());
    text
}

impl Outcome {
    /// Status and body.
    fn answer(self, quoted: &str) -> (u16, String) {
        let json = |value: serde_json::Value| value.to_string();
        let keypair =
            serde_json::json!({"name": "deploy", "private_key": pem(), "public_key": "ssh-rsa AAAA"});
        let whole = json(serde_json::json!({
            "keypair": keypair, "keypairs": [], "tasks": [], "total": 0, "task_id": "t-1", "server_id": "s-1",
            "status": "SUCCESS", "succeeded_keypairs": [keypair], "failed_keypairs": [],
        }));
        let refusal = serde_json::json!({"error_code": "APIGW.0301", "error_msg": quoted});
        match self {
            Self::Success | Self::Lost => (200, whole),
            Self::Cut => (200, whole.split_at(whole.len() - 9).0.to_owned()),
            Self::Odd => (
                200,
                json(
                    serde_json::json!({"keypair": pem(), "keypairs": pem(), "tasks": pem(), "task_id": [pem()]}),
                ),
            ),
            Self::Refused(status) => (status, json(refusal)),
            Self::Nested => {
                (400, json(serde_json::json!({"code": "P", "message": "p", "details": [refusal]})))
            }
            Self::RefusedReceipt => (
                202,
                json(
                    serde_json::json!({"server_id": "s-1", "status": "FAILED", "error_code": "KPS.0002", "error_msg": quoted, "tasks": [{"server_id": "s-1", "status": "FAILED", "error_msg": quoted}], "succeeded_keypairs": [], "failed_keypairs": [{"keypair_name": "deploy", "failed_reason": quoted}]}),
                ),
            ),
            Self::Html => (502, format!("<html><body>{quoted}</body></html>")),
        }
    }

    fn over_a_closure(self, request: &Prepared) -> Result<Response<Bytes>, Failure> {
        see(&format!("{request:?} {:?}", request.headers()));
        if matches!(self, Self::Lost) {
            return Err(Failure::new(FailureKind::Interrupted, Sent::Maybe, "cut"));
        }
        let (status, body) = self.answer(&quoted(request.as_http()));
        Ok(Response::builder().status(status).body(body.into()).unwrap())
    }
}

/// By an access key that ends, and by a token.
fn credentials() -> [Credentials; 2] {
    [
        Credentials::access_key("AKEXAMPLE", format!("{MARK}-secret-key"))
            .with_security_token(format!("{MARK}-security-token")),
        Credentials::token(format!("{MARK}-token")),
    ]
}

fn site<C>(builder: Builder<C>, credentials: Credentials) -> Builder<C> {
    let builder = builder
        .endpoint("http://kms.example.com")
        .credentials(credentials)
        .project_id(ProjectId::new("0a1b").unwrap())
        .http(HttpOptions::new().with_proxy(Proxy::Url(format!("http://user:{MARK}-proxy@proxy.example:1"))))
        .retries(Retries::new().with_backoff(Duration::ZERO, Duration::ZERO))
        .observer(Everything);
    see(&format!("{builder:?}"));
    builder
}

/// All operations, with a marked secret wherever one holds any.
fn each_operation(on: &mut impl On) {
    let running = |login| Server::running(ServerId::new("s-1").unwrap(), login);
    let task = || TaskId::new("t-1").unwrap();
    on.operation(&CreateKeypair::new(name()));
    on.operation(&CreateKeypair::import_hosted(name(), public(), key(), Encryption::Default));
    on.operation(&ListKeypairs::new());
    on.operation(&ListKeypairDetail::new(name()));
    on.operation(&UpdateKeypairDescription::new(name(), Description::new("x").unwrap()));
    on.operation(&DeleteKeypair::new(name()));
    on.operation(&ImportPrivateKey::new(name(), key(), Encryption::Default));
    on.operation(&ExportPrivateKey::new(name()));
    on.operation(&ClearPrivateKey::new(name()));
    let hosted = CreateKeypair::import_hosted(name(), public(), key(), Encryption::Default);
    on.operation(&BatchImportKeypair::new([hosted]).unwrap());
    on.operation(&BatchExportPrivateKey::new([name()]).unwrap());
    on.operation(&AssociateKeypair::new(name(), running(Login::password(password()))));
    on.operation(&AssociateKeypair::new(name(), running(Login::private_key(key()))));
    let server = BatchServer::new(ServerId::new("s-1").unwrap(), password());
    on.operation(&BatchAssociateKeypair::new(name(), [server]).unwrap());
    on.operation(&DisassociateKeypair::new(running(Login::private_key(key()))));
    on.operation(&ListKeypairTask::new(task()));
    on.operation(&ListRunningTask::new());
    on.operation(&ListFailedTask::new());
    on.operation(&DeleteFailedTask::new(task()));
    on.operation(&DeleteAllFailedTask::new());
}

/// What is done with each of them.
trait On {
    fn operation<O: Operation<Output: Debug> + Clone + Debug>(&mut self, operation: &O);
}

/// Counts, so that a suite that does nothing is noticed.
#[derive(Default)]
struct Count {
    calls: usize,
    succeeded: usize,
}

impl Count {
    fn call<O: Operation<Output: Debug> + Clone + Debug>(&mut self, kps: &impl Subject, operation: &O) {
        see(&format!("{operation:?}"));
        self.calls += 1;
        match kps.send(operation.clone()) {
            Ok(output) => {
                self.succeeded += 1;
                see(&format!("{output:?}"));
            }
            Err(error) => see_error(&error),
        }
    }
}

fn see_error(error: &Error) {
    see(&format!("{error} {error:?} {} {:?}", error.report(), error.error_body()));
    see(&format!("{:?} {:?} {:?}", error.message(), error.code(), error.request_id()));
}

/// Both colours over closures.
#[derive(Default)]
struct OverClosures(Count);

impl On for OverClosures {
    fn operation<O: Operation<Output: Debug> + Clone + Debug>(&mut self, operation: &O) {
        for outcome in OUTCOMES {
            for credentials in credentials() {
                let closure = move |request: Prepared| outcome.over_a_closure(&request);
                let kps = site(blocking::Client::builder(closure), credentials.clone()).build().unwrap();
                see(&format!("{kps:?}"));
                self.0.call(&kps, operation);
                let closure = move |request: Prepared| ready(outcome.over_a_closure(&request));
                let kps = Awaited::new(|| site(Client::builder(closure), credentials).build().unwrap());
                see(&format!("{kps:?}"));
                self.0.call(&kps, operation);
            }
        }
    }
}

/// Waits for tasks, of which nothing but trouble is seen.
fn each_wait() {
    let options = WaitOptions::new().with_timeout(Duration::from_secs(60));
    let options = options.with_progress(|state| see(&format!("{state:?}")));
    let tasks = || (0..5).map(|n| TaskHandle::new(TaskId::new(format!("t-{n}")).unwrap())).collect();
    let see_ends = |kps: &dyn Fn() -> Vec<Result<TaskState, Error>>| {
        for end in kps() {
            see_error(&end.unwrap_err());
        }
    };
    for outcome in OUTCOMES {
        for credentials in credentials() {
            let closure = move |request: Prepared| outcome.over_a_closure(&request);
            let kps = site(blocking::Client::builder(closure), credentials.clone()).build().unwrap();
            see_ends(&|| vec![Subject::wait(&kps, TaskId::new("t-1").unwrap().into(), &options)]);
            let closure = move |request: Prepared| ready(outcome.over_a_closure(&request));
            let kps = Awaited::new(|| site(Client::builder(closure), credentials).build().unwrap());
            see_ends(&|| kps.wait_all(tasks(), &options));
        }
    }
}

#[test]
fn no_secret_is_seen_whatever_is_answered() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    listen();
    seen();
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
    assert!(
        seen.contains("kps.attempt") && seen.contains("kps.task") && seen.contains("<redacted>"),
        "nothing was seen"
    );
    let leaks = leaks(&seen);
    assert!(leaks.is_empty(), "{} leaks, such as {:#?}", leaks.len(), leaks.first());
}

/// A server that quotes the request, whatever it is.
fn quoting_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (n, stream) in listener.incoming().enumerate() {
            // A client that is throttled waits in earnest.
            let hasty = OUTCOMES.iter().filter(|outcome| !matches!(outcome, Outcome::Refused(429)));
            let outcome = *hasty.cycle().nth(n).unwrap();
            drop(serve(stream.unwrap(), outcome));
        }
    });
    format!("http://{address}")
}

fn serve(mut stream: TcpStream, outcome: Outcome) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    let length = |head: &str| {
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
    };
    loop {
        let count = stream.read(&mut chunk)?;
        request.extend(chunk.iter().take(count));
        let text = String::from_utf8_lossy(&request).into_owned();
        let whole =
            text.split_once("\r\n\r\n").is_some_and(|(head, body)| body.len() >= length(head).unwrap_or(0));
        if whole || count == 0 {
            if matches!(outcome, Outcome::Lost) {
                return Ok(());
            }
            let (status, body) = outcome.answer(&text);
            let head =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            return stream.write_all(format!("{head}{body}").as_bytes());
        }
    }
}

/// Both adapters over sockets.
struct OverSockets<B, A> {
    blocking: B,
    awaited: A,
    count: Count,
}

impl<B: Subject, A: Subject> On for OverSockets<B, A> {
    fn operation<O: Operation<Output: Debug> + Clone + Debug>(&mut self, operation: &O) {
        for _ in OUTCOMES {
            self.count.call(&self.blocking, operation);
            self.count.call(&self.awaited, operation);
        }
    }
}

#[test]
fn no_secret_is_logged_by_the_http_clients() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    listen();
    seen();
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
    let leaks = leaks(&seen);
    assert!(leaks.is_empty(), "{} leaks, such as {:#?}", leaks.len(), leaks.first());
}

#[test]
fn nothing_is_sent_while_all_bytes_are_logged() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    listen();
    seen();
    WIRE_LOG.store(true, Ordering::SeqCst);
    let [credentials, _] = credentials();
    let direct = HttpOptions::new().with_proxy(Proxy::None);
    let builder = site(kps_ureq::builder(), credentials.clone()).http(direct.clone());
    let error = builder.build().unwrap().send(ListKeypairs::new()).unwrap_err();
    assert!(error.report().ends_with("keep `ureq_proto` at the level debug"), "{}", error.report());
    assert_eq!(leaks(&seen()), Vec::<String>::new());

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
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    listen();
    seen();
    for body in [
        format!(r#"{{"keypair":{{"name":"deploy","private_key":["{MARK}"]}}}}"#),
        format!(r#"{{"keypair":"{MARK}"}}"#),
        format!(r#"{{"keypair":{{"name":"deploy","private_key":"{MARK}"}}"#),
    ] {
        let error = kps_core::from_json::<CreateKeypairResponse>(body.as_bytes()).unwrap_err();
        see(&format!("{error} {error:?}"));
    }
    see(&format!("{:?} {:?}", PrivateKey::new(format!("{MARK} is no key")), PublicKey::new(MARK)));
    assert_eq!(leaks(&seen()), Vec::<String>::new());
}

#[test]
fn a_leak_is_found_wherever_it_is() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    listen();
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
