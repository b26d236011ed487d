use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::DefaultBodyLimit;
use axum::serve::ListenerExt;
use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::oneshot;

use crate::clock::system_clock;
use crate::faults::{End, Way};
use crate::handshake::handshake;
use crate::{Builder, Emulator, broken, control};

/// The largest body the gateway takes.
const MAX_BODY: usize = 12 << 20;
/// The largest body by which it is steered: a snapshot.
const MAX_CONTROL_BODY: usize = 64 << 20;

/// A free port of the loopback interface.
pub(crate) const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// An [`Emulator`] behind HTTP, on a thread of its own, so that blocking and asynchronous programs can ask it. Dropping
/// it stops it. Any number of them can run side by side.
///
/// Faults happen to the connection itself, and a [slow](crate::Fault::Latency) answer takes its time. A connection that
/// stands cannot be [refused](crate::Fault::Refuse) any more, and breaks instead.
///
/// ```
/// use kps_emulator::{Emulator, Server};
///
/// let server = Server::start(Emulator::new())?;
/// assert!(server.endpoint().starts_with("http://127.0.0.1:"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Server {
    emulator: Emulator,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Builder {
    /// Where a [server](Self::start) listens; a free port of `127.0.0.1` if nothing is said. Beyond the loopback interface
    /// anybody on the network reaches it.
    #[must_use]
    pub const fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Whether a [server](Self::start) can be steered under `/_emulator/`, by requests whose `Host` is where it listens and
    /// that no page of another site has sent. It can if nothing is said.
    #[must_use]
    pub const fn control(mut self, control: bool) -> Self {
        self.control = control;
        self
    }

    /// The emulator behind HTTP.
    ///
    /// ```
    /// use kps_emulator::Emulator;
    ///
    /// let server = Emulator::builder().lenient_auth(true).start()?;
    /// assert!(server.emulator().calls().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the port is not free, or there is no thread.
    pub fn start(self) -> io::Result<Server> {
        let door = Door { address: self.listen, control: self.control };
        Server::open(self.build(), door)
    }
}

/// Where it listens, and whether it can be steered there.
struct Door {
    address: SocketAddr,
    control: bool,
}

impl Server {
    /// Starts a server on a free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// If there is no port, or no thread.
    pub fn start(emulator: Emulator) -> io::Result<Self> {
        Self::open(emulator, Door { address: ANY_PORT, control: true })
    }

    fn open(emulator: Emulator, mut door: Door) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(door.address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        door.address = address;
        // With its timer: when files run out, accepting waits a while.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let app = {
            let (emulator, door) = (emulator.clone(), Arc::new(door));
            axum::Router::new()
                .fallback(move |request: Request<Body>| answer(emulator.clone(), Arc::clone(&door), request))
                .layer(DefaultBodyLimit::disable())
        };
        let thread = thread::Builder::new().name("kps-emulator".into()).spawn(move || {
            runtime.block_on(async {
                // Small answers must not wait for the acknowledgement of the ones before.
                let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
                let serve = axum::serve(listener, app);
                tokio::select! {
                    _ = serve => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { emulator, address, stop: Some(stop), thread: Some(thread) })
    }

    /// What a client takes as its endpoint: `http://127.0.0.1:PORT`. Where it listens on all interfaces, this is the
    /// loopback one.
    pub fn endpoint(&self) -> String {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, self.address.port()))
    }

    /// Where it listens.
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The emulator behind it.
    pub const fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// What a client needs to call it, as JSON on one line: `endpoint`, `iam_endpoint` and `metadata_endpoint`, which are
    /// one; `region`, `project_id`, `access_key` and `secret_key`; and the project's `servers`, each with its `id`,
    /// `name`, `status` (`running` or `stopped`), `password` and `keypair_name`. What there is not is `null`. Of several
    /// projects it is the first that has servers, of several access keys the first that needs no security token.
    ///
    /// It holds the secrets of the seed.
    ///
    /// ```
    /// use kps_emulator::{Emulator, Server};
    ///
    /// let server = Server::start(Emulator::new())?;
    /// assert!(server.handshake().contains(r#""access_key":"AKEMULATOR0000000001""#));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn handshake(&self) -> String {
        handshake(&self.emulator.world(), &self.endpoint())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // If it panicked, that has been printed already.
            drop(thread.join());
        }
    }
}

async fn answer(emulator: Emulator, door: Arc<Door>, request: Request<Body>) -> Response<Body> {
    if door.control && control::is_at(request.uri().path()) {
        return steer(&emulator, door.address, request).await.map(Body::from);
    }
    let Some(request) = read(request, MAX_BODY).await else {
        return emulator.refuse_too_large().map(Body::from);
    };
    let outcome = emulator.respond(&request, system_clock(), Way::Connection);
    if !outcome.delay.is_zero() {
        tokio::time::sleep(outcome.delay).await;
    }
    match outcome.end {
        End::Answer(answer) => answer.map(Body::from),
        End::Refused | End::Reset => broken::reset(),
        End::Cut(answer) => broken::cut(answer),
    }
}

async fn steer(emulator: &Emulator, address: SocketAddr, request: Request<Body>) -> Response<Bytes> {
    if let Some(refusal) = control::refusal(request.headers(), address) {
        return refusal;
    }
    match read(request, MAX_CONTROL_BODY).await {
        Some(request) => emulator.control(&request, system_clock()),
        None => control::too_large(MAX_CONTROL_BODY),
    }
}

/// A request with its body, unless that is too large, or the connection broke, and nobody reads the answer.
async fn read(request: Request<Body>, most: usize) -> Option<Request<Bytes>> {
    let (parts, body) = request.into_parts();
    // Reading would tell as well, but only after all of an announced body was waited for.
    if usize::try_from(body.size_hint().lower()).is_ok_and(|announced| announced > most) {
        return None;
    }
    let body = to_bytes(body, most).await.ok()?;
    Some(Request::from_parts(parts, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AuthFault, Fault, FaultRule, RefusalCode};
    use http::StatusCode;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

    fn ask(address: SocketAddr, head: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "{head}\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// All that comes over the wire until the connection ends.
    fn wire(address: SocketAddr, method: &str, target: &str, body: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!(
            "{method} /v3/{}/{target} HTTP/1.1\r\nhost: {address}\r\nx-auth-token: {}\r\nconnection: close",
            Emulator::PROJECT_ID,
            Emulator::TOKEN,
        );
        write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes);
        // Whether a break shows as an end or as a reset is up to the machine.
        assert!(end.is_ok() || end.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset));
        bytes
    }

    /// The status, the announced and the true length of the body, and the body.
    fn parts(wire: &[u8]) -> (u16, usize, usize, Vec<u8>) {
        let end = wire.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let head = std::str::from_utf8(&wire[..end]).unwrap().to_lowercase();
        let status = head.strip_prefix("http/1.1 ").unwrap()[..3].parse().unwrap();
        let announced = head.split("content-length: ").nth(1).unwrap();
        let announced = announced.split("\r\n").next().unwrap().parse().unwrap();
        (status, announced, wire.len() - end, wire[end..].to_vec())
    }

    const CREATE: (&str, &str, &str) = ("POST", "keypairs", r#"{"keypair":{"name":"deploy"}}"#);

    #[test]
    fn each_fault_does_over_the_wire_what_it_says() {
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        let throttle = Fault::Throttle { limit: 0, window: Duration::from_secs(60) };
        let code = Fault::Code(RefusalCode::new("KPS.5002").unwrap());
        // The status that arrives, what its body holds, and whether the service has acted.
        for (fault, status, text, has_acted) in [
            (Fault::Latency(Duration::from_nanos(1)), 200, "private_key", true),
            (Fault::ClockSkew(i64::MIN), 200, "private_key", true),
            (Fault::Refuse, 0, "", false),
            (Fault::ResetBefore, 0, "", false),
            (Fault::Status(unavailable), 503, "<h1>503 Service Unavailable</h1>", false),
            (throttle, 429, "limit:0,time:1 minute", false),
            (Fault::Auth(AuthFault::TokenRevoked), 401, "APIGW.0307", false),
            (code, 500, "KPS.5002", false),
            (Fault::ResetAfter, 0, "", true),
            (Fault::Garbage, 200, "<html>", true),
            (Fault::StatusAfter(StatusCode::BAD_GATEWAY), 502, "<h1>502 Bad Gateway</h1>", true),
        ] {
            let emulator = Emulator::new();
            let server = Server::start(emulator.clone()).unwrap();
            emulator.inject(FaultRule::new(fault.clone()));
            let (method, target, body) = CREATE;
            let wire = wire(server.local_addr(), method, target, body);
            assert_eq!(emulator.applied("CreateKeypair"), usize::from(has_acted), "{fault:?}");
            assert_eq!(emulator.injected(), [("CreateKeypair", fault.clone())]);
            if status == 0 {
                assert_eq!(String::from_utf8_lossy(&wire), "", "{fault:?}");
                continue;
            }
            let (seen, announced, length, body) = parts(&wire);
            assert_eq!((seen, announced), (status, length), "{fault:?}");
            let body = String::from_utf8_lossy(&body);
            assert!(body.contains(text), "{fault:?}: {body}");
            if fault == Fault::ClockSkew(i64::MIN) {
                let wire = String::from_utf8_lossy(&wire);
                assert!(wire.contains("date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"), "{wire}");
            }
        }
    }

    #[test]
    fn a_cut_body_is_half_of_what_its_head_tells() {
        let whole = {
            let server = Server::start(Emulator::new()).unwrap();
            let (method, target, body) = CREATE;
            parts(&wire(server.local_addr(), method, target, body))
        };
        let emulator = Emulator::new();
        let server = Server::start(emulator.clone()).unwrap();
        emulator.inject(FaultRule::new(Fault::CutBody));
        let (method, target, body) = CREATE;
        let (status, announced, length, half) = parts(&wire(server.local_addr(), method, target, body));
        assert_eq!((status, announced), (200, whole.1));
        assert_eq!((length, half.as_slice()), (whole.1 / 2, &whole.3[..whole.1 / 2]));
        assert_eq!(emulator.applied("CreateKeypair"), 1);

        // There is nothing to halve, so nothing arrives at all.
        assert_eq!(wire(server.local_addr(), "DELETE", "keypairs/deploy", ""), b"");
        assert_eq!(emulator.applied("DeleteKeypair"), 1);
    }

    #[test]
    fn a_status_that_cannot_be_sent_ends_the_connection_only() {
        let emulator = Emulator::new();
        let server = Server::start(emulator.clone()).unwrap();
        emulator.inject(FaultRule::new(Fault::Status(StatusCode::CONTINUE)).nth(1));
        wire(server.local_addr(), "GET", "keypairs", "");
        assert_eq!(parts(&wire(server.local_addr(), "GET", "keypairs", "")).0, 200);
    }

    #[test]
    fn a_slow_answer_comes_after_its_time_and_after_the_effect() {
        let hour = Duration::from_secs(3600);
        let emulator = Emulator::new();
        emulator.inject(FaultRule::new(Fault::Latency(hour)).nth(1));
        let request = || {
            let (method, target, body) = CREATE;
            Request::builder()
                .method(method)
                .uri(format!("http://kms.example.com/v3/{}/{target}", Emulator::PROJECT_ID))
                .header("x-auth-token", Emulator::TOKEN)
                .body(Body::from(body))
                .unwrap()
        };
        let door = Arc::new(Door { address: ANY_PORT, control: false });
        // A clock that stands still, and is set to the next timer when nothing else is to do.
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_time().start_paused(true).build().unwrap().block_on(async {
            let start = tokio::time::Instant::now();
            let slow = answer(emulator.clone(), Arc::clone(&door), request());
            let early = tokio::time::timeout(hour - Duration::from_secs(1), slow).await;
            assert!(early.is_err() && emulator.applied("CreateKeypair") == 1);

            emulator.inject(FaultRule::new(Fault::Latency(hour)).once());
            assert_eq!(
                answer(emulator.clone(), Arc::clone(&door), request()).await.status(),
                400,
                "it is there"
            );
            let passed = start.elapsed();
            assert!(passed >= 2 * hour - Duration::from_secs(1), "{passed:?}");
            assert!(passed <= 2 * hour, "{passed:?}");
        });
    }

    /// The status of an answer, and its body.
    fn steered(server: &Server, head: &str, body: &str) -> (u16, String) {
        let head = format!("{head}\r\nconnection: close\r\ncontent-length: {}", body.len());
        let mut stream = TcpStream::connect(server.local_addr()).unwrap();
        write!(stream, "{head}\r\n\r\n{body}").unwrap();
        let mut wire = Vec::new();
        stream.read_to_end(&mut wire).unwrap();
        let (status, _, _, body) = parts(&wire);
        (status, String::from_utf8(body).unwrap())
    }

    #[test]
    fn it_is_steered_by_those_who_may() {
        let server = Server::start(Emulator::new()).unwrap();
        let here = server.local_addr();
        let localhost = format!("localhost:{}", here.port());
        let reset = "POST /_emulator/reset HTTP/1.1";
        for (headers, status) in [
            (format!("host: {here}"), 200),
            (format!("host: {localhost}"), 200),
            (format!("host: {localhost}\r\norigin: http://{localhost}"), 200),
            (format!("host: evil.example:{}", here.port()), 403),
            (format!("host: {here}\r\norigin: http://evil.example"), 403),
            (format!("host: {here}\r\norigin: null"), 403),
            (format!("host: {here}\r\nsec-fetch-site: cross-site"), 403),
        ] {
            let (seen, body) = steered(&server, &format!("{reset}\r\n{headers}"), "");
            assert_eq!(seen, status, "{headers}: {body}");
            assert_eq!(body.contains(r#""where":"the header "#), status == 403, "{headers}: {body}");
        }
        for (host, status) in [(localhost.as_str(), 200), ("evil.example", 403)] {
            let page = format!("GET /_emulator/ui HTTP/1.1\r\nhost: {host}");
            assert_eq!(steered(&server, &page, "").0, status, "{host}");
        }
        let clock = format!("POST /_emulator/clock/advance HTTP/1.1\r\nhost: {here}");
        assert_eq!(steered(&server, &clock, r#"{"by":"1s"}"#).0, 200);
        assert!(server.emulator().calls().is_empty(), "the journal is of the service alone");
        let elsewhere = format!("GET /_emulators HTTP/1.1\r\nhost: {here}");
        assert!(steered(&server, &elsewhere, "").1.contains("APIGW.0101"));

        let huge = format!("PUT /_emulator/snapshot HTTP/1.1\r\ncontent-length: {}", MAX_CONTROL_BODY + 1);
        let huge = ask(here, &huge);
        assert!(huge.starts_with("HTTP/1.1 413") && huge.contains(r#""where":"the body""#), "{huge}");
    }

    #[test]
    fn it_is_not_steered_if_it_is_not_to_be() {
        let server = Emulator::builder().control(false).start().unwrap();
        for path in ["/_emulator/", "/_emulator/health", "/_emulator/snapshot", "/_emulator/ui"] {
            let (status, body) =
                steered(&server, &format!("GET {path} HTTP/1.1\r\nhost: {}", server.local_addr()), "");
            assert!(status == 404 && body.contains("APIGW.0101"), "{body}");
        }
    }

    #[test]
    fn a_port_that_is_taken_is_told() {
        let first = Server::start(Emulator::new()).unwrap();
        let error = Emulator::builder().listen(first.local_addr()).start().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn its_endpoint_is_one_that_can_be_asked() {
        for (listen, endpoint) in [("0.0.0.0:0", "http://127.0.0.1:"), ("127.0.0.1:0", "http://127.0.0.1:")] {
            let server = Emulator::builder().listen(listen.parse().unwrap()).start().unwrap();
            assert_eq!(server.endpoint(), format!("{endpoint}{}", server.local_addr().port()));
        }
    }

    #[test]
    fn too_large_a_body_is_refused_before_it_has_come_whole() {
        let server = Server::start(Emulator::new()).unwrap();
        let announced =
            ask(server.local_addr(), &format!("POST / HTTP/1.1\r\ncontent-length: {}", MAX_BODY + 1));
        assert!(announced.starts_with("HTTP/1.1 413"), "{announced}");
        assert!(announced.contains("APIGW.0201") && announced.contains("x-request-id"), "{announced}");
    }

    #[test]
    fn it_stops_though_half_a_request_is_under_way() {
        let server = Server::start(Emulator::new()).unwrap();
        let address = server.local_addr();
        let mut half = TcpStream::connect(address).unwrap();
        half.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf").unwrap();
        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }

    #[test]
    fn it_speaks_http_until_it_is_dropped() {
        let server = Server::start(Emulator::new()).unwrap();
        let address = server.local_addr();
        assert!(address.ip().is_loopback());
        let answer = ask(address, "GET /nowhere HTTP/1.1");
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        assert!(answer.contains("APIGW.0101") && answer.contains("x-request-id"), "{answer}");
        let list = ask(address, &format!("GET /v3/{}/failed-tasks HTTP/1.1", Emulator::PROJECT_ID));
        assert!(list.contains("x-auth-token not found"), "{list}");

        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }
}
