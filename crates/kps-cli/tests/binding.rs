//! `kps bind`, `kps unbind` and `kps task` against a service that runs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kps_emulator::{AuthFault, Emulator, Fault, FaultRule, Quirks, RefusalCode, Seed};
use kps_ureq::{Credentials, ExportPrivateKey, KeypairName, Proxy, Region};
use support::service::{Service, told};
use tempfile::TempDir;

mod support;

const BUILD_01: &str = "1c94d0f7-6e2b-4a85-b3d1-90ae57f8c264";
const SPARE_01: &str = "6b49c5ec-b37a-4fda-a8c6-45f3acedb7b9";
const HOUR: Duration = Duration::from_secs(3600);

/// A service whose tasks take so long.
fn service(task_time: Duration) -> Service {
    Service::start(Emulator::builder().task_time(task_time).build())
}

/// A service with these servers and the key pair `team`, whose tasks end at once.
fn service_with(servers: &str) -> Service {
    let (key, secret) = (Emulator::ACCESS_KEY_ID, Emulator::SECRET_ACCESS_KEY);
    let project = format!(r#"{{"keypairs":[{{"name":"team"}}],"servers":[{servers}]}}"#);
    let seed = format!(
        r#"{{"access_keys":[{{"id":"{key}","secret":"{secret}"}}],"projects":{{"{}":{project}}}}}"#,
        Emulator::PROJECT_ID
    );
    let seed = Seed::from_json(seed.as_bytes()).unwrap();
    Service::start(Emulator::builder().seed(seed).task_time(Duration::ZERO).build())
}

/// A file with this text, in a directory that goes with it.
fn file(text: &str) -> (TempDir, String) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (directory, path)
}

/// Which key pair a server carries.
fn carried(service: &Service, name: &str) -> Option<String> {
    let servers = service.emulator.servers(&Emulator::project_id());
    let server = servers.into_iter().find(|server| server.name == name).unwrap();
    server.keypair_name.map(|name| name.to_string())
}

/// The private key of a key pair that the service hosts, in a file.
fn private_key(service: &Service, keypair: &str) -> (TempDir, String) {
    let kps = kps_ureq::builder()
        .region(Region::CN_NORTH_4)
        .endpoint(service.endpoint())
        .credentials(Credentials::access_key(Emulator::ACCESS_KEY_ID, Emulator::SECRET_ACCESS_KEY))
        .project_id(Emulator::project_id())
        .http(kps_ureq::HttpOptions::new().with_proxy(Proxy::None));
    let export = ExportPrivateKey::new(KeypairName::new(keypair).unwrap());
    let answer = kps.build().unwrap().send(export).unwrap();
    file(answer.keypair.private_key.expose())
}

/// Gives it a text on standard input.
fn fed(mut command: Command, text: &str) -> (i32, String, String) {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    told(&child.wait_with_output().unwrap())
}

/// The command that was told to wait on with, as arguments.
fn resumed(text: &str) -> Vec<String> {
    let line = text.split('`').find(|part| part.starts_with("kps task wait")).unwrap();
    line.split(' ').skip(1).map(str::to_owned).collect()
}

/// Whatever the form of the answers.
#[test]
fn a_server_is_bound_by_its_name_and_unbound_with_the_private_key() {
    for quirks in [Quirks::Documented, Quirks::Observed, Quirks::Hostile] {
        let service = Service::start(Emulator::builder().task_time(Duration::ZERO).quirks(quirks).build());
        let bind =
            ["bind", "build-01", "--keypair", "bastion", "--password-stdin", "--wait", "--poll", "1ms"];
        let (code, out, err) = fed(service.kps(&bind), "Emulator-Only-1\n");
        assert_eq!((code, err.as_str()), (0, ""), "{quirks:?}: {out}");
        assert!(out.to_uppercase().contains("SUCCESS_BIND AFTER"), "{out}");
        assert_eq!(carried(&service, "build-01").as_deref(), Some("bastion"));

        let (_directory, key) = private_key(&service, "bastion");
        let other = ["bind", "build-01", "--keypair", "build-agents", "--replace", "--wait", "--poll", "1ms"];
        let (code, out, err) = service.run(&[&other[..], &["--private-key", &key]].concat());
        assert_eq!((code, err.as_str()), (0, ""), "{quirks:?}: {out}");
        assert_eq!(carried(&service, "build-01").as_deref(), Some("build-agents"));

        // That is the key of what it carried before.
        let unbind = ["unbind", BUILD_01, "--wait", "--poll", "1ms", "--private-key"];
        let (code, _, err) = service.run(&[&unbind[..], &[&key]].concat());
        assert!(code == 5 && err.contains("the private key is wrong"), "{quirks:?}: {code} {err}");
        let (_directory, key) = private_key(&service, "build-agents");
        let (code, out, err) = service.run(&[&unbind[..], &[&key]].concat());
        assert_eq!((code, err.as_str()), (0, ""), "{quirks:?}: {out}");
        assert_eq!(carried(&service, "build-01"), None);
    }
}

#[test]
fn a_failure_ends_with_its_reason() {
    let (_directory, password) = file("hunter2-hunter2");
    for (trouble, reason) in [
        (None, "the password is wrong"),
        (Some("authorized_keys_changed"), "/root/.ssh/authorized_keys was changed"),
        (Some("security_group"), "the security group does not admit"),
        (Some("unsupported_image"), "The image of the server is not supported"),
    ] {
        let trouble = trouble.map_or(String::new(), |trouble| format!(r#","trouble":"{trouble}""#));
        let server =
            format!(r#"{{"id":"s-1","name":"web-1","status":"running","password":"right"{trouble}}}"#);
        let service = service_with(&server);
        let bind =
            ["bind", "web-1", "--keypair", "team", "--password-file", &password, "--wait", "--poll", "1ms"];
        let (code, out, err) = service.run(&bind);
        assert_eq!((code, out.as_str()), (5, ""), "{err}");
        assert!(err.contains("failed (FAILED_BIND)") && err.contains(reason), "{err}");
        let (_, out, err) = service.run(&[&bind[..], &["-v", "--output", "json"]].concat());
        assert!(!out.contains("hunter2") && !err.contains("hunter2"), "{out} {err}");
    }
}

#[test]
fn a_wait_that_is_over_tells_what_waits_on() {
    let service = service(HOUR);
    let bind = ["bind", "spare-01", "--keypair", "bastion", "--wait=40ms", "--poll", "1ms"];
    let (code, out, err) = service.run(&bind);
    assert_eq!((code, out.as_str()), (6, ""), "{err}");
    assert!(err.contains("did not end within 0.0 s"), "{err}");
    service.emulator.advance(HOUR);
    let resumed = resumed(&err);
    let resumed: Vec<&str> = resumed.iter().map(String::as_str).collect();
    let (code, out, err) = told(&support::kps(&resumed).envs(credentials()).output().unwrap());
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("SUCCESS_BIND after") && out.contains("bastion") && out.contains(SPARE_01), "{out}");
}

fn credentials() -> [(&'static str, &'static str); 3] {
    [
        ("HUAWEICLOUD_SDK_AK", Emulator::ACCESS_KEY_ID),
        ("HUAWEICLOUD_SDK_SK", Emulator::SECRET_ACCESS_KEY),
        ("HUAWEICLOUD_SDK_PROJECT_ID", Emulator::PROJECT_ID),
    ]
}

/// Interrupts a program once it has said on standard error that it waits: its code, and what else it says there.
#[cfg(unix)]
fn interrupted(mut child: Child) -> (i32, String) {
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("waiting for the task") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it ended before");
    }
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    (child.wait().unwrap().code().unwrap(), rest)
}

#[cfg(unix)]
#[test]
fn who_is_interrupted_is_told_what_waits_on() {
    let service = service(HOUR);
    let start = |arguments: &[&str]| {
        let mut command = service.kps(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let (code, rest) = interrupted(start(&["bind", "spare-01", "--keypair", "bastion", "--wait", "-v"]));
    assert_eq!(code, 130, "{rest}");
    assert!(rest.contains("kps: interrupted; what was begun goes on; `kps task wait "), "{rest}");

    let resumed = resumed(&rest);
    let wait: Vec<&str> = resumed.iter().map(String::as_str).collect();
    let mut command = support::kps(&[&wait[..], &["-v", "-o", "json", "--poll", "1ms"]].concat());
    let child = command.envs(credentials()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (code, rest) = interrupted(child);
    assert_eq!(code, 130, "{rest}");
    let last: serde_json::Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
    assert_eq!((&last["error"]["id"], &last["error"]["exit"]), (&"interrupted".into(), &130.into()));
    assert!(last["error"]["cure"].as_str().unwrap().contains("`kps task wait "), "{rest}");

    service.emulator.advance(HOUR);
    let (code, out, _) = told(&support::kps(&wait).envs(credentials()).output().unwrap());
    assert!(code == 0 && out.contains("SUCCESS_BIND"), "{code} {out}");
}

#[test]
fn what_must_fail_is_not_sent() {
    let service = service(HOUR);
    let (_directory, password) = file("Emulator-Only-1");
    let password = ["--password-file", password.as_str()];
    // One server has a task, and another is bound by its own doing.
    let (code, _, err) = service.run(&["bind", "spare-01", "--keypair", "bastion"]);
    assert_eq!(code, 0, "{err}");
    let before = service.changes();
    for (arguments, code, told) in [
        (&["bind", "spare-01", "--keypair", "bastion"][..], 1, "is under way on the server spare-01"),
        (&["unbind", "spare-01"], 1, "; `kps task wait "),
        (&["bind", "build-01", "--keypair", "nothing"], 7, "there is no key pair nothing"),
        (&["bind", "nothing", "--keypair", "bastion"], 7, "there is no server of the name \"nothing\""),
        (&["bind", "build-01", "--keypair", "bastion"], 2, "--password-stdin"),
        (&["bind", "bastion-01", "--keypair", "build-agents", password[0], password[1]], 2, "--replace"),
        (&["bind", "spare-02", "--keypair", "build-agents"], 0, ""),
        (&["bind", "spare-02", "--keypair", "bastion", "--replace", password[0], password[1]], 2, "shut off"),
        (&["unbind", "bastion-01"], 2, "--private-key FILE"),
        (&["unbind", "build-01"], 0, ""),
        (&["bind", "build-01", "--keypair", "bastion", "--password-file", "no/such"], 2, "no/such"),
        (
            &["bind", "bastion-01", "--keypair", "build-agents", "--replace", "--private-key", password[1]],
            2,
            "PEM",
        ),
    ] {
        let (ended, out, err) = service.run(arguments);
        assert_eq!(ended, code, "{arguments:?}: {out} {err}");
        assert!(err.contains(told) && !err.contains("Emulator-Only"), "{arguments:?}: {err}");
        assert_eq!(service.changes(), before, "{arguments:?}");
    }
}

#[test]
fn where_nobody_may_ask_for_servers_their_state_is_said() {
    let service = service(Duration::ZERO);
    let denied = RefusalCode::new("KPS.9003").unwrap();
    service.emulator.inject(FaultRule::new(Fault::Code(denied)).on("ListServersDetails").unwrap());
    let (code, _, err) = service.run(&["bind", "spare-01", "--keypair", "bastion"]);
    assert!(
        code == 1 && err.contains("ListServersDetails") && err.contains("say --running or --stopped"),
        "{err}"
    );
    let stopped = ["bind", SPARE_01, "--stopped", "--keypair", "bastion", "--wait", "--poll", "1ms"];
    let (code, out, err) = service.run(&stopped);
    assert!(code == 0 && out.contains("SUCCESS_BIND"), "{out} {err}");

    // A check that may not be made is left out.
    for operation in ["ListKeypairDetail", "ListRunningTask"] {
        service.emulator.inject(FaultRule::new(Fault::Code(denied)).on(operation).unwrap());
    }
    let (code, out, err) = service.run(&["unbind", SPARE_01, "--stopped", "--wait", "--poll", "1ms"]);
    assert!(code == 0 && out.contains("SUCCESS_UNBIND"), "{out} {err}");
}

#[test]
fn servers_can_be_asked_for_elsewhere() {
    let (service, elsewhere) = (service(Duration::ZERO), service(Duration::ZERO));
    let bind = ["bind", "spare-01", "--keypair", "bastion"];
    let by_variable = service.kps(&bind).env("HUAWEICLOUD_SDK_ECS_ENDPOINT", elsewhere.endpoint()).output();
    assert_eq!(told(&by_variable.unwrap()).0, 0);
    assert_eq!(elsewhere.emulator.calls().len(), 1);
    let by_flag = service
        .kps(&["unbind", "spare-02", "--ecs-endpoint", &elsewhere.endpoint()])
        .env("HUAWEICLOUD_SDK_ECS_ENDPOINT", "http://127.0.0.1:1")
        .output();
    assert_eq!(told(&by_flag.unwrap()).0, 0);
    let asked: Vec<Option<&str>> = elsewhere.emulator.calls().iter().map(|call| call.operation).collect();
    assert_eq!(asked, [Some("ListServersDetails"); 2]);
    assert!(service.emulator.calls().iter().all(|call| call.operation != Some("ListServersDetails")));
}

#[test]
fn where_servers_are_asked_for_goes_by_the_region() {
    let bind = ["bind", "web-1", "--keypair", "team", "--dry-run"];
    for (region, variable, address) in [
        ("cn-north-4", None, Some("https://ecs.cn-north-4.myhuaweicloud.com/v1/")),
        ("cn-north-4", Some("CN_NORTH_4"), Some("https://ecs.example.com/v1/")),
        ("eu-west-101", Some("EU_WEST_101"), Some("https://ecs.example.com/v1/")),
        ("eu-west-101", None, None),
    ] {
        let mut command = support::kps(&[&bind[..], &["--region", region]].concat());
        command.envs(credentials()).env("HUAWEICLOUD_SDK_REGION_KPS_EU_WEST_101", "kms.example.com");
        command.envs(variable.map(|id| {
            (format!("HUAWEICLOUD_SDK_REGION_ECS_{id}"), "https://ecs.example.com, https://other.example.com")
        }));
        let (code, out, err) = told(&command.output().unwrap());
        match address {
            Some(address) => assert!(code == 0 && out.contains(address), "{region}: {out} {err}"),
            None => assert!(code == 2 && err.contains("say --ecs-endpoint"), "{region}: {err}"),
        }
    }
}

#[test]
fn several_servers_come_from_a_list() {
    let service = service(Duration::ZERO);
    let (_directory, password) = file("Emulator-Only-1");
    let bind = [
        "bind",
        "spare-01",
        "--servers-file",
        "-",
        "--keypair",
        "bastion",
        "--password-file",
        &password,
        "--wait",
        "--poll",
        "1ms",
        "--output",
        "json",
    ];
    let (code, out, err) = fed(service.kps(&bind), "build-01\n# not\n\nbastion-01\nbuild-02\n");
    let lines: serde_json::Value = serde_json::from_str(&out).unwrap();
    let states: Vec<(&str, &str)> = lines
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["server_name"].as_str().unwrap(), line["status"].as_str().unwrap()))
        .collect();
    let expected = [
        ("spare-01", "SUCCESS_BIND"),
        ("build-01", "SUCCESS_BIND"),
        ("bastion-01", "unchanged"),
        ("build-02", "failed"),
    ];
    assert_eq!(states, expected);
    assert!(code == 5 && err.contains("1 of 4 servers failed"), "{code} {err}");
    // One that is shut off goes by itself, and those that run go together.
    assert_eq!(service.changes(), ["AssociateKeypair", "BatchAssociateKeypair"]);
}

#[test]
fn names_are_compared_exactly() {
    let servers = ["web-1", "web-10", "web.1", "twin", "twin"];
    let server = |(at, name)| format!(r#"{{"id":"s-{at}","name":"{name}","status":"stopped"}}"#);
    let servers: Vec<String> = servers.iter().enumerate().map(server).collect();
    let service = service_with(&servers.join(","));
    for (name, code, id) in [
        ("web-1", 0, "s-0"),
        // A dot stands for any character where servers are asked for.
        ("web.1", 0, "s-2"),
        ("web", 7, ""),
        ("Web-10", 7, ""),
        ("twin", 2, "2 servers are called \"twin\": s-3, s-4; name the one that is meant by its id"),
    ] {
        let (ended, out, err) = service.run(&["bind", name, "--keypair", "team", "--wait", "--poll", "1ms"]);
        assert!(ended == code && (out.contains(id) || err.contains(id)), "{name}: {out} {err}");
    }
    let (code, _, err) = service.run(&["bind", "web-10", "web", "--keypair", "team"]);
    assert!(code == 7 && err.contains("\"web\""), "{err}");
    assert_eq!(service.changes().len(), 2, "who is not there keeps all from being bound");
}

#[test]
fn credentials_that_are_refused_are_not_tried_again() {
    let servers = [1, 2, 3]
        .map(|at| format!(r#"{{"id":"s-{at}","name":"web-{at}","status":"stopped","keypair_name":"team"}}"#));
    let service = service_with(&servers.join(","));
    let refused = FaultRule::new(Fault::Auth(AuthFault::Signature)).on("DisassociateKeypair").unwrap();
    service.emulator.inject(refused);
    let (code, out, err) = service.run(&["unbind", "web-1", "web-2", "web-3"]);
    assert!(
        code == 1 && out.contains("it was not tried") && err.contains("3 of 3 servers failed"),
        "{out} {err}"
    );
    assert_eq!(service.changes(), ["DisassociateKeypair"]);
}

#[test]
fn passwords_are_turned_off_where_that_is_said() {
    for (flag, takes_passwords) in [(&[][..], true), (&["--disable-password"], false)] {
        let service = service(Duration::ZERO);
        let bind = ["bind", "spare-01", "--keypair", "bastion", "--wait", "--poll", "1ms"];
        assert_eq!(service.run(&[&bind[..], flag].concat()).0, 0);
        let servers = service.emulator.servers(&Emulator::project_id());
        let server = servers.into_iter().find(|server| server.name == "spare-01").unwrap();
        assert_eq!(server.takes_passwords, takes_passwords);
    }
}

#[test]
fn what_servers_are_called_does_not_steer_a_terminal() {
    let name = r"web\u001b[2J\n`reboot`";
    let service = service_with(&format!(r#"{{"id":"{BUILD_01}","name":"{name}","status":"stopped"}}"#));
    for arguments in [
        &["unbind", BUILD_01][..],
        &["bind", BUILD_01, "--keypair", "team", "--port", "22"],
        &["bind", BUILD_01, "--keypair", "team", "--wait", "--poll", "1ms", "-v"],
        &["unbind", BUILD_01, "--output", "json"],
    ] {
        let (_, out, err) = service.run(arguments);
        assert!(!out.contains('\u{1b}') && !err.contains('\u{1b}'), "{out} {err}");
        assert!(out.contains("[2J") || err.contains("[2J"), "{out} {err}");
    }
}

#[test]
fn a_lost_answer_is_looked_up() {
    let service = service(Duration::from_secs(60));
    service.emulator.inject(FaultRule::new(Fault::ResetAfter).on("DisassociateKeypair").unwrap().nth(1));
    let (code, out, err) = service.run(&["unbind", "spare-02"]);
    assert!(code == 0 && out.contains("kps task wait"), "{out} {err}");
    assert_eq!(service.changes(), ["DisassociateKeypair"]);
}

#[test]
fn nothing_is_sent_in_a_dry_run() {
    let service = service(Duration::ZERO);
    let (_directory, password) = file("Emulator-Only-1");
    for arguments in [
        &["bind", "build-01", "--keypair", "bastion"][..],
        &["bind", BUILD_01, "--running", "--keypair", "bastion", "--password-file", &password],
        &["unbind", SPARE_01, "--stopped"],
        &["task", "wait", SPARE_01],
        &["task", "show", SPARE_01],
    ] {
        let (code, out, err) = service.run(&[arguments, &["--dry-run"]].concat());
        assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}");
        assert!(out.contains("Authorization: ***") && !out.contains("Emulator-Only"), "{out}");
    }
    assert!(service.emulator.calls().is_empty());
}
