use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use kps_core::Secret;
use kps_core::sign::Signer;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::slips::SLIPS;
use crate::Emulator;

const DATE: &str = "20260401T083000Z";
const PATH: &str = "/v3/0a1b/keypairs/a%2fb~c";
const QUERY: &str = "marker=a%2fb*%20c~&limit=10";
const BODY: &str = r#"{"keypair":{"description":"a"}}"#;
const NAMES: &str = "content-type;host;user-agent;x-sdk-date;x-security-token";

/// What is right for the request below, by hand.
const RIGHT: &str = "PUT
/v3/0a1b/keypairs/a/b~c/
limit=10&marker=a%2Fb%2A%20c~
content-type:application/json
host:127.0.0.1:8650
user-agent:a  b
x-sdk-date:20260401T083000Z
x-security-token:hidden-token

content-type;host;user-agent;x-sdk-date;x-security-token
BODY";

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

fn mac(secret: &str, text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn request(signature: &str) -> Request<Bytes> {
    let authorization = format!(
        "SDK-HMAC-SHA256 Access={}, SignedHeaders={NAMES}, Signature={signature}",
        Emulator::ACCESS_KEY_ID
    );
    Request::put(format!("http://127.0.0.1:8650{PATH}?{QUERY}"))
        .header("content-type", "application/json")
        .header("host", "127.0.0.1:8650")
        .header("user-agent", "a  b")
        .header("date", "Wed, 01 Apr 2026 08:30:00 GMT")
        .header("x-sdk-date", DATE)
        .header("x-security-token", "hidden-token")
        .header("authorization", authorization)
        .body(BODY.into())
        .unwrap()
}

/// How a client signs that puts these in place of what is right.
fn signed(edits: &[(&str, &str)], date: &str, secret: &str) -> Request<Bytes> {
    let right = RIGHT.replace("BODY", &sha256(BODY));
    let canonical = edits.iter().fold(right, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", sha256(&canonical));
    request(&hex::encode(mac(secret, &to_sign)))
}

/// Words of the mistakes, and the parts that differ.
fn why(request: &Request<Bytes>) -> (Vec<&'static str>, Vec<String>) {
    let why = Emulator::new().explain_signature(request).unwrap();
    let text = format!("{why} {why:?} {}", serde_json::to_string(&why).unwrap());
    assert!(!text.contains("SKemulator") && !text.contains("hidden-token"), "{text}");
    (
        why.mistakes.iter().map(|mistake| mistake.what).collect(),
        why.differences.into_iter().map(|own| own.part).collect(),
    )
}

#[test]
fn what_fits_needs_no_explanation() {
    assert_eq!(Emulator::new().explain_signature(&signed(&[], DATE, Emulator::SECRET_ACCESS_KEY)), None);
    let mut others = vec![Request::default()];
    for (header, value) in [
        ("x-auth-token", "wrong"),
        ("authorization", "Basic x"),
        ("authorization", "SDK-HMAC-SHA256 Access=AKNOBODY, SignedHeaders=host, Signature=00"),
        (
            "authorization",
            "SDK-HMAC-SHA256 Access=AKEMULATOR0000000001, SignedHeaders=x-absent, Signature=00",
        ),
    ] {
        let mut other = request("00");
        other.headers_mut().insert(header, value.parse().unwrap());
        others.push(other);
    }
    for other in others {
        assert_eq!(Emulator::new().explain_signature(&other), None);
    }
}

#[test]
fn each_slip_is_found_and_told_in_words() {
    let sk = Emulator::SECRET_ACCESS_KEY;
    let hash = &sha256(BODY);
    let empty = &sha256("");
    let line_feed = &sha256(&format!("{BODY}\n"));
    let spaced = sha256(BODY);
    let titled = [
        ("content-type:", "Content-Type:"),
        ("host:", "Host:"),
        ("user-agent:", "User-Agent:"),
        ("x-sdk-date:", "X-Sdk-Date:"),
        ("x-security-token:", "X-Security-Token:"),
    ];
    let colons = [
        ("content-type:", "content-type: "),
        ("host:", "host: "),
        ("user-agent:", "user-agent: "),
        ("x-sdk-date:", "x-sdk-date: "),
        ("x-security-token:", "x-security-token: "),
    ];
    let mut seen = Vec::new();
    for (edits, words, part) in [
        (&[("c/\nlimit", "c\nlimit")][..], "its last slash", "the path"),
        (&[("127.0.0.1:8650", "127.0.0.1")], "without its port", "the header host"),
        (&[("application/json", "application/json;charset=UTF-8")], "charset", "the header content-type"),
        (&[(hash, empty)], "the body was not signed", "the hash of the body"),
        (&[(hash, line_feed)], "another body was signed", "the hash of the body"),
        (&[(hash, "UNSIGNED-PAYLOAD")], "UNSIGNED-PAYLOAD", "the hash of the body"),
        (&[(&spaced, "")], "nothing stands for the body", "the hash of the body"),
        (
            &[("limit=10&marker=a%2Fb%2A%20c~", "marker=a%2Fb%2A%20c~&limit=10")],
            "in the order in which",
            "the query",
        ),
        (&[("limit=10&marker=a%2Fb%2A%20c~", QUERY)], "the query was signed as it is sent", "the query"),
        (&[("a%2Fb%2A%20c~", "a%2Fb*+c%7E")], "encoded like a form", "the query"),
        (&[("a%2Fb%2A%20c~", "a/b* c~")], "the query was signed decoded", "the query"),
        (&[("a%2Fb%2A%20c~", "a%2fb%2a%20c~")], "lower-case escapes", "the query"),
        (&[("limit=10&marker=a%2Fb%2A%20c~", "")], "the query was not signed", "the query"),
        (
            &[("/v3/0a1b/keypairs/a/b~c/", "/v3/0a1b/keypairs/a%2fb~c/")],
            "the path was signed as it is sent",
            "the path",
        ),
        (&[("/v3/0a1b/keypairs/a/b~c/", PATH)], "the path was signed as it is sent", "the path"),
        (&[("/v3/0a1b/keypairs/a/b~c/", "/v3/0a1b/keypairs/a%252fb~c/")], "encoded twice", "the path"),
        (&[("PUT", "put")], "the method", "the method"),
        (&titled, "capital letters", "the header content-type"),
        (&colons, "a space was signed between", "the header content-type"),
        (&[("a  b", "a b")], "runs of spaces", "the header user-agent"),
        (&[("\n\ncontent", "\ncontent")], "the empty line", "what is between the headers and their names"),
        (&[(hash, &format!("{hash}\n"))], "behind the last line", "the end"),
    ] {
        let (mistakes, parts) = why(&signed(edits, DATE, sk));
        assert!(mistakes.len() == 1 && mistakes[0].contains(words), "{words}: {mistakes:?}");
        assert_eq!(parts.first().map(String::as_str), Some(part), "{words}");
        seen.push(mistakes[0]);
    }
    let (mistakes, parts) = why(&signed(&[], "Wed, 01 Apr 2026 08:30:00 GMT", sk));
    assert!(mistakes[0].contains("another date"), "{mistakes:?}");
    assert_eq!(parts, ["the date in what is signed"]);
    seen.push(mistakes[0]);
    for end in ["\n", " ", "\r\n"] {
        let (mistakes, parts) = why(&signed(&[], DATE, &format!("{sk}{end}")));
        assert!(mistakes[0].contains("white space behind it") && parts.is_empty(), "{mistakes:?}");
        seen.push(mistakes[0]);
    }
    let right = RIGHT.replace("BODY", hash);
    for text in [sha256(&right).to_uppercase(), right.clone()] {
        let to_sign = format!("SDK-HMAC-SHA256\n{DATE}\n{text}");
        let (mistakes, parts) = why(&request(&hex::encode(mac(sk, &to_sign))));
        assert!(mistakes[0].contains("its SHA-256 in lower-case"), "{mistakes:?}");
        assert_eq!(parts, ["the canonical request in what is signed"]);
        seen.push(mistakes[0]);
    }
    let untested: Vec<_> =
        SLIPS.iter().map(|slip| slip.mistake.what).filter(|what| !seen.contains(what)).collect();
    // The path of this request has nothing to encode when it is decoded.
    assert_eq!(untested, ["the path was signed decoded"]);
}

#[test]
fn two_slips_at_once_are_found() {
    let edits = [("c/\nlimit", "c\nlimit"), ("127.0.0.1:8650", "127.0.0.1")];
    let (mistakes, parts) = why(&signed(&edits, DATE, Emulator::SECRET_ACCESS_KEY));
    assert_eq!(mistakes.len(), 2);
    assert!(mistakes[0].contains("last slash") && mistakes[1].contains("port"), "{mistakes:?}");
    assert_eq!(parts, ["the path", "the header host"]);
}

#[test]
fn the_form_of_a_signature_and_the_key_are_told_too() {
    let sk = Emulator::SECRET_ACCESS_KEY;
    let right = format!("SDK-HMAC-SHA256\n{DATE}\n{}", sha256(&RIGHT.replace("BODY", &sha256(BODY))));
    use base64ct::{Base64, Encoding as _};
    for (signature, words) in [
        (hex::encode(mac(sk, &right)).to_uppercase(), "upper case"),
        (Base64::encode_string(&mac(sk, &right)), "base64"),
        (
            hex::encode(mac("SKemulatorIsPublicAndOpensNothing0000002", &right)),
            "the secret key of another access key",
        ),
        (hex::encode(mac("guessed", &right)), "another secret key than that"),
        ("feed".to_owned(), "another secret key than that"),
        ("no signature".to_owned(), "another secret key than that"),
    ] {
        let (mistakes, parts) = why(&request(&signature));
        assert!(mistakes.len() == 1 && mistakes[0].contains(words), "{words}: {mistakes:?}");
        assert!(parts.is_empty());
    }
}

#[test]
fn a_path_that_was_signed_decoded_is_found() {
    let emulator = Emulator::new();
    let canonical = |path: &str| format!("GET\n{path}\n\nx-sdk-date:{DATE}\n\nx-sdk-date\n{}", sha256(""));
    let to_sign = format!("SDK-HMAC-SHA256\n{DATE}\n{}", sha256(&canonical("/a b/")));
    let signature = hex::encode(mac(Emulator::SECRET_ACCESS_KEY, &to_sign));
    let authorization = format!(
        "SDK-HMAC-SHA256 Access={}, SignedHeaders=x-sdk-date, Signature={signature}",
        Emulator::ACCESS_KEY_ID
    );
    let request =
        Request::get("http://a/a%20b").header("x-sdk-date", DATE).header("authorization", authorization);
    let why = emulator.explain_signature(&request.body(Bytes::new()).unwrap()).unwrap();
    assert_eq!(why.mistakes[0].what, "the path was signed decoded");
    assert_eq!(why.computed, canonical("/a%20b/").split('\n').collect::<Vec<_>>());
    assert_eq!((&*why.differences[0].computed, &*why.differences[0].signed), ("/a%20b/", "/a b/"));
}

/// A refused call has it in its record, once its signature is what it was refused for.
#[test]
fn a_refused_call_is_explained_where_it_is_recorded() {
    let emulator = Emulator::new();
    let now = UNIX_EPOCH + Duration::from_secs(1_775_032_200);
    let url = format!("http://kms.example.com/v3/{}/keypairs", Emulator::PROJECT_ID);
    for (secret, late) in
        [(Emulator::SECRET_ACCESS_KEY, 0), ("wrong", 0), (Emulator::SECRET_ACCESS_KEY, 3600)]
    {
        let signer = Signer::new(Emulator::ACCESS_KEY_ID, &Secret::new(secret)).unwrap();
        let signed = signer.sign("GET", &url, &[], b"", now).unwrap();
        let mut request = Request::get(&url);
        for (name, value) in signed.headers() {
            request = request.header(name, value);
        }
        let request = request.header("authorization", signed.authorization()).body(Bytes::new()).unwrap();
        emulator.handle(&request, now + Duration::from_secs(late));
    }
    let told: Vec<_> = emulator
        .calls()
        .into_iter()
        .map(|call| (call.status.unwrap().as_u16(), call.signature.is_some()))
        .collect();
    assert_eq!(told, [(200, false), (401, true), (401, false)]);
    let ask = Request::get("http://127.0.0.1/_emulator/signatures?since=1").body(Bytes::new()).unwrap();
    let answer = emulator.control(&ask, now);
    let told: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(told["signatures"].as_array().unwrap().len(), 1);
    assert_eq!(told["signatures"][0]["number"], 2);
    assert_eq!(told["signatures"][0]["why"]["computed"][0], "GET");
    assert!(
        told["signatures"][0]["why"]["mistakes"][0]["do"]
            .as_str()
            .unwrap()
            .starts_with("compare the secret key")
    );
}

proptest! {
    #[test]
    fn no_secret_is_told(header in "x-[a-z]{1,8}", secret in "S[A-Za-z0-9]{16}", parameter in "[a-z]{1,8}") {
        prop_assume!(!["x-sdk-date", "x-domain-id", "x-idp-id", "x-language", "x-project-id", "x-auth-token"].contains(&&*header));
        prop_assume!(!["limit", "marker", "name", "offset"].contains(&&*parameter));
        let authorization = format!(
            "SDK-HMAC-SHA256 Access={}, SignedHeaders={header}, Signature=00",
            Emulator::ACCESS_KEY_ID,
        );
        let request = Request::get(format!("http://a/?{parameter}={secret}&{secret}"))
            .header(header.as_str(), &secret)
            .header("authorization", authorization)
            .body(Bytes::from(secret.clone()))
            .unwrap();
        let why = Emulator::new().explain_signature(&request).unwrap();
        let text = format!("{why} {why:?}");
        prop_assert!(!text.contains(&secret), "{}", text);
    }
}
