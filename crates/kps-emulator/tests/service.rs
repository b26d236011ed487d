//! Requests that no client of ours would send, and answers that have to be asked for.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use kps_emulator::{Emulator, KeySource, MadeBefore, Seed};
use kps_model::{ErrorBody, ListFailedTaskResponse, Secret, TaskReceipt, from_json};

fn send(emulator: &Emulator, method: &str, target: &str, body: &str) -> Response<Bytes> {
    let request = Request::builder()
        .method(method)
        .uri(format!("http://kms.example.com/v3/{}/{target}", Emulator::PROJECT_ID))
        .header("x-auth-token", Emulator::TOKEN)
        .body(Bytes::from(body.to_owned()))
        .unwrap();
    emulator.handle(&request, SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000))
}

fn code(answer: &Response<Bytes>) -> (u16, String) {
    (answer.status().as_u16(), ErrorBody::parse(answer.body()).code.unwrap())
}

const RUNNING: &str = "1c94d0f7-6e2b-4a85-b3d1-90ae57f8c264";
const STOPPED: &str = "6b49c5ec-b37a-4fda-a8c6-45f3acedb7b9";

/// As documented. The official Go client reads no list in which it is a number.
#[test]
fn the_frozen_state_is_a_text_in_the_list_and_a_number_in_the_detail() {
    for (target, expected) in
        [("keypairs", r#""frozen_state":"0""#), ("keypairs/bastion", r#""frozen_state":0"#)]
    {
        let answer = send(&Emulator::new(), "GET", target, "");
        let body = String::from_utf8(answer.body().to_vec()).unwrap();
        assert!(body.contains(expected), "{target}: {body}");
    }
}

#[test]
fn bodies_that_do_not_fit_are_bad_parameters() {
    let emulator = Emulator::new();
    let hosted = r#""key_protection":{"encryption":{"type":"default"}}"#;
    let item = r#"{"keypair":{"name":"a","public_key":"ssh-rsa AAAA"}}"#;
    let names = |count: usize| vec![r#"{"keypair":{"name":"build-agents"}}"#; count].join(",");
    let bind = |name: &str| format!(r#"{{"keypair_name":"{name}","server":{{"id":"{RUNNING}"}}}}"#);
    for (method, target, body) in [
        ("POST", "keypairs", String::new()),
        ("POST", "keypairs", "{".into()),
        ("POST", "keypairs", "[]".into()),
        ("POST", "keypairs", r#"{"keypair":{}}"#.into()),
        ("POST", "keypairs", r#"{"keypair":{"name":""}}"#.into()),
        ("POST", "keypairs", r#"{"keypair":{"name":"a b"}}"#.into()),
        ("POST", "keypairs", format!(r#"{{"keypair":{{"name":"{}"}}}}"#, "a".repeat(256))),
        ("POST", "keypairs", format!(r#"{{"keypair":{{"name":"a","public_key":"ssh-rsa AAAA",{hosted}}}}}"#)),
        ("POST", "keypairs", r#"{"keypair":{"name":"a","key_protection":{}}}"#.into()),
        ("POST", "keypairs", r#"{"keypair":{"name":"a","public_key":"ssh-rsa !"}}"#.into()),
        ("GET", "keypairs?limit=0", String::new()),
        ("GET", "keypairs?limit=10000", String::new()),
        ("GET", "failed-tasks?limit=1001", String::new()),
        ("GET", "keypairs?limit=x", String::new()),
        ("GET", "keypairs?marker=a%20b", String::new()),
        ("GET", "running-tasks?offset=-1", String::new()),
        ("GET", "failed-tasks?limit=0", String::new()),
        ("PUT", "keypairs/bastion", r#"{"keypair":{}}"#.into()),
        ("PUT", "keypairs/bastion", format!(r#"{{"keypair":{{"description":"{}"}}}}"#, "x".repeat(256))),
        ("POST", "keypairs/private-key/import", r#"{"keypair":{"name":"bastion"}}"#.into()),
        ("POST", "keypairs/private-key/import", format!(r#"{{"keypair":{{"name":"bastion",{hosted}}}}}"#)),
        ("POST", "keypairs/private-key/export", r#"{"keypair":{"name":".."}}"#.into()),
        ("POST", "keypairs/private-key/batch-export", "[]".into()),
        ("POST", "keypairs/private-key/batch-export", format!("[{}]", names(11))),
        ("POST", "keypairs/private-key/batch-export", format!("[{}]", names(2))),
        ("POST", "keypairs/batch-import", format!("[{}]", [item; 11].join(","))),
        ("POST", "keypairs/batch-import", item.into()),
        ("POST", "keypairs/batch-import", r#"[{"keypair":{"public_key":"ssh-rsa AAAA"}}]"#.into()),
        ("POST", "keypairs", r#"[{"name":"a"}]"#.into()),
        ("POST", "keypairs/associate", format!(r#"["bastion",{{"id":"{RUNNING}"}}]"#)),
        ("GET", "keypairs/a%20b", String::new()),
        ("GET", "keypairs?limit=00001", String::new()),
        ("POST", "keypairs/associate", r#"{"keypair_name":"bastion"}"#.into()),
        ("POST", "keypairs/associate", bind("")),
        ("POST", "keypairs/disassociate", r#"{"server":{"id":"s","port":0}}"#.into()),
        ("POST", "keypairs/disassociate", r#"{"server":{"id":"s","auth":{"type":"none"}}}"#.into()),
        (
            "POST",
            "keypairs/batch-associate",
            format!(r#"{{"batch_keypairs":[{}]}}"#, vec![bind("bastion"); 11].join(",")),
        ),
        (
            "POST",
            "keypairs/batch-associate",
            format!(r#"{{"batch_keypairs":[{},{}]}}"#, bind("bastion"), bind("build-agents")),
        ),
    ] {
        let answer = send(&emulator, method, target, &body);
        assert_eq!(code(&answer), (400, "KPS.0002".into()), "{method} {target} {body}");
    }
}

#[test]
fn a_refusal_does_not_repeat_a_secret() {
    let emulator = Emulator::new();
    for (target, body) in [
        ("keypairs", r#"{"keypair":{"name":"a","key_protection":"hunter2"}}"#),
        ("keypairs", r#"{"keypair":{"name":"a","key_protection":1234567}}"#),
        (
            "keypairs",
            r#"{"keypair":{"name":"a","public_key":"hunter2 A","key_protection":{"private_key":"hunter2","encryption":{"type":"default"}}}}"#,
        ),
        ("keypairs/associate", r#"{"keypair_name":"bastion","server":{"id":"s","auth":"hunter2"}}"#),
        ("keypairs/associate", r#"{"keypair_name":"bastion","server":{"id":"s","auth":{"type":"hunter2"}}}"#),
    ] {
        let answer = send(&emulator, "POST", target, body);
        assert_eq!(answer.status(), 400);
        let text = String::from_utf8_lossy(answer.body());
        assert!(
            !text.contains("hunter2") && !text.contains("1234567") && text.contains("KPS.0002"),
            "{text}"
        );
    }
}

/// The reason with which a binding fails whose `server` object goes on like this.
fn reason(server: &str) -> String {
    let emulator = Emulator::new();
    let body = format!(r#"{{"keypair_name":"bastion","server":{{{server}}}}}"#);
    let answer = send(&emulator, "POST", "keypairs/associate", &body);
    assert_eq!(answer.status(), 202);
    let receipt: TaskReceipt = from_json(answer.body()).unwrap();
    let id = receipt.accepted().unwrap();
    emulator.advance(Duration::from_secs(12));
    let answer = send(&emulator, "GET", "failed-tasks", "");
    let page: ListFailedTaskResponse = from_json(answer.body()).unwrap();
    let record = page.tasks.into_iter().find(|task| task.task_id == *id).unwrap();
    record.task_error_msg.unwrap().into()
}

#[test]
fn a_login_that_is_not_whole_fails_the_task_and_not_the_call() {
    for (server, expected) in [
        (format!(r#""id":"{RUNNING}""#), "A running server needs auth"),
        (format!(r#""id":"{RUNNING}","auth":{{}}"#), "auth.key is missing"),
        (format!(r#""id":"{RUNNING}","auth":{{"key":"a"}}"#), "auth.type is missing"),
        (format!(r#""id":"{RUNNING}","auth":{{"type":"password"}}"#), "auth.key is missing"),
        (format!(r#""id":"{STOPPED}","port":2222"#), "The port of a server that is shut off is 22"),
        (
            format!(r#""id":"{STOPPED}","auth":{{"type":"password","key":"Emulator-Only-6"}}"#),
            "auth must not be set for a server that is shut off",
        ),
    ] {
        assert_eq!(reason(&server), expected, "{server}");
    }
}

#[test]
fn every_code_of_the_service_can_be_asked_for() {
    let emulator = Emulator::new();
    for (asked, status) in [
        ("KPS.0001", 400),
        ("KPS.0002", 400),
        ("KPS.0003", 500),
        ("KPS.0004", 500),
        ("KPS.0005", 400),
        ("KPS.0006", 400),
        ("KPS.4016", 400),
        ("KPS.5001", 500),
        ("KPS.5002", 500),
        ("KPS.5003", 500),
        ("KPS.5004", 500),
        ("KPS.6004", 400),
        ("KPS.6005", 400),
        ("KPS.6007", 500),
        ("KPS.6008", 400),
        ("KPS.6009", 403),
        ("KPS.6010", 400),
        ("KPS.6011", 400),
        ("KPS.7004", 400),
        ("KPS.9001", 401),
        ("KPS.9002", 401),
        ("KPS.9003", 403),
        ("KPS.9004", 403),
        ("KPS.9005", 403),
        ("KPS.9006", 403),
        ("APIGW.0308", 429),
    ] {
        emulator.refuse_next("ListKeypairs", asked).unwrap();
        assert_eq!(
            send(&emulator, "GET", "running-tasks", "").status(),
            200,
            "another operation is not refused"
        );
        assert_eq!(code(&send(&emulator, "GET", "keypairs", "")), (status, asked.into()));
        assert_eq!(send(&emulator, "GET", "keypairs", "").status(), 200, "once is enough");
    }
    for (operation, code) in [("ListKeyPairs", "KPS.0003"), ("ListKeypairs", "KPS.1234")] {
        let error = emulator.refuse_next(operation, code).unwrap_err().to_string();
        let unknown = if code == "KPS.0003" { operation } else { code };
        assert!(error.ends_with(&format!("{unknown:?}")), "{error}");
    }
}

#[test]
fn the_time_a_task_takes_can_be_set() {
    let emulator = Emulator::new();
    emulator.set_task_time(Duration::from_secs(60));
    let body = format!(r#"{{"keypair_name":"bastion","server":{{"id":"{STOPPED}"}}}}"#);
    let receipt: TaskReceipt =
        from_json(send(&emulator, "POST", "keypairs/associate", &body).body()).unwrap();
    let task = format!("tasks/{}", receipt.accepted().unwrap());
    for (seconds, status) in
        [(0, "READY_BIND"), (9, "READY_BIND"), (1, "RUNNING_BIND"), (49, "RUNNING_BIND"), (1, "SUCCESS_BIND")]
    {
        emulator.advance(Duration::from_secs(seconds));
        let answer = send(&emulator, "GET", &task, "");
        assert!(String::from_utf8_lossy(answer.body()).contains(status), "{status}: {answer:?}");
    }
}

#[test]
fn refusals_come_in_the_order_in_which_they_were_asked_for() {
    let emulator = Emulator::new();
    for code in ["KPS.0003", "KPS.5001"] {
        emulator.refuse_next("ListKeypairs", code).unwrap();
    }
    for expected in ["KPS.0003", "KPS.5001"] {
        assert_eq!(code(&send(&emulator, "GET", "keypairs", "")).1, expected);
    }
}

/// Accepts a binding of the key pair to a server that is shut off.
fn accept(emulator: &Emulator, server: &str) -> String {
    let body = format!(r#"{{"keypair_name":"bastion","server":{{"id":"{server}","port":22}}}}"#);
    let receipt: TaskReceipt = from_json(send(emulator, "POST", "keypairs/associate", &body).body()).unwrap();
    receipt.accepted().unwrap().to_string()
}

fn status(emulator: &Emulator, task: &str) -> String {
    let answer = send(emulator, "GET", &format!("tasks/{task}"), "");
    from_json::<kps_model::ListKeypairTaskResponse>(answer.body()).unwrap().task_status.unwrap().to_string()
}

#[test]
fn tasks_keep_the_time_they_were_accepted_with_and_end_in_the_order_of_their_ends() {
    let emulator = Emulator::new();
    emulator.set_task_time(Duration::from_secs(60));
    let slow = accept(&emulator, STOPPED);
    emulator.set_task_time(Duration::from_secs(12));
    let fast = accept(&emulator, STOPPED);
    emulator.advance(Duration::from_secs(12));
    assert_eq!(
        (status(&emulator, &slow), status(&emulator, &fast)),
        ("RUNNING_BIND".into(), "SUCCESS_BIND".into())
    );
    emulator.advance(Duration::from_secs(48));
    // It was to bind a server without a key pair, which has one by now.
    assert_eq!(status(&emulator, &slow), "FAILED_BIND");
}

#[test]
fn a_task_is_listed_with_the_time_of_its_acceptance() {
    let emulator = Emulator::new();
    emulator.advance(Duration::from_secs(100));
    let body = format!(r#"{{"keypair_name":"bastion","server":{{"id":"{RUNNING}"}}}}"#);
    send(&emulator, "POST", "keypairs/associate", &body);
    let listed = |list| {
        let answer = send(&emulator, "GET", list, "");
        let page: ListFailedTaskResponse = from_json(answer.body()).unwrap();
        kps_model::to_json(&page.tasks.last().unwrap().task_time).unwrap()
    };
    assert_eq!(listed("running-tasks"), b"\"1800000100000\"");
    emulator.advance(Duration::from_secs(12));
    assert_eq!(listed("failed-tasks"), b"\"1800000100000\"");
}

#[test]
fn what_a_server_is_like_is_told_by_the_clock_of_the_tasks() {
    let emulator = Emulator::new();
    let task = accept(&emulator, STOPPED);
    let (project, server) = (Emulator::project_id(), STOPPED.parse().unwrap());
    let carried = || {
        let servers = emulator.servers(&project);
        servers.into_iter().find(|state| state.id == server).unwrap().keypair_name
    };
    assert_eq!(carried(), None);
    emulator.advance(Duration::from_secs(12));
    assert_eq!(carried().unwrap(), "bastion");
    assert!(emulator.set_running(&project, &server, true));
    assert_eq!(status(&emulator, &task), "SUCCESS_BIND");
    assert!(!emulator.set_running(&project, &"absent".parse().unwrap(), true));
}

#[test]
fn time_does_not_go_back_nor_out_of_its_range() {
    let emulator = Emulator::new();
    let task = accept(&emulator, STOPPED);
    emulator.advance(Duration::from_secs(3));
    assert_eq!(status(&emulator, &task), "RUNNING_BIND");
    let earlier = Request::get(format!("http://kms.example.com/v3/{}/tasks/{task}", Emulator::PROJECT_ID))
        .header("x-auth-token", Emulator::TOKEN);
    let answer = emulator.handle(&earlier.body(Bytes::new()).unwrap(), SystemTime::UNIX_EPOCH);
    assert!(String::from_utf8_lossy(answer.body()).contains("RUNNING_BIND"), "{answer:?}");

    emulator.advance(Duration::MAX);
    emulator.advance(Duration::MAX);
    assert_eq!(status(&emulator, &task), "SUCCESS_BIND");
    send(&emulator, "POST", "keypairs", r#"{"keypair":{"name":"late"}}"#);
    let detail = send(&emulator, "GET", "keypairs/late", "");
    let detail: kps_model::ListKeypairDetailResponse = from_json(detail.body()).unwrap();
    assert_eq!(detail.keypair.create_time.unwrap().millis(), Some(9_999_999_999_999));
}

#[test]
fn many_tasks_end_at_once_and_in_no_time() {
    let emulator = Emulator::new();
    for _ in 0..3_000 {
        accept(&emulator, STOPPED);
    }
    emulator.advance(Duration::from_secs(12));
    let answer = send(&emulator, "GET", "failed-tasks?limit=1", "");
    let page: ListFailedTaskResponse = from_json(answer.body()).unwrap();
    assert!(page.total.unwrap() >= 2_999, "all but the first found a key pair");
}

#[test]
fn task_ids_are_of_one_project_alone() {
    let server = r#"{"id":"s","status":"stopped"}"#;
    let seed = format!(
        r#"{{"tokens":["t"],"projects":{{"p":{{"servers":[{server}]}},"q":{{"servers":[{server}]}}}}}}"#
    );
    let emulator = Emulator::with_seed(Seed::from_json(seed.as_bytes()).unwrap());
    let unbind = |project: &str| {
        let request = Request::post(format!("http://kms.example.com/v3/{project}/keypairs/disassociate"))
            .header("x-auth-token", "t")
            .body(Bytes::from_static(br#"{"server":{"id":"s"}}"#));
        let answer = emulator.handle(&request.unwrap(), SystemTime::UNIX_EPOCH);
        from_json::<TaskReceipt>(answer.body()).unwrap().task_id.unwrap()
    };
    assert_ne!(unbind("p"), unbind("q"));
}

#[test]
fn an_item_of_a_batch_that_does_not_fit_fails_by_itself() {
    let laptop = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P laptop";
    let body = format!(
        r#"[{{"keypair":{{"name":"good","public_key":"{laptop}"}}}},
            {{"keypair":{{"name":"no key"}}}},
            {{"keypair":{{"name":"hosted","public_key":"{laptop}","key_protection":{{"encryption":{{"type":"default"}}}}}}}}]"#
    );
    let answer = send(&Emulator::new(), "POST", "keypairs/batch-import", &body);
    let answer: kps_model::BatchImportKeypairResponse = from_json(answer.body()).unwrap();
    assert_eq!(answer.succeeded_keypairs.len(), 1);
    let failed: Vec<_> = answer.failed_keypairs.iter().map(|failed| failed.keypair_name.as_str()).collect();
    assert_eq!(failed, ["no key", "hosted"]);
    assert!(answer.failed_keypairs.iter().all(|failed| failed.reason().code.as_deref() == Some("KPS.0002")));
}

#[test]
fn an_export_may_be_asked_for_with_all_that_is_listed() {
    let emulator = Emulator::new();
    let item = r#"{"keypair":{"name":"bastion","type":"ssh","is_key_protection":true,"frozen_state":"0"}}"#;
    for (target, body) in [
        ("keypairs/private-key/batch-export", format!("[{item}]")),
        ("keypairs/private-key/export", item.into()),
    ] {
        assert_eq!(send(&emulator, "POST", target, &body).status(), 200, "{target}");
    }
}

#[test]
fn a_key_whose_private_numbers_are_anothers_does_not_match() {
    let key = include_str!("keys/mixed_rsa.pem");
    let public = include_str!("keys/mixed_rsa.pub").trim();
    let emulator = Emulator::new();
    let (key, encryption) = (key.replace('\n', "\\n"), r#""encryption":{"type":"default"}"#);
    let body = format!(
        r#"{{"keypair":{{"name":"a","public_key":"{public}","key_protection":{{"private_key":"{key}",{encryption}}}}}}}"#
    );
    assert_eq!(code(&send(&emulator, "POST", "keypairs", &body)), (400, "KPS.0002".into()));
}

#[test]
fn a_seed_says_who_sees_a_key_pair_and_what_is_hosted() {
    let emulator = Emulator::new();
    let detail = |name: &str| {
        let answer = send(&emulator, "GET", &format!("keypairs/{name}"), "");
        let detail = from_json::<kps_model::ListKeypairDetailResponse>(answer.body()).unwrap().keypair;
        (detail.scope.unwrap().to_string(), detail.is_key_protection.unwrap())
    };
    assert_eq!(detail("bastion"), ("domain".into(), true));
    assert_eq!(detail("laptop-key"), ("user".into(), false));
}

#[test]
fn a_failed_task_of_the_seed_can_be_asked_for() {
    let answer = send(&Emulator::new(), "GET", "tasks/aee8d2fe-5484-4753-9177-5a38dc15546c", "");
    let expected = r#"{"task_id":"aee8d2fe-5484-4753-9177-5a38dc15546c","server_id":"c9aa197b-a6b6-4c33-b3a6-fa0b4ec50006","task_status":"FAILED_RESET"}"#;
    assert_eq!(answer.body(), expected);
}

#[test]
fn keys_come_from_the_source_that_was_given() {
    let one = MadeBefore::new().make();
    let same = one.clone();
    let emulator = Emulator::builder().keys(move || same.clone()).build();
    for name in ["a", "b"] {
        let answer = send(&emulator, "POST", "keypairs", &format!(r#"{{"keypair":{{"name":"{name}"}}}}"#));
        let made: kps_model::CreateKeypairResponse = from_json(answer.body()).unwrap();
        assert_eq!(made.keypair.private_key.unwrap().expose(), one.expose());
    }
    let broken = Emulator::builder().keys(|| Secret::new("")).build();
    let answer = send(&broken, "POST", "keypairs", r#"{"keypair":{"name":"a"}}"#);
    assert_eq!(code(&answer), (500, "KPS.0004".into()));
}

#[test]
fn a_seed_whose_halves_do_not_fit_is_refused() {
    let key = MadeBefore::new().make();
    let key = key.expose().replace('\n', "\\n");
    let laptop = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P laptop";
    let keypair = |fields: &str| format!(r#"{{"projects":{{"p":{{"keypairs":[{{"name":"a"{fields}}}]}}}}}}"#);
    let server = |fields: &str| format!(r#"{{"projects":{{"p":{{"servers":[{{"id":"s"{fields}}}]}}}}}}"#);
    for (json, reason) in [
        (
            keypair(&format!(r#","public_key":"{laptop}","private_key":"{key}""#)),
            "does not match the public key",
        ),
        (keypair(&format!(r#","private_key":"{key}""#)), "needs its `public_key`"),
        (keypair(&format!(r#","public_key":"{laptop}","hosted":true"#)), "needs its `private_key`"),
        (keypair(r#","public_key":"ssh-rsa AAAA""#), "projects.p.keypairs[0]"),
        (server(""), "missing field `status`"),
        (server(r#","status":"paused""#), "unknown variant, expected `running` or `stopped`"),
        (server(r#","status":"running","keypair_name":"absent""#), "carries a key pair that is not there"),
        (server(r#","status":"running","trouble":"rain""#), "servers[0].trouble"),
        (
            r#"{"projects":{"p":{"servers":[{"id":"s","status":"stopped"},{"id":"s","status":"stopped"}]}}}"#
                .into(),
            "the server s is there twice",
        ),
        (
            r#"{"projects":{"p":{"keypairs":[{"name":"a"},{"name":"a"}]}}}"#.into(),
            "the key pair a is there twice",
        ),
    ] {
        let error = Seed::from_json(json.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(reason), "{reason}: {error}");
        assert!(!error.contains("BEGIN"), "{error}");
    }
}

/// By default and at most, by each of the two services that hand out keys of an agency.
#[test]
fn keys_of_an_agency_last_as_documented() {
    let emulator = Emulator::new();
    emulator.set_lenient_auth(true);
    let (iam, sts) = ("/v3.0/OS-CREDENTIAL/securitytokens", "/v5/agencies/assume");
    for (path, seconds, expected) in [
        (iam, "", Some("2027-01-15T08:15:00.000000Z")),
        (iam, r#","duration_seconds":86400"#, Some("2027-01-16T08:00:00.000000Z")),
        (iam, r#","duration_seconds":899"#, None),
        (iam, r#","duration_seconds":86401"#, None),
        (sts, "", Some("2027-01-15T09:00:00.000000Z")),
        (sts, r#","duration_seconds":43200"#, Some("2027-01-15T20:00:00.000000Z")),
        (sts, r#","duration_seconds":899"#, None),
        (sts, r#","duration_seconds":43201"#, None),
    ] {
        let body = if path == iam {
            format!(
                r#"{{"auth":{{"identity":{{"methods":["assume_role"],"assume_role":{{"agency_name":"deployers","domain_name":"emulator"{seconds}}}}}}}}}"#
            )
        } else {
            format!(r#"{{"agency_urn":"iam::emulator:agency:deployers","agency_session_name":"s"{seconds}}}"#)
        };
        let request = Request::post(format!("http://iam.example.com{path}")).body(body.into()).unwrap();
        let answer = emulator.handle(&request, SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        match expected {
            Some(ends) => {
                assert!(answer.status().is_success() && text.contains(ends), "{path} {seconds}: {text}");
            }
            None => assert_eq!(answer.status(), 400, "{path} {seconds}: {text}"),
        }
    }
}
