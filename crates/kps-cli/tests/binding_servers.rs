//! Which servers `kps bind` means, and who is asked for them.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use kps_emulator::{Fault, FaultRule, RefusalCode};
use support::service::{Ran, Service};

mod support;

const SPARE_01: &str = "6b49c5ec-b37a-4fda-a8c6-45f3acedb7b9";

#[test]
fn where_nobody_may_ask_for_servers_their_state_is_said() {
    let service = Service::with_task_time(Duration::ZERO);
    let denied = RefusalCode::new("KPS.9003").unwrap();
    service.emulator().inject(FaultRule::new(Fault::Code(denied)).on("ListServersDetails").unwrap());
    let (code, _, err) = service.told(&["bind", "spare-01", "--keypair", "bastion"]);
    assert!(
        code == 1 && err.contains("ListServersDetails") && err.contains("say --running or --stopped"),
        "{err}"
    );
    let stopped = ["bind", SPARE_01, "--stopped", "--keypair", "bastion", "--wait", "--poll", "1ms"];
    let (code, out, err) = service.told(&stopped);
    assert!(code == 0 && out.contains("SUCCESS_BIND"), "{out} {err}");

    // A check that may not be made is left out.
    for operation in ["ListKeypairDetail", "ListRunningTask"] {
        service.emulator().inject(FaultRule::new(Fault::Code(denied)).on(operation).unwrap());
    }
    let (code, out, err) = service.told(&["unbind", SPARE_01, "--stopped", "--wait", "--poll", "1ms"]);
    assert!(code == 0 && out.contains("SUCCESS_UNBIND"), "{out} {err}");
}

#[test]
fn servers_can_be_asked_for_elsewhere() {
    let (service, elsewhere) =
        (Service::with_task_time(Duration::ZERO), Service::with_task_time(Duration::ZERO));
    let bind = ["bind", "spare-01", "--keypair", "bastion"];
    let by_variable = service.kps(&bind).env("HUAWEICLOUD_SDK_ECS_ENDPOINT", elsewhere.endpoint()).output();
    assert_eq!(Ran::from(by_variable.unwrap()).code, Some(0));
    assert_eq!(elsewhere.emulator().calls().len(), 1);
    let by_flag = service
        .kps(&["unbind", "spare-02", "--ecs-endpoint", &elsewhere.endpoint()])
        .env("HUAWEICLOUD_SDK_ECS_ENDPOINT", "http://127.0.0.1:1")
        .output();
    assert_eq!(Ran::from(by_flag.unwrap()).code, Some(0));
    let asked: Vec<Option<&str>> = elsewhere.emulator().calls().iter().map(|call| call.operation).collect();
    assert_eq!(asked, [Some("ListServersDetails"); 2]);
    assert!(service.emulator().calls().iter().all(|call| call.operation != Some("ListServersDetails")));
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
        command.envs(support::credentials()).env("HUAWEICLOUD_SDK_REGION_KPS_EU_WEST_101", "kms.example.com");
        command.envs(variable.map(|id| {
            (format!("HUAWEICLOUD_SDK_REGION_ECS_{id}"), "https://ecs.example.com, https://other.example.com")
        }));
        let (code, out, err) = Ran::from(command.output().unwrap()).told();
        match address {
            Some(address) => assert!(code == 0 && out.contains(address), "{region}: {out} {err}"),
            None => assert!(code == 2 && err.contains("say --ecs-endpoint"), "{region}: {err}"),
        }
    }
}

#[test]
fn several_servers_come_from_a_list() {
    let service = Service::with_task_time(Duration::ZERO);
    service.write("password", "Emulator-Only-1");
    let bind = [
        "bind",
        "spare-01",
        "--servers-file",
        "-",
        "--keypair",
        "bastion",
        "--password-file",
        "password",
        "--wait",
        "--poll",
        "1ms",
        "--output",
        "json",
    ];
    let (code, out, err) = service.run_with(&bind, "build-01\n# not\n\nbastion-01\nbuild-02\n").told();
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
    let service = Service::with_servers(&servers.join(","));
    for (name, code, id) in [
        ("web-1", 0, "s-0"),
        // A dot stands for any character where servers are asked for.
        ("web.1", 0, "s-2"),
        ("web", 7, ""),
        ("Web-10", 7, ""),
        ("twin", 2, "2 servers are called \"twin\": s-3, s-4; name the one that is meant by its id"),
    ] {
        let (ended, out, err) = service.told(&["bind", name, "--keypair", "team", "--wait", "--poll", "1ms"]);
        assert!(ended == code && (out.contains(id) || err.contains(id)), "{name}: {out} {err}");
    }
    let (code, _, err) = service.told(&["bind", "web-10", "web", "--keypair", "team"]);
    assert!(code == 7 && err.contains("\"web\""), "{err}");
    assert_eq!(service.changes().len(), 2, "who is not there keeps all from being bound");
}
