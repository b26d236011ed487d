//! The signature against those the official client makes, and the client's short way against the signer.
#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::future::ready;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kps_core::sign::Signer;
use kps_core::{
    Client, Credentials, DecodeError, Draft, Error, ErrorKind, ListFailedTask, Meta, Operation, Prepared,
    ProjectId, Replay, Secret, Verb,
};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors {
    case_count: usize,
    cases: Vec<Case>,
    quirks: Vec<Case>,
    external: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body_utf8: Option<String>,
    body_hex: Option<String>,
    ak: String,
    sk: String,
    project_id: Option<String>,
    domain_id: Option<String>,
    security_token: Option<String>,
    x_sdk_date: String,
    headers_sent: BTreeMap<String, String>,
    canonical_request: String,
    string_to_sign: String,
    signed_headers: String,
    signature: String,
    authorization: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors/signing.json")).unwrap()
}

/// The clock of a case: seconds since 1970 of a date like `20260401T083000Z`.
fn clock(date: &str) -> SystemTime {
    let field = |range: std::ops::Range<usize>| date[range].parse::<u64>().unwrap();
    let (year, month, day) = (field(0..4), field(4..6), field(6..8));
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years: u64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let months: u64 = lengths.iter().take(month as usize - 1).sum();
    let days = years + months + day - 1;
    UNIX_EPOCH + Duration::from_secs(((days * 24 + field(9..11)) * 60 + field(11..13)) * 60 + field(13..15))
}

fn check(case: &Case) {
    let optional = [
        ("X-Project-Id", &case.project_id),
        ("X-Domain-Id", &case.domain_id),
        ("X-Security-Token", &case.security_token),
    ];
    let given: Vec<(&str, &str)> = case
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(optional.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))))
        .collect();
    let body = match &case.body_hex {
        Some(digits) => hex::decode(digits).unwrap(),
        None => case.body_utf8.clone().unwrap_or_default().into_bytes(),
    };

    let signer = Signer::new(&case.ak, &Secret::new(case.sk.as_str())).unwrap();
    let signed = signer.sign(&case.method, &case.url, &given, &body, clock(&case.x_sdk_date)).unwrap();

    let name = &case.name;
    assert_eq!(signed.canonical_request(), case.canonical_request, "{name}");
    assert_eq!(signed.string_to_sign(), case.string_to_sign, "{name}");
    assert_eq!(signed.signed_headers(), case.signed_headers, "{name}");
    assert_eq!(signed.signature(), case.signature, "{name}");
    assert_eq!(signed.authorization(), case.authorization, "{name}");
    let lower = |(name, value): (&String, &String)| (name.to_ascii_lowercase(), value.clone());
    let sent: BTreeMap<_, _> = signed.headers().iter().map(|(name, value)| lower((name, value))).collect();
    assert_eq!(sent, case.headers_sent.iter().map(lower).collect(), "{name}");
}

#[test]
fn every_signature_is_that_of_the_official_client() {
    let vectors = vectors();
    assert_eq!(vectors.cases.len(), vectors.case_count);
    assert_eq!(vectors.case_count, 139);
    vectors.cases.iter().for_each(check);
}

#[test]
fn quirks_are_met_too_but_for_escapes_that_are_no_utf_8() {
    vectors().quirks.iter().filter(|case| case.name != "quirk-invalid-utf8-escape").for_each(check);
}

/// Of the examples from elsewhere only this one signs the host, as the signer does.
#[test]
fn the_vendor_guide_and_ours_hash_the_same_text() {
    let guide = vectors().external.into_iter().find(|case| case["name"] == "vendor-guide-example").unwrap();
    let text = |field: &str| guide[field].as_str().unwrap().to_owned();
    let signer = Signer::new("AccessKey", &Secret::new("SecretKey")).unwrap();
    let headers = [("Content-Type", "application/json")];
    let signed =
        signer.sign(&text("method"), &text("url"), &headers, b"", clock(&text("x_sdk_date"))).unwrap();
    assert_eq!(signed.signed_headers(), text("signed_headers"));
    assert!(signed.string_to_sign().ends_with(&text("canonical_request_sha256")));
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let signer = Signer::new("ak", &Secret::new("sk")).unwrap();
    for (url, headers, reason) in [
        ("/v3/p/keypairs", vec![], "the URL must be like"),
        ("https://", vec![], "the URL must be like"),
        ("https://a/b#c", vec![], "the URL must be like"),
        ("https://a/b", vec![("authorization", "x")], "`Authorization`"),
        ("https://a/b", vec![("X-Sdk-Date", "yesterday")], "like 20260401T083000Z"),
    ] {
        let error = signer.sign("GET", url, &headers, b"", UNIX_EPOCH).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input);
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn a_header_that_comes_twice_goes_unsigned() {
    let signer = Signer::new("ak", &Secret::new("sk")).unwrap();
    let signed = signer
        .sign("GET", "https://a/b", &[("X-A", "1"), ("x-a", "2"), ("X-B", "3")], b"", UNIX_EPOCH)
        .unwrap();
    assert_eq!(signed.signed_headers(), "host;x-b;x-sdk-date");
    assert_eq!(signed.headers().len(), 5);
}

#[test]
fn a_hash_that_is_stated_twice_counts_for_nothing() {
    let signer = Signer::new("ak", &Secret::new("sk")).unwrap();
    let stated = [("X-Sdk-Content-Sha256", "a"), ("x-sdk-content-sha256", "a")];
    let signed = signer.sign("PUT", "https://a/b", &stated, b"body", UNIX_EPOCH).unwrap();
    assert_eq!(signed.signed_headers(), "host;x-sdk-date");
    let plain = signer.sign("PUT", "https://a/b", &[], b"body", UNIX_EPOCH).unwrap();
    assert_eq!(signed.signature(), plain.signature());
}

#[test]
fn a_token_is_not_debugged() {
    let signer = Signer::new("ak", &Secret::new("hidden")).unwrap();
    let signed =
        signer.sign("GET", "https://a/b", &[("X-Security-Token", "hidden")], b"", UNIX_EPOCH).unwrap();
    assert!(signed.canonical_request().contains("hidden"));
    assert!(!format!("{signed:?} {signer:?}").contains("hidden"));
}

/// An operation with values of every sort in its path, its query and its body.
#[derive(Clone, Debug)]
struct Anything {
    name: String,
    query: Vec<(usize, String)>,
    body: String,
}

const NAMES: [&str; 7] = ["limit", "a", "a0", "a:", "A", "é", "b c"];

impl Operation for Anything {
    const META: Meta = Meta::new(
        "Anything",
        Verb::Put,
        "/v3/{project_id}/keypairs/{keypair_name}/private-key",
        Replay::Never,
        200,
    );
    type Output = ();

    fn encode(&self) -> Result<Draft, Error> {
        let draft = Draft::new().path("keypair_name", &self.name).body(self.body.clone());
        Ok(self.query.iter().fold(draft, |draft, (name, value)| draft.query(NAMES[*name], value.clone())))
    }

    fn decode(_: &http::Response<bytes::Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

const AT: Duration = Duration::from_secs(1_775_032_200);

fn client(token: &str) -> Client {
    let nobody = |_: Prepared| ready(Ok(http::Response::default()));
    Client::builder((nobody, || UNIX_EPOCH + AT))
        .endpoint("https://kms.example.com:8443")
        .credentials(Credentials::access_key("AKEXAMPLE", "SKexample").with_security_token(token))
        .project_id(ProjectId::new("0a1b/2c").unwrap())
        .build()
        .unwrap()
}

fn prepared(operation: impl Operation, token: &str) -> Result<Prepared, Error> {
    pollster::block_on(client(token).prepare(operation))
}

/// What the signer makes of the request that the client is about to send.
fn signed_again(request: &Prepared) -> String {
    let names = ["content-type", "host", "x-project-id", "x-sdk-date", "x-security-token"];
    let headers: Vec<(&str, &str)> = names
        .iter()
        .filter_map(|name| Some((*name, request.headers().get(*name)?.to_str().unwrap())))
        .collect();
    let signer = Signer::new("AKEXAMPLE", &Secret::new("SKexample")).unwrap();
    let http = request.as_http();
    let url = http.uri().to_string();
    let signed = signer.sign(http.method().as_str(), &url, &headers, http.body(), UNIX_EPOCH).unwrap();
    signed.authorization().to_owned()
}

proptest! {
    #[test]
    fn the_short_way_ends_in_the_same_signature(
        name in "(\\.{3}|\\PC{1,12}|[%/.+ ~*a]{1,8}x)",
        query in proptest::collection::vec((0..NAMES.len(), "(\\PC{0,8}|[%/+&=#?' a]{0,6})"), 0..5),
        body in "(|\\{\"a\":\"\\PC{0,8}\"\\})",
        token in "[A-Za-z0-9+/=]{0,20}",
    ) {
        prop_assume!(name != "." && name != "..");
        let request = prepared(Anything { name, query, body }, &token).unwrap();
        let authorization = request.headers()["authorization"].to_str().unwrap().to_owned();
        prop_assert_eq!(authorization, signed_again(&request));
    }
}

#[test]
fn a_whole_request() {
    let request = prepared(ListFailedTask::new(), "").unwrap();
    assert_eq!(request.uri(), "https://kms.example.com:8443/v3/0a1b%2F2c/failed-tasks");
    let headers: BTreeMap<_, _> =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    let authorization = signed_again(&request);
    let agent = concat!("kps-rust/", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        headers,
        BTreeMap::from([
            ("accept", "*/*"),
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
            ("host", "kms.example.com:8443"),
            ("user-agent", agent),
            ("x-project-id", "0a1b/2c"),
            ("x-sdk-date", "20260401T083000Z"),
        ])
    );
}

#[test]
fn a_token_goes_unsigned_in_a_header_of_its_own() {
    let nobody = |_: Prepared| ready(Ok(http::Response::default()));
    let client = Client::builder(nobody)
        .endpoint("https://kms.example.com")
        .credentials(Credentials::token("hidden"))
        .project_id(ProjectId::new("0a1b").unwrap())
        .build()
        .unwrap();
    let request = pollster::block_on(client.prepare(ListFailedTask::new())).unwrap();
    assert_eq!(request.headers()["x-auth-token"], "hidden");
    assert!(!request.headers().contains_key("authorization"));
    assert!(!request.headers().contains_key("x-sdk-date"));
    assert!(!format!("{request:?} {:?} {client:?}", request.headers()).contains("hidden"));
}

#[test]
fn secrets_in_headers_are_marked() {
    let request = prepared(ListFailedTask::new(), "hidden").unwrap();
    for name in ["authorization", "x-security-token"] {
        assert!(request.headers()[name].is_sensitive(), "{name}");
    }
    assert!(!format!("{request:?} {:?}", request.headers()).contains("hidden"));
}

#[test]
fn values_that_would_change_the_path_are_refused() {
    for name in ["", ".", ".."] {
        let operation = Anything { name: name.into(), query: vec![], body: String::new() };
        let error = prepared(operation, "").unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Input, Some("Anything")));
        assert!(error.to_string().contains("`keypair_name`"), "{error}");
    }
    let request = prepared(Anything { name: "../x".into(), query: vec![], body: String::new() }, "").unwrap();
    assert!(request.uri().path().ends_with("/keypairs/..%2Fx/private-key"));
}
