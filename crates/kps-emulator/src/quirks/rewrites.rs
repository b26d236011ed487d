//! How an answer of success is brought into another form.

use http::StatusCode;
use kps_model::{Fingerprint, PublicKey};
use serde_json::{Map, Value, json};

use super::told::Told;
use crate::route::Operation;

const TIMES: [&str; 3] = ["create_time", "delete_time", "update_time"];

pub(super) fn times_in_seconds(told: &mut Told) {
    edit_times(told, Value::from);
}

pub(super) fn times_in_seconds_as_text(told: &mut Told) {
    edit_times(told, |seconds| seconds.to_string().into());
}

fn edit_times(told: &mut Told, form: fn(i64) -> Value) {
    for keypair in told.keypairs() {
        edit(keypair, &TIMES, |time| time.as_i64().map(|millis| form(millis / 1000)));
    }
}

pub(super) fn task_time_in_seconds(told: &mut Told) {
    let seconds = |time: &Value| Some(Value::from(time.as_str()?.parse::<i64>().ok()? / 1000));
    told.items("tasks").for_each(|task| edit(task, &["task_time"], seconds));
}

pub(super) fn frozen_the_other_way(told: &mut Told) {
    let turned = if told.operation == Some(Operation::ListKeypairs) { as_number } else { as_text };
    told.keypairs().into_iter().for_each(|keypair| edit(keypair, &["frozen_state"], turned));
}

pub(super) fn fingerprint_by_md5(told: &mut Told) {
    for keypair in told.keypairs() {
        let public_key = keypair.get("public_key").and_then(Value::as_str);
        let public_key = public_key.and_then(|text| PublicKey::new(text).ok());
        if let Some(fingerprint) = public_key.and_then(|key| Fingerprint::md5(&key).ok()) {
            keypair.insert("fingerprint".into(), fingerprint.as_str().into());
        }
    }
}

/// The lists are documented with what is outside their enumeration, the one of failed tasks with running ones.
pub(super) fn operate_type_astray(told: &mut Told) {
    let is_running = told.operation == Some(Operation::ListRunningTask);
    let astray = |kind: &Value| {
        let (phase, action) = kind.as_str()?.split_once('_')?;
        Some(if is_running { phase.into() } else { format!("RUNNING_{action}").into() })
    };
    told.items("tasks").for_each(|task| edit(task, &["operate_type"], astray));
}

/// The documents list the ends of a reset twice, the second time as those of a replacement.
pub(super) fn replaced_as_reset(told: &mut Told) {
    edit_body(told, "task_status", |status| match status {
        "SUCCESS_REPLACE" => "SUCCESS_RESET".into(),
        "FAILED_REPLACE" => "FAILED_RESET".into(),
        other => other.into(),
    });
}

pub(super) fn task_status_in_lower_case(told: &mut Told) {
    edit_body(told, "task_status", str::to_ascii_lowercase);
}

pub(super) fn receipt_status_capitalized(told: &mut Told) {
    let capitalized = |status: &str| match status {
        "SUCCESS" => "Success".into(),
        "FAILED" => "Failed".into(),
        other => other.into(),
    };
    edit_body(told, "status", capitalized);
    for receipt in told.items("tasks") {
        edit(receipt, &["status"], |status| status.as_str().map(|text| capitalized(text).into()));
    }
}

pub(super) fn task_id_alone(told: &mut Told) {
    if let Some(receipt) = told.object().filter(|receipt| receipt.contains_key("task_id")) {
        receipt.retain(|name, _| name == "task_id");
    }
}

pub(super) fn receipts_reversed(told: &mut Told) {
    let receipts = told.object().and_then(|body| body.get_mut("tasks")).and_then(Value::as_array_mut);
    receipts.into_iter().for_each(|receipts| receipts.reverse());
}

pub(super) fn accepted_as_ok(told: &mut Told) {
    told.set_status(StatusCode::OK);
}

pub(super) fn no_imported_private_key(told: &mut Told) {
    told.keypairs().into_iter().for_each(|keypair| drop(keypair.remove("private_key")));
}

pub(super) fn succeeded_in_two_objects(told: &mut Told) {
    for item in told.items("succeeded_keypairs") {
        let inner = Value::Object(std::mem::take(item));
        item.insert("keypair".into(), inner);
    }
}

pub(super) fn name_alone(told: &mut Told) {
    told.keypairs().into_iter().for_each(|keypair| keypair.retain(|field, _| field == "name"));
}

pub(super) fn name_and_null(told: &mut Told) {
    for keypair in told.keypairs() {
        keypair.iter_mut().filter(|(field, _)| *field != "name").for_each(|(_, value)| *value = Value::Null);
    }
}

pub(super) fn cleared_with_text(told: &mut Told) {
    told.body = Some("cleared".into());
    told.set_content_type("application/json");
}

pub(super) fn archive_as_json(told: &mut Told) {
    told.set_content_type("application/json");
}

pub(super) fn total_of_the_page(told: &mut Told) {
    let count = told.items("tasks").count();
    told.object().into_iter().for_each(|body| drop(body.insert("total".into(), count.into())));
}

pub(super) fn markers_as_addresses(told: &mut Told) {
    let Some(info) = page_info(told) else { return };
    for name in ["next_marker", "previous_marker"] {
        let address =
            info.get(name).and_then(Value::as_str).map(|marker| format!("keypairs?marker={marker}"));
        info.insert(name.into(), address.into());
    }
}

pub(super) fn no_page_info_if_empty(told: &mut Told) {
    if told.keypairs().is_empty() {
        told.object().into_iter().for_each(|body| drop(body.remove("page_info")));
    }
}

fn page_info(told: &mut Told) -> Option<&mut Map<String, Value>> {
    told.object()?.get_mut("page_info")?.as_object_mut()
}

pub(super) fn null_as_in_the_samples(told: &mut Told) {
    add_nulls(told, &["delete_time", "update_time"], &[]);
    if told.operation == Some(Operation::ListFailedTask) {
        told.items("tasks").for_each(|task| or_null(task, &["task_error_code"]));
    }
}

pub(super) fn null_for_all_there_is_not(told: &mut Told) {
    add_nulls(told, &["delete_time", "update_time", "key_id"], &["private_key"]);
    let failed = told.operation == Some(Operation::ListFailedTask);
    let absent: &[&str] = if failed { &["task_error_code", "task_error_msg"] } else { &[] };
    for task in told.items("tasks") {
        or_null(task, absent);
        or_null(task, &["operate_type", "task_time", "server_name", "server_id", "keypair_name"]);
    }
    let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    for (_, value) in told.object().into_iter().flatten() {
        if is_empty(value) {
            *value = Value::Null;
        }
    }
}

fn add_nulls(told: &mut Told, of_a_detail: &[&str], of_a_new_one: &[&str]) {
    let absent = match told.operation {
        Some(Operation::ListKeypairDetail) => of_a_detail,
        Some(Operation::CreateKeypair | Operation::BatchImportKeypair) => of_a_new_one,
        _ => return,
    };
    told.keypairs().into_iter().for_each(|keypair| or_null(keypair, absent));
}

fn or_null(fields: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        fields.entry(*name).or_insert(Value::Null);
    }
}

pub(super) fn counts_as_text(told: &mut Told) {
    told.each_object(&|fields| edit(fields, &["total", "current_count", "id"], as_text));
}

/// Times and names stay what they are: what is not known must not hide what is.
pub(super) fn unknown_things(told: &mut Told) {
    for keypair in told.keypairs() {
        edit(keypair, &["type"], |kind| Some(format!("{}-next", kind.as_str()?).into()));
    }
    told.each_object(&|fields| drop(fields.insert("x_unknown".into(), json!({"name": [1, null, {}]}))));
}

fn as_text(value: &Value) -> Option<Value> {
    value.is_number().then(|| value.to_string().into())
}

fn as_number(value: &Value) -> Option<Value> {
    value.as_str()?.parse::<i64>().ok().map(Value::from)
}

fn edit_body(told: &mut Told, name: &str, form: impl Fn(&str) -> String) {
    let Some(body) = told.object() else { return };
    edit(body, &[name], |value| value.as_str().map(|text| form(text).into()));
}

/// Puts what the form makes of a field in its place.
fn edit(fields: &mut Map<String, Value>, names: &[&str], form: impl Fn(&Value) -> Option<Value>) {
    for name in names {
        if let Some(value) = fields.get_mut(*name)
            && let Some(formed) = form(value)
        {
            *value = formed;
        }
    }
}
