//! The codecs against the service's own samples, and against anything a server might send.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use kps_model::{
    Action, BatchImportKeypairResponse, DecodeError, ErrorBody, FailedTask, Limit, ListFailedTask,
    ListFailedTaskResponse, ListKeypairDetailResponse, ListKeypairsResponse, Offset, Phase, TaskId,
    TaskReceipt, from_json, to_json,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const SAMPLE: &str = include_str!("fixtures/list_failed_task.response.json");

/// Every sample of a page of failed tasks.
const PAGES: [&str; 3] = [
    SAMPLE,
    include_str!("fixtures/list_failed_task.response.enum_values.json"),
    include_str!("fixtures/list_failed_task.response.empty.json"),
];

fn page(json: &str) -> ListFailedTaskResponse {
    from_json(json.as_bytes()).unwrap()
}

/// Absent and null mean the same, and `null` is not written back.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, without_nulls(v))).collect(),
        ),
        Value::Array(values) => Value::Array(values.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

#[test]
fn samples_are_read_and_written_back() {
    for json in PAGES {
        let read = page(json);
        let written: Value = serde_json::from_slice(&to_json(&read).unwrap()).unwrap();
        assert_eq!(written, without_nulls(serde_json::from_str(json).unwrap()));
    }
}

#[test]
fn the_documented_sample() {
    let read = page(SAMPLE);
    assert_eq!(read.total, Some(1));
    let task = &read.tasks[0];
    assert_eq!(task.task_id, "aee8d2fe-5484-4753-9177-5a38dc15546c");
    let kind = task.operate_type.as_ref().unwrap();
    assert_eq!(
        (kind.as_str(), kind.phase(), kind.action()),
        ("RUNNING_RESET", Some(Phase::Running), Some(Action::Reset))
    );
    assert_eq!(task.task_time.as_ref().unwrap().millis(), Some(1_523_342_130_000));
    assert_eq!(task.task_error_code, None);
    assert_eq!(task.task_error_msg.as_deref(), Some("Update public key error"));
    assert_eq!(task.server_name.as_deref(), Some("Test"));
    assert_eq!(task.server_id.as_ref().unwrap().as_str(), "c9aa197b-a6b6-4c33-b3a6-fa0b4ec50006");
    assert_eq!(task.keypair_name.as_deref(), Some("KeyPair-xt"));
}

#[test]
fn everything_but_the_identity_may_be_missing_or_null() {
    let only_id = page(r#"{"tasks":[{"task_id":"t"}]}"#);
    let nulls = page(
        r#"{"total":null,"tasks":[{"task_id":"t","operate_type":null,"task_time":null,"task_error_code":null,
        "task_error_msg":null,"server_name":null,"server_id":null,"keypair_name":null,"new_field":{"a":[1]}}]}"#,
    );
    assert_eq!(only_id, nulls);
    assert_eq!(only_id.tasks, [FailedTask::new(TaskId::new("t").unwrap())]);
    for nothing in ["{}", r#"{"tasks":null}"#, r#"{"tasks":[],"page":7}"#] {
        assert_eq!(page(nothing), ListFailedTaskResponse::default());
    }
}

#[test]
fn scalars_may_be_retyped() {
    let read = page(
        r#"{"total":"12","tasks":[{"task_id":7,"task_time":1523342130000,"task_error_code":5,"server_id":""}]}"#,
    );
    assert_eq!(read.total, Some(12));
    assert_eq!(read.tasks[0].task_id, "7");
    assert_eq!(read.tasks[0].task_error_code.as_deref(), Some("5"));
    assert_eq!(read.tasks[0].server_id, None);
}

/// Code and message may be empty, as documented.
#[test]
fn an_empty_reason_is_none() {
    let read = page(r#"{"tasks":[{"task_id":"t","task_error_code":"","task_error_msg":""}]}"#);
    assert_eq!((&read.tasks[0].task_error_code, &read.tasks[0].task_error_msg), (&None, &None));
    let receipt = br#"{"server_id":"s","status":"FAILED","error_code":"","error_msg":""}"#;
    let refused = from_json::<TaskReceipt>(receipt).unwrap().accepted().unwrap_err();
    assert_eq!(refused.to_string(), "the service did not accept the task for server s");
    assert_eq!(ErrorBody::from(refused), ErrorBody::default());
}

#[test]
fn errors_name_the_path() {
    for (body, path, reason) in [
        ("", "$", "EOF while parsing a value"),
        ("<html>", "$", "expected value"),
        (
            r#"{"tasks":[{"task_id":"a"},{"task_id":null}]}"#,
            "tasks[1].task_id",
            "invalid type: null, expected a task id",
        ),
        (r#"{"tasks":[{"task_id":"a"},{"server_name":"x"}]}"#, "tasks[1]", "missing field `task_id`"),
        (r#"{"tasks":[{"task_id":""}]}"#, "tasks[0].task_id", "it is empty"),
        (r#"{"tasks":[{"task_id":".."}]}"#, "tasks[0].task_id", "`.` and `..` change the path of a request"),
        (r#"{"tasks":{"a":1}}"#, "tasks", "invalid type: map, expected a sequence"),
        (r#"{"total":[]}"#, "total", "invalid type: sequence, expected a count"),
        (r#"{"total":1,"total":2}"#, "total", "duplicate field `total`"),
        (r#"{"tasks":[{"task_id":"a","#, "tasks[0]", "EOF while parsing a value"),
    ] {
        let error = from_json::<ListFailedTaskResponse>(body.as_bytes()).unwrap_err();
        assert_eq!(error.path(), path, "{body}: {error}");
        assert!(error.to_string().contains(reason), "{body}: {error}");
        assert!(!error.to_string().contains("  "), "{error}");
    }
    let error = from_json::<ListFailedTaskResponse>(b"{\n \"a\": \"\xff\"}").unwrap_err();
    assert_eq!((error.path(), error.line(), error.column()), ("$", 2, 8));
}

#[test]
fn errors_leave_out_the_middle_of_what_is_long() {
    let long = "x".repeat(1_000_000);
    for (body, path, reason) in [
        (format!(r#"{{"tasks":"{long}"}}"#), "tasks", "invalid type: string, expected a sequence"),
        (format!(r#"{{"{long}":[}}"#), "x…x", "expected value"),
        (format!(r#"{{"tasks":[{{"task_id":"a","task_time":{{"{long}":["#), "task_time", ""),
    ] {
        let error = from_json::<ListFailedTaskResponse>(body.as_bytes()).unwrap_err();
        assert!(error.path().contains(path), "{error}");
        assert!(error.to_string().ends_with(reason) && error.to_string().len() < 1200, "{error}");
    }
    assert!(DecodeError::new(long).to_string().len() < 600);
}

#[test]
fn a_stored_request_with_a_fault_is_refused() {
    for (json, path) in
        [(r#"{"limit":0}"#, "limit"), (r#"{"offset":100001}"#, "offset"), (r#"{"marker":"a"}"#, "marker")]
    {
        assert_eq!(from_json::<ListFailedTask>(json.as_bytes()).unwrap_err().path(), path);
    }
}

#[test]
fn error_bodies_in_every_shape() {
    let unauthorized = Some("The request you have made requires authentication.");
    let gateway_id = Some("3d9f07b2c5e841a6b0f27c9d4e6a1583");
    for (body, code, message, request_id) in [
        (include_str!("fixtures/error.kps.json"), Some("KPS.4016"), Some("The key pair is not exist"), None),
        (include_str!("fixtures/error.kps.localized.json"), Some("KPS.0002"), Some("参数错误"), None),
        (
            include_str!("fixtures/error.kps.unauthorized.json"),
            Some("KPS.9001"),
            Some("The token of the request is not or failed to be authenticated"),
            None,
        ),
        (
            include_str!("fixtures/error.apigw.json"),
            Some("APIGW.0301"),
            Some("Incorrect IAM authentication information: verify aksk signature fail"),
            gateway_id,
        ),
        (
            include_str!("fixtures/error.apigw.not_found.json"),
            Some("APIGW.0101"),
            Some("The API does not exist or has not been published in the environment"),
            gateway_id,
        ),
        (
            include_str!("fixtures/error.apigw.throttled.json"),
            Some("APIGW.0308"),
            Some("The throttling threshold has been reached"),
            gateway_id,
        ),
        (include_str!("fixtures/error.nested.json"), Some("KMS.0303"), Some("The token has expired."), None),
        (include_str!("fixtures/error.iam.json"), Some("IAM.0007"), unauthorized, None),
        (include_str!("fixtures/error.iam.numeric_code.json"), Some("401"), unauthorized, None),
        (include_str!("fixtures/error.iam.no_code.json"), None, unauthorized, None),
        (include_str!("fixtures/error.code_message.json"), Some("DEW.0001"), Some("Request failed."), None),
        (include_str!("fixtures/error.camel_case.json"), Some("DEW.0001"), Some("Request failed."), None),
        (include_str!("fixtures/error.mixed.json"), Some("XX.0001"), Some("outer"), None),
        (include_str!("fixtures/error.details.json"), Some("PAP5.0011"), Some("Access denied."), None),
    ] {
        let read = ErrorBody::parse(body.as_bytes());
        let found = (read.code.as_deref(), read.message.as_deref(), read.request_id.as_deref());
        assert_eq!(found, (code, message, request_id), "{body}");
    }

    let denied = ErrorBody::parse(include_bytes!("fixtures/error.details.json"));
    assert_eq!(denied.encoded_authorization_message.as_deref(), Some("RU5DT0RFRC1BVVRILU1FU1NBR0U="));
    assert_eq!(denied.details[0].code.as_deref(), Some("KPS.9003"));
    assert_eq!(denied.details[0].encoded_authorization_message.as_deref(), Some("SU5ORVI="));

    for raw in
        [include_str!("fixtures/error.null_fields.json"), include_str!("fixtures/error.unknown_shape.json")]
    {
        let read = ErrorBody::parse(raw.as_bytes());
        assert_eq!((read.code, read.message.as_deref()), (None, Some(raw.trim())));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|n| json!(n)),
        "(|\\.|\\.\\.|FAILED_RESET|RUNNING|KPS\\.0003|[0-9]{1,15}|\\PC{0,40})".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{1,3}", inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

/// A page with any of its fields missing, null, retyped or added to.
fn any_page() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "operate_type",
        "task_time",
        "task_error_code",
        "task_error_msg",
        "server_name",
        "server_id",
        "keypair_name",
        "new",
    ]);
    let task =
        (any_json(), proptest::collection::btree_map(names, any_json(), 0..9)).prop_map(|(id, fields)| {
            let mut task = json!(fields);
            task["task_id"] = if id.is_string() { id } else { json!("t-1") };
            task
        });
    (any_json(), proptest::collection::vec(task, 0..4))
        .prop_map(|(total, tasks)| json!({ "total": total, "tasks": tasks }))
}

/// Bytes that are nearly JSON: brackets far too deep, words of the service, and what no text may hold.
fn odd_bytes() -> impl Strategy<Value = Vec<u8>> {
    let deep = prop::sample::select(vec![
        "[",
        "{\"x\":",
        "{\"tasks\":[",
        "{\"error\":",
        "{\"details\":[",
        "{\"code\":1,\"message\":2,\"details\":[",
    ]);
    let piece = prop_oneof![
        (deep, 0_usize..3000).prop_map(|(piece, times)| piece.repeat(times).into_bytes()),
        (prop::sample::select(vec!["]", "}", "]}", "0}", "\"}"]), 0_usize..3000)
            .prop_map(|(piece, times)| piece.repeat(times).into_bytes()),
        "(\"|:|,|\\\\ud800|\\\\u0000|1e400|-|null|\"task_id\"|\"total\"|\"details\"|\u{feff}){0,8}"
            .prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_however_deep_or_long_make_it_panic_or_grow(bytes in odd_bytes()) {
        let read = ErrorBody::parse(&bytes);
        prop_assert_eq!(ErrorBody::parse(&to_json(&read).unwrap()), read);
        for error in [
            from_json::<ListFailedTaskResponse>(&bytes).err(),
            from_json::<ListKeypairsResponse>(&bytes).err(),
            from_json::<ListKeypairDetailResponse>(&bytes).err(),
            from_json::<BatchImportKeypairResponse>(&bytes).err(),
        ].into_iter().flatten() {
            prop_assert!(error.to_string().len() < 1200);
        }
    }

    #[test]
    fn a_request_comes_back_as_it_was(limit in proptest::option::of(1_u32..=1000), offset in proptest::option::of(0_u32..=100_000)) {
        let mut request = ListFailedTask::new();
        request.limit = limit.map(|n| Limit::new(n).unwrap());
        request.offset = offset.map(|n| Offset::new(n).unwrap());
        let json = without_nulls(json!({ "limit": limit, "offset": offset }));
        let read: ListFailedTask = from_json(json.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&read, &request);
        prop_assert_eq!(serde_json::from_slice::<Value>(&to_json(&read).unwrap()).unwrap(), json);
    }

    #[test]
    fn an_answer_read_once_is_read_the_same_again(page in any_page()) {
        if let Ok(read) = from_json::<ListFailedTaskResponse>(page.to_string().as_bytes()) {
            let again: ListFailedTaskResponse = from_json(&to_json(&read).unwrap()).unwrap();
            prop_assert_eq!(again, read);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), page in any_page(), cut in any::<prop::sample::Index>()) {
        let _ = from_json::<ListFailedTaskResponse>(&bytes).map_err(|error| error.to_string());
        let text = page.to_string();
        let _ = from_json::<ListFailedTaskResponse>(&text.as_bytes()[..cut.index(text.len())]).map_err(|error| error.to_string());
    }

    #[test]
    fn texts_and_unknown_kinds_survive(kind in "\\PC{1,40}", name in "\\PC{0,80}") {
        let body = json!({ "tasks": [{ "task_id": "t", "operate_type": kind, "server_name": name }] });
        let read: ListFailedTaskResponse = from_json(body.to_string().as_bytes()).unwrap();
        let written: Value = serde_json::from_slice(&to_json(&read).unwrap()).unwrap();
        prop_assert_eq!(written, body);
    }
}
