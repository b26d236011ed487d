mod callers;
mod faults;
mod snapshots;

use std::collections::BTreeSet;
use std::time::{Duration, UNIX_EPOCH};

use kps_model::{FailedTask, TaskId};

use super::*;
use crate::Seed;

const SPARE: &str = "6b49c5ec-b37a-4fda-a8c6-45f3acedb7b9";

/// Steers it at a second since the start.
fn ask_at(emulator: &Emulator, seconds: u64, method: &str, path: &str, body: &str) -> (u16, Value) {
    let uri = format!("http://127.0.0.1:8650/_emulator{path}");
    let request = Request::builder().method(method).uri(uri).body(body.to_owned().into()).unwrap();
    let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds);
    let answer = emulator.control(&request, now);
    for (name, value) in [
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap())
}

fn ask(emulator: &Emulator, method: &str, path: &str, body: &str) -> Value {
    let (status, told) = ask_at(emulator, 0, method, path, body);
    assert_eq!(status, 200, "{method} {path}: {told}");
    told
}

/// A call of the service.
fn call(emulator: &Emulator, method: &str, target: &str, body: &str) -> Response<Bytes> {
    let uri = format!("http://kms.example.com/v3/{}/{target}", Emulator::PROJECT_ID);
    let request = Request::builder().method(method).uri(uri).header("x-auth-token", Emulator::TOKEN);
    emulator.handle(
        &request.body(body.to_owned().into()).unwrap(),
        UNIX_EPOCH + Duration::from_secs(1_800_000_000),
    )
}

fn bind(emulator: &Emulator) {
    let body = format!(r#"{{"keypair_name":"bastion","server":{{"id":"{SPARE}"}}}}"#);
    assert_eq!(call(emulator, "POST", "keypairs/associate", &body).status(), 202);
}

fn own(told: &Value, list: &str) -> Vec<Value> {
    told["projects"][Emulator::PROJECT_ID][list].as_array().unwrap().clone()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

#[test]
fn its_index_tells_every_route_once() {
    let told = ask(&Emulator::new(), "GET", "/", "");
    let listed: BTreeSet<_> = told["routes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|route| format!("{} {}", route["method"], route["path"]))
        .collect();
    assert_eq!(listed.len(), Emulator::control_routes().count());
    assert_eq!(told, ask(&Emulator::new(), "GET", "", ""));
    assert_eq!(ask(&Emulator::new(), "GET", "/health", "")["status"], "ok");
    assert_eq!(ask(&Emulator::new(), "GET", "/ready", "")["status"], "ready");
}

#[test]
fn what_cannot_be_followed_is_told_with_its_place_and_what_to_do() {
    let emulator = Emulator::new();
    for (method, path, body, status, place, what, cure) in [
        ("GET", "/nowhere", "", 404, "the path", "no such path", "GET /_emulator/"),
        ("GET", "/snapshots/a/b/load", "", 404, "the path", "no such path", "GET /_emulator/"),
        ("GET", "/snapshots//load", "", 404, "the path", "no such path", "GET /_emulator/"),
        ("GET", "/state/", "", 404, "the path", "no such path", "GET /_emulator/"),
        ("GET", "/reset", "", 405, "the method", "another method", "use POST"),
        ("OPTIONS", "/faults", "", 405, "the method", "another method", "use GET or POST or DELETE"),
        ("HEAD", "/snapshots/a", "", 405, "the method", "another method", "use PUT or DELETE"),
        ("POST", "/clock/advance", "", 400, "the body at `$`", "EOF", r#"{"by": "12s"}"#),
        ("POST", "/clock/advance", "[]", 400, "the body at `$`", "expected an object", r#"{"by": "12s"}"#),
        (
            "POST",
            "/clock/advance",
            r#"{"by":12}"#,
            400,
            "the body at `by`",
            "expected a string",
            r#"{"by": "12s"}"#,
        ),
        (
            "POST",
            "/clock/advance",
            r#"{"by":"soon"}"#,
            400,
            "the body at `by`",
            "such as `12s`",
            r#"{"by": "12s"}"#,
        ),
        (
            "POST",
            "/clock/advance",
            r#"{"by":"-12s"}"#,
            400,
            "the body at `by`",
            "such as `12s`",
            r#"{"by": "12s"}"#,
        ),
        ("PATCH", "/settings", r#"{"time":"1s"}"#, 400, "the body at `time`", "`task_time`", "lenient_auth"),
        (
            "PATCH",
            "/settings",
            r#"{"task_time":null}"#,
            400,
            "the body at `task_time`",
            "null",
            "lenient_auth",
        ),
        (
            "POST",
            "/faults",
            r#"{"faults":[{"fault":"x"}]}"#,
            400,
            "the body at `faults[0].fault`",
            "unknown variant",
            "reset_after",
        ),
        (
            "PUT",
            "/seed",
            r#"{"projects":{"p":{"servers":[{}]}}}"#,
            400,
            "the body at `projects.p.servers[0]`",
            "missing field `id`",
            "access_keys",
        ),
        (
            "PUT",
            "/snapshot",
            "{}",
            400,
            "the body at `$`",
            "missing field `kps_emulator_snapshot`",
            "GET /_emulator/snapshot",
        ),
        ("PUT", "/snapshots/a%20b", "", 400, "the path", "name does not fit", "letters"),
        (
            "POST",
            "/snapshots/absent/load",
            "",
            404,
            "the path",
            "no snapshot of this name",
            "GET /_emulator/snapshots",
        ),
        (
            "DELETE",
            "/snapshots/absent",
            "",
            404,
            "the path",
            "no snapshot of this name",
            "GET /_emulator/snapshots",
        ),
        ("GET", "/state?latest=all", "", 400, "`latest` in the query", "no number", "latest=0"),
        ("GET", "/journal?since=-1", "", 400, "`since` in the query", "no number", "since=0"),
        ("GET", "/journal?limit=x", "", 400, "`limit` in the query", "no number", "limit=0"),
    ] {
        ask(&emulator, "GET", "/health", "");
        let before = emulator.snapshot().to_json();
        let (seen, told) = ask_at(&emulator, 0, method, path, body);
        let text = |field: &str| told["error"][field].as_str().unwrap().to_owned();
        assert_eq!((seen, text("where").as_str()), (status, place), "{method} {path} {body}: {told}");
        assert!(text("what").contains(what) && text("do").contains(cure), "{method} {path} {body}: {told}");
        assert!(emulator.snapshot().to_json() == before, "{method} {path} {body}: nothing is changed");
    }
}

#[test]
fn the_state_shows_all_but_secrets() {
    let emulator = Emulator::new();
    bind(&emulator);
    let told = ask(&emulator, "GET", "/state", "");
    let names: Vec<_> = own(&told, "keypairs").iter().map(|keypair| keypair["name"].clone()).collect();
    assert_eq!(names, ["bastion", "build-agents", "laptop-key"]);
    assert_eq!(own(&told, "keypairs")[0]["hosted"], true);
    assert_eq!(own(&told, "tasks")[0]["status"], "READY_BIND");
    assert_eq!(own(&told, "tasks")[0]["ends_ms"], 1_800_000_012_000_u64);
    assert_eq!((own(&told, "servers").len(), own(&told, "failed_tasks").len()), (7, 43));
    assert_eq!(own(&told, "servers")[6]["keypair_name"], "build-agents");
    assert_eq!(told["clock"]["now"], "2027-01-15T08:00:00Z");
    let text = told.to_string();
    for secret in ["PRIVATE", "Emulator-Only", Emulator::SECRET_ACCESS_KEY, Emulator::TOKEN] {
        assert!(!text.contains(secret), "{secret}");
    }
    let (_, later) = ask_at(&emulator, 12, "GET", "/state", "");
    assert_eq!(own(&later, "tasks")[0]["status"], "SUCCESS_BIND", "what is due is done");
    assert_eq!(own(&later, "servers")[5]["keypair_name"], "bastion");
}

#[test]
fn the_state_of_many_tasks_is_told_from_its_end() {
    let emulator = Emulator::new();
    (0..3).for_each(|_| bind(&emulator));
    let whole = ask(&emulator, "GET", "/state", "");
    let (tasks, failed) = (own(&whole, "tasks"), own(&whole, "failed_tasks"));
    for (query, of_tasks, of_failed) in [
        ("?latest=0", &tasks[3..], &failed[43..]),
        ("?latest=2", &tasks[1..], &failed[41..]),
        ("?latest=7", &tasks[..], &failed[36..]),
        ("?latest=18446744073709551615", &tasks[..], &failed[..]),
        ("?other=1", &tasks[..], &failed[..]),
    ] {
        let told = ask(&emulator, "GET", &format!("/state{query}"), "");
        assert_eq!((own(&told, "tasks"), own(&told, "failed_tasks")), (of_tasks.into(), of_failed.into()));
        let counts = json!({"keypairs": 3, "servers": 7, "tasks": 3, "failed_tasks": 43});
        assert_eq!(told["projects"][Emulator::PROJECT_ID]["counts"], counts, "{query}");
    }
}

#[test]
fn the_state_is_bounded_however_many_tasks_failed() {
    let failed = (0..1500).map(|number| FailedTask::new(TaskId::new(format!("t-{number}")).unwrap()));
    let seed = Seed::built_in().with_failed_tasks(Emulator::project_id(), failed);
    let emulator = Emulator::with_seed(seed);
    for (query, count) in [("", 100), ("?latest=7", 7), ("?latest=1000", 1000), ("?latest=1500", 1000)] {
        let told = ask(&emulator, "GET", &format!("/state{query}"), "");
        assert_eq!(own(&told, "failed_tasks").len(), count, "{query}");
        assert!(told["projects"][Emulator::PROJECT_ID]["counts"]["failed_tasks"].as_u64() >= Some(1500));
    }
}

#[test]
fn it_begins_anew_with_its_seed_or_another() {
    let emulator = Emulator::new();
    bind(&emulator);
    call(&emulator, "POST", "keypairs", r#"{"keypair":{"name":"a"}}"#);
    ask(&emulator, "POST", "/clock/advance", r#"{"by":"1h"}"#);
    ask(&emulator, "POST", "/faults", r#"{"faults":[{"fault":"refuse"}]}"#);
    let counts = ask(&emulator, "POST", "/reset", "")["projects"][Emulator::PROJECT_ID].clone();
    assert_eq!(counts, json!({"keypairs": 3, "servers": 7, "tasks": 0, "failed_tasks": 43}));
    assert_eq!(ask(&emulator, "GET", "/faults", ""), json!({"faults": []}));
    assert_eq!(ask(&emulator, "GET", "/journal", ""), json!({"dropped": 0, "last": 0, "calls": []}));
    assert_eq!(ask(&emulator, "GET", "/clock", "")["ahead_ms"], 0);
    let fresh = Emulator::new();
    ask(&fresh, "GET", "/clock", "");
    assert_eq!(
        emulator.snapshot().to_json(),
        fresh.snapshot().to_json(),
        "the keys made are the first again too"
    );

    let seed =
        r#"{"access_keys":[{"id":"AK","secret":"SK"}],"projects":{"p":{"keypairs":[{"name":"own"}]}}}"#;
    for _ in 0..2 {
        let counts = ask(&emulator, "PUT", "/seed", seed)["projects"].clone();
        assert_eq!(counts, json!({"p": {"keypairs": 1, "servers": 0, "tasks": 0, "failed_tasks": 0}}));
    }
    assert_eq!(call(&emulator, "GET", "keypairs", "").status(), 401, "the old token is nobody's");
    assert_eq!(
        ask(&emulator, "POST", "/reset", "")["projects"]["p"]["keypairs"],
        1,
        "it is the seed from now on"
    );
}

#[test]
fn the_clock_stands_goes_on_and_runs_to_the_next_event() {
    let emulator = Emulator::new();
    let at = |seconds, method: &str, path: &str, body: &str| {
        let told = ask_at(&emulator, seconds, method, path, body).1;
        let since = |field: &str| told[field].as_i64().map(|millis| millis - 1_800_000_000_000);
        (since("now_ms").unwrap(), told["frozen"].as_bool().unwrap(), since("next_event_ms"))
    };
    bind(&emulator);
    assert_eq!(at(1, "GET", "/clock", ""), (1000, false, Some(2000)));
    assert_eq!(at(1, "POST", "/clock/freeze", ""), (1000, true, Some(2000)));
    assert_eq!(at(60, "GET", "/clock", ""), (1000, true, Some(2000)));
    assert_eq!(at(60, "POST", "/clock/advance", r#"{"by":"500ms"}"#), (1500, true, Some(2000)));
    assert_eq!(at(60, "POST", "/clock/next", ""), (2000, true, Some(12_000)));
    assert_eq!(at(60, "POST", "/clock/next", ""), (12_000, true, None));
    assert_eq!(at(60, "POST", "/clock/next", ""), (12_000, true, None));
    assert_eq!(at(61, "POST", "/clock/thaw", ""), (12_000, false, None));
    assert_eq!(at(63, "GET", "/clock", ""), (14_000, false, None));
}

#[test]
fn servers_are_started_and_shut_off() {
    let emulator = Emulator::new();
    let path = format!("/servers/{SPARE}");
    for (status, running) in [("running", true), ("running", true), ("stopped", false)] {
        let told = ask(&emulator, "PATCH", &path, &format!(r#"{{"status":"{status}"}}"#));
        assert_eq!((&told["server"]["id"], &told["server"]["status"]), (&SPARE.into(), &status.into()));
        let servers = emulator.servers(&Emulator::project_id());
        assert_eq!(servers.iter().find(|server| server.id == *SPARE).unwrap().running, running);
    }
    for (path, body, status, place) in [
        ("/servers/absent", r#"{"status":"running"}"#, 404, "the path"),
        (path.as_str(), r#"{"status":"on"}"#, 400, "the body at `status`"),
    ] {
        let (seen, told) = ask_at(&emulator, 0, "PATCH", path, body);
        assert_eq!((seen, &told["error"]["where"]), (status, &place.into()), "{told}");
    }
}

#[test]
fn the_page_is_there_and_keeps_to_itself() {
    for (file, kind) in [
        ("", "text/html; charset=utf-8"),
        ("/page.css", "text/css; charset=utf-8"),
        ("/page.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
    ] {
        let request = Request::get(format!("http://127.0.0.1:8650/_emulator/ui{file}"));
        let answer = Emulator::new().control(&request.body(Bytes::new()).unwrap(), UNIX_EPOCH);
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &kind.parse().unwrap())
        );
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        let (first, rest) = policy.split_once("; ").unwrap();
        assert_eq!(first, "default-src 'none'");
        for directive in rest.split("; ") {
            assert!(directive.ends_with(" 'self'") || directive.ends_with(" 'none'"), "{directive}");
        }
        assert!(!answer.body().is_empty());
    }
    assert_eq!(ask_at(&Emulator::new(), 0, "POST", "/ui", "").0, 405);
}

#[test]
fn settings_are_changed_one_by_one() {
    let emulator = Emulator::builder().task_time(Duration::from_millis(1500)).build();
    let both =
        |time: &str, lenient: bool| json!({"task_time": time, "lenient_auth": lenient, "quirks": "observed"});
    assert_eq!(ask(&emulator, "GET", "/settings", ""), both("1s 500ms", false));
    assert_eq!(ask(&emulator, "PATCH", "/settings", r#"{"lenient_auth":true}"#), both("1s 500ms", true));
    assert_eq!(ask(&emulator, "PATCH", "/settings", r#"{"task_time":"2s"}"#), both("2s", true));
    let unsigned = Request::get(format!("http://a/v3/{}/keypairs", Emulator::PROJECT_ID)).body(Bytes::new());
    assert_eq!(emulator.handle(&unsigned.unwrap(), UNIX_EPOCH).status(), 200);
    bind(&emulator);
    assert_eq!(own(&ask(&emulator, "GET", "/state", ""), "tasks")[0]["ends_ms"], 1_800_000_002_000_u64);
    ask(&emulator, "POST", "/reset", "");
    assert_eq!(ask(&emulator, "GET", "/settings", ""), both("2s", true), "a reset leaves them");

    assert_eq!(ask(&emulator, "PATCH", "/settings", r#"{"quirks":"hostile"}"#)["quirks"], "hostile");
    let absent = call(&emulator, "GET", "keypairs/absent", "");
    assert_eq!(absent.status(), 404);
    let nowhere = call(&emulator, "GET", "nothing", "");
    for (answer, code) in [(&absent, "KPS.4016"), (&nowhere, "APIGW.0101")] {
        let told: Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(told["error_code"], Value::Null);
        assert_eq!(kps_model::ErrorBody::parse(answer.body()).code.as_deref(), Some(code));
    }
    let (status, told) = ask_at(&emulator, 0, "PATCH", "/settings", r#"{"quirks":"odd"}"#);
    assert_eq!((status, &told["error"]["where"]), (400, &"the body at `quirks`".into()));
}

#[test]
fn the_journal_is_read_on_from_a_number() {
    let emulator = Emulator::builder().kept_calls(3).build();
    call(&emulator, "POST", "keypairs", r#"{"keypair":{"name":"a"}}"#);
    for _ in 0..2 {
        call(&emulator, "GET", "keypairs?limit=1", "");
    }
    emulator.inject(crate::FaultRule::new(crate::Fault::Garbage));
    let login = r#"{"type":"password","key":"TOP SECRET"}"#;
    let body = format!(r#"{{"server":{{"id":"{SPARE}","auth":{login}}}}}"#);
    call(&emulator, "POST", "keypairs/disassociate", &body);
    let numbers = |query: &str| {
        let told = ask(&emulator, "GET", &format!("/journal{query}"), "");
        assert_eq!((&told["dropped"], &told["last"]), (&1.into(), &4.into()));
        let numbers = told["calls"].as_array().unwrap().iter().map(|call| call["number"].as_u64().unwrap());
        numbers.collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("", &[2, 3, 4][..]),
        ("?since=0&limit=2", &[2, 3]),
        ("?limit=1&since=2", &[3]),
        ("?since=4", &[]),
        ("?limit=0", &[]),
        ("?x", &[2, 3, 4]),
    ] {
        assert_eq!(numbers(query), expected, "{query}");
    }
    let told = ask(&emulator, "GET", "/journal?since=3", "")["calls"][0].clone();
    let expected = json!({
        "number": 4, "time": "2027-01-15T08:00:00Z", "request_id": told["request_id"], "method": "POST",
        "path": format!("/v3/{}/keypairs/disassociate", Emulator::PROJECT_ID), "query": "",
        "headers": [["x-auth-token", "***"]],
        "body": {"server": {"id": SPARE, "auth": {"type": "password", "key": "***"}}},
        "operation": "DisassociateKeypair", "status": 202, "sent": 200, "faults": ["garbage"],
    });
    assert_eq!(told, expected);
    assert_eq!(told["request_id"].as_str().unwrap().len(), 32);
}
