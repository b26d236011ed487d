//! Headers that a program adds to its calls.

use http::StatusCode;
use kps_core::{ErrorKind, Prepared};

use crate::given::{COLOURS, Given, no_key_pairs, status};
use crate::project::ONE;
use crate::server::{NO_KEY_PAIRS, Server};

#[test]
fn headers_are_added_to_all_calls_or_to_some() {
    for colour in COLOURS {
        let server = Server::start(NO_KEY_PAIRS);
        let headers = vec![("X-Language", "en-us"), ("X-Trace", "7")];
        let given = Given { headers, suffix: Some("fleet/1.2"), ..Given::endpoints([server.http()]) };
        let kps = given.over_http(colour).unwrap();
        kps.list().unwrap();
        kps.with_header("x-language", "zh-cn").unwrap().list().unwrap();
        kps.list().unwrap();
        let heads = server.heads();
        for (head, language) in heads.iter().zip(["en-us", "zh-cn", "en-us"]) {
            let added: Vec<&str> = head.lines().filter(|line| line.starts_with("x-language:")).collect();
            assert_eq!(added, [format!("x-language: {language}")], "{colour:?}: in place of the other");
            assert!(head.contains("\r\nx-trace: 7\r\n"), "{colour:?}: {head}");
            let agent = head.lines().find(|line| line.starts_with("user-agent: ")).unwrap();
            assert!(agent.starts_with("user-agent: kps-rust/") && agent.ends_with(" fleet/1.2"), "{agent}");
            let signed = head.split("signedheaders=").nth(1).unwrap().split(',').next().unwrap();
            assert_eq!(signed, "content-type;host;x-project-id;x-sdk-date", "{colour:?}");
        }
        assert_eq!(heads.len(), 3);
    }
}

#[test]
fn headers_of_the_client_are_refused_for_all_calls_and_for_some() {
    let given = || Given::region("cn-north-4").project("0a1b");
    for (name, value, reason) in [
        ("Host", "a", "is set by the client"),
        ("Authorization", "a", "is set by the client"),
        ("x-sdk-date", "a", "is set by the client"),
        ("X-Sdk-Content-Sha256", "a", "is set by the client"),
        ("X-Auth-Token", "a", "is set by the client"),
        ("X-Security-Token", "a", "is set by the client"),
        ("X-Project-Id", "a", "is set by the client"),
        ("Content-Type", "a", "is set by the client"),
        ("Content-Length", "1", "is set by the client"),
        ("Transfer-Encoding", "chunked", "is set by the client"),
        ("Accept-Encoding", "gzip", "is set by the client"),
        ("User-Agent", "a", "`user_agent_suffix`"),
        ("a b", "a", "is no name of a header"),
        ("X-Trace", "a\nb", "cannot be sent"),
    ] {
        for colour in COLOURS {
            let all = Given { headers: vec![(name, value)], ..given() };
            let (outcome, asked) = all.asked(colour, no_key_pairs);
            let kps = given().in_process(colour, no_key_pairs).unwrap();
            for error in [outcome.err(), kps.with_header(name, value).err()] {
                let error = error.unwrap();
                assert_eq!(error.kind(), ErrorKind::Config);
                assert!(error.to_string().contains(reason), "{colour:?} {name}: {error}");
            }
            assert!(asked.is_empty());
        }
    }
    for colour in COLOURS {
        let (outcome, _) = Given { suffix: Some("a\nb"), ..given() }.asked(colour, no_key_pairs);
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Config);
    }
}

/// They may be meant for this service alone.
#[test]
fn what_is_asked_on_the_way_goes_without() {
    for colour in COLOURS {
        let given = Given { headers: vec![("X-Trace", "7")], ..Given::region("cn-north-4") };
        let given = given.environment([("HOME", "/h")]);
        let kps = given.in_process(colour, |request: &Prepared| {
            let looks = request.uri().path() == "/v3/projects";
            assert_eq!(request.headers().contains_key("x-trace"), !looks);
            Ok(status(StatusCode::OK, if looks { ONE } else { r#"{"keypairs":[]}"# }))
        });
        assert_eq!(kps.unwrap().list().unwrap(), 0, "{colour:?}");
    }
}
