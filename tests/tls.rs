//! Real TLS on the loopback interface, with certificates of the tests' own, and a real proxy, in both adapters.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use kps_conformance::{Awaited, Subject};
use kps_core::{
    Builder, Credentials, Error, ErrorKind, HttpOptions, ListKeypairs, ProjectId, Proxy, Secret, Tls,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 15\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{\"keypairs\":[]}";

/// An authority of one's own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
struct Certificate {
    chain: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // With the name of what it signs, that would look signed by itself.
        params.distinguished_name.push(DnType::CommonName, "an authority");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// Good for a host, unless it has ended.
    fn issue(&self, host: &str, ended: bool) -> Certificate {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        if ended {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Certificate { chain: certificate.pem(), key: key.serialize_pem() }
    }
}

/// A server that answers one connection, and tells what it was asked; nothing if there was no TLS to be had.
fn serve(certificate: &Certificate, clients_of: Option<&Authority>) -> (String, JoinHandle<Option<String>>) {
    let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients_of {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.0.der().clone()).unwrap();
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let chain = CertificateDer::pem_slice_iter(certificate.chain.as_bytes()).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).unwrap();
    let config = Arc::new(builder.with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), socket);
        let head = read_head(&mut stream)?;
        stream.write_all(ANSWER.as_bytes()).ok()?;
        stream.conn.send_close_notify();
        stream.flush().ok()?;
        Some(head)
    });
    (format!("https://localhost:{port}"), thread)
}

/// Up to the empty line.
fn read_head(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

fn set_up<C>(builder: Builder<C>, endpoint: &str, options: &HttpOptions) -> Builder<C> {
    builder
        .endpoint(endpoint)
        .credentials(Credentials::access_key("AKEXAMPLE", "SKexample"))
        .project_id(ProjectId::new("0a1b").unwrap())
        .http(options.clone())
}

/// One call in each colour, each of a server of its own.
fn both(
    server: impl Fn() -> (String, JoinHandle<Option<String>>),
    options: &HttpOptions,
) -> [(Result<usize, Error>, Option<String>); 2] {
    let call = |subject: &dyn Fn(&str) -> Result<usize, Error>| {
        let (endpoint, thread) = server();
        let outcome = subject(&endpoint);
        (outcome, thread.join().unwrap())
    };
    let list = |page: kps_core::ListKeypairsResponse| page.keypairs.len();
    let blocking = call(&|endpoint| {
        let kps = set_up(kps_ureq::builder(), endpoint, options).build()?;
        kps.send(ListKeypairs::new()).map(list)
    });
    let awaited = call(&|endpoint| {
        let kps = Awaited::new(|| set_up(kps_reqwest::builder(), endpoint, options).build().unwrap());
        kps.send(ListKeypairs::new()).map(list)
    });
    [blocking, awaited]
}

fn trusting(authority: &Authority, tls: Tls) -> HttpOptions {
    HttpOptions::new().with_proxy(Proxy::None).with_root_certificates(authority.pem()).with_tls(tls)
}

/// The libraries that speak TLS.
const LIBRARIES: &[Tls] = &[
    Tls::Rustls,
    #[cfg(feature = "native-tls")]
    Tls::Native,
];

#[test]
fn a_certificate_of_a_trusted_authority_is_taken() {
    let authority = Authority::new();
    let certificate = authority.issue("localhost", false);
    for tls in LIBRARIES {
        for (outcome, head) in both(|| serve(&certificate, None), &trusting(&authority, *tls)) {
            assert_eq!(outcome.unwrap(), 0, "{tls:?}");
            assert!(head.unwrap().starts_with("GET /v3/0a1b/keypairs HTTP/1.1\r\n"));
        }
    }
}

#[test]
fn any_other_certificate_is_refused_and_nothing_sent() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let cases = LIBRARIES.iter().flat_map(|tls| {
        let machine = HttpOptions::new().with_proxy(Proxy::None).with_tls(*tls);
        [
            ("unknown issuer", theirs.issue("localhost", false), trusting(&ours, *tls)),
            ("unknown to the machine", ours.issue("localhost", false), machine),
            ("wrong host", ours.issue("elsewhere.example", false), trusting(&ours, *tls)),
            ("expired", ours.issue("localhost", true), trusting(&ours, *tls)),
        ]
    });
    for (what, certificate, options) in cases {
        for (outcome, head) in both(|| serve(&certificate, None), &options) {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Tls, "{what} {options:?}: {}", error.report());
            assert_eq!((head, error.attempts()), (None, 1), "{what} {options:?}");
        }
    }
}

/// A server that wants no TLS the client could speak, and ends the handshake as the standard says.
fn give_up() -> (String, JoinHandle<Option<String>>) {
    const HANDSHAKE_FAILURE: [u8; 7] = [0x15, 3, 3, 0, 2, 2, 40];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut hello = [0; 5];
        stream.read_exact(&mut hello).unwrap();
        let mut rest = vec![0; usize::from(u16::from_be_bytes([hello[3], hello[4]]))];
        stream.read_exact(&mut rest).unwrap();
        stream.write_all(&HANDSHAKE_FAILURE).unwrap();
        None
    });
    (format!("https://localhost:{port}"), thread)
}

#[test]
fn where_no_tls_is_agreed_on_nothing_was_sent() {
    let options = HttpOptions::new().with_proxy(Proxy::None).with_tls(Tls::Rustls);
    for (outcome, _) in both(give_up, &options) {
        let error = outcome.unwrap_err();
        // What may have been sent would be tried again: it is a list.
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Tls, 1), "{}", error.report());
    }
}

#[test]
fn a_client_certificate_is_shown_where_it_is_asked_for() {
    let authority = Authority::new();
    let (certificate, own) = (authority.issue("localhost", false), authority.issue("fleet", false));
    for tls in LIBRARIES {
        let options =
            trusting(&authority, *tls).with_client_certificate(own.chain.as_str(), own.key.as_str());
        assert!(!format!("{options:?}").contains("PRIVATE KEY"), "{options:?}");
        for (outcome, head) in both(|| serve(&certificate, Some(&authority)), &options) {
            assert_eq!(outcome.unwrap(), 0, "{tls:?}");
            assert!(head.is_some());
        }
        for (outcome, head) in both(|| serve(&certificate, Some(&authority)), &trusting(&authority, *tls)) {
            assert!(outcome.is_err());
            assert_eq!(head, None, "{tls:?}");
        }
    }
}

/// Both in one program: the one that is not picked does not get in the way.
#[cfg(feature = "native-tls")]
#[test]
fn the_library_of_the_system_tells_what_it_cannot_use() {
    let certificate = Authority::new().issue("fleet", false);
    let sec1 = certificate.key.replace("PRIVATE KEY", "EC PRIVATE KEY");
    let options = HttpOptions::new().with_proxy(Proxy::None).with_tls(Tls::Native);
    for options in [
        options.clone().with_root_certificates("hunter2"),
        options.clone().with_client_certificate("hunter2", certificate.key.as_str()),
        options.with_client_certificate(certificate.chain.as_str(), Secret::new(sec1)),
    ] {
        let blocking = set_up(kps_ureq::builder(), "https://localhost", &options).build().unwrap_err();
        let awaited = set_up(kps_reqwest::builder(), "https://localhost", &options).build().unwrap_err();
        for error in [blocking, awaited] {
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(
                error.to_string().contains("certificate") && !error.to_string().contains("hunter2"),
                "{error}"
            );
        }
    }
}

#[test]
fn certificates_that_are_none_are_told_when_the_client_is_built() {
    let certificate = Authority::new().issue("fleet", false);
    let options = || HttpOptions::new().with_proxy(Proxy::None);
    for (options, reason) in [
        (
            options().with_root_certificates("hunter2"),
            "the root certificates: there is no certificate in PEM",
        ),
        (
            options().with_client_certificate("hunter2", certificate.key.as_str()),
            "the client certificate: there is no certificate in PEM",
        ),
        (
            options().with_client_certificate(certificate.chain.as_str(), Secret::new("hunter2")),
            "the key of the client certificate is no private key in PEM",
        ),
        (HttpOptions::new().with_proxy(Proxy::Url("socks5://hunter2@a".into())), "the proxy must be like"),
    ] {
        let blocking = set_up(kps_ureq::builder(), "https://localhost", &options).build().unwrap_err();
        let awaited = set_up(kps_reqwest::builder(), "https://localhost", &options).build().unwrap_err();
        for error in [blocking, awaited] {
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(reason) && !error.to_string().contains("hunter2"), "{error}");
        }
    }
}

/// A proxy that tunnels one connection, and the address it was asked for.
fn proxy() -> (String, Arc<Mutex<Option<String>>>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://user:pass@{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(None));
    let noted = asked.clone();
    let thread = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let head = read_head(&mut client).unwrap();
        *noted.lock().unwrap() = Some(head.clone());
        let target = head.split(' ').nth(1).unwrap();
        let mut server = TcpStream::connect(target).unwrap();
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        let back = std::thread::spawn(move || drop(std::io::copy(&mut from_server, &mut to_client)));
        drop(std::io::copy(&mut client, &mut server));
        let _ = server.shutdown(std::net::Shutdown::Write);
        back.join().unwrap();
    });
    (address, asked, thread)
}

#[test]
fn a_proxy_that_is_named_is_asked_for_a_tunnel() {
    let authority = Authority::new();
    let certificate = authority.issue("localhost", false);
    let cases = LIBRARIES.iter().flat_map(|tls| [(tls, true), (tls, false)]);
    for (tls, blocking) in cases {
        let (endpoint, server) = serve(&certificate, None);
        let (address, asked, tunnel) = proxy();
        let options = trusting(&authority, *tls).with_proxy(Proxy::Url(address));
        assert!(!format!("{options:?}").contains("pass"), "{options:?}");
        let outcome = if blocking {
            set_up(kps_ureq::builder(), &endpoint, &options).build().unwrap().send(ListKeypairs::new())
        } else {
            let kps = Awaited::new(|| set_up(kps_reqwest::builder(), &endpoint, &options).build().unwrap());
            kps.send(ListKeypairs::new())
        };
        assert!(outcome.unwrap().keypairs.is_empty());
        assert!(server.join().unwrap().unwrap().contains("authorization: SDK-HMAC-SHA256"));
        tunnel.join().unwrap();
        let head = asked.lock().unwrap().clone().unwrap().to_ascii_lowercase();
        assert!(
            head.starts_with(&format!("connect {} http/1.1", endpoint.trim_start_matches("https://"))),
            "{head}"
        );
        assert!(head.contains("proxy-authorization: basic dxnlcjpwyxnz"), "{head}");
        assert!(!head.contains("sdk-hmac"), "the proxy sees no signature");
    }
}
