//! The program as it is started, asked and stopped.
#![cfg(unix)]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Output;

use kps_ureq::{
    AssociateKeypair, Client, CreateKeypair, Credentials, Encryption, ExportPrivateKey, KeypairName,
    ListKeypairDetail, ListKeypairTask, ListKeypairs, Login, Server, ServerId,
};
use serde_json::Value;
use tempfile::TempDir;

use support::{Program, command};

fn refused(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    assert!(stdout.is_empty());
    (status.code(), String::from_utf8(stderr).unwrap())
}

fn file(directory: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn as_text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn names(kps: &Client) -> Vec<String> {
    kps.items(ListKeypairs::new()).map(|keypair| keypair.unwrap().name.to_string()).collect()
}

#[test]
fn what_it_greets_with_is_enough_to_bind_a_key_pair() {
    let program = Program::start(&["--task-time", "0s"]);
    let servers = program.greeting["servers"].as_array().unwrap();
    let bare = |server: &&Value| server["status"] == "running" && server["keypair_name"].is_null();
    let server = servers.iter().find(bare).unwrap();
    let id = ServerId::new(server["id"].as_str().unwrap()).unwrap();
    let login = Login::password(server["password"].as_str().unwrap());

    let kps = program.client();
    let name = KeypairName::new("deploy").unwrap();
    kps.send(CreateKeypair::new(name.clone())).unwrap();
    let receipt = kps.send(AssociateKeypair::new(name, Server::running(id, login))).unwrap();
    let task = kps.send(ListKeypairTask::new(receipt.accepted().unwrap().clone())).unwrap();
    assert_eq!(task.task_status.unwrap().as_str(), "SUCCESS_BIND");
}

#[test]
fn it_ends_well_at_either_signal() {
    for signal in ["TERM", "INT"] {
        let (code, said) = Program::start(&[]).stop(signal);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains(&format!("SIG{signal}")), "{said}");
    }
}

#[test]
fn it_starts_with_the_seed_and_the_faults_of_files() {
    let directory = TempDir::new().unwrap();
    let seed =
        r#"{"access_keys":[{"id":"AK","secret":"SK"}],"projects":{"0a1b":{"keypairs":[{"name":"own"}]}}}"#;
    let faults = r#"{"faults":[{"fault":{"code":"KPS.5001"},"on":"ListKeypairs","when":{"nth":2}}]}"#;
    let (seed, faults) = (file(&directory, "seed.json", seed), file(&directory, "faults.json", faults));
    let program = Program::start(&["--seed", as_text(&seed), "--faults", as_text(&faults)]);
    assert_eq!((program.text("access_key"), program.text("project_id")), ("AK", "0a1b"));
    let kps = program.client();
    assert_eq!(names(&kps), ["own"]);
    assert_eq!(kps.send(ListKeypairs::new()).unwrap_err().code(), Some("KPS.5001"));
    assert_eq!(names(&kps), ["own"]);
}

#[test]
fn signatures_are_checked_unless_they_are_not_to_be() {
    let forged = || Credentials::access_key("AKNOBODY", "SKnobody");
    let strict = Program::start(&[]);
    let error = strict.client_with(forged()).send(ListKeypairs::new()).unwrap_err();
    assert_eq!(error.code(), Some("APIGW.0301"));
    let lenient = Program::start(&["--lenient-auth"]);
    assert!(lenient.client_with(forged()).send(ListKeypairs::new()).is_ok());
}

#[cfg(feature = "fresh-keys")]
#[test]
fn keys_are_made_anew_if_they_are_to_be() {
    use kps_emulator::{KeySource as _, MadeBefore};

    let directory = TempDir::new().unwrap();
    let seed =
        file(&directory, "seed.json", r#"{"access_keys":[{"id":"AK","secret":"SK"}],"projects":{"p":{}}}"#);
    let made = |arguments: &[&str]| {
        let program = Program::start(&[&["--seed", as_text(&seed)], arguments].concat());
        let created = program.client().send(CreateKeypair::new(KeypairName::new("a").unwrap())).unwrap();
        created.keypair.private_key.unwrap().expose().to_owned()
    };
    let first = MadeBefore::new().make();
    assert_eq!(made(&[]), first.expose());
    assert_ne!(made(&["--fresh-keys"]), first.expose());
}

#[test]
fn what_is_in_it_outlives_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = TempDir::new().unwrap();
    let path = directory.path().join("state.json");
    let persist = ["--persist", as_text(&path)];
    let name = || KeypairName::new("kept").unwrap();

    let first = Program::start(&persist);
    assert!(!path.exists(), "it is written at the end");
    let hosted = CreateKeypair::new_hosted(name(), Encryption::Default);
    let made = first.client().send(hosted).unwrap().keypair.private_key.unwrap();
    let (code, said) = first.stop("TERM");
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    let second = Program::start(&[&persist[..], &["--task-time", "0s"]].concat());
    let kps = second.client();
    let kept = kps.send(ExportPrivateKey::new(name())).unwrap().keypair.private_key;
    assert_eq!(kept.expose(), made.expose());
    let another =
        kps.send(CreateKeypair::new(KeypairName::new("next").unwrap())).unwrap().keypair.private_key.unwrap();
    assert_ne!(another.expose(), made.expose(), "it does not begin again with the keys it has made");
    assert_eq!(second.stop("INT").0, Some(0));

    let third = Program::start(&persist);
    assert_eq!(names(&third.client()), ["bastion", "build-agents", "kept", "laptop-key", "next"]);
    drop(third);
    let left: Vec<_> = directory.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["state.json"], "nothing is left beside it");
}

#[test]
fn what_cannot_be_kept_is_told_at_the_start() {
    let directory = TempDir::new().unwrap();
    let absent = directory.path().join("absent").join("state.json");
    let seed = file(&directory, "seed.json", r#"{"projects":{}}"#);
    let written = seed.metadata().unwrap().modified().unwrap();
    for (path, reason) in [
        (absent.as_path(), "cannot be written"),
        (directory.path(), "cannot be written"),
        (
            &seed,
            "at `projects`, line 1, column 11: unknown field `projects`, expected one of `kps_emulator_snapshot`",
        ),
    ] {
        let (code, said) = refused(&["--persist", as_text(path)]);
        assert!(code == Some(2) && said.contains(as_text(path)) && said.contains(reason), "{said}");
    }
    assert_eq!(seed.metadata().unwrap().modified().unwrap(), written, "it is left as it was");
}

#[test]
fn it_is_steered_unless_it_is_not_to_be() {
    for (arguments, status) in [(&[][..], 200), (&["--no-control"], 404)] {
        let program = Program::start(arguments);
        let answer = program.ask("GET", "/ready", "");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
}

#[test]
fn the_log_tells_of_requests_and_holds_no_secret() {
    for form in ["json", "text"] {
        let program = Program::start(&["--log", form]);
        let kps = program.client();
        let secret = program.text("secret_key").to_owned();
        kps.send(ListKeypairs::new()).unwrap();
        let wrong = Credentials::access_key(program.text("access_key"), "another");
        assert_eq!(program.client_with(wrong).send(ListKeypairs::new()).unwrap_err().status(), Some(401));
        let (_, said) = program.stop("TERM");
        let explained = said.lines().find(|line| line.contains("wrong signature"));
        assert!(explained.is_some_and(|line| line.contains("another secret key than that")), "{said}");
        let line =
            said.lines().find(|line| line.contains("ListKeypairs")).unwrap_or_else(|| panic!("{said}"));
        assert!(!said.contains(&secret), "{said}");
        if form == "json" {
            assert!(said.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{said}");
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!((&line["method"], &line["status"]), (&"GET".into(), &200.into()));
            assert_eq!(line["request_id"].as_str().unwrap().len(), 32);
        }
    }
}

#[test]
fn what_does_not_fit_is_told_with_its_file_its_place_and_what_was_expected() {
    let directory = TempDir::new().unwrap();
    let server = |fields: &str| format!(r#"{{"projects":{{"p":{{"servers":[{{"id":"s"{fields}}}]}}}}}}"#);
    let fault = |fields: &str| format!(r#"{{"faults":[{{"fault":"refuse"}},{{{fields}}}]}}"#);
    for (option, text, place, expected) in [
        ("--seed", String::new(), "`$`, line 1, column 0", "EOF"),
        ("--seed", "[]".into(), "`$`", "expected an object"),
        ("--seed", "{\n  \"projects\": 7\n}".into(), "`projects`, line 2, column 15", "expected a map"),
        ("--seed", r#"{"project":{}}"#.into(), "`project`", "expected one of `access_keys`, `tokens`"),
        ("--seed", server(""), "`projects.p.servers[0]`", "missing field `status`"),
        (
            "--seed",
            server(r#","status":"on""#),
            "`projects.p.servers[0].status`",
            "expected `running` or `stopped`",
        ),
        ("--seed", server(r#","status":"running","port":0"#), "`projects.p.servers[0].port`", "1 to 65535"),
        (
            "--seed",
            r#"{"access_keys":[{"id":"a","secret":{"TOP SECRET":1}}]}"#.into(),
            "`access_keys[0].secret`",
            "expected a secret",
        ),
        ("--faults", "{}".into(), "`$`", "missing field `faults`"),
        ("--faults", fault(r#""fault":{"latency":"soon"}"#), "`faults[1].fault.latency`", "such as `12s`"),
        ("--faults", fault(r#""fault":"refuse","on":"List""#), "`faults[1].on`", "such as `ListKeypairs`"),
    ] {
        let path = file(&directory, "bad.json", &text);
        let (code, said) = refused(&[option, as_text(&path)]);
        assert_eq!(code, Some(2), "{said}");
        for part in [as_text(&path), place, expected] {
            assert!(said.contains(part), "{option} {text}: {part}: {said}");
        }
        assert!(!said.contains("TOP SECRET") && said.lines().count() == 1, "{said}");
    }
    let absent = directory.path().join("absent.json");
    for option in ["--seed", "--faults"] {
        let (code, said) = refused(&[option, as_text(&absent)]);
        assert!(code == Some(2) && said.contains(as_text(&absent)), "{said}");
    }
}

#[test]
fn it_answers_in_the_form_that_is_asked_for() {
    let absent = KeypairName::new("absent").unwrap();
    for (arguments, status) in
        [(&[][..], 400), (&["--quirks", "documented"], 400), (&["--quirks", "hostile"], 404)]
    {
        let kps = Program::start(arguments);
        let error = kps.client().send(ListKeypairDetail::new(absent.clone())).unwrap_err();
        assert_eq!((error.status(), error.code()), (Some(status), Some("KPS.4016")));
    }
}

/// `--fresh-keys` is there with its feature alone.
#[test]
fn the_document_tells_every_option() {
    let document = include_str!("../../../docs/emulator.md");
    let documented = document.lines().filter_map(|line| line.strip_prefix("| `--")?.split('`').next());
    let documented: Vec<_> = documented.filter(|option| *option != "fresh-keys").collect();
    let help = String::from_utf8(command(&["--help"]).output().unwrap().stdout).unwrap();
    let told = help.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    let told: Vec<_> = told.map(|option| option.replace(['<', '>'], "")).collect();
    let told = told.iter().map(|option| option.trim()).filter(|option| *option != "fresh-keys");
    assert_eq!(told.collect::<Vec<_>>(), documented);
}

#[test]
fn arguments_that_do_not_fit_are_told() {
    for (arguments, expected) in [
        (&["--listen", "8650"][..], "--listen <ADDR>"),
        (&["--task-time", "soon"], "--task-time <TIME>': expected a time with its unit, such as 2s or 500ms"),
        (&["--log", "xml"], "[possible values: json, text]"),
        (&["--quirks", "odd"], "[possible values: documented, observed, hostile]"),
        (&["--sed", "a"], "unexpected argument '--sed'"),
    ] {
        let (code, said) = refused(arguments);
        assert!(code == Some(2) && said.contains(expected), "{said}");
    }
}

#[test]
fn a_port_that_is_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let (code, said) = refused(&["--listen", &address.to_string()]);
    assert_eq!(code, Some(2));
    assert!(said.contains(&format!("port {} of 127.0.0.1 is in use", address.port())), "{said}");
}
