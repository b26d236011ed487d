//! Every row of the tables of what goes before what, and every option of a connection, in both colours.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use bytes::Bytes;
use http::{Response, StatusCode};
use kps_core::{
    Agency, Builder, Client, Credentials, CredentialsSource, Environment, Error, ErrorKind, Failure,
    HttpOptions, IdToken, ListKeypairs, Oidc, Password, Prepared, ProjectId, Proxy, Region, Retries, Site,
    StsAgency, blocking,
};
use tokio::runtime::Runtime;

const COLOURS: [Colour; 2] = [Colour::Blocking, Colour::Awaited];

#[derive(Clone, Copy, Debug)]
enum Colour {
    Blocking,
    Awaited,
}

/// What a client is told. What is not said here is not said to the builder.
#[derive(Clone, Debug, Default)]
struct Given {
    region: Option<Region>,
    endpoints: Vec<String>,
    site: Option<Site>,
    iam: Option<&'static str>,
    sts: Option<&'static str>,
    project: Option<&'static str>,
    environment: Option<Environment>,
    source: Option<CredentialsSource>,
    http: Option<HttpOptions>,
    headers: Vec<(&'static str, &'static str)>,
    suffix: Option<&'static str>,
}

impl Given {
    /// For a region, with a key.
    fn region(id: &str) -> Self {
        Self { region: Some(Region::new(id).unwrap()), ..Self::default() }
    }

    /// For a server on the loopback interface, without a proxy.
    fn endpoints(endpoints: impl IntoIterator<Item = String>) -> Self {
        Self {
            endpoints: endpoints.into_iter().collect(),
            project: Some("0a1b"),
            http: Some(HttpOptions::new().with_proxy(Proxy::None)),
            ..Self::default()
        }
    }

    fn environment<const N: usize>(self, variables: [(&str, &str); N]) -> Self {
        Self { environment: Some(Environment::from(variables)), ..self }
    }

    fn file(mut self, path: &str, text: &str) -> Self {
        let environment = self.environment.take().unwrap_or_else(|| Environment::from([("HOME", "/h")]));
        Self { environment: Some(environment.with_file(path, text)), ..self }
    }

    fn project(self, id: &'static str) -> Self {
        Self { project: Some(id), ..self }
    }

    fn source(self, source: CredentialsSource) -> Self {
        Self { source: Some(source), ..self }
    }

    fn on<C>(&self, mut builder: Builder<C>) -> Builder<C> {
        // What is counted here are single attempts.
        builder = builder.retries(Retries::none());
        let key = || Credentials::access_key("AKEXAMPLE", "SKexample").into();
        builder = builder.credentials(self.source.clone().unwrap_or_else(key));
        if !self.endpoints.is_empty() {
            builder = builder.endpoints(&self.endpoints);
        }
        builder = self.region.iter().cloned().fold(builder, Builder::region);
        builder = self.site.iter().cloned().fold(builder, Builder::site);
        builder = self.iam.iter().copied().fold(builder, Builder::iam_endpoint);
        builder = self.sts.iter().copied().fold(builder, Builder::sts_endpoint);
        builder =
            self.project.iter().map(|id| ProjectId::new(*id).unwrap()).fold(builder, Builder::project_id);
        builder = self.environment.iter().cloned().fold(builder, Builder::environment);
        builder = self.http.iter().cloned().fold(builder, Builder::http);
        builder = self.suffix.iter().copied().fold(builder, Builder::user_agent_suffix);
        self.headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value))
    }

    /// A client on an adapter.
    fn over_http(&self, colour: Colour) -> Result<Kps, Error> {
        Ok(match colour {
            Colour::Blocking => Kps::Blocking(self.on(kps_ureq::builder()).build()?),
            Colour::Awaited => Kps::awaited(self.on(kps_reqwest::builder()).build()?),
        })
    }

    /// A client on a closure.
    fn in_process(&self, colour: Colour, answer: impl Answer) -> Result<Kps, Error> {
        Ok(match colour {
            Colour::Blocking => {
                let transport = move |request: Prepared| answer(&request);
                Kps::Blocking(self.on(blocking::Client::builder(transport)).build()?)
            }
            Colour::Awaited => {
                let transport = move |request: Prepared| std::future::ready(answer(&request));
                Kps::awaited(self.on(Client::builder(transport)).build()?)
            }
        })
    }

    /// What one call came to on a closure, and what was asked on the way.
    fn asked(&self, colour: Colour, answer: impl Answer) -> (Result<usize, Error>, Vec<String>) {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = asked.clone();
        let outcome = self
            .in_process(colour, move |request: &Prepared| {
                noted.lock().unwrap().push(request.uri().to_string());
                answer(request)
            })
            .and_then(|kps| kps.list());
        let asked = asked.lock().unwrap().clone();
        (outcome, asked)
    }
}

trait Answer: Fn(&Prepared) -> Result<Response<Bytes>, Failure> + Send + Sync + 'static {}
impl<F: Fn(&Prepared) -> Result<Response<Bytes>, Failure> + Send + Sync + 'static> Answer for F {}

/// A client in one of the colours. Those that are made of one share its runtime, which its connections are bound to.
enum Kps {
    Blocking(blocking::Client),
    Awaited(Client, Arc<Runtime>),
}

impl Kps {
    fn awaited(client: Client) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self::Awaited(client, Arc::new(runtime.unwrap()))
    }

    fn list(&self) -> Result<usize, Error> {
        let page = match self {
            Self::Blocking(kps) => kps.send(ListKeypairs::new()),
            Self::Awaited(kps, runtime) => runtime.block_on(kps.send(ListKeypairs::new())),
        };
        page.map(|page| page.keypairs.len())
    }

    /// A client for some calls, made of this one.
    fn with(
        &self,
        blocking: impl Fn(&blocking::Client) -> Result<blocking::Client, Error>,
        awaited: impl Fn(&Client) -> Result<Client, Error>,
    ) -> Result<Self, Error> {
        Ok(match self {
            Self::Blocking(kps) => Self::Blocking(blocking(kps)?),
            Self::Awaited(kps, runtime) => Self::Awaited(awaited(kps)?, runtime.clone()),
        })
    }

    fn with_header(&self, name: &str, value: &str) -> Result<Self, Error> {
        self.with(|kps| kps.with_header(name, value), |kps| kps.with_header(name, value))
    }

    fn with_endpoint(&self, endpoint: &str) -> Result<Self, Error> {
        self.with(|kps| kps.with_endpoint(endpoint), |kps| kps.with_endpoint(endpoint))
    }
}

fn status(status: StatusCode, body: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer
}

/// No key pairs, and nothing else.
fn no_key_pairs(_: &Prepared) -> Result<Response<Bytes>, Failure> {
    Ok(status(StatusCode::OK, r#"{"keypairs":[]}"#))
}

/// So that the first address a source asks is the only one.
fn nothing_here(_: &Prepared) -> Result<Response<Bytes>, Failure> {
    Ok(status(StatusCode::NOT_FOUND, "{}"))
}

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

/// One that somebody set up has a proxy of its own, or none.
#[test]
fn a_transport_that_is_handed_in_has_nothing_to_do_with_the_variables_of_proxies() {
    let socks = [("HTTPS_PROXY", "socks5://127.0.0.1:9")];
    let given = Given::region("cn-north-4").project("0a1b").environment(socks);
    for colour in COLOURS {
        assert_eq!(given.asked(colour, no_key_pairs).0.unwrap(), 0, "{colour:?}");
        let error = given.over_http(colour).err().unwrap();
        assert!(
            error.to_string().contains("HTTPS_PROXY must be like http://host:port"),
            "{colour:?}: {error}"
        );
    }
}

const FIVE_WITHOUT_IAM: [&str; 5] =
    ["af-north-1", "ap-southeast-5", "cn-north-11", "cn-south-4", "cn-southwest-3"];
const WITH_STS: [&str; 12] = [
    "af-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "cn-east-3",
    "cn-north-4",
    "cn-south-1",
    "cn-southwest-2",
    "la-south-2",
    "sa-brazil-1",
    "tr-west-1",
];

/// The host of the first address that is asked.
fn first_host(given: &Given, colour: Colour) -> String {
    let (outcome, asked) = given.asked(colour, nothing_here);
    assert!(outcome.is_err(), "{colour:?} {given:?}");
    let path = asked[0].find("/v").unwrap();
    asked[0][..path].to_owned()
}

#[test]
fn identity_services_are_found_by_argument_variable_and_table() {
    let key = || CredentialsSource::from(Credentials::access_key("AK", "SK"));
    let password = || CredentialsSource::password(Password::new("a", "u", "p"));
    let agency = || CredentialsSource::agency(key(), Agency::new("a", "b"));
    let id_token = || CredentialsSource::id_token(IdToken::new("i", "/t"));
    let oidc = || CredentialsSource::oidc(Oidc::new("p", "a", "t"));
    let sts = || CredentialsSource::sts_agency(key(), StsAgency::new("u", "s"));
    let set = |given: Given, iam: &str, sts: &str| {
        given.environment([("HUAWEICLOUD_SDK_IAM_ENDPOINT", iam), ("HUAWEICLOUD_SDK_STS_ENDPOINT", sts)])
    };
    let of = |region: &str, source: CredentialsSource| {
        let endpoints = vec!["kms.example.com".to_owned()];
        // Told, so that it is not looked for in the variables of the process.
        let none: [(&str, &str); 0] = [];
        Given { endpoints, ..Given::region(region).project("0a1b").source(source).environment(none) }
    };
    let argue = |given: Given, iam: &'static str, sts: &'static str| Given {
        iam: Some(iam),
        sts: Some(sts),
        ..given
    };
    // Whatever asks the identity service goes by the same order. A look-up of the project does as well.
    for source in [password(), agency(), id_token(), key()] {
        let given = || {
            let given = of("cn-north-4", source.clone()).file("/t", "token");
            Given { project: None, ..given }
        };
        let by_variable = |text| set(given(), text, "sts.variable").file("/t", "token");
        for (given, host) in [
            (argue(by_variable("iam.variable"), "iam.argued", "sts.argued"), "https://iam.argued"),
            (argue(given(), "https://iam.argued:8443", "sts.argued"), "https://iam.argued:8443"),
            (argue(given(), "http://iam.argued", "sts.argued"), "http://iam.argued"),
            (by_variable(" iam.variable\n"), "https://iam.variable"),
            (by_variable("https://iam.variable"), "https://iam.variable"),
            (by_variable("http://iam.variable:81"), "http://iam.variable:81"),
        ] {
            for colour in COLOURS {
                assert_eq!(first_host(&given, colour), host, "{colour:?} {given:?}");
            }
        }
    }
    for source in [oidc(), sts()] {
        let given = || of("cn-north-4", source.clone());
        for (given, host) in [
            (argue(set(given(), "iam.v", "sts.v"), "iam.argued", "sts.argued"), "https://sts.argued"),
            (argue(given(), "iam.argued", "https://sts.argued:8443"), "https://sts.argued:8443"),
            (argue(given(), "iam.argued", "http://sts.argued"), "http://sts.argued"),
            (set(given(), "iam.v", " sts.variable\n"), "https://sts.variable"),
            (set(given(), "iam.v", "https://sts.variable"), "https://sts.variable"),
            (set(given(), "iam.v", "http://sts.variable:81"), "http://sts.variable:81"),
        ] {
            for colour in COLOURS {
                assert_eq!(first_host(&given, colour), host, "{colour:?} {given:?}");
            }
        }
    }
    for region in Region::KNOWN.iter().map(Region::id) {
        let global = "https://iam.myhuaweicloud.com".to_owned();
        let own = |service: &str| format!("https://{service}.{region}.myhuaweicloud.com");
        let iam = if FIVE_WITHOUT_IAM.contains(&region) { global.clone() } else { own("iam") };
        let north = "https://sts.cn-north-4.myhuaweicloud.com".to_owned();
        let regional_sts = if WITH_STS.contains(&region) { own("sts") } else { north.clone() };
        for (source, host) in [
            (password(), iam.clone()),
            (agency(), iam),
            // These are exchanged where the official clients exchange them, whatever the region.
            (id_token(), global),
            (oidc(), north),
            (sts(), regional_sts),
        ] {
            let given = of(region, source).file("/t", "token");
            for colour in COLOURS {
                assert_eq!(first_host(&given, colour), host, "{colour:?} {given:?}");
            }
        }
    }
    // What is blank is not set, and a domain is the same in any letters.
    let huawei = Some(Site::new("MyHuaweiCloud.COM").unwrap());
    for (given, host) in [
        (set(of("cn-north-4", agency()), " ", " "), "https://iam.cn-north-4.myhuaweicloud.com"),
        (set(of("af-south-1", sts()), " ", " "), "https://sts.af-south-1.myhuaweicloud.com"),
        (Given { site: huawei.clone(), ..of("cn-north-11", agency()) }, "https://iam.myhuaweicloud.com"),
    ] {
        for colour in COLOURS {
            assert_eq!(first_host(&given, colour), host, "{colour:?} {given:?}");
        }
    }
    // Another cloud has no table.
    let european = |source| {
        let site = Some(Site::new("myhuaweicloud.eu").unwrap());
        Given { site, ..of("eu-west-101", source) }.file("/t", "token")
    };
    for (source, service) in
        [(password(), "iam"), (agency(), "iam"), (id_token(), "iam"), (oidc(), "sts"), (sts(), "sts")]
    {
        let host = format!("https://{service}.eu-west-101.myhuaweicloud.eu");
        for colour in COLOURS {
            assert_eq!(first_host(&european(source.clone()), colour), host, "{colour:?}");
        }
    }
}

const ONE: &str = r#"{"projects":[{"id":"p1","name":"cn-north-4","enabled":true}]}"#;
const TWO: &str = r#"{"projects":[{"id":"p1","name":"cn-north-4"},{"id":"p2","name":"cn-north-4"}]}"#;
const OTHERS: &str = r#"{"projects":[{"id":"p3","name":"cn-north-1"},{"id":"p4","name":"cn-north-4_team"}]}"#;
const BY_NAME: &str = "https://iam.cn-north-4.myhuaweicloud.com/v3/projects?name=cn-north-4";
const OWN: &str = "https://iam.cn-north-4.myhuaweicloud.com/v3/auth/projects";

fn key_pairs_of(project: &str) -> String {
    format!("https://kms.cn-north-4.myhuaweicloud.com/v3/{project}/keypairs")
}

#[test]
fn the_project_is_the_one_that_is_named_or_that_comes_with_the_credentials() {
    const AK: (&str, &str) = ("HUAWEICLOUD_SDK_AK", "AK");
    const PROJECT: (&str, &str) = ("HUAWEICLOUD_SDK_PROJECT_ID", "of-variable");
    let given = || Given::region("cn-north-4");
    let file = "[basic]\nak=AK\nsk=SK\nproject_id=of-file\n";
    let with_file =
        |given: Given| given.source(CredentialsSource::file()).file("/h/.huaweicloud/credentials", file);
    for (given, project, lookups) in [
        (with_file(given().environment([("HOME", "/h"), PROJECT])).project("argued"), "argued", 0),
        (with_file(given().environment([("HOME", "/h"), PROJECT])), "of-variable", 0),
        (with_file(given()), "of-file", 0),
        (given().environment([AK]), "p1", 1),
        (given().environment([("HUAWEICLOUD_SDK_PROJECT_ID", "")]), "p1", 1),
    ] {
        for colour in COLOURS {
            let (outcome, asked) = given.asked(colour, |request: &Prepared| {
                let projects = request.uri().path() == "/v3/projects";
                Ok(status(StatusCode::OK, if projects { ONE } else { r#"{"keypairs":[]}"# }))
            });
            assert_eq!(outcome.unwrap(), 0, "{colour:?} {given:?}");
            assert_eq!(asked.len(), 1 + lookups, "{colour:?}: {asked:?}");
            assert_eq!(asked[lookups], key_pairs_of(project), "{colour:?}");
        }
    }
    // The token of a password names its project.
    let user = given().source(CredentialsSource::password(Password::new("a", "u", "p")));
    for colour in COLOURS {
        let (outcome, asked) =
            user.clone().environment([("HOME", "/h")]).asked(colour, |request: &Prepared| {
                if request.uri().path() != "/v3/auth/tokens" {
                    return no_key_pairs(request);
                }
                let body = r#"{"token":{"expires_at":"2099-01-01T00:00:00Z","project":{"id":"of-token"}}}"#;
                let mut answer = status(StatusCode::CREATED, body);
                answer.headers_mut().insert("x-subject-token", "TOKEN".parse().unwrap());
                Ok(answer)
            });
        assert_eq!(outcome.unwrap(), 0);
        assert_eq!(asked[1..], [key_pairs_of("of-token")], "{colour:?}");
    }
}

#[test]
fn a_look_up_of_the_project_finds_one_or_names_the_candidates() {
    const OK: StatusCode = StatusCode::OK;
    const NONE: &str = r#"{"projects":[]}"#;
    const DISABLED: &str = r#"{"projects":[{"id":"p5","name":"cn-north-4","enabled":false}]}"#;
    let forbidden = (StatusCode::FORBIDDEN, "{}");
    for (by_name, own, asked_own, expected) in [
        ((OK, ONE), forbidden, false, Ok("p1")),
        (forbidden, (OK, ONE), true, Ok("p1")),
        ((OK, NONE), (OK, ONE), true, Ok("p1")),
        ((OK, "{}"), (OK, ONE), true, Ok("p1")),
        (
            (OK, TWO),
            forbidden,
            false,
            Err(
                "there are several projects of cn-north-4: p1, p2; set HUAWEICLOUD_SDK_PROJECT_ID, or name the \
                 project with `project_id`",
            ),
        ),
        ((OK, NONE), (OK, TWO), true, Err("there are several projects of cn-north-4: p1, p2; ")),
        (
            forbidden,
            (OK, OTHERS),
            true,
            Err("there is no project of cn-north-4, there are cn-north-1 (p3), cn-north-4_team (p4); set \
                 HUAWEICLOUD_SDK_PROJECT_ID, or name the project with `project_id`"),
        ),
        (
            (OK, NONE),
            (OK, NONE),
            true,
            Err("there is no project of cn-north-4; set HUAWEICLOUD_SDK_PROJECT_ID"),
        ),
        (
            (OK, NONE),
            (OK, DISABLED),
            true,
            Err("there is no project of cn-north-4, there are cn-north-4 (p5, disabled)"),
        ),
        (forbidden, forbidden, true, Err("the look-up of the project: the service answered status 403")),
        ((StatusCode::UNAUTHORIZED, "{}"), forbidden, false, Err("status 401")),
    ] {
        for colour in COLOURS {
            let (outcome, mut asked) =
                Given::region("cn-north-4").environment([("HOME", "/h")]).asked(colour, move |request| {
                    Ok(match request.uri().path() {
                        "/v3/projects" => status(by_name.0, by_name.1),
                        "/v3/auth/projects" => status(own.0, own.1),
                        _ => status(OK, r#"{"keypairs":[]}"#),
                    })
                });
            match (outcome, expected) {
                (Ok(_), Ok(project)) => assert_eq!(asked.pop(), Some(key_pairs_of(project)), "{colour:?}"),
                (Err(error), Err(reason)) => {
                    assert!(error.to_string().contains(reason), "{colour:?} {reason}: {error}");
                }
                (outcome, expected) => panic!("{colour:?}: {outcome:?}, not {expected:?}"),
            }
            let expected = if asked_own { vec![BY_NAME, OWN] } else { vec![BY_NAME] };
            assert_eq!(asked, expected, "{colour:?}");
        }
    }
}

/// Whatever a client is told for some calls.
#[test]
fn clients_made_of_one_share_one_look_up() {
    for colour in COLOURS {
        let lookups: Arc<Mutex<usize>> = Arc::default();
        let noted = lookups.clone();
        let given = Given::region("cn-north-4").environment([("HOME", "/h")]);
        let kps = given.in_process(colour, move |request: &Prepared| {
            if request.uri().path() != "/v3/projects" {
                assert!(request.uri().path().starts_with("/v3/p1/"));
                return no_key_pairs(request);
            }
            *noted.lock().unwrap() += 1;
            Ok(status(StatusCode::OK, ONE))
        });
        let kps = kps.unwrap();
        let minute = std::time::Duration::from_secs(60);
        let clone = kps.with(|kps| Ok(kps.clone()), |kps| Ok(kps.clone())).unwrap();
        let hasty = kps.with(|kps| Ok(kps.with_timeout(minute)), |kps| Ok(kps.with_timeout(minute))).unwrap();
        // The one that is made for a single call looks it up for all.
        for kps in [kps.with_header("x-language", "en-us").unwrap(), kps, clone, hasty] {
            kps.list().unwrap();
        }
        assert_eq!(*lookups.lock().unwrap(), 1, "{colour:?}");
    }
}

#[test]
fn threads_share_one_look_up() {
    let lookups: Arc<Mutex<usize>> = Arc::default();
    let noted = lookups.clone();
    // All threads are under way before any of them may look it up.
    let all = Barrier::new(8);
    let kps = Given::region("cn-north-4").environment([("HOME", "/h")]);
    let kps = kps.on(blocking::Client::builder(move |request: Prepared| {
        if request.uri().path() == "/v3/projects" {
            *noted.lock().unwrap() += 1;
            return Ok(status(StatusCode::OK, ONE));
        }
        no_key_pairs(&request)
    }));
    let kps = kps.build().unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                all.wait();
                kps.send(ListKeypairs::new()).unwrap();
            });
        }
    });
    assert_eq!(*lookups.lock().unwrap(), 1);
}

#[tokio::test]
async fn tasks_share_one_look_up() {
    let lookups: Arc<Mutex<usize>> = Arc::default();
    let noted = lookups.clone();
    let kps = Given::region("cn-north-4").environment([("HOME", "/h")]);
    let kps = kps.on(Client::builder(move |request: Prepared| {
        let noted = noted.clone();
        async move {
            if request.uri().path() != "/v3/projects" {
                return no_key_pairs(&request);
            }
            *noted.lock().unwrap() += 1;
            // The others get to where they wait.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            Ok(status(StatusCode::OK, ONE))
        }
    }));
    let kps = kps.build().unwrap();
    let call = || {
        let kps = kps.clone();
        tokio::spawn(async move { kps.send(ListKeypairs::new()).await.map(|page| page.keypairs.len()) })
    };
    let calls: Vec<_> = (0..8).map(|_| call()).collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), 0);
    }
    assert_eq!(*lookups.lock().unwrap(), 1);
}

const NO_KEY_PAIRS: &str = "HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"keypairs\":[]}";

/// A server on the loopback interface that answers every request alike and keeps connections open. It is a proxy as
/// well: it takes itself for whatever host it is asked to reach. It lives as long as the test.
struct Server {
    address: String,
    /// The heads that came over each connection.
    seen: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Server {
    fn start(answer: &'static str) -> Self {
        Self::with_tunnel(answer, "HTTP/1.1 200 Connection established\r\n\r\n")
    }

    /// A proxy that answers so when it is asked for a tunnel.
    fn with_tunnel(answer: &'static str, tunnel: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
        let noted = seen.clone();
        thread::spawn(move || {
            for (at, stream) in listener.incoming().enumerate() {
                noted.lock().unwrap().push(Vec::new());
                let noted = noted.clone();
                thread::spawn(move || converse(&mut stream.unwrap(), at, &noted, [answer, tunnel]));
            }
        });
        Self { address, seen }
    }

    fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    fn connections(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    fn heads(&self) -> Vec<String> {
        self.seen.lock().unwrap().concat()
    }
}

fn converse(
    stream: &mut TcpStream,
    at: usize,
    seen: &Mutex<Vec<Vec<String>>>,
    answers: [&str; 2],
) -> Option<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).ok()?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).ok()?.to_ascii_lowercase();
        let answer = answers[usize::from(head.starts_with("connect "))];
        seen.lock().unwrap()[at].push(head);
        stream.write_all(answer.as_bytes()).ok()?;
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

#[test]
fn as_many_connections_are_kept_as_is_said() {
    for (idle, connections) in [(None, 1), (Some(1), 1), (Some(0), 4)] {
        for colour in COLOURS {
            let server = Server::start(NO_KEY_PAIRS);
            let mut given = Given::endpoints([server.http()]);
            given.http =
                given.http.map(|http| idle.into_iter().fold(http, HttpOptions::with_idle_connections));
            let kps = given.over_http(colour).unwrap();
            for _ in 0..4 {
                kps.list().unwrap();
            }
            assert_eq!(server.heads().len(), 4, "{colour:?} {idle:?}");
            assert_eq!(server.connections(), connections, "{colour:?} {idle:?}");
        }
    }
}

#[test]
fn requests_go_through_the_proxy_that_is_meant() {
    const PASSWORD: &str = "proxy-authorization: basic dxnlcjpwyxnz\r\n";
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Way {
        Proxy,
        Direct,
    }
    use Way::{Direct, Proxy as Proxied};
    for colour in COLOURS {
        let (proxy, server) = (Server::start(NO_KEY_PAIRS), Server::start(NO_KEY_PAIRS));
        let address = format!("http://user:pass@{}", proxy.address);
        let bare = format!("user:pass@{}", proxy.address);
        let (named, system) = (Proxy::Url(address.clone()), Proxy::System);
        for (proxy_option, variables, way) in [
            (system.clone(), vec![("HTTP_PROXY", &*address)], Proxied),
            (system.clone(), vec![("http_proxy", &*address)], Proxied),
            (system.clone(), vec![("HTTP_PROXY", &*bare)], Proxied),
            (system.clone(), vec![("ALL_PROXY", &*address)], Proxied),
            (system.clone(), vec![("ALL_PROXY", &*address), ("NO_PROXY", "10.0.0.0/8,.example")], Proxied),
            (system.clone(), vec![("HTTPS_PROXY", &*address)], Direct),
            (system.clone(), vec![("ALL_PROXY", &*address), ("NO_PROXY", "127.0.0.0/8")], Direct),
            (system.clone(), vec![("HTTP_PROXY", &*address), ("no_proxy", "*")], Direct),
            (system.clone(), vec![("HTTP_PROXY", &*address), ("REQUEST_METHOD", "GET")], Direct),
            (system, vec![], Direct),
            (Proxy::None, vec![("HTTP_PROXY", &*address)], Direct),
            (named.clone(), vec![], Proxied),
            (named, vec![("NO_PROXY", "*")], Proxied),
        ] {
            let mut given = Given::endpoints([server.http()]);
            given.http = Some(HttpOptions::new().with_proxy(proxy_option.clone()));
            given.environment = Some(table(&variables));
            let before = (proxy.heads().len(), server.heads().len());
            given.over_http(colour).unwrap().list().unwrap();
            let through = proxy.heads().split_off(before.0);
            let direct = server.heads().split_off(before.1);
            let what = format!("{colour:?} {proxy_option:?} {variables:?}: {through:?} {direct:?}");
            match way {
                Proxied => {
                    assert!(direct.is_empty(), "{what}");
                    assert!(through[0].contains(&server.address), "{what}");
                    assert!(through[0].contains(PASSWORD), "{what}");
                    let head = through.last().unwrap();
                    assert!(head.contains("authorization: sdk-hmac-sha256"), "{what}");
                }
                Direct => {
                    assert!(through.is_empty(), "{what}");
                    assert_eq!(direct.len(), 1, "{what}");
                    assert!(!direct[0].contains("proxy-"), "{what}");
                }
            }
        }
        // Those for `https`: that a tunnel is asked for is enough.
        let proxy =
            Server::with_tunnel(NO_KEY_PAIRS, "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
        let address = proxy.http();
        for (variables, asked) in [
            (vec![("HTTPS_PROXY", &*address)], true),
            (vec![("https_proxy", &*address)], true),
            (vec![("ALL_PROXY", &*address), ("HTTPS_PROXY", "http://127.0.0.1:9")], false),
            (vec![("HTTP_PROXY", &*address), ("HTTPS_PROXY", "http://127.0.0.1:9")], false),
        ] {
            let mut given = Given::endpoints(["https://127.0.0.1:9".to_owned()]);
            given.http = Some(HttpOptions::new());
            given.environment = Some(table(&variables));
            let before = proxy.heads().len();
            given.over_http(colour).unwrap().list().unwrap_err();
            let through = proxy.heads().split_off(before);
            let connects = through.iter().any(|head| head.starts_with("connect 127.0.0.1:9 "));
            assert_eq!(connects, asked, "{colour:?} {variables:?}: {through:?}");
        }
    }
}

/// At most two variables.
fn table(variables: &[(&str, &str)]) -> Environment {
    let at = |index| variables.get(index).copied().unwrap_or(("HOME", "/h"));
    Environment::from([at(0), at(1)])
}

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
