use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use http::StatusCode;

use super::door::{MAX_BODY, MAX_CONTROL_BODY};
use super::*;
use crate::{AuthFault, Fault, FaultRule, RefusalCode};

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
        assert_eq!(answer(emulator.clone(), Arc::clone(&door), request()).await.status(), 400, "it is there");
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
    assert_eq!(MAX_BODY, 12_582_912, "12 MB, as documented");
    let server = Server::start(Emulator::new()).unwrap();
    let announced = ask(server.local_addr(), &format!("POST / HTTP/1.1\r\ncontent-length: {}", MAX_BODY + 1));
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
