//! The sources over transports of one closure, with variables, files and clocks of the tests' own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use kps_model::{ListKeypairs, ProjectId};

use crate::{
    Agency, Builder, Credentials, CredentialsSource, Environment, Error, ErrorKind, Failure, FailureKind,
    IdToken, Oidc, Password, Prepared, ProxyRules, Region, Sent, StsAgency, Transport, blocking,
};

const KEYS: &str = r#"{"credential":{"access":"AKTEMP","secret":"SKTEMP","securitytoken":"STTEMP"}}"#;

fn answer(status: u16, body: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
    *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
    answer
}

fn unreachable() -> Failure {
    Failure::new(FailureKind::Connect, Sent::No, "no route to host")
}

fn builder(transport: impl Transport + 'static) -> Builder<blocking::Client> {
    blocking::Client::builder(transport)
        .region(Region::CN_NORTH_4)
        .project_id(ProjectId::new("0a1b").unwrap())
}

/// The access key that a call is signed with.
fn signed_with(kps: &blocking::Client) -> Result<String, Error> {
    let prepared = kps.prepare(ListKeypairs::new())?;
    let authorization = prepared.headers()["authorization"].to_str().unwrap();
    let access = authorization.split_once("Access=").unwrap().1;
    Ok(access.split(',').next().unwrap().to_owned())
}

/// The access key a source finds when nobody can be reached.
fn found(source: CredentialsSource, environment: Environment) -> Result<String, Error> {
    let nobody = |_: Prepared| Err(unreachable());
    signed_with(&builder(nobody).credentials(source).environment(environment).build()?)
}

fn home<const N: usize>(variables: [(&str, &str); N]) -> Environment {
    let table: Environment = Environment::from(variables);
    table.with_variable("HOME", "/h")
}

fn file(text: &str) -> Environment {
    home([]).with_file("/h/.huaweicloud/credentials", text)
}

#[test]
fn the_file_is_read_as_the_official_clients_read_it() {
    let source = || CredentialsSource::file();
    for (text, ak) in [
        ("[basic]\nak=AK1\nsk=SK1", "AK1"),
        ("[basic]\nAK = AK1\nSk: SK1\n", "AK1"),
        ("\u{20}[basic]\r\n ak =  AK1 \r\n sk = SK1\r\n", "AK1"),
        ("# a comment\n; another\n[global]\nak=G\nsk=G\n[basic]\nak=AK1\nsk=SK1\n", "AK1"),
        ("[basic]\nak=AK1\nsk=S%K;1#x\nunknown=1\n", "AK1"),
        ("[basic]\nak=AK1\nsk=\"SK\\1\"\n", "AK1"),
        ("[basic]\nak=OLD\nak=AK1\nsk=SK1\n", "AK1"),
        ("[basic]\nak=AK1\nsk=SK1\nidp_id=\nid_token_file=\n", "AK1"),
    ] {
        assert_eq!(found(source(), file(text)).unwrap(), ak, "{text:?}");
    }
}

#[test]
fn a_file_with_a_fault_is_told_with_its_place() {
    let chain = CredentialsSource::default_chain;
    for (text, reason) in [
        (
            "[basic]\nak=AK1\nhunter2\n",
            "/h/.huaweicloud/credentials, line 3: expected `[section]` or `key = value`",
        ),
        ("[basic\nak=AK1\n", "/h/.huaweicloud/credentials, line 1"),
        (
            "[basic]\nak=AK1\n",
            "/h/.huaweicloud/credentials, section [basic]: `ak` is set and `sk` is not; set both",
        ),
        ("[basic]\nsk=hunter2\n", "section [basic]: `sk` is set and `ak` is not; set both"),
        ("[basic]\nak=a\nsk=hunter2\nidp_id=i\n", "`idp_id` is set and `id_token_file` is not; set both"),
        ("[basic]\nak=a\nsk=hunter2\nproject_id=a b\n", "`project_id` is not a project id"),
        ("[basic]\nidp_id=i\nid_token_file=/t\n", "the ID token: /t does not exist"),
        ("[basic]\nidp_id=i\nid_token_file=/empty\n", "the ID token: /empty is empty"),
        (
            "[basic]\nidp_id=i\nid_token_file=/full\niam_endpoint=ftp://x\n",
            "section [basic], `iam_endpoint` is \"ftp://x\": only http and https are spoken",
        ),
    ] {
        let environment = file(text).with_file("/empty", " \n").with_file("/full", "hunter2");
        let error = found(chain(), environment).unwrap_err();
        let all = format!("{error} {error:?}");
        assert!(all.contains(reason), "{reason}: {error}");
        assert!(!all.contains("hunter2"), "{error}");
    }
}

#[test]
fn a_file_or_section_that_was_chosen_must_be_there() {
    let elsewhere = || home([("HUAWEICLOUD_SDK_CREDENTIALS_FILE", " /etc/kps ")]);
    let text = "[basic]\nak=AK1\nsk=SK1\n[staging]\nak=AK2\nsk=SK2\n";
    let source = CredentialsSource::file;
    assert_eq!(found(source(), elsewhere().with_file("/etc/kps", text)).unwrap(), "AK1");
    assert_eq!(found(CredentialsSource::profile("staging"), file(text)).unwrap(), "AK2");
    let profile =
        |name| home([("HUAWEICLOUD_SDK_PROFILE", name)]).with_file("/h/.huaweicloud/credentials", text);
    assert_eq!(found(source(), profile("staging")).unwrap(), "AK2");
    for (source, environment, reason) in [
        (CredentialsSource::default_chain(), elsewhere(), "/etc/kps does not exist"),
        (
            CredentialsSource::default_chain(),
            profile("other"),
            "/h/.huaweicloud/credentials has no section [other]; it has basic, staging",
        ),
        (CredentialsSource::profile("other"), file(""), "has no section [other]; it has none"),
        (source(), file("[basic]\n"), "section [basic] has neither `ak` nor `sk`"),
        (source(), home([]), "/h/.huaweicloud/credentials does not exist"),
        (source(), Environment::from([("A", "b")]), "there is no home directory"),
    ] {
        let error = found(source, environment).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.to_string().contains(reason), "{reason}: {error}");
    }
}

#[test]
fn variables_set_by_half_are_told_and_not_passed_over() {
    let full = [("HUAWEICLOUD_SDK_AK", " AK1 "), ("HUAWEICLOUD_SDK_SK", "SK1\n")];
    assert_eq!(found(CredentialsSource::environment(), home(full)).unwrap(), "AK1");
    let empty = [("HUAWEICLOUD_SDK_AK", ""), ("HUAWEICLOUD_SDK_SK", "  ")];
    assert!(
        found(CredentialsSource::environment(), home(empty)).unwrap_err().to_string().contains("are not set")
    );

    const PROVIDER: (&str, &str) = ("HUAWEICLOUD_OIDC_PROVIDER_URN", "p");
    const AGENCY: (&str, &str) = ("HUAWEICLOUD_OIDC_AGENCY_URN", "a");
    const TOKEN: (&str, &str) = ("HUAWEICLOUD_OIDC_ID_TOKEN", "hunter2");
    const SOON: (&str, &str) = ("HUAWEICLOUD_OIDC_DURATION_SECONDS", "soon");
    for (environment, reason) in [
        (home([("HUAWEICLOUD_SDK_AK", "AK1")]), "HUAWEICLOUD_SDK_AK is set and HUAWEICLOUD_SDK_SK is not"),
        (
            home([("HUAWEICLOUD_SDK_SK", "hunter2")]),
            "HUAWEICLOUD_SDK_SK is set and HUAWEICLOUD_SDK_AK is not",
        ),
        (
            home([("HUAWEICLOUD_SDK_IDP_ID", "i")]),
            "HUAWEICLOUD_SDK_IDP_ID is set and HUAWEICLOUD_SDK_ID_TOKEN_FILE is not",
        ),
        (home([("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/t")]), "HUAWEICLOUD_SDK_IDP_ID is not; set both"),
        (home([PROVIDER]), "HUAWEICLOUD_OIDC_AGENCY_URN is not; set both"),
        (home([AGENCY]), "HUAWEICLOUD_OIDC_PROVIDER_URN is not; set both"),
        (
            home([AGENCY, ("HUAWEICLOUD_SDK_AK", "AK1"), ("HUAWEICLOUD_SDK_SK", "SK1")]),
            "HUAWEICLOUD_OIDC_PROVIDER_URN is not; set both",
        ),
        (home([PROVIDER, AGENCY]), "neither HUAWEICLOUD_OIDC_ID_TOKEN nor HUAWEICLOUD_OIDC_TOKEN_FILE"),
        (home([PROVIDER, AGENCY, TOKEN, SOON]), "must be a number of seconds, not \"soon\""),
        (
            home([("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://p/")]),
            "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE is not",
        ),
        (home([("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t")]), "HC_CONTAINER_CREDENTIALS_FULL_URI is not"),
    ] {
        let error = found(CredentialsSource::default_chain(), environment.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
        assert!(error.to_string().contains(reason), "{reason}: {error}");
        // Also when nobody said where credentials are to come from.
        let nobody = |_: Prepared| Err(unreachable());
        let built = builder(nobody).environment(environment).build().and_then(|kps| signed_with(&kps));
        let error = built.unwrap_err();
        assert!(error.to_string().contains(reason) && !error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn an_unreachable_metadata_service_hides_no_other_source() {
    let chain = CredentialsSource::chain([CredentialsSource::metadata(), CredentialsSource::file()]);
    assert_eq!(found(chain, file("[basic]\nak=AK1\nsk=SK1")).unwrap(), "AK1");
    let portal = |_: Prepared| Ok(answer(200, "<html>sign in</html>"));
    let chain = CredentialsSource::chain([CredentialsSource::metadata(), CredentialsSource::file()]);
    let kps = builder(portal).credentials(chain).environment(file("[basic]\nak=AK1\nsk=SK1"));
    assert_eq!(signed_with(&kps.build().unwrap()).unwrap(), "AK1");
    let error = found(CredentialsSource::metadata(), home([])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "ListKeypairs: no credentials: the metadata service: could not connect: no route to host"
    );
}

/// A transport that answers from a list, and notes what it was asked: method, address, metadata token, time limit.
fn script(answers: Vec<Result<Response<Bytes>, Failure>>) -> (impl Transport, Arc<Mutex<Vec<String>>>) {
    let (answers, asked) = (Mutex::new(VecDeque::from(answers)), Arc::new(Mutex::new(Vec::new())));
    let noted = asked.clone();
    let transport = move |request: Prepared| {
        let token = request.headers().get("x-metadata-token").map_or("-", |token| token.to_str().unwrap());
        let limit = request.time_limit().map_or(0, |limit| limit.as_secs());
        let seconds = request.headers().get("x-metadata-token-ttl-seconds");
        assert_eq!(seconds.is_some(), request.as_http().method() == "PUT");
        assert!(seconds.is_none_or(|seconds| seconds == "21600"));
        let line = format!("{} {} {token} {limit}", request.as_http().method(), request.uri());
        noted.lock().unwrap().push(line);
        answers.lock().unwrap().pop_front().expect("no more calls")
    };
    (transport, asked)
}

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

#[test]
fn a_section_with_an_id_token_may_tell_the_project_and_where_to_ask() {
    let text = "[fed]\nidp_id=i\nid_token_file=/t\niam_endpoint=http://iam.file\nproject_id=p7\n";
    let asked = |argument: bool| {
        let hosts = Arc::new(Mutex::new(Vec::new()));
        let noted = hosts.clone();
        let transport = move |request: Prepared| {
            noted.lock().unwrap().push(request.uri().host().unwrap().to_owned());
            let mut answer = answer(201, KEYS);
            answer.headers_mut().insert("x-subject-token", "SUBJECT".parse().unwrap());
            Ok(answer)
        };
        let environment = home([("HUAWEICLOUD_SDK_PROFILE", " fed ")]);
        let environment = environment.with_file("/h/.huaweicloud/credentials", text).with_file("/t", "t");
        let builder =
            blocking::Client::builder(transport).region(Region::CN_NORTH_4).environment(environment);
        let builder = if argument { builder.iam_endpoint("iam.arg") } else { builder };
        let kps = builder.credentials(CredentialsSource::file()).build().unwrap();
        let prepared = kps.prepare(ListKeypairs::new()).unwrap();
        assert_eq!(prepared.headers()["x-project-id"], "p7");
        hosts.lock().unwrap().clone()
    };
    assert_eq!(asked(false), ["iam.file", "iam.file"]);
    assert_eq!(asked(true), ["iam.arg", "iam.arg"]);
}

/// The address a source asks first.
fn first_asked(
    source: CredentialsSource,
    region: Region,
    environment: Environment,
    argument: bool,
) -> String {
    let (transport, asked) = script(vec![Err(unreachable())]);
    let builder = builder(transport).region(region).credentials(source).environment(environment);
    let builder = builder.endpoint("https://kms.example.com");
    let builder =
        if argument { builder.iam_endpoint("iam.arg").sts_endpoint("http://sts.arg:81") } else { builder };
    let error = signed_with(&builder.build().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    let line = asked.lock().unwrap()[0].clone();
    line.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn identity_services_are_found_by_argument_variable_and_region() {
    let key = || CredentialsSource::from(Credentials::access_key("AK", "SK"));
    let password = || CredentialsSource::password(Password::new("a", "u", "p"));
    let id_token = || CredentialsSource::id_token(IdToken::new("i", "/t"));
    let oidc = || CredentialsSource::oidc(Oidc::new("p", "a", "t"));
    let agency = || CredentialsSource::agency(key(), Agency::new("a", "b"));
    let sts = || CredentialsSource::sts_agency(key(), StsAgency::new("u", "s"));
    let variables =
        [("HUAWEICLOUD_SDK_IAM_ENDPOINT", "http://iam.env"), ("HUAWEICLOUD_SDK_STS_ENDPOINT", "sts.env")];
    let (own, other) = (Region::CN_NORTH_4, Region::CN_NORTH_11);
    let brazil = || "sa-brazil-1".parse::<Region>().unwrap();
    for (source, region, set, argument, expected) in [
        (
            password(),
            own.clone(),
            false,
            false,
            "https://iam.cn-north-4.myhuaweicloud.com/v3/auth/tokens?nocatalog=true",
        ),
        (
            password(),
            other.clone(),
            false,
            false,
            "https://iam.myhuaweicloud.com/v3/auth/tokens?nocatalog=true",
        ),
        (password(), own.clone(), true, false, "http://iam.env/v3/auth/tokens?nocatalog=true"),
        (password(), own.clone(), true, true, "https://iam.arg/v3/auth/tokens?nocatalog=true"),
        (
            agency(),
            own.clone(),
            false,
            false,
            "https://iam.cn-north-4.myhuaweicloud.com/v3.0/OS-CREDENTIAL/securitytokens",
        ),
        (id_token(), own.clone(), false, false, "https://iam.myhuaweicloud.com/v3.0/OS-AUTH/id-token/tokens"),
        (
            oidc(),
            brazil(),
            false,
            false,
            "https://sts.cn-north-4.myhuaweicloud.com/v5/agencies/assume-with-oidc",
        ),
        (sts(), brazil(), false, false, "https://sts.sa-brazil-1.myhuaweicloud.com/v5/agencies/assume"),
        (sts(), other.clone(), false, false, "https://sts.cn-north-4.myhuaweicloud.com/v5/agencies/assume"),
        (sts(), own.clone(), true, false, "https://sts.env/v5/agencies/assume"),
        (sts(), own.clone(), true, true, "http://sts.arg:81/v5/agencies/assume"),
    ] {
        let environment = if set { home(variables) } else { home([]) }.with_file("/t", "token");
        assert_eq!(first_asked(source, region, environment, argument), expected);
    }
}

#[test]
fn five_regions_have_no_identity_service_of_their_own() {
    let global: Vec<&str> = Region::KNOWN
        .iter()
        .filter(|region| {
            let password = CredentialsSource::password(Password::new("a", "u", "p"));
            let asked = first_asked(password, (*region).clone(), home([]), false);
            let own = format!("https://iam.{region}.myhuaweicloud.com/v3/auth/tokens?nocatalog=true");
            assert!(asked == own || asked == "https://iam.myhuaweicloud.com/v3/auth/tokens?nocatalog=true");
            asked != own
        })
        .map(Region::id)
        .collect();
    let expected = ["af-north-1", "ap-southeast-5", "cn-north-11", "cn-south-4", "cn-southwest-3"];
    assert_eq!(global, expected);
}

#[test]
fn another_cloud_has_all_its_services_under_its_domain() {
    let site = crate::Site::new("myhuaweicloud.eu").unwrap();
    let region = Region::new("eu-west-101").unwrap();
    for (source, expected) in [
        (
            CredentialsSource::password(Password::new("a", "u", "p")),
            "https://iam.eu-west-101.myhuaweicloud.eu/v3/auth/tokens?nocatalog=true",
        ),
        (
            CredentialsSource::oidc(Oidc::new("p", "a", "t")),
            "https://sts.eu-west-101.myhuaweicloud.eu/v5/agencies/assume-with-oidc",
        ),
    ] {
        let (transport, asked) = script(vec![Err(unreachable())]);
        let builder = builder(transport).site(site.clone()).region(region.clone()).credentials(source);
        let kps = builder.environment(home([])).build().unwrap();
        assert!(format!("{kps:?}").contains("https://kms.eu-west-101.myhuaweicloud.eu"), "{kps:?}");
        assert!(signed_with(&kps).is_err());
        assert_eq!(asked.lock().unwrap()[0].split(' ').nth(1), Some(expected));
    }
}

#[test]
fn what_is_of_this_machine_alone_is_never_asked_through_a_proxy() {
    let rules = Arc::new(Mutex::new(ProxyRules::none()));
    let seen = rules.clone();
    blocking::Client::builder_with(move |_, given| {
        *seen.lock().unwrap() = given;
        Ok(|_: Prepared| Err(unreachable()))
    })
    .region(Region::CN_NORTH_4)
    .metadata_endpoint("http://[fd00::254]")
    .environment(home([
        ("HTTP_PROXY", "http://proxy:3128"),
        ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.9:80/x"),
        ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t"),
    ]))
    .build()
    .unwrap();
    let rules = rules.lock().unwrap();
    for (address, proxied) in
        [("http://127.0.0.9/x", false), ("http://[fd00::254]/x", false), ("http://iam.example.com/", true)]
    {
        assert_eq!(rules.find(&address.parse().unwrap()).is_some(), proxied, "{address}");
    }
}

#[test]
fn a_project_is_looked_up_or_the_candidates_are_named() {
    const BY_NAME: &str = "GET https://iam.cn-north-4.myhuaweicloud.com/v3/projects?name=cn-north-4 - 10";
    const OWN: &str = "GET https://iam.cn-north-4.myhuaweicloud.com/v3/auth/projects - 10";
    let one = r#"{"projects":[{"id":"p1","name":"cn-north-4","enabled":true,"is_domain":false}]}"#;
    let two = r#"{"projects":[{"id":"p1","name":"cn-north-4"},{"id":"p2","name":"cn-north-4"}]}"#;
    let others = r#"{"links":{},"projects":[{"id":"p3","name":"cn-north-1"},{"id":"p1","name":"cn-north-4","enabled":false}]}"#;
    for (answers, asked, expected) in [
        (vec![answer(200, one)], vec![BY_NAME], Ok("p1")),
        (vec![answer(403, "{}"), answer(200, one)], vec![BY_NAME, OWN], Ok("p1")),
        (vec![answer(200, "{}"), answer(200, one)], vec![BY_NAME, OWN], Ok("p1")),
        (
            vec![answer(200, two)],
            vec![BY_NAME],
            Err("there are several projects of cn-north-4: p1, p2; set HUAWEICLOUD_SDK_PROJECT_ID, or name"),
        ),
        (
            vec![answer(200, "{}"), answer(200, others)],
            vec![BY_NAME, OWN],
            Err(
                "there is no project of cn-north-4, there are cn-north-1 (p3), cn-north-4 (p1, disabled); set",
            ),
        ),
        (
            vec![answer(200, "{}"), answer(200, r#"{"projects":[]}"#)],
            vec![BY_NAME, OWN],
            Err("there is no project of cn-north-4; set HUAWEICLOUD_SDK_PROJECT_ID"),
        ),
        (vec![answer(403, "{}"), answer(403, "{}")], vec![BY_NAME, OWN], Err("the look-up of the project: ")),
        (vec![answer(401, "{}")], vec![BY_NAME], Err("status 401")),
        (vec![answer(200, "<html>")], vec![BY_NAME], Err("the look-up of the project: at `$`")),
    ] {
        let (transport, noted) = script(answers.into_iter().map(Ok).collect());
        let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4);
        let kps = kps.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
        match (kps.prepare(ListKeypairs::new()), expected) {
            (Ok(prepared), Ok(expected)) => assert_eq!(prepared.headers()["x-project-id"], expected),
            (Err(error), Err(reason)) => {
                assert!(error.to_string().contains(reason), "{reason}: {error}");
                assert_eq!(error.is_no_project(), reason.starts_with("there is no project"), "{error}");
            }
            (found, expected) => panic!("{found:?}, not {expected:?}"),
        }
        assert_eq!(*noted.lock().unwrap(), asked);
    }
}

#[test]
fn the_project_of_the_region_can_be_meant_whatever_others_tell() {
    let one = r#"{"projects":[{"id":"p1","name":"cn-north-4"}]}"#;
    let file = "[basic]\nak = AK\nsk = SK\nproject_id = of-the-file\n";
    let environment = || {
        Environment::from([("HOME", "/h"), ("HUAWEICLOUD_SDK_PROJECT_ID", "of-the-variable")])
            .with_file("/h/.huaweicloud/credentials", file)
    };
    for (by_region, expected) in [(false, "of-the-variable"), (true, "p1")] {
        for source in [None, Some(CredentialsSource::file())] {
            let (transport, noted) = script(vec![Ok(answer(200, one))]);
            let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4);
            let kps = kps.environment(environment());
            let kps = if by_region { kps.project_by_region() } else { kps };
            let kps = match source {
                Some(source) => kps.credentials(source),
                None => kps,
            };
            let prepared = kps.build().unwrap().prepare(ListKeypairs::new()).unwrap();
            assert_eq!(prepared.headers()["x-project-id"], expected);
            assert_eq!(noted.lock().unwrap().len(), usize::from(by_region));
        }
    }
    let nowhere = blocking::Client::builder(|_: Prepared| Ok(answer(200, one)))
        .endpoint("https://kms.example.com")
        .credentials(CredentialsSource::file())
        .environment(environment())
        .project_by_region()
        .build();
    assert!(nowhere.unwrap_err().to_string().contains("set a region to look it up"));
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
            CredentialsSource::pod_identity(),
            home([
                ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://pod.example/v1?a=b"),
                ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t"),
            ])
            .with_file("/t", "POD"),
            vec!["POST /v1?a=b {}"],
        ),
    ] {
        assert_eq!(sent(source, environment), expected);
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
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = seconds.clone();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let token = move |_: Prepared| {
        count.fetch_add(1, Ordering::SeqCst);
        let mut answer =
            answer(201, r#"{"token":{"expires_at":"1970-01-01T02:00:00.000000Z","project":{"id":"p1"}}}"#);
        answer.headers_mut().insert("x-subject-token", "SUBJECT".parse().unwrap());
        Ok(answer)
    };
    let transport = Clocked(token, move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst)));
    let source = CredentialsSource::password(Password::new("a", "u", "p"));
    let kps =
        blocking::Client::builder(transport).region(Region::CN_NORTH_4).credentials(source).build().unwrap();
    for (second, calls) in [(0, 1), (5399, 1), (5400, 2)] {
        seconds.store(second, Ordering::SeqCst);
        let prepared = kps.prepare(ListKeypairs::new()).unwrap();
        assert_eq!(
            (&prepared.headers()["x-auth-token"], &prepared.headers()["x-project-id"]),
            (&"SUBJECT".parse().unwrap(), &"p1".parse().unwrap())
        );
        assert_eq!(asked.load(Ordering::SeqCst), calls, "{second}");
    }
}

#[test]
fn a_source_that_is_shared_by_clients_learns_for_each_of_its_own() {
    let chain = CredentialsSource::default_chain();
    assert_eq!(found(chain.clone(), file("[basic]\nak=AK1\nsk=SK1")).unwrap(), "AK1");
    let variables = home([("HUAWEICLOUD_SDK_AK", "AK2"), ("HUAWEICLOUD_SDK_SK", "SK2")]);
    assert_eq!(found(chain, variables).unwrap(), "AK2");
}

#[test]
fn a_key_that_cannot_be_used_is_told_with_its_place() {
    for (environment, place) in [
        (
            file("[basic]\nak=AK 1\nsk=SK1"),
            "/h/.huaweicloud/credentials, section [basic]: the access key id (AK) holds",
        ),
        (
            home([("HUAWEICLOUD_SDK_AK", "AK1"), ("HUAWEICLOUD_SDK_SK", "S K")]),
            "the variables HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK: the secret access key (SK) holds",
        ),
    ] {
        let error = found(CredentialsSource::default_chain(), environment).unwrap_err().to_string();
        assert!(error.contains(place), "{error}");
    }
}

#[test]
fn a_pods_address_is_the_matter_of_who_asks_it() {
    let pod = ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://user:hunter2@pod/x");
    let token = ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t");
    let fixed = CredentialsSource::from(Credentials::access_key("AK1", "SK1"));
    assert_eq!(found(fixed, home([pod, token])).unwrap(), "AK1");
    let error = found(CredentialsSource::pod_identity(), home([pod, token])).unwrap_err().to_string();
    assert!(error.contains("HC_CONTAINER_CREDENTIALS_FULL_URI") && !error.contains("hunter2"), "{error}");
}

/// A clock that is set, and a client of a source that returns a key named after how often it was asked, good for an
/// hour, or fails while it is told to.
struct Rig {
    seconds: Arc<AtomicU64>,
    asked: Arc<AtomicUsize>,
    failing: Arc<Mutex<bool>>,
    kps: blocking::Client,
}

fn rig(life: u64) -> Rig {
    let (seconds, asked) = (Arc::new(AtomicU64::new(1_000_000)), Arc::new(AtomicUsize::new(0)));
    let failing = Arc::new(Mutex::new(false));
    let time = {
        let seconds = seconds.clone();
        move || -> SystemTime { UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::SeqCst)) }
    };
    let provider = {
        let (asked, failing, time) = (asked.clone(), failing.clone(), time.clone());
        move || {
            let count = asked.fetch_add(1, Ordering::SeqCst);
            if *failing.lock().unwrap() {
                return Err(Error::config("the vault is sealed"));
            }
            Ok(Credentials::access_key(format!("AK{count}"), "SK")
                .with_expiry(time() + Duration::from_secs(life)))
        }
    };
    let transport = (|_: Prepared| Ok(Response::new(Bytes::from_static(br#"{"keypairs":[]}"#))), time);
    let kps = builder(transport).credentials_from(provider).build().unwrap();
    Rig { seconds, asked, failing, kps }
}

impl Rig {
    fn after(&self, seconds: u64) -> Result<String, String> {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
        signed_with(&self.kps).map_err(|error| error.to_string())
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[test]
fn credentials_are_renewed_before_they_end() {
    let rig = rig(3600);
    assert_eq!(
        (rig.after(0), rig.after(2600), rig.after(99)),
        (Ok("AK0".into()), Ok("AK0".into()), Ok("AK0".into()))
    );
    assert_eq!((rig.after(1), rig.asked()), (Ok("AK1".into()), 2), "a quarter of their life before");

    let day = self::rig(24 * 3600);
    assert_eq!((day.after(0), day.after(24 * 3600 - 2401)), (Ok("AK0".into()), Ok("AK0".into())));
    assert_eq!(day.after(1), Ok("AK1".into()), "and 40 minutes at the most");
}

#[test]
fn old_ones_are_used_until_they_end_when_renewal_fails() {
    let rig = rig(3600);
    assert_eq!(rig.after(0), Ok("AK0".into()));
    *rig.failing.lock().unwrap() = true;
    assert_eq!((rig.after(2700), rig.asked()), (Ok("AK0".into()), 2));
    assert_eq!((rig.after(59), rig.asked()), (Ok("AK0".into()), 2), "and not asked for at every call");
    assert_eq!((rig.after(1), rig.asked()), (Ok("AK0".into()), 3));
    assert_eq!(rig.after(839), Ok("AK0".into()));
    let ended = rig.after(1).unwrap_err();
    assert_eq!(ended, "ListKeypairs: the vault is sealed");
    *rig.failing.lock().unwrap() = false;
    assert!(rig.after(0).is_ok());
}

#[test]
fn credentials_that_have_ended_already_are_an_error() {
    let rig = rig(0);
    let error = rig.after(0).unwrap_err();
    assert!(error.contains("have ended already; is the clock right?"), "{error}");
}

#[test]
fn the_winner_of_a_chain_is_asked_again() {
    // The metadata service wins once; its failure later does not turn the client into somebody else.
    let keys = r#"{"credential":{"access":"AKTEMP","secret":"S","securitytoken":"T","expires_at":"1970-01-01T01:00:00Z"}}"#;
    let (transport, _) =
        script(vec![Ok(answer(404, "")), Ok(answer(200, keys)), Err(unreachable()), Err(unreachable())]);
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = seconds.clone();
    let transport =
        Clocked(transport, move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst)));
    let chain = CredentialsSource::chain([CredentialsSource::metadata(), CredentialsSource::file()]);
    let kps =
        builder(transport).credentials(chain).environment(file("[basic]\nak=AK1\nsk=SK1")).build().unwrap();
    assert_eq!(signed_with(&kps).unwrap(), "AKTEMP");
    seconds.store(3601, Ordering::SeqCst);
    assert!(signed_with(&kps).unwrap_err().to_string().contains("no route to host"));
}

struct Clocked<T, C>(T, C);

impl<T: Transport, C: Fn() -> SystemTime + Send + Sync> Transport for Clocked<T, C> {
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        self.0.send(request)
    }

    fn sleep(&self, _: Duration) {}

    fn now(&self) -> SystemTime {
        (self.1)()
    }
}

#[test]
fn no_source_shows_a_secret() {
    let all = format!(
        "{:?} {:?} {:?}",
        Password::new("a", "u", "hunter2"),
        Oidc::new("p", "a", "hunter2"),
        CredentialsSource::from(Credentials::access_key("AK", "hunter2")),
    );
    assert!(!all.contains("hunter2"), "{all}");
}
