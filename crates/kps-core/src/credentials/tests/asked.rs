//! What the services are asked, and what is made of their answers.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use kps_model::{ListKeypairs, ProjectId};

use super::renewal::Clocked;
use super::{KEYS, answer, builder, home, script, signed_with};
use crate::{
    Agency, Credentials, CredentialsSource, Environment, IdToken, Oidc, Password, Prepared, Region,
    StsAgency, blocking,
};

#[test]
fn the_metadata_service_is_asked_as_it_wants_to_be() {
    const TOKEN: &str = "PUT http://169.254.169.254/meta-data/latest/api/token - 3";
    const PLAIN: &str = "GET http://169.254.169.254/openstack/latest/securitykey - 3";
    const WITH: &str = "GET http://169.254.169.254/openstack/latest/securitykey MT 3";
    let no_agency = r#"{"error":"Please configure Cloud Service Agency first"}"#;
    for (answers, asked, expected) in [
        (vec![answer(200, "MT\n"), answer(200, KEYS)], vec![TOKEN, WITH], Ok("AKTEMP")),
        (vec![answer(404, ""), answer(200, KEYS)], vec![TOKEN, PLAIN], Ok("AKTEMP")),
        (vec![answer(405, ""), answer(200, KEYS)], vec![TOKEN, PLAIN], Ok("AKTEMP")),
        (vec![answer(503, ""), answer(200, KEYS)], vec![TOKEN, PLAIN], Ok("AKTEMP")),
        (vec![answer(500, "")], vec![TOKEN], Err("status 500")),
        (
            vec![answer(404, ""), answer(401, ""), answer(200, "MT"), answer(200, KEYS)],
            vec![TOKEN, PLAIN, TOKEN, WITH],
            Ok("AKTEMP"),
        ),
        (
            vec![answer(404, ""), answer(401, ""), answer(404, "")],
            vec![TOKEN, PLAIN, TOKEN],
            Err("status 404"),
        ),
        (
            vec![answer(200, "MT"), answer(401, no_agency)],
            vec![TOKEN, WITH],
            Err("configure Cloud Service Agency"),
        ),
        (vec![answer(200, "MT"), answer(200, "hunter2")], vec![TOKEN, WITH], Err("at `$`")),
        (vec![answer(200, "MT"), answer(200, "{}")], vec![TOKEN, WITH], Err("no access key id")),
        (
            vec![answer(200, "MT"), answer(401, ""), answer(200, "MT"), answer(200, KEYS)],
            vec![TOKEN, WITH, "PUT http://169.254.169.254/meta-data/latest/api/token - 3", WITH],
            Ok("AKTEMP"),
        ),
    ] {
        let (transport, noted) = script(answers.into_iter().map(Ok).collect());
        let kps = builder(transport).credentials(CredentialsSource::metadata()).build().unwrap();
        match (signed_with(&kps), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(error), Err(reason)) => {
                assert!(
                    error.to_string().contains(reason) && !error.to_string().contains("hunter2"),
                    "{error}"
                );
            }
            (found, expected) => panic!("{found:?}, not {expected:?}"),
        }
        assert_eq!(*noted.lock().unwrap(), asked);
    }
}

#[test]
fn that_there_are_no_metadata_tokens_is_believed_for_a_day() {
    const FIRST: &str = r#"{"credential":{"access":"AK1","secret":"S","securitytoken":"T","expires_at":"1970-01-01T01:00:00Z"}}"#;
    const SECOND: &str = r#"{"credential":{"access":"AK2","secret":"S","securitytoken":"T","expires_at":"1970-01-02T01:00:00Z"}}"#;
    let (transport, noted) = script(vec![
        Ok(answer(404, "")),
        Ok(answer(200, FIRST)),
        Ok(answer(200, SECOND)),
        Ok(answer(200, "MT")),
        Ok(answer(200, KEYS)),
    ]);
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = seconds.clone();
    let transport =
        Clocked(transport, move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst)));
    let kps = builder(transport).credentials(CredentialsSource::metadata()).build().unwrap();
    for (second, ak, calls) in [(0, "AK1", 2), (3000, "AK2", 3), (89_999, "AKTEMP", 5)] {
        seconds.store(second, Ordering::SeqCst);
        assert_eq!(signed_with(&kps).unwrap(), ak);
        assert_eq!(noted.lock().unwrap().len(), calls);
    }
}

/// What each source sends: method, path, body.
fn sent(source: CredentialsSource, environment: Environment) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let noted = lines.clone();
    let transport = move |request: Prepared| {
        let request = request.as_http();
        let body = std::str::from_utf8(request.body()).unwrap();
        let path = request.uri().path_and_query().unwrap();
        noted.lock().unwrap().push(format!("{} {path} {body}", request.method()));
        let mut answer = answer(201, KEYS);
        answer.headers_mut().insert("x-subject-token", "SUBJECT".parse().unwrap());
        Ok(answer)
    };
    let kps = builder(transport).credentials(source).environment(environment).build().unwrap();
    let _ = kps.prepare(ListKeypairs::new());
    lines.lock().unwrap().clone()
}

#[test]
fn the_services_are_asked_byte_for_byte() {
    let key = || CredentialsSource::from(Credentials::access_key("AK", "SK"));
    let nothing = || home([]).with_file("/t", " IDTOKEN \n");
    let half = Duration::from_secs(1800);
    let oidc = Oidc::from_file("p", "a", "/t").with_session_name("s").with_duration(half).with_policy("P");
    let sts = StsAgency::new("u", "s").with_duration(half).with_external_id("42").with_policy("P");
    let variables = home([
        ("HUAWEICLOUD_OIDC_PROVIDER_URN", "p"),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", "a"),
        ("HUAWEICLOUD_OIDC_ID_TOKEN", "TEXT"),
        ("HUAWEICLOUD_OIDC_TOKEN_FILE", "/t"),
        ("HUAWEICLOUD_OIDC_SESSION_NAME", "s"),
        ("HUAWEICLOUD_OIDC_DURATION_SECONDS", "900"),
        ("HUAWEICLOUD_OIDC_POLICY", "P"),
        ("HUAWEICLOUD_OIDC_POLICY_IDS", "x, y,"),
    ]);
    for (source, environment, expected) in [
        (
            CredentialsSource::password(Password::new("acc", "usr", "pw").with_project("cn-north-4_team")),
            nothing(),
            vec![
                r#"POST /v3/auth/tokens?nocatalog=true {"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"name":"acc"},"name":"usr","password":"pw"}}},"scope":{"project":{"name":"cn-north-4_team"}}}}"#,
            ],
        ),
        (
            CredentialsSource::id_token(IdToken::new("i", "/t")),
            nothing(),
            vec![
                r#"POST /v3.0/OS-AUTH/id-token/tokens {"auth":{"id_token":{"id":"IDTOKEN"}}}"#,
                r#"POST /v3.0/OS-CREDENTIAL/securitytokens {"auth":{"identity":{"methods":["token"],"token":{"duration_seconds":21600,"id":"SUBJECT"}}}}"#,
            ],
        ),
        (
            CredentialsSource::agency(key(), Agency::new("n", "acc").with_duration(half)),
            nothing(),
            vec![
                r#"POST /v3.0/OS-CREDENTIAL/securitytokens {"auth":{"identity":{"assume_role":{"agency_name":"n","domain_name":"acc","duration_seconds":1800},"methods":["assume_role"]}}}"#,
            ],
        ),
        (
            CredentialsSource::oidc(oidc.with_policy_ids(["x"])),
            nothing(),
            vec![
                r#"POST /v5/agencies/assume-with-oidc {"agency_session_name":"s","agency_urn":"a","duration_seconds":1800,"id_token":"IDTOKEN","policy":"P","policy_ids":["x"],"provider_urn":"p"}"#,
            ],
        ),
        (
            CredentialsSource::default_chain(),
            variables,
            vec![
                r#"POST /v5/agencies/assume-with-oidc {"agency_session_name":"s","agency_urn":"a","duration_seconds":900,"id_token":"TEXT","policy":"P","policy_ids":["x","y"],"provider_urn":"p"}"#,
            ],
        ),
        (
            CredentialsSource::sts_agency(key(), sts),
            nothing(),
            vec![
                r#"POST /v5/agencies/assume {"agency_session_name":"s","agency_urn":"u","duration_seconds":1800,"external_id":"42","policy":"P"}"#,
            ],
        ),
        (
            CredentialsSource::oidc(Oidc::new("p", "a", "TEXT")),
            nothing(),
            vec![
                r#"POST /v5/agencies/assume-with-oidc {"agency_session_name":"oidc-sts-session","agency_urn":"a","duration_seconds":3600,"id_token":"TEXT","provider_urn":"p"}"#,
            ],
        ),
        (
            CredentialsSource::agency(key(), Agency::new("n", "acc")),
            nothing(),
            vec![
                r#"POST /v3.0/OS-CREDENTIAL/securitytokens {"auth":{"identity":{"assume_role":{"agency_name":"n","domain_name":"acc","duration_seconds":3600},"methods":["assume_role"]}}}"#,
            ],
        ),
        (CredentialsSource::pod_identity(), pod(), vec!["POST /v1?a=b {}"]),
    ] {
        assert_eq!(sent(source, environment), expected);
    }
}

fn pod() -> Environment {
    home([
        ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://pod.example/v1?a=b"),
        ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t"),
    ])
    .with_file("/t", " POD\n")
}

/// The headers that are sent, of an `Authorization` the names of what is signed, and how many seconds are allowed.
fn headed(request: &Prepared) -> String {
    const COMMON: [&str; 4] = ["content-length", "host", "user-agent", "x-sdk-date"];
    let shown = request.headers().iter().filter(|(name, _)| !COMMON.contains(&name.as_str()));
    let mut lines: Vec<String> = shown
        .map(|(name, value)| {
            let value = value.to_str().unwrap();
            let signed = value.split_once("SignedHeaders=").and_then(|(_, behind)| behind.split_once(','));
            format!("{name}: {}", signed.map_or(value, |(names, _)| names))
        })
        .collect();
    lines.sort();
    format!("{} {}", lines.join(", "), request.time_limit().unwrap().as_secs())
}

#[test]
fn the_services_are_asked_with_the_headers_they_want() {
    const JSON: &str = "content-type: application/json;charset=UTF-8";
    let temporary = || Credentials::access_key("AK", "SK").with_security_token("ST");
    let key = || CredentialsSource::from(Credentials::access_key("AK", "SK"));
    let agency = |base| CredentialsSource::agency(base, Agency::new("n", "acc"));
    let token = || CredentialsSource::from(Credentials::token("TK"));
    let file = || home([]).with_file("/t", "IDTOKEN");
    for (source, environment, expected) in [
        (CredentialsSource::password(Password::new("a", "u", "p")), file(), vec![format!("{JSON} 10")]),
        (
            CredentialsSource::id_token(IdToken::new("i", "/t")),
            file(),
            vec![format!("{JSON}, x-idp-id: i 10"), format!("{JSON} 10")],
        ),
        (CredentialsSource::oidc(Oidc::new("p", "a", "t")), file(), vec![format!("{JSON} 10")]),
        (agency(key()), file(), vec![format!("authorization: content-type;host;x-sdk-date, {JSON} 10")]),
        (
            agency(temporary().into()),
            file(),
            vec![format!(
                "authorization: content-type;host;x-sdk-date;x-security-token, {JSON}, x-security-token: ST 10"
            )],
        ),
        (agency(token()), file(), vec![format!("{JSON}, x-auth-token: TK 10")]),
        (CredentialsSource::pod_identity(), pod(), vec![format!("authorization: POD, {JSON} 5")]),
        // The look-up of the project, without a body.
        (key(), file(), vec!["authorization: host;x-sdk-date 10".to_owned()]),
        (
            temporary().into(),
            file(),
            vec!["authorization: host;x-sdk-date;x-security-token, x-security-token: ST 10".to_owned()],
        ),
        (token(), file(), vec!["x-auth-token: TK 10".to_owned()]),
    ] {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let noted = lines.clone();
        let transport = move |request: Prepared| {
            noted.lock().unwrap().push(headed(&request));
            let mut answer = answer(201, KEYS);
            answer.headers_mut().insert("x-subject-token", "SUBJECT".parse().unwrap());
            Ok(answer)
        };
        let builder = blocking::Client::builder(transport).region(Region::CN_NORTH_4).credentials(source);
        let _ = builder.environment(environment).build().unwrap().prepare(ListKeypairs::new());
        assert_eq!(lines.lock().unwrap()[..expected.len()], expected);
    }
}

#[test]
fn an_id_token_wins_over_a_key_beside_it() {
    const FILE: &str = "[basic]\nak=AK\nsk=SK\nidp_id=i\nid_token_file=/t\n";
    let variables = home([
        ("HUAWEICLOUD_SDK_AK", "AK"),
        ("HUAWEICLOUD_SDK_SK", "SK"),
        ("HUAWEICLOUD_SDK_IDP_ID", "i"),
        ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/t"),
    ]);
    for environment in [variables, home([]).with_file("/h/.huaweicloud/credentials", FILE)] {
        let asked = sent(CredentialsSource::default_chain(), environment.with_file("/t", "t"));
        assert!(asked[0].starts_with("POST /v3.0/OS-AUTH/id-token/tokens "), "{asked:?}");
    }
}

#[test]
fn no_refusal_shows_what_a_source_was_asked_with() {
    let temporary = || {
        let key = Credentials::access_key("AK", "hunter2-secret").with_security_token("hunter2-token");
        CredentialsSource::from(key)
    };
    let environment = home([
        ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://pod.example/"),
        ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t"),
    ])
    .with_file("/t", "hunter2-file");
    let shapes: [fn(&str) -> String; 3] = [
        |quoted| format!("<html>{}{quoted}</html>", "x".repeat(2000)),
        |quoted| format!(r#"{{"error":{{"code":401,"message":"{quoted}"}}}}"#),
        |quoted| {
            format!(
                r#"{{"code":"C","message":"m","request_id":"{quoted}","details":[{{"code":"C","message":"{quoted}"}}]}}"#
            )
        },
    ];
    for source in [
        CredentialsSource::password(Password::new("acc", "usr", "hunter2-password")),
        CredentialsSource::id_token(IdToken::new("i", "/t")),
        CredentialsSource::oidc(Oidc::new("p", "a", "hunter2-oidc".repeat(200))),
        CredentialsSource::agency(temporary(), Agency::new("n", "acc")),
        CredentialsSource::sts_agency(temporary(), StsAgency::new("u", "s")),
        CredentialsSource::sts_agency(Credentials::token("hunter2-auth").into(), StsAgency::new("u", "s")),
        CredentialsSource::pod_identity(),
    ] {
        for shape in shapes {
            let echo = move |request: Prepared| {
                let headers = request.headers().values().filter_map(|value| value.to_str().ok());
                let body = String::from_utf8_lossy(request.as_http().body()).replace('"', "'");
                let quoted = format!("{} {body}", headers.collect::<Vec<_>>().join(" "));
                let mut answer = Response::new(Bytes::from(shape(&quoted)));
                *answer.status_mut() = http::StatusCode::UNAUTHORIZED;
                Ok(answer)
            };
            let kps =
                builder(echo).credentials(source.clone()).environment(environment.clone()).build().unwrap();
            let error = signed_with(&kps).unwrap_err();
            let all = format!("{error} {error:?} {} {:?}", error.report(), error.error_body());
            assert!(!all.contains("hunter2"), "{source:?}: {all}");
        }
    }
}

#[test]
fn a_token_of_a_password_is_good_for_what_its_answer_says() {
    let body = r#"{"token":{"expires_at":"1970-01-01T02:00:00.000000Z","project":{"id":"p1"}}}"#;
    check_token(body, None, "p1", [(0, 1), (5399, 1), (5400, 2)]);
}

#[test]
fn a_token_that_does_not_tell_its_end_is_good_for_a_day() {
    let looks = [(0, 1), (24 * 3600 - 2401, 1), (24 * 3600 - 2400, 2)];
    check_token("", Some(ProjectId::new("0a1b").unwrap()), "0a1b", looks);
}

/// Who signs in with a password, and is answered so, makes calls with the token and for the project; by each second the
/// identity service was asked so often.
fn check_token(body: &'static str, named: Option<ProjectId>, project: &str, looks: [(u64, usize); 3]) {
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = seconds.clone();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let token = move |_: Prepared| {
        count.fetch_add(1, Ordering::SeqCst);
        let mut answer = answer(201, body);
        answer.headers_mut().insert("x-subject-token", "SUBJECT".parse().unwrap());
        Ok(answer)
    };
    let transport = Clocked(token, move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst)));
    let source = CredentialsSource::password(Password::new("a", "u", "p"));
    let mut kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4).credentials(source);
    if let Some(named) = named {
        kps = kps.project_id(named);
    }
    let kps = kps.build().unwrap();
    for (second, calls) in looks {
        seconds.store(second, Ordering::SeqCst);
        let prepared = kps.prepare(ListKeypairs::new()).unwrap();
        let headers = ["x-auth-token", "x-project-id"].map(|name| prepared.headers()[name].to_str().unwrap());
        assert_eq!(headers, ["SUBJECT", project]);
        assert_eq!(asked.load(Ordering::SeqCst), calls, "{second}");
    }
}
