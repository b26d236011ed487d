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
fn what_is_of_this_machine_alone_is_never_asked_through_a_proxy() {
    let rules = Arc::new(Mutex::new(ProxyRules::none()));
    let seen = rules.clone();
    blocking::Client::builder_with(move |_, given| {
        *seen.lock().unwrap() = given;
        Ok(|_: Prepared| Err(unreachable()))
    })
    .region(Region::CN_NORTH_4)
    .environment(home([
        ("HTTP_PROXY", "http://proxy:3128"),
        ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.9:80/x"),
        ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/t"),
    ]))
    .build()
    .unwrap();
    let rules = rules.lock().unwrap();
    for (address, proxied) in [
        ("http://169.254.169.254/openstack/latest/securitykey", false),
        ("http://127.0.0.9/x", false),
        ("http://iam.example.com/", true),
    ] {
        assert_eq!(rules.find(&address.parse().unwrap()).is_some(), proxied, "{address}");
    }
}

#[test]
fn a_project_is_looked_up_or_the_candidates_are_named() {
    const BY_NAME: &str = "GET https://iam.cn-north-4.myhuaweicloud.com/v3/projects?name=cn-north-4 - 0";
    const OWN: &str = "GET https://iam.cn-north-4.myhuaweicloud.com/v3/auth/projects - 0";
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
            Err("there is no project of cn-north-4, there are cn-north-1 (p3), cn-north-4 (p1); set"),
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
            (Err(error), Err(reason)) => assert!(error.to_string().contains(reason), "{reason}: {error}"),
            (found, expected) => panic!("{found:?}, not {expected:?}"),
        }
        assert_eq!(*noted.lock().unwrap(), asked);
    }
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
