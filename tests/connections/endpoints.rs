//! Which endpoint a call goes to, and to which one next.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use kps_core::{ErrorKind, Region, Site};

use crate::given::{COLOURS, Given, no_key_pairs};
use crate::server::{NO_KEY_PAIRS, Server};

const REGIONS: &str = "
Kps:
  - id: 'cn-north-4'
    endpoint: 'https://file.example'
  - id: 'eu-west-101'
    endpoints:
      - 'file-a.example'
      - 'http://file-b.example:81'
";

#[test]
fn the_endpoint_is_found_by_argument_variable_file_and_table() {
    const VARIABLE: &str = "HUAWEICLOUD_SDK_REGION_KPS_CN_NORTH_4";
    const FILE: &str = "/h/.huaweicloud/regions.yaml";
    let given = |region: &str| Given::region(region).project("0a1b");
    let argued = |endpoint: &str| Given { endpoints: vec![endpoint.to_owned()], ..given("cn-north-4") };
    let set = [("HOME", "/h"), (VARIABLE, "http://variable.example:81, other.example")];
    let chosen = [("HOME", "/h"), ("HUAWEICLOUD_SDK_REGIONS_FILE", "/etc/regions.yaml")];
    let european = Site::new("myhuaweicloud.eu").unwrap();
    for (given, host) in [
        // Whatever else is said.
        (argued("argued.example").environment(set).file(FILE, REGIONS), "https://argued.example"),
        (argued("https://argued.example"), "https://argued.example"),
        (argued("http://argued.example:81"), "http://argued.example:81"),
        (given("cn-north-4").environment(set).file(FILE, REGIONS), "http://variable.example:81"),
        (given("cn-north-4").environment([(VARIABLE, "variable.example")]), "https://variable.example"),
        (given("cn-north-4").file(FILE, REGIONS), "https://file.example"),
        (given("eu-west-101").file(FILE, REGIONS), "https://file-a.example"),
        (
            given("eu-west-101").environment(chosen).file("/etc/regions.yaml", REGIONS),
            "https://file-a.example",
        ),
        (given("cn-north-9").file(FILE, REGIONS), "https://kms.cn-north-9.myhuaweicloud.com"),
        (given("cn-north-4").environment([("HOME", "/h")]), "https://kms.cn-north-4.myhuaweicloud.com"),
        (
            Given { site: Some(european.clone()), ..given("eu-west-101") },
            "https://kms.eu-west-101.myhuaweicloud.eu",
        ),
        (Given { site: Some(european), ..argued("http://argued.example") }, "http://argued.example"),
    ] {
        for colour in COLOURS {
            let (outcome, asked) = given.asked(colour, no_key_pairs);
            assert_eq!(outcome.unwrap(), 0, "{colour:?} {given:?}");
            assert_eq!(asked, [format!("{host}/v3/0a1b/keypairs")], "{colour:?} {given:?}");
        }
    }
    for region in Region::KNOWN {
        for colour in COLOURS {
            let (_, asked) = given(region.id()).asked(colour, no_key_pairs);
            assert_eq!(asked, [format!("https://kms.{region}.myhuaweicloud.com/v3/0a1b/keypairs")]);
        }
    }
}

#[test]
fn what_tells_no_endpoint_is_an_error_that_names_it() {
    const FILE: &str = "/h/.huaweicloud/regions.yaml";
    let given = |region: &str| Given::region(region).project("0a1b");
    for (given, reason) in [
        (Given::default().project("0a1b"), "no region: set one with `region`"),
        (given("cn-noth-4"), "the region cn-noth-4 is not known (did you mean cn-north-4?): "),
        (given("eu-west-101"), "known are af-north-1, af-south-1"),
        (
            given("cn-north-4").environment([("HUAWEICLOUD_SDK_REGION_KPS_CN_NORTH_4", "ftp://a")]),
            "the variable HUAWEICLOUD_SDK_REGION_KPS_CN_NORTH_4 is \"ftp://a\": only http and https are spoken",
        ),
        (
            given("cn-north-4").environment([("HUAWEICLOUD_SDK_REGIONS_FILE", "/etc/regions.yaml")]),
            "/etc/regions.yaml does not exist, which HUAWEICLOUD_SDK_REGIONS_FILE names",
        ),
        (
            given("cn-north-4").file(FILE, "- a"),
            "/h/.huaweicloud/regions.yaml: expected the names of services",
        ),
    ] {
        for colour in COLOURS {
            let (outcome, asked) = given.asked(colour, no_key_pairs);
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{colour:?}: {error}");
            assert!(error.to_string().contains(reason), "{colour:?} {reason}: {error}");
            assert!(asked.is_empty(), "{colour:?}: {asked:?}");
        }
    }
}

/// An address nobody listens at.
fn refusing() -> String {
    format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
}

/// A server whose certificate nobody trusts, and how often it was tried.
fn untrusted() -> (String, Arc<Mutex<usize>>) {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let tried: Arc<Mutex<usize>> = Arc::default();
    let noted = tried.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            *noted.lock().unwrap() += 1;
            let mut stream = stream.unwrap();
            let mut tls = rustls::ServerConnection::new(config.clone()).unwrap();
            while tls.is_handshaking() && tls.complete_io(&mut stream).is_ok() {}
        }
    });
    (address, tried)
}

#[test]
fn a_call_goes_on_where_an_endpoint_cannot_be_reached() {
    for colour in COLOURS {
        let (wrong_certificate, tried) = untrusted();
        let server = Server::start(NO_KEY_PAIRS);
        let unused = Server::start(NO_KEY_PAIRS);
        // Longer than a name may be, so that no name server is asked.
        let no_name = format!("http://{}.example", "a".repeat(64));
        let endpoints = [refusing(), no_name, wrong_certificate, server.http(), unused.http()];
        let kps = Given::endpoints(endpoints).over_http(colour).unwrap();
        for _ in 0..3 {
            assert_eq!(kps.list().unwrap(), 0, "{colour:?}");
        }
        assert_eq!(server.heads().len(), 3, "{colour:?}: later calls start with the one that was reached");
        assert_eq!((*tried.lock().unwrap(), unused.connections()), (1, 0), "{colour:?}");
        let own = format!("host: {}\r\n", server.address);
        assert!(server.heads().iter().all(|head| head.contains(&own)), "{colour:?}: {:?}", server.heads());
        // One that is named for some calls has no others to go on to.
        let elsewhere = kps.with_endpoint(&refusing()).unwrap();
        assert_eq!(elsewhere.list().unwrap_err().kind(), ErrorKind::Connect, "{colour:?}");
        kps.with_endpoint(&unused.http()).unwrap().list().unwrap();
        assert_eq!((server.heads().len(), unused.heads().len()), (3, 1), "{colour:?}");
    }
}

#[test]
fn where_no_endpoint_can_be_reached_all_are_named() {
    for colour in COLOURS {
        let endpoints = [refusing(), refusing()];
        let error = Given::endpoints(endpoints.clone()).over_http(colour).unwrap().list().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{colour:?}");
        let all = format!("none of {} could be reached", endpoints.join(", "));
        assert!(error.to_string().contains(&all), "{colour:?}: {error}");
    }
}

#[test]
fn an_answer_never_goes_on_to_the_next_endpoint() {
    for (answer, kind) in [
        ("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\n\r\n{}", ErrorKind::Service),
        ("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\n{}", ErrorKind::Service),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]", ErrorKind::Decode),
    ] {
        for colour in COLOURS {
            let (failing, next) = (Server::start(answer), Server::start(NO_KEY_PAIRS));
            let kps = Given::endpoints([failing.http(), next.http()]).over_http(colour).unwrap();
            for _ in 0..2 {
                assert_eq!(kps.list().unwrap_err().kind(), kind, "{colour:?}: {answer}");
            }
            assert_eq!((failing.heads().len(), next.connections()), (2, 0), "{colour:?}: {answer}");
        }
    }
}
