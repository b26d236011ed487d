//! Where calls go and how, in both colours and over real sockets: every row of the tables in `docs/connections.md`. What is
//! about TLS is in `tls.rs`, what the adapters make of answers in `wire.rs`.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use kps_core::{
    Builder, Credentials, CredentialsSource, Environment, Error, ErrorKind, HttpOptions, ListKeypairs,
    ProjectId, Proxy, Region, Retries, Site, StsAgency,
};
use tokio::runtime::Runtime;

/// What a server does with a request.
enum Reply {
    Answer(u16, &'static str),
    /// Writes this and then nothing, until the client goes away.
    Stall(&'static str),
}

const NONE_LISTED: Reply = Reply::Answer(200, r#"{"keypairs":[]}"#);

/// A server that notes the heads of its requests and on which of its connections they came. It is there until the tests
/// end.
struct Server {
    address: String,
    seen: Arc<Mutex<Vec<(usize, String)>>>,
}

impl Server {
    fn start(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (noted, reply) = (seen.clone(), Arc::new(reply));
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (stream, noted, reply) = (stream.unwrap(), noted.clone(), reply.clone());
                thread::spawn(move || {
                    serve(stream, |head| {
                        noted.lock().unwrap().push((number, head.to_owned()));
                        reply(head)
                    });
                });
            }
        });
        Self { address, seen }
    }

    fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The heads since it was last asked.
    fn heads(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap()).into_iter().map(|(_, head)| head).collect()
    }
}

fn serve(mut stream: TcpStream, reply: impl Fn(&str) -> Reply) {
    while let Some(head) = read_head(&mut stream) {
        match reply(&head) {
            Reply::Answer(status, body) => {
                let head = format!("HTTP/1.1 {status} As It Is\r\ncontent-length: {}\r\n\r\n", body.len());
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
            Reply::Stall(beginning) => {
                let _ = stream.write_all(beginning.as_bytes());
                let _ = stream.read_to_end(&mut Vec::new());
            }
        }
    }
}

/// Up to the empty line. None of these requests has a body, or it is not read.
fn read_head(stream: &mut TcpStream) -> Option<String> {
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

/// What is set on the builders of both colours.
#[derive(Clone)]
struct Setup {
    region: Option<Region>,
    site: Option<Site>,
    endpoints: Vec<String>,
    iam: Option<String>,
    sts: Option<String>,
    environment: Option<Environment>,
    project_id: Option<ProjectId>,
    credentials: CredentialsSource,
    headers: Vec<(&'static str, &'static str)>,
    agent: Option<&'static str>,
    http: HttpOptions,
}

/// A key and a project, and nothing else.
fn bare() -> Setup {
    Setup {
        region: None,
        site: None,
        endpoints: Vec::new(),
        iam: None,
        sts: None,
        environment: None,
        project_id: Some(ProjectId::new("0a1b").unwrap()),
        credentials: Credentials::access_key("AKEXAMPLE", "SKexample").into(),
        headers: Vec::new(),
        agent: None,
        http: HttpOptions::new().with_proxy(Proxy::None),
    }
}

/// To these endpoints, and not through a proxy.
fn to<const N: usize>(endpoints: [&str; N]) -> Setup {
    Setup { endpoints: endpoints.map(ToOwned::to_owned).to_vec(), ..bare() }
}

impl Setup {
    fn on<C>(&self, mut builder: Builder<C>) -> Builder<C> {
        builder = builder.credentials(self.credentials.clone()).http(self.http.clone());
        // What is looked at is one attempt.
        builder = builder.retries(Retries::none());
        if !self.endpoints.is_empty() {
            builder = builder.endpoints(self.endpoints.clone());
        }
        builder = self.region.iter().cloned().fold(builder, Builder::region);
        builder = self.site.iter().cloned().fold(builder, Builder::site);
        builder = self.iam.iter().fold(builder, Builder::iam_endpoint);
        builder = self.sts.iter().fold(builder, Builder::sts_endpoint);
        builder = self.environment.iter().cloned().fold(builder, Builder::environment);
        builder = self.project_id.iter().cloned().fold(builder, Builder::project_id);
        builder = self.headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
        self.agent.iter().fold(builder, |builder, agent| builder.user_agent_suffix(*agent))
    }

    fn build(&self) -> [Result<Box<dyn Kps>, Error>; 2] {
        let blocking = self.on(kps_ureq::builder()).build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let awaited = self.on(kps_reqwest::builder()).build();
        let awaited = awaited.map(|client| Awaited { client, runtime: Rc::new(runtime) });
        [blocking.map(|kps| Box::new(kps) as Box<dyn Kps>), awaited.map(|kps| Box::new(kps) as Box<dyn Kps>)]
    }

    fn both(&self) -> [Box<dyn Kps>; 2] {
        self.build().map(Result::unwrap)
    }
}

/// A client of either colour.
trait Kps {
    /// One call.
    fn list(&self) -> Result<usize, Error>;
    fn twin(&self) -> Box<dyn Kps>;
    fn with_header(&self, name: &str, value: &str) -> Result<Box<dyn Kps>, Error>;
}

impl Kps for kps_ureq::Client {
    fn list(&self) -> Result<usize, Error> {
        self.send(ListKeypairs::new()).map(|page| page.keypairs.len())
    }

    fn twin(&self) -> Box<dyn Kps> {
        Box::new(self.clone())
    }

    fn with_header(&self, name: &str, value: &str) -> Result<Box<dyn Kps>, Error> {
        Ok(Box::new(kps_ureq::Client::with_header(self, name, value)?))
    }
}

#[derive(Clone)]
struct Awaited {
    client: kps_reqwest::Client,
    runtime: Rc<Runtime>,
}

impl Kps for Awaited {
    fn list(&self) -> Result<usize, Error> {
        self.runtime.block_on(async {
            let outcome = self.client.send(ListKeypairs::new()).await;
            // The connection gets back to where idle ones are.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            outcome.map(|page| page.keypairs.len())
        })
    }

    fn twin(&self) -> Box<dyn Kps> {
        Box::new(self.clone())
    }

    fn with_header(&self, name: &str, value: &str) -> Result<Box<dyn Kps>, Error> {
        Ok(Box::new(Self { client: self.client.with_header(name, value)?, ..self.clone() }))
    }
}

/// The services that clients of both colours turn to, in their order: a proxy sees them, and lets nobody through.
fn asked(setup: &Setup) -> [Vec<String>; 2] {
    let proxy = Server::start(|_| Reply::Answer(403, ""));
    let options = setup.http.clone().with_proxy(Proxy::Url(proxy.endpoint()));
    let setup = Setup { http: options, ..setup.clone() };
    setup.both().map(|kps| {
        kps.list().unwrap_err();
        let mut origins: Vec<String> = proxy.heads().iter().map(|head| origin(head)).collect();
        origins.dedup();
        origins
    })
}

/// `http` goes through a proxy in a tunnel or without one.
fn origin(head: &str) -> String {
    let target = head.split(' ').nth(1).unwrap();
    match target.strip_prefix("http://") {
        Some(target) => format!("http://{}", target.split('/').next().unwrap()),
        None => target.strip_suffix(":443").map_or_else(
            || format!("http://{}", target.strip_suffix(":80").unwrap()),
            |host| format!("https://{host}"),
        ),
    }
}

fn assert_asks(what: &str, setup: &Setup, expected: &[&str]) {
    for origins in asked(setup) {
        assert_eq!(origins, expected, "{what}");
    }
}

fn variables<const N: usize>(variables: [(&str, &str); N]) -> Option<Environment> {
    Some(Environment::from(variables))
}

const OF_REGION: &str = "HUAWEICLOUD_SDK_REGION_KPS_CN_NORTH_4";
const IAM: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";
const STS: &str = "HUAWEICLOUD_SDK_STS_ENDPOINT";

#[test]
fn the_service_is_where_the_first_says_that_says_something() {
    let in_region = Setup { region: Some(Region::CN_NORTH_4), ..bare() };
    let file = "KPS:\n- {id: cn-north-4, endpoint: a.file.test, endpoints: ['http://b.file.test']}\n";
    let home = || Environment::from([("HOME", "/h")]).with_file("/h/.huaweicloud/regions.yaml", file);
    let chosen = Environment::from([("HOME", "/h"), ("HUAWEICLOUD_SDK_REGIONS_FILE", "/chosen")])
        .with_file("/h/.huaweicloud/regions.yaml", "not read")
        .with_file("/chosen", file);
    let all = Environment::from([("HOME", "/h"), (OF_REGION, "a.variable.test, http://b.variable.test")])
        .with_file("/h/.huaweicloud/regions.yaml", "not read");
    let arguments = ["a.argument.test", "https://b.argument.test", "http://c.argument.test"];
    for (what, setup, expected) in [
        (
            "arguments",
            Setup { region: in_region.region.clone(), environment: Some(all.clone()), ..to(arguments) },
            &["https://a.argument.test", "https://b.argument.test", "http://c.argument.test"][..],
        ),
        (
            "the variable",
            Setup { environment: Some(all), ..in_region.clone() },
            &["https://a.variable.test", "http://b.variable.test"],
        ),
        (
            "the file that is chosen",
            Setup { environment: Some(chosen), ..in_region.clone() },
            &["https://a.file.test", "http://b.file.test"],
        ),
        (
            "the file at home",
            Setup { environment: Some(home()), ..in_region.clone() },
            &["https://a.file.test", "http://b.file.test"],
        ),
        ("the region", in_region.clone(), &["https://kms.cn-north-4.myhuaweicloud.com"]),
        (
            "the site",
            Setup {
                region: Some(Region::new("eu-west-101").unwrap()),
                site: Some(Site::new("cloud.test").unwrap()),
                ..bare()
            },
            &["https://kms.eu-west-101.cloud.test"],
        ),
    ] {
        assert_asks(what, &setup, expected);
    }
}

#[test]
fn a_region_that_is_not_known_is_an_error_that_names_near_ones() {
    let typo = Setup { region: Some(Region::new("cn-noth-4").unwrap()), ..bare() };
    for error in typo.build().map(|outcome| outcome.err().unwrap()) {
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("did you mean cn-north-4?"), "{error}");
    }
}

/// Rows of a service that has a variable: what is set, and where it then is.
fn overrides(
    variable: &'static str,
    argue: impl Fn(&Setup, &str) -> Setup,
    of_region: &Setup,
) -> Vec<(&'static str, Setup, &'static str)> {
    let vary = |value| Setup { environment: variables([(variable, value)]), ..of_region.clone() };
    vec![
        ("an argument without a scheme", argue(of_region, "argument.test"), "https://argument.test"),
        ("an argument with https", argue(of_region, "https://argument.test"), "https://argument.test"),
        ("an argument with http", argue(of_region, "http://argument.test"), "http://argument.test"),
        ("an argument and the variable", argue(&vary("b.test"), "argument.test"), "https://argument.test"),
        ("the variable without a scheme", vary("variable.test"), "https://variable.test"),
        ("the variable with https", vary("https://variable.test"), "https://variable.test"),
        ("the variable with http", vary("http://variable.test"), "http://variable.test"),
    ]
}

#[test]
fn the_identity_service_is_where_the_first_says_that_says_something() {
    let look_up = |region: &Region| Setup {
        region: Some(region.clone()),
        project_id: None,
        environment: variables([("HOME", "/h")]),
        ..bare()
    };
    let argue = |setup: &Setup, iam: &str| Setup { iam: Some(iam.to_owned()), ..setup.clone() };
    for (what, setup, expected) in overrides(IAM, argue, &look_up(&Region::CN_NORTH_4)) {
        assert_asks(what, &setup, &[expected]);
    }
    for region in Region::KNOWN {
        let without = ["af-north-1", "ap-southeast-5", "cn-north-11", "cn-south-4", "cn-southwest-3"];
        let own = format!("https://iam.{region}.myhuaweicloud.com");
        let expected = if without.contains(&region.id()) { "https://iam.myhuaweicloud.com" } else { &own };
        assert_asks("the region", &look_up(region), &[expected]);
    }
    let partner = Setup {
        site: Some(Site::new("cloud.test").unwrap()),
        ..look_up(&Region::new("eu-west-101").unwrap())
    };
    assert_asks("the site", &partner, &["https://iam.eu-west-101.cloud.test"]);
}

#[test]
fn the_security_token_service_is_where_the_first_says_that_says_something() {
    let agency = |region: &Region| {
        let base = Credentials::access_key("AKEXAMPLE", "SKexample").into();
        let agency = StsAgency::new("iam::test:agency:deployers", "session");
        Setup {
            region: Some(region.clone()),
            credentials: CredentialsSource::sts_agency(base, agency),
            environment: variables([("HOME", "/h")]),
            ..bare()
        }
    };
    let argue = |setup: &Setup, sts: &str| Setup { sts: Some(sts.to_owned()), ..setup.clone() };
    for (what, setup, expected) in overrides(STS, argue, &agency(&Region::AP_SOUTHEAST_1)) {
        assert_asks(what, &setup, &[expected]);
    }
    let own = [
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
    for region in Region::KNOWN {
        let of = if own.contains(&region.id()) { region } else { &Region::CN_NORTH_4 };
        assert_asks("the region", &agency(region), &[&format!("https://sts.{of}.myhuaweicloud.com")]);
    }
    let partner = Setup {
        site: Some(Site::new("cloud.test").unwrap()),
        ..agency(&Region::new("eu-west-101").unwrap())
    };
    assert_asks("the site", &partner, &["https://sts.eu-west-101.cloud.test"]);
}

#[test]
fn an_endpoint_that_is_none_is_told_with_where_it_was_named() {
    let look_up = Setup { region: Some(Region::CN_NORTH_4), project_id: None, ..bare() };
    let of_variable = |name, value| Setup { environment: variables([(name, value)]), ..look_up.clone() };
    for (setup, part) in [
        (to(["http://a/b"]), "the endpoint is \"http://a/b\""),
        (Setup { iam: Some("ftp://a".into()), ..look_up.clone() }, "the endpoint of IAM is \"ftp://a\""),
        (Setup { sts: Some("ftp://a".into()), ..look_up.clone() }, "the endpoint of STS is \"ftp://a\""),
        (of_variable(OF_REGION, "ftp://a"), "the variable HUAWEICLOUD_SDK_REGION_KPS_CN_NORTH_4 is"),
        (of_variable(IAM, "ftp://a"), "the variable HUAWEICLOUD_SDK_IAM_ENDPOINT is"),
    ] {
        for outcome in setup.build() {
            let error = outcome.and_then(|kps| kps.list()).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}

const ONE: &str = r#"{"projects":[{"id":"p1","name":"cn-north-4"}]}"#;

/// IAM and the service in one.
fn cloud(by_name: Scripted, own: Scripted) -> Server {
    Server::start(move |head| match head.split(' ').nth(1) {
        Some("/v3/projects?name=cn-north-4") => Reply::Answer(by_name.0, by_name.1),
        Some("/v3/auth/projects") => Reply::Answer(own.0, own.1),
        Some("/v3/p1/keypairs") => NONE_LISTED,
        _ => Reply::Answer(404, ""),
    })
}

type Scripted = (u16, &'static str);

fn in_cloud(cloud: &Server) -> Setup {
    Setup {
        region: Some(Region::CN_NORTH_4),
        iam: Some(cloud.endpoint()),
        project_id: None,
        ..to([&cloud.endpoint()])
    }
}

#[test]
fn a_project_is_looked_up_or_the_candidates_are_named_with_the_ways_out() {
    let several = r#"{"projects":[{"id":"p1","name":"cn-north-4"},{"id":"p2","name":"cn-north-4"}]}"#;
    let others = r#"{"projects":[{"id":"p3","name":"cn-north-1"}]}"#;
    let none = r#"{"projects":[]}"#;
    for (by_name, own, fault) in [
        ((200, ONE), (500, ""), None),
        ((403, "{}"), (200, ONE), None),
        ((200, none), (200, ONE), None),
        (
            (200, several),
            (500, ""),
            Some("several projects of cn-north-4: p1, p2; set HUAWEICLOUD_SDK_PROJECT_ID, or"),
        ),
        (
            (200, none),
            (200, others),
            Some("there are cn-north-1 (p3); set HUAWEICLOUD_SDK_PROJECT_ID, or name the"),
        ),
        (
            (200, none),
            (200, none),
            Some("no project of cn-north-4; set HUAWEICLOUD_SDK_PROJECT_ID, or name the"),
        ),
        ((403, "{}"), (403, "{}"), Some("the look-up of the project: the service answered status 403")),
    ] {
        let cloud = cloud(by_name, own);
        for kps in in_cloud(&cloud).both() {
            match (kps.list(), fault) {
                (Ok(_), None) => {}
                (Err(error), Some(fault)) => assert!(error.to_string().contains(fault), "{error}"),
                (outcome, _) => panic!("{by_name:?} {own:?}: {outcome:?}"),
            }
        }
    }
}

#[test]
fn clients_made_of_one_another_look_the_project_up_once() {
    let cloud = cloud((200, ONE), (500, ""));
    for kps in in_cloud(&cloud).both() {
        let made_before = (kps.twin(), kps.with_header("X-Language", "en-us").unwrap());
        kps.list().unwrap();
        let made_after = (kps.twin(), kps.with_header("X-Language", "zh-cn").unwrap());
        for kps in [made_before.0, made_before.1, made_after.0, made_after.1] {
            kps.list().unwrap();
        }
        let heads = cloud.heads();
        let look_ups = heads.iter().filter(|head| head.starts_with("GET /v3/projects")).count();
        assert_eq!((look_ups, heads.len()), (1, 6));
    }
}

#[test]
fn each_phase_has_its_time_out() {
    // The others are so long that the test would not end.
    const LONG: Duration = Duration::from_secs(36_000);
    const SHORT: Duration = Duration::from_millis(50);
    let long = || {
        HttpOptions::new().with_proxy(Proxy::None).with_connect_timeout(LONG).with_attempt_timeout(LONG * 3)
    };
    let silent = Server::start(|_| Reply::Stall(""));
    let endless = Server::start(|_| Reply::Stall("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"));
    // It waits for the end of a head, which a TLS handshake has not.
    let no_tls = format!("https://{}", silent.address);
    for (what, endpoint, http) in [
        ("connecting, TLS included", no_tls, long().with_connect_timeout(SHORT)),
        ("the attempt, without an answer", silent.endpoint(), long().with_attempt_timeout(SHORT * 2)),
        ("the attempt, in the body", endless.endpoint(), long().with_attempt_timeout(SHORT * 2)),
        ("the answer", silent.endpoint(), long().with_connect_timeout(SHORT).with_answer_timeout(SHORT)),
        ("the body", endless.endpoint(), long().with_body_timeout(SHORT)),
    ] {
        for kps in (Setup { http, ..to([&endpoint]) }).both() {
            let error = kps.list().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{what}: {}", error.report());
        }
    }
}

#[test]
fn a_time_out_that_is_not_met_changes_nothing() {
    let server = Server::start(|_| NONE_LISTED);
    let minute = Duration::from_secs(60);
    let http = HttpOptions::new()
        .with_proxy(Proxy::None)
        .with_connect_timeout(minute)
        .with_answer_timeout(minute)
        .with_body_timeout(minute)
        .with_attempt_timeout(minute);
    for kps in (Setup { http, ..to([&server.endpoint()]) }).both() {
        assert_eq!(kps.list().unwrap(), 0);
    }
}

#[test]
fn so_many_idle_connections_are_kept() {
    let server = Server::start(|_| NONE_LISTED);
    for (kept, expected) in [(0, 3), (1, 1)] {
        let http = HttpOptions::new().with_proxy(Proxy::None).with_idle_connections(kept);
        for kps in (Setup { http, ..to([&server.endpoint()]) }).both() {
            for _ in 0..3 {
                kps.list().unwrap();
            }
            let mut connections: Vec<usize> = std::mem::take(&mut *server.seen.lock().unwrap())
                .into_iter()
                .map(|(number, _)| number)
                .collect();
            connections.dedup();
            assert_eq!(connections.len(), expected, "{kept}");
        }
    }
}

#[test]
fn the_proxy_is_that_of_the_system_or_none_or_one_that_is_named() {
    let service = Server::start(|_| NONE_LISTED);
    let (one, other) = (Server::start(|_| Reply::Answer(403, "")), Server::start(|_| Reply::Answer(403, "")));
    let (through_one, through_other) = (one.endpoint(), other.endpoint());
    let set = || variables([("HTTP_PROXY", through_one.as_str())]);
    let except = variables([("HTTP_PROXY", through_one.as_str()), ("NO_PROXY", "127.0.0.0/8")]);
    let secure = variables([("HTTPS_PROXY", through_one.as_str())]);
    // How often the service, the one proxy and the other are asked.
    for (what, proxy, environment, expected) in [
        ("the system's", Proxy::System, set(), [0, 1, 0]),
        ("the system's, but not for this", Proxy::System, except, [1, 0, 0]),
        ("the system's for https", Proxy::System, secure, [1, 0, 0]),
        ("the system's, which has none", Proxy::System, variables([("HOME", "/h")]), [1, 0, 0]),
        ("none", Proxy::None, set(), [1, 0, 0]),
        ("one that is named", Proxy::Url(through_other), set(), [0, 0, 1]),
    ] {
        let http = HttpOptions::new().with_proxy(proxy);
        for kps in (Setup { http, environment, ..to([&service.endpoint()]) }).both() {
            assert_eq!(kps.list().is_ok(), expected[0] == 1, "{what}");
            let asked = [&service, &one, &other].map(|server| server.heads().len().min(1));
            assert_eq!(asked, expected, "{what}");
        }
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
}

#[test]
fn headers_are_those_of_the_client_and_of_the_call() {
    let server = Server::start(|_| NONE_LISTED);
    let headers = vec![("X-Language", "en-us"), ("X-Fleet", "7")];
    let setup = Setup { headers, agent: Some("fleet/1.2"), ..to([&server.endpoint()]) };
    for kps in setup.both() {
        let chinese = kps.with_header("x-language", "zh-cn").unwrap();
        for (kps, language) in [(&kps, "en-us"), (&chinese, "zh-cn")] {
            kps.list().unwrap();
            let head = server.heads().remove(0);
            assert_eq!(header(&head, "x-language").as_deref(), Some(language));
            assert_eq!(header(&head, "x-fleet").as_deref(), Some("7"));
            let agent = header(&head, "user-agent").unwrap();
            assert!(agent.starts_with("kps-rust/") && agent.ends_with(" fleet/1.2"), "{agent}");
        }
    }
}

#[test]
fn headers_that_the_client_sets_are_refused() {
    for (name, value) in [
        ("Host", "a"),
        ("Authorization", "a"),
        ("X-Sdk-Date", "a"),
        ("X-Project-Id", "a"),
        ("X-Security-Token", "a"),
        ("Content-Length", "1"),
        ("User-Agent", "a"),
        ("X-Fleet", "a\nb"),
    ] {
        let with = Setup { headers: vec![(name, value)], ..to(["http://kms.test"]) };
        let of_client = with.build().map(|outcome| outcome.err().unwrap());
        let of_call = to(["http://kms.test"]).both().map(|kps| kps.with_header(name, value).err().unwrap());
        for error in of_client.into_iter().chain(of_call) {
            assert_eq!(error.kind(), ErrorKind::Config, "{name}");
        }
    }
    let agent = Setup { agent: Some("a\nb"), ..to(["http://kms.test"]) };
    assert!(agent.build().iter().all(Result::is_err));
}

#[test]
fn a_call_goes_on_to_the_next_endpoint_where_the_first_cannot_be_reached() {
    let live = Server::start(|_| NONE_LISTED);
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // No name has so long a part, which the resolver sees without asking anybody.
    let nowhere = format!("http://{}.test", "a".repeat(64));
    for unreached in [format!("http://{dead}"), nowhere] {
        for kps in to([&unreached, &live.endpoint()]).both() {
            for _ in 0..2 {
                kps.list().unwrap();
                let head = live.heads().remove(0);
                assert_eq!(header(&head, "host").as_ref(), Some(&live.address), "signed anew for it");
            }
        }
    }
}

#[test]
fn a_call_does_not_go_on_once_it_may_have_been_sent() {
    let live = Server::start(|_| NONE_LISTED);
    let refusing = Server::start(|_| Reply::Answer(400, r#"{"error_code":"KPS.0002","error_msg":"no"}"#));
    let silent = Server::start(|_| Reply::Stall(""));
    let hasty = HttpOptions::new().with_proxy(Proxy::None).with_attempt_timeout(Duration::from_millis(100));
    for (first, kind) in [(refusing, ErrorKind::Service), (silent, ErrorKind::Timeout)] {
        let setup = Setup { http: hasty.clone(), ..to([&first.endpoint(), &live.endpoint()]) };
        for kps in setup.both() {
            assert_eq!(kps.list().unwrap_err().kind(), kind);
            assert!(live.heads().is_empty());
        }
    }
}
