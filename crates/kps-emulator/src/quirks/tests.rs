use std::collections::BTreeSet;

use http::StatusCode;
use http::header::CONTENT_TYPE;
use kps_model::ErrorBody;
use serde_json::{Value, json};

use super::*;
use crate::answer;
use crate::refusal::Refusal;
use crate::route::Operation::{
    AssociateKeypair, BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair, ClearPrivateKey,
    CreateKeypair, DeleteKeypair, ImportPrivateKey, ListFailedTask, ListKeypairDetail, ListKeypairTask,
    ListKeypairs, ListRunningTask,
};

const ALL: [Quirks; 3] = [Quirks::Documented, Quirks::Observed, Quirks::Hostile];

fn told(quirks: Quirks, operation: Operation, body: &Value) -> Value {
    let answer = quirks.form(Some(operation), answer::json(StatusCode::OK, body));
    serde_json::from_slice(answer.body()).unwrap()
}

/// Takes out what is in each object.
fn known(mut value: Value) -> Value {
    match &mut value {
        Value::Array(items) => items.iter_mut().for_each(|item| *item = known(item.take())),
        Value::Object(fields) => {
            let unknown = fields.remove("x_unknown");
            assert!(unknown.is_none_or(|unknown| unknown == json!({"name": [1, null, {}]})));
            fields.values_mut().for_each(|field| *field = known(field.take()));
        }
        _ => (),
    }
    value
}

/// What the service says, and what becomes of it as documented, as observed and as hostile as can be; `null` stands for
/// no change.
#[test]
fn each_thing_is_told_in_its_three_forms() {
    let public_key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P laptop";
    let md5 = "4f:48:8e:57:7b:e6:8d:6f:9e:83:88:33:c7:cd:fe:1c";
    let same = Value::Null;
    for (operation, own, documented, observed, hostile) in [
        (
            ListKeypairDetail,
            json!({"keypair": {"name": "a", "id": 7, "create_time": 1_718_092_800_123_u64, "frozen_state": 0}}),
            json!({"keypair": {"name": "a", "id": 7, "create_time": 1_718_092_800, "update_time": null, "delete_time": null, "frozen_state": 0}}),
            same.clone(),
            json!({"keypair": {"name": "a", "id": "7", "create_time": "1718092800", "update_time": null, "delete_time": null, "key_id": null, "frozen_state": "0"}}),
        ),
        (
            ListKeypairs,
            json!({
                "keypairs": [{"keypair": {"name": "a", "type": "ssh", "public_key": public_key, "fingerprint": "SHA256:x", "frozen_state": "0"}}],
                "page_info": {"previous_marker": "a", "current_count": 1},
            }),
            same.clone(),
            same.clone(),
            json!({
                "keypairs": [{"keypair": {"name": "a", "type": "ssh-next", "public_key": public_key, "fingerprint": md5, "frozen_state": 0}}],
                "page_info": {"previous_marker": "keypairs?marker=a", "next_marker": null, "current_count": "1"},
            }),
        ),
        (
            ListKeypairs,
            json!({"keypairs": [], "page_info": {"current_count": 0}}),
            same.clone(),
            same.clone(),
            json!({"keypairs": null}),
        ),
        (
            ListFailedTask,
            json!({"total": 9, "tasks": [{"task_id": "t", "operate_type": "FAILED_BIND", "task_time": "1523342130000", "task_error_msg": "m", "server_name": "n", "server_id": "s", "keypair_name": "k"}]}),
            json!({"total": 9, "tasks": [{"task_id": "t", "operate_type": "FAILED_BIND", "task_time": "1523342130000", "task_error_code": null, "task_error_msg": "m", "server_name": "n", "server_id": "s", "keypair_name": "k"}]}),
            same.clone(),
            json!({"total": "1", "tasks": [{"task_id": "t", "operate_type": "RUNNING_BIND", "task_time": 1_523_342_130, "task_error_code": null, "task_error_msg": "m", "server_name": "n", "server_id": "s", "keypair_name": "k"}]}),
        ),
        (
            ListRunningTask,
            json!({"total": 2, "tasks": [{"task_id": "t", "operate_type": "READY_BIND"}]}),
            same.clone(),
            same.clone(),
            json!({"total": "1", "tasks": [{"task_id": "t", "operate_type": "READY", "task_time": null, "server_name": null, "server_id": null, "keypair_name": null}]}),
        ),
        (
            ListRunningTask,
            json!({"total": 0, "tasks": []}),
            same.clone(),
            same.clone(),
            json!({"total": "0", "tasks": null}),
        ),
        (
            ListKeypairTask,
            json!({"task_id": "t", "task_status": "SUCCESS_REPLACE"}),
            json!({"task_id": "t", "task_status": "SUCCESS_RESET"}),
            same.clone(),
            json!({"task_id": "t", "task_status": "success_replace"}),
        ),
        (
            AssociateKeypair,
            json!({"task_id": "t", "server_id": "s", "status": "SUCCESS"}),
            same.clone(),
            same.clone(),
            json!({"task_id": "t"}),
        ),
        (
            AssociateKeypair,
            json!({"server_id": "s", "status": "FAILED", "error_code": "KPS.0002"}),
            same.clone(),
            same.clone(),
            json!({"server_id": "s", "status": "Failed", "error_code": "KPS.0002"}),
        ),
        (
            BatchAssociateKeypair,
            json!({"tasks": [{"task_id": "t", "status": "SUCCESS"}, {"server_id": "s", "status": "FAILED"}]}),
            same.clone(),
            same.clone(),
            json!({"tasks": [{"server_id": "s", "status": "Failed"}, {"task_id": "t", "status": "Success"}]}),
        ),
        (
            CreateKeypair,
            json!({"keypair": {"name": "a", "type": "ssh"}}),
            same.clone(),
            same.clone(),
            json!({"keypair": {"name": "a", "type": "ssh-next", "private_key": null}}),
        ),
        (
            BatchImportKeypair,
            json!({"failed_keypairs": [], "succeeded_keypairs": [{"keypair": {"name": "a", "private_key": "k"}}]}),
            json!({"failed_keypairs": [], "succeeded_keypairs": [{"keypair": {"name": "a"}}]}),
            json!({"failed_keypairs": [], "succeeded_keypairs": [{"keypair": {"keypair": {"name": "a", "private_key": "k"}}}]}),
            json!({"failed_keypairs": null, "succeeded_keypairs": [{"keypair": {"keypair": {"name": "a", "private_key": "k"}}}]}),
        ),
        (
            ImportPrivateKey,
            json!({"keypair": {"name": "a", "user_id": "u", "key_protection": {"private_key": "k"}}}),
            same.clone(),
            json!({"keypair": {"name": "a"}}),
            json!({"keypair": {"name": "a", "user_id": null, "key_protection": null}}),
        ),
    ] {
        let or_own = |expected: &Value| if expected.is_null() { own.clone() } else { expected.clone() };
        assert_eq!(told(Quirks::Documented, operation, &own), or_own(&documented), "{operation:?}");
        assert_eq!(told(Quirks::Observed, operation, &own), or_own(&observed), "{operation:?}");
        let told = told(Quirks::Hostile, operation, &own);
        assert!(told.get("x_unknown").is_some());
        assert_eq!(known(told), or_own(&hostile), "{operation:?}");
    }
}

#[test]
fn what_is_no_json_is_told_by_its_head() {
    for (operation, own, status, content_type, body) in [
        (BatchExportPrivateKey, answer::zip(b"PK\x03".to_vec()), 200, Some("application/json"), "PK\x03"),
        (ClearPrivateKey, answer::empty(StatusCode::OK), 200, Some("application/json"), "\"cleared\""),
        (DeleteKeypair, answer::empty(StatusCode::NO_CONTENT), 204, None, ""),
        (AssociateKeypair, answer::empty(StatusCode::ACCEPTED), 200, None, ""),
    ] {
        for quirks in [Quirks::Documented, Quirks::Observed] {
            let (before, after) = (own.clone(), quirks.form(Some(operation), own.clone()));
            assert_eq!((before.status(), before.headers()), (after.status(), after.headers()));
            assert_eq!(before.body(), after.body());
        }
        let hostile = Quirks::Hostile.form(Some(operation), own);
        let told = hostile.headers().get(CONTENT_TYPE).map(|value| value.to_str().unwrap());
        assert_eq!(
            (hostile.status().as_u16(), told, &**hostile.body()),
            (status, content_type, body.as_bytes())
        );
    }
}

#[test]
fn a_refusal_says_the_same_in_every_shape() {
    let mut shapes = BTreeSet::new();
    for code in [
        "KPS.0001",
        "KPS.0002",
        "KPS.4016",
        "KPS.6004",
        "KPS.0003",
        "KPS.0004",
        "KPS.7004",
        "KPS.9003",
        "APIGW.0308",
    ] {
        let answer = |quirks: Quirks| {
            quirks.form(
                Some(ListKeypairDetail),
                Refusal::known(code).answer("5ac5a36c0db94bb67a1b1b0d2c5d0b0c"),
            )
        };
        let (observed, hostile) = (answer(Quirks::Observed), answer(Quirks::Hostile));
        assert_eq!(observed.body(), answer(Quirks::Documented).body());
        let gone = matches!(code, "KPS.4016" | "KPS.6004");
        assert_eq!(hostile.status(), if gone { StatusCode::NOT_FOUND } else { observed.status() });
        let (own, read) = (ErrorBody::parse(observed.body()), ErrorBody::parse(hostile.body()));
        assert_eq!((&read.code, &read.request_id), (&own.code, &own.request_id));
        assert!(read.message.unwrap().ends_with(&own.message.unwrap()));
        let told: Value = serde_json::from_slice(hostile.body()).unwrap();
        assert!(told.get("error_msg").is_none_or(Value::is_null), "{told}");
        shapes.insert(
            told.as_object()
                .unwrap()
                .keys()
                .filter(|name| *name != "request_id")
                .cloned()
                .collect::<Vec<_>>()
                .join(" "),
        );
    }
    // Two are of one name, with different ones within.
    assert_eq!(shapes.len(), 4, "{shapes:?}");
}

#[test]
fn the_names_are_those_of_the_settings() {
    for (quirks, name) in ALL.iter().zip(["documented", "observed", "hostile"]) {
        assert_eq!(serde_json::to_value(quirks).unwrap(), name);
        assert_eq!(serde_json::from_value::<Quirks>(name.into()).unwrap(), *quirks);
    }
    assert_eq!(Quirks::default(), Quirks::Observed);
}

#[test]
fn a_form_that_is_told_alike_is_made_alike() {
    for rule in &RULES {
        for other in [&rule.documented, &rule.hostile] {
            let alike = other.text == rule.observed.text;
            assert!(!alike || other.rewrite.is_none() == rule.observed.rewrite.is_none(), "{}", rule.what);
            assert!(alike || other.rewrite.is_some() || rule.observed.rewrite.is_some(), "{}", rule.what);
        }
    }
}
