use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response};
use kps_model::ServerId;
use serde_json::{Value, json};

use crate::{Emulator, Seed, Snapshot};

const RUNNING: &str = "1c94d0f7-6e2b-4a85-b3d1-90ae57f8c264";
const SPARE: &str = "6b49c5ec-b37a-4fda-a8c6-45f3acedb7b9";

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
}

#[expect(clippy::needless_pass_by_value, reason = "it is made for the one call")]
fn send(emulator: &Emulator, seconds: u64, method: &str, target: &str, body: Value) -> Response<Bytes> {
    let uri = format!("http://kms.example.com/v3/{}/{target}", Emulator::PROJECT_ID);
    let request = Request::builder().method(method).uri(uri).header("x-auth-token", Emulator::TOKEN);
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    emulator.handle(&request.body(body).unwrap(), at(seconds))
}

fn json_of(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap_or(Value::Null)
}

/// A token of the identity service, which ends a day after it was handed out.
fn token(emulator: &Emulator) -> String {
    let user = json!({"name": "emulator", "password": "PWemulatorIsPublicAndOpensNothing", "domain": {"name": "emulator"}});
    let body = json!({"auth": {
        "identity": {"password": {"user": user}}, "scope": {"project": {"name": "cn-north-4"}}
    }});
    let request = Request::post("http://iam.example.com/v3/auth/tokens").body(body.to_string().into());
    let answer = emulator.handle(&request.unwrap(), at(0));
    answer.headers()["x-subject-token"].to_str().unwrap().to_owned()
}

/// One in which all there is has happened: key pairs of each kind, a task that has ended each way, one under way on
/// each kind of server, a token that was handed out.
fn lived() -> (Emulator, String) {
    let emulator = Emulator::new();
    let bind = |server: Value| json!({"keypair_name": "bastion", "server": server});
    let login = |password: &str| json!({"type": "password", "key": password});
    let made = json!({"keypair": {"name": "made", "key_protection": {"encryption": {"type": "kms", "kms_key_name": "kps/default"}}}});
    assert_eq!(send(&emulator, 0, "POST", "keypairs", made).status(), 200);
    send(&emulator, 0, "PUT", "keypairs/made", json!({"keypair": {"description": "of the snapshot"}}));
    for server in [
        json!({"id": "2d05e1a8-7f3c-4b96-a4e2-81bf68a9d375", "auth": login("Emulator-Only-2"), "disable_password": true}),
        json!({"id": "4f27a3ca-915e-4db8-86a4-63d18acbf597", "auth": login("wrong")}),
    ] {
        assert_eq!(send(&emulator, 0, "POST", "keypairs/associate", bind(server)).status(), 202);
    }
    send(&emulator, 12, "DELETE", "keypairs/bastion", Value::Null);
    let token = token(&emulator);
    let keypair = |server| json!({"keypair_name": "made", "server": server});
    for server in [json!({"id": RUNNING, "auth": login("Emulator-Only-1")}), json!({"id": SPARE})] {
        assert_eq!(send(&emulator, 13, "POST", "keypairs/associate", keypair(server)).status(), 202);
    }
    emulator.advance(Duration::from_secs(3));
    (emulator, token)
}

/// All that can be asked for.
fn seen(emulator: &Emulator, seconds: u64) -> Vec<Value> {
    let lists = ["keypairs", "keypairs/made", "running-tasks", "failed-tasks"];
    let mut all: Vec<Value> =
        lists.iter().map(|list| json_of(&send(emulator, seconds, "GET", list, Value::Null))).collect();
    let export = json!({"keypair": {"name": "made"}});
    all.push(json_of(&send(emulator, seconds, "POST", "keypairs/private-key/export", export)));
    all.push(format!("{:?}", emulator.servers(&Emulator::project_id())).into());
    all
}

#[test]
fn an_emulator_goes_on_as_if_nothing_had_happened() {
    let (emulator, token) = lived();
    let json = emulator.snapshot().to_json();
    // It has another seed, and its source of keys has not made any.
    let other = Emulator::with_seed(Seed::empty());
    other.restore(&Snapshot::from_json(&json).unwrap());
    assert!(other.snapshot().to_json() == json);
    for seconds in [13, 16, 25, 26] {
        assert_eq!(seen(&other, seconds), seen(&emulator, seconds), "{seconds}");
    }
    let made = |emulator: &Emulator| {
        let answer = send(emulator, 30, "POST", "keypairs", json!({"keypair": {"name": "next"}}));
        assert_eq!(answer.status(), 200);
        let body = json!({"server": {"id": SPARE}});
        (json_of(&answer), json_of(&send(emulator, 30, "POST", "keypairs/disassociate", body)))
    };
    assert_eq!(made(&other), made(&emulator), "the next key and the next task are the same");

    let by_token = |seconds| {
        let uri = format!("http://kms.example.com/v3/{}/keypairs", Emulator::PROJECT_ID);
        let request = Request::get(uri).header("x-auth-token", &token).body(Bytes::new()).unwrap();
        other.handle(&request, at(seconds)).status().as_u16()
    };
    // It was handed out at 12, and the clock was set forward by 3.
    let day = 86_400 + 12 - 3;
    assert_eq!((by_token(day - 1), by_token(day)), (200, 401));
}

#[test]
fn what_happens_later_does_not_change_a_snapshot() {
    let (emulator, _) = lived();
    let snapshot = emulator.snapshot();
    let before = snapshot.to_json();
    send(&emulator, 13, "DELETE", "keypairs/made", Value::Null);
    emulator.set_running(&Emulator::project_id(), &ServerId::new(RUNNING).unwrap(), false);
    emulator.revoke_issued();
    assert!(emulator.snapshot().to_json() != before);
    emulator.restore(&snapshot);
    assert!(emulator.snapshot().to_json() == before);
}

#[test]
fn a_clock_that_stands_stands_where_it_stood() {
    let (emulator, _) = lived();
    emulator.freeze();
    let snapshot = emulator.snapshot();
    emulator.thaw();
    send(&emulator, 4000, "GET", "keypairs", Value::Null);
    emulator.restore(&snapshot);
    let running =
        |seconds| json_of(&send(&emulator, seconds, "GET", "running-tasks", Value::Null))["total"].clone();
    assert_eq!((running(5000), running(6000)), (2.into(), 2.into()));
    emulator.advance_to_next_event();
    emulator.advance_to_next_event();
    assert_eq!(running(6000), 0, "both started by then, and end together");
}

#[test]
fn a_text_that_is_no_snapshot_is_told_with_its_place() {
    let (emulator, _) = lived();
    let whole: Value = serde_json::from_slice(&emulator.snapshot().to_json()).unwrap();
    let changed = |pointer: &str, value: Value| {
        let mut changed = whole.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed.to_string()
    };
    let project = format!("/service/projects/{}", Emulator::PROJECT_ID);
    let in_project = |pointer: &str, value| changed(&format!("{project}{pointer}"), value);
    for (text, place, reason) in [
        (r#"{"access_keys":[]}"#.to_owned(), "access_keys", "expected one of `kps_emulator_snapshot`"),
        ("{}".into(), "$", "missing field `kps_emulator_snapshot`"),
        (
            changed("/kps_emulator_snapshot", 2.into()),
            "kps_emulator_snapshot",
            "version 2 is not known, expected 1",
        ),
        (changed("/service/clock/frozen", "x".into()), "service.clock.frozen", "expected i64"),
        (
            changed("/issued/tokens", json!({"feed": {"ends": 1, "revoked": false}})),
            "issued.tokens",
            "SHA-256",
        ),
        (in_project("/tasks/0/action", "JUMP".into()), "tasks[0].action", "expected `BIND`"),
        (
            in_project("/tasks/0/server_id", "absent".into()),
            &Emulator::PROJECT_ID[..9],
            "a server that is not there",
        ),
        (in_project("/keypairs/made/public_key", "ssh-rsa AAAA".into()), "keypairs.made", "damaged"),
        (
            in_project(
                "/keypairs/made/public_key",
                whole.pointer(&format!("{project}/keypairs/laptop-key/public_key")).unwrap().clone(),
            ),
            "keypairs.made",
            "does not match",
        ),
    ] {
        let error = Snapshot::from_json(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(place) && error.contains(reason), "{place} {reason}: {error}");
        assert!(error.starts_with("the snapshot cannot be read: at `"), "{error}");
        assert!(!error.contains("PRIVATE"), "{error}");
    }
}

#[test]
fn a_snapshot_of_the_first_version_is_still_read() {
    let json = include_bytes!("version_1.json");
    let snapshot = Snapshot::from_json(json).unwrap();
    assert!(snapshot.to_json() == json.trim_ascii_end());
}

/// A snapshot is a text, so that its numbers can be any.
#[test]
fn an_emulator_goes_on_after_the_largest_numbers() {
    let (emulator, _) = lived();
    let mut most: Value = serde_json::from_slice(&emulator.snapshot().to_json()).unwrap();
    let server = format!("/service/projects/{}/servers/{SPARE}/switched", Emulator::PROJECT_ID);
    for (pointer, number) in [
        ("/service/ids_given", u64::MAX.into()),
        ("/service/keys_made", u64::MAX.into()),
        ("/service/clock/latest", i64::MAX.into()),
        ("/service/clock/ahead", i64::MAX.into()),
        ("/issued/count", u64::MAX.into()),
        (server.as_str(), Value::from(u32::MAX)),
    ] {
        *most.pointer_mut(pointer).unwrap() = number;
    }
    let emulator = Emulator::new();
    emulator.restore(&Snapshot::from_json(most.to_string().as_bytes()).unwrap());
    emulator.set_running(&Emulator::project_id(), &ServerId::new(SPARE).unwrap(), true);
    assert!(token(&emulator).starts_with("TKissued"));
    let made = send(&emulator, 0, "POST", "keypairs", json!({"keypair": {"name": "next"}}));
    assert_eq!(made.status(), 200);
    emulator.advance(Duration::MAX);
    assert_eq!(json_of(&send(&emulator, 0, "GET", "running-tasks", Value::Null))["total"], 0);
}

#[test]
fn its_debug_holds_no_secret() {
    assert_eq!(format!("{:?}", Emulator::new().snapshot()), "Snapshot(1 projects)");
}
