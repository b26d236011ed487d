//! The emulator as its document tells of it, and as clients of both colours find it.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use kps_core::{
    AssociateKeypair, Builder, CreateKeypair, Credentials, Encryption, HttpOptions, ImportPrivateKey,
    KeypairName, ListKeypairs, Login, PrivateKey, Proxy, Server as Target, blocking,
};
use kps_emulator::{Emulator, Fault, FaultRule, KeySource, MadeBefore, Quirks, Seed, Server};
use serde_json::Value;
use sha2::{Digest, Sha256};

const DOCUMENT: &str = include_str!("../docs/emulator.md");

fn chapter(title: &str) -> &'static str {
    let rest = DOCUMENT.split_once(&format!("\n## {title}\n")).unwrap().1;
    rest.split("\n## ").next().unwrap()
}

/// The first block of JSON in a chapter.
fn block(title: &str) -> &'static str {
    let rest = chapter(title).split_once("```json\n").unwrap().1;
    rest.split("```").next().unwrap()
}

/// The cells of the rows whose first is code.
fn rows(title: &str) -> Vec<Vec<String>> {
    let rows = chapter(title).lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn the_document_tells_every_route() {
    let documented: Vec<_> =
        rows("Steering it").into_iter().map(|cells| (cells[0].replace('`', ""), cells[1].clone())).collect();
    let routes = Emulator::control_routes();
    let expected: Vec<_> =
        routes.map(|(method, path, what)| (format!("{method} {path}"), what.to_owned())).collect();
    assert_eq!(documented, expected);
}

#[test]
fn the_document_tells_every_form() {
    let table = chapter("Forms of the answers").split_once("| --- | --- | --- | --- |\n").unwrap().1;
    let documented: Vec<_> = table.lines().take_while(|line| line.starts_with('|')).collect();
    let forms = Quirks::forms();
    let expected: Vec<_> = forms
        .map(|(what, documented, observed, hostile)| {
            format!("| {what} | {documented} | {observed} | {hostile} |")
        })
        .collect();
    assert_eq!(documented, expected);
}

#[test]
fn the_documented_refusal_is_the_one_that_is_given() {
    let request =
        Request::post("http://127.0.0.1:8650/_emulator/clock/advance").body(r#"{"by":"x2"}"#.into());
    let answer = Emulator::new().control(&request.unwrap(), UNIX_EPOCH);
    assert_eq!(answer.status(), 400);
    let (told, documented): (Value, Value) =
        (serde_json::from_slice(answer.body()).unwrap(), serde_json::from_str(block("Steering it")).unwrap());
    assert_eq!(told, documented);
}

#[test]
fn the_documented_explanation_is_the_one_that_is_given() {
    let path = format!("/v3/{}/keypairs", Emulator::PROJECT_ID);
    let hash = |text: &str| hex::encode(Sha256::digest(text));
    let canonical = format!(
        "GET\n{path}\nlimit=10\nhost:127.0.0.1\nx-sdk-date:20260401T083000Z\n\nhost;x-sdk-date\n{}",
        hash(""),
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(Emulator::SECRET_ACCESS_KEY.as_bytes()).unwrap();
    mac.update(format!("SDK-HMAC-SHA256\n20260401T083000Z\n{}", hash(&canonical)).as_bytes());
    let authorization = format!(
        "SDK-HMAC-SHA256 Access={}, SignedHeaders=host;x-sdk-date, Signature={}",
        Emulator::ACCESS_KEY_ID,
        hex::encode(mac.finalize().into_bytes()),
    );
    let request = Request::get(format!("http://127.0.0.1:8650{path}?limit=10"))
        .header("x-sdk-date", "20260401T083000Z")
        .header("authorization", authorization);
    let (emulator, now) = (Emulator::new(), UNIX_EPOCH + Duration::from_secs(1_775_032_200));
    assert_eq!(emulator.handle(&request.body(Bytes::new()).unwrap(), now).status(), 401);

    let ask = Request::get("http://127.0.0.1:8650/_emulator/signatures").body(Bytes::new());
    let told: Value = serde_json::from_slice(emulator.control(&ask.unwrap(), now).body()).unwrap();
    let documented: Value = serde_json::from_str(block("Wrong signatures")).unwrap();
    assert_eq!(told, documented);
}

#[test]
fn the_documented_seed_is_one() {
    let emulator = Emulator::with_seed(Seed::from_json(block("Seeds").as_bytes()).unwrap());
    assert_eq!(emulator.servers(&"0a1b".parse().unwrap()).len(), 2);
}

#[test]
fn the_documented_faults_are_all_there_are() {
    assert_eq!(FaultRule::list_from_json(block("Faults").as_bytes()).unwrap().len(), 6);
    let documented: Vec<Fault> = rows("Faults")
        .iter()
        .map(|cells| serde_json::from_str(cells[0].trim_matches('`')).unwrap())
        .collect();
    // The reader tells all there are when it meets another.
    let others = serde_json::from_str::<Fault>(r#""none""#).unwrap_err().to_string();
    let known = others.split("expected one of ").nth(1).unwrap().matches('`').count() / 2;
    assert_eq!(documented.len(), known);
    for (at, fault) in documented.iter().enumerate() {
        assert!(!documented[..at].contains(fault), "{fault:?} is told twice");
    }
}

#[test]
fn the_documented_line_is_the_one_it_greets_with() {
    let server = Server::start(Emulator::new()).unwrap();
    let line = server.handshake().replace(&server.endpoint(), "http://127.0.0.1:8650");
    let (mut told, documented): (Value, Value) =
        (serde_json::from_str(&line).unwrap(), serde_json::from_str(block("Start")).unwrap());
    told["servers"].as_array_mut().unwrap().truncate(1);
    assert_eq!(told, documented);
}

fn on<C>(builder: Builder<C>, server: &Server) -> Builder<C> {
    builder
        .endpoint(server.endpoint())
        .credentials(Emulator::credentials())
        .project_id(Emulator::project_id())
        .http(HttpOptions::new().with_proxy(Proxy::None))
}

fn name(text: &str) -> KeypairName {
    KeypairName::new(text).unwrap()
}

#[test]
fn many_run_side_by_side_and_know_nothing_of_each_other() {
    let each = |number: usize| {
        let server = Emulator::builder().start().unwrap();
        let kps = on(kps_ureq::builder(), &server).build().unwrap();
        for at in 0..number {
            kps.send(CreateKeypair::new(name(&format!("k-{at}")))).unwrap();
        }
        assert_eq!(kps.items(ListKeypairs::new()).count(), 3 + number);
        assert_eq!(server.emulator().applied("CreateKeypair"), number);
    };
    thread::scope(|scope| (0..8).for_each(|number| drop(scope.spawn(move || each(number)))));
}

#[tokio::test]
async fn a_server_can_be_asked_and_stopped_within_a_runtime() {
    let server = Emulator::builder().task_time(Duration::ZERO).start().unwrap();
    let kps = on(kps_reqwest::builder(), &server).build().unwrap();
    assert!(kps.send(ListKeypairs::new()).await.is_ok());
    drop(server);
    let error = kps.send(ListKeypairs::new()).await.unwrap_err();
    assert!(error.to_string().contains("could not connect"), "{error}");
}

#[test]
fn no_secret_of_a_call_is_in_the_journal() {
    let emulator = Emulator::new();
    let transport = emulator.in_process();
    let client = |credentials: Credentials| {
        blocking::Client::builder(transport.clone())
            .region(kps_core::Region::CN_NORTH_4)
            .credentials(credentials)
            .project_id(Emulator::project_id())
            .build()
            .unwrap()
    };
    let pem = MadeBefore::new().make();
    // The keys are made in an order, and the first of another emulator is that of its first key pair.
    let created = client(Emulator::credentials()).send(CreateKeypair::new(name("made"))).unwrap().keypair;
    let own = created.private_key.unwrap();
    let kps = client(Credentials::token(Emulator::TOKEN));
    kps.send(ImportPrivateKey::new(name("made"), own.clone(), Encryption::Default)).unwrap();
    let wrong =
        ImportPrivateKey::new(name("made"), PrivateKey::new(pem.expose()).unwrap(), Encryption::Default);
    assert!(kps.send(wrong).is_err());
    let server = emulator.servers(&Emulator::project_id())[0].id.clone();
    let login = Login::password("Emulator-Only-1");
    let receipt = kps.send(AssociateKeypair::new(name("made"), Target::running(server, login))).unwrap();
    assert!(receipt.accepted().is_ok());
    let temporary =
        Credentials::access_key("AKEMULATOR0000000002", "SKemulatorIsPublicAndOpensNothing0000002")
            .with_security_token("STemulatorIsPublicAndOpensNothing");
    client(temporary).send(ListKeypairs::new()).unwrap();

    let journal = Request::get("http://a/_emulator/journal").body(Default::default()).unwrap();
    let told = emulator.control(&journal, UNIX_EPOCH).into_body();
    let seen = format!("{:?} {}", emulator.calls(), String::from_utf8_lossy(&told));
    assert!(seen.contains("ImportPrivateKey") && seen.contains("AKEMULATOR0000000002"));
    let lines = |key: &str| key.lines().filter(|line| line.len() > 20).map(str::to_owned).collect::<Vec<_>>();
    let mut secrets = [lines(own.expose()), lines(pem.expose())].concat();
    secrets.extend(["Emulator-Only-1", Emulator::TOKEN, "SKemulator", "STemulator"].map(str::to_owned));
    assert!(secrets.len() > 40);
    for secret in secrets {
        assert!(!seen.contains(&secret), "{secret}");
    }
}
