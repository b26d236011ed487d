//! Every sample of every operation: read, written back, compared; and bent out of shape in every way.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use kps_model::{
    AssociateKeypair, BatchAssociateKeypair, BatchAssociateKeypairResponse, BatchExportPrivateKey,
    BatchImportKeypair, BatchImportKeypairResponse, CreateKeypair, CreateKeypairResponse, DecodeError,
    DeleteKeypair, DisassociateKeypair, ExportPrivateKey, ExportPrivateKeyResponse, ImportPrivateKey,
    ImportPrivateKeyResponse, KeyMaterial, ListFailedTaskResponse, ListKeypairDetailResponse,
    ListKeypairTaskResponse, ListKeypairsResponse, ListRunningTaskResponse, Login, Phase, ReceiptStatus,
    Server, TaskReceipt, ToJson, UpdateKeypairDescriptionBody, from_json, to_json,
};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A sample, and what reads it and writes it back.
type Sample = (&'static str, &'static str, fn(&[u8]) -> Result<Vec<u8>, DecodeError>);

fn transcode<T: DeserializeOwned + ToJson>(json: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let read = from_json::<T>(json);
    if let Err(fault) = &read {
        assert_eq!(fault.path(), traced_path::<T>(json), "{fault}: {}", String::from_utf8_lossy(json));
    }
    read.map(|value| to_json(&value).unwrap())
}

/// Where the fault lies by a reader that keeps track of the path.
fn traced_path<T: DeserializeOwned>(json: &[u8]) -> String {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let fault = serde_path_to_error::deserialize::<_, T>(&mut reader).err().unwrap();
    match fault.path().to_string().as_str() {
        "." => "$".to_owned(),
        path => path.to_owned(),
    }
}

macro_rules! samples {
    ($($name:literal => $type:ty,)+) => {
        &[$(($name, include_str!(concat!("fixtures/", $name, ".json")), transcode::<$type>),)+]
    };
}

const REQUESTS: &[Sample] = samples! {
    "associate_keypair.request" => AssociateKeypair,
    "associate_keypair.request.bind_password" => AssociateKeypair,
    "associate_keypair.request.reset" => AssociateKeypair,
    "batch_associate_keypair.request" => BatchAssociateKeypair,
    "batch_export_private_key.request" => BatchExportPrivateKey,
    "batch_import_keypair.request" => BatchImportKeypair,
    "create_keypair.request" => CreateKeypair,
    "create_keypair.request.import" => CreateKeypair,
    "create_keypair.request.minimal" => CreateKeypair,
    "disassociate_keypair.request" => DisassociateKeypair,
    "disassociate_keypair.request.shut_off" => DisassociateKeypair,
    "export_private_key.request" => ExportPrivateKey,
    "import_private_key.request" => ImportPrivateKey,
    "update_keypair_description.request" => UpdateKeypairDescriptionBody,
};

const ANSWERS: &[Sample] = samples! {
    "associate_keypair.response" => TaskReceipt,
    "associate_keypair.response.minimal" => TaskReceipt,
    "batch_associate_keypair.response" => BatchAssociateKeypairResponse,
    "batch_import_keypair.response" => BatchImportKeypairResponse,
    "batch_import_keypair.response.double_nested" => BatchImportKeypairResponse,
    "create_keypair.response" => CreateKeypairResponse,
    "create_keypair.response.import" => CreateKeypairResponse,
    "disassociate_keypair.response" => TaskReceipt,
    "disassociate_keypair.response.minimal" => TaskReceipt,
    "export_private_key.response" => ExportPrivateKeyResponse,
    "import_private_key.response" => ImportPrivateKeyResponse,
    "import_private_key.response.minimal" => ImportPrivateKeyResponse,
    "list_failed_task.response" => ListFailedTaskResponse,
    "list_failed_task.response.empty" => ListFailedTaskResponse,
    "list_failed_task.response.enum_values" => ListFailedTaskResponse,
    "list_keypair_detail.response" => ListKeypairDetailResponse,
    "list_keypair_detail.response.sample_shape" => ListKeypairDetailResponse,
    "list_keypair_task.response" => ListKeypairTaskResponse,
    "list_keypair_task.response.failed" => ListKeypairTaskResponse,
    "list_keypair_task.response.success" => ListKeypairTaskResponse,
    "list_keypairs.response" => ListKeypairsResponse,
    "list_keypairs.response.empty" => ListKeypairsResponse,
    "list_keypairs.response.last_page" => ListKeypairsResponse,
    "list_running_task.response" => ListRunningTaskResponse,
    "list_running_task.response.empty" => ListRunningTaskResponse,
};

/// Samples that are no JSON of the model: the table of operations, and a zip file.
const EXEMPT: [&str; 2] = ["operations.index", "batch_export_private_key.response"];

/// Absent and null mean the same, and `null` is not written back; nor is a second envelope.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            if let Some(within @ Value::Object(inner)) = object.get("keypair")
                && inner.contains_key("keypair")
            {
                return plain(within.clone());
            }
            object.into_iter().filter(|(_, value)| !value.is_null()).map(|(k, v)| (k, plain(v))).collect()
        }
        Value::Array(values) => values.into_iter().map(plain).collect(),
        other => other,
    }
}

#[test]
fn every_sample_is_read_and_written_back() {
    for (name, json, transcode) in REQUESTS.iter().chain(ANSWERS) {
        let written: Value = serde_json::from_slice(&transcode(json.as_bytes()).unwrap()).unwrap();
        assert_eq!(written, plain(serde_json::from_str(json).unwrap()), "{name}");
    }
}

#[test]
fn a_request_is_written_in_the_order_of_its_sample() {
    for (name, json, transcode) in REQUESTS {
        let compact: String = {
            let mut in_string = false;
            let mut escaped = false;
            json.chars()
                .filter(|character| {
                    let quote = *character == '"' && !escaped;
                    escaped = *character == '\\' && !escaped;
                    in_string ^= quote;
                    in_string || !character.is_whitespace()
                })
                .collect()
        };
        let written = String::from_utf8(transcode(json.as_bytes()).unwrap()).unwrap();
        assert_eq!(written, compact, "{name}");
    }
}

#[test]
fn no_sample_is_forgotten() {
    let known: BTreeSet<String> =
        REQUESTS.iter().chain(ANSWERS).map(|(name, ..)| *name).chain(EXEMPT).map(str::to_owned).collect();
    let found: BTreeSet<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .filter(|name| !name.starts_with("error."))
        .collect();
    assert_eq!(found, known);
}

fn scalars(value: &Value, path: &str) -> Vec<String> {
    let of = |(key, value): (String, &Value)| scalars(value, &format!("{path}/{key}"));
    match value {
        Value::Object(object) => {
            object.iter().map(|(key, value)| (key.clone(), value)).flat_map(of).collect()
        }
        Value::Array(values) => {
            values.iter().enumerate().map(|(at, value)| (at.to_string(), value)).flat_map(of).collect()
        }
        _ => vec![path.to_owned()],
    }
}

/// Whether an answer without this is none.
fn is_needed(name: &str, field: &str) -> bool {
    match field {
        "name" => true,
        "task_id" => name.starts_with("list_"),
        "keypair_name" => name.starts_with("batch_import"),
        "private_key" => name.starts_with("export"),
        _ => false,
    }
}

#[test]
fn all_but_what_an_answer_is_about_may_be_missing_null_or_of_another_type() {
    for (name, json, transcode) in ANSWERS {
        let sample: Value = serde_json::from_str(json).unwrap();
        for path in scalars(&sample, "") {
            let (object, field) = path.rsplit_once('/').unwrap();
            let mut without = sample.clone();
            without.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(field);
            let with = |value: Value| {
                let mut bent = sample.clone();
                *bent.pointer_mut(&path).unwrap() = value;
                bent
            };
            for none in [without, with(Value::Null), with(json!(""))] {
                let read = transcode(none.to_string().as_bytes());
                assert_eq!(read.is_err(), is_needed(name, field), "{name}, {path}: {none}");
            }
            let others = match sample.pointer(&path).unwrap() {
                Value::Bool(flag) => vec![json!(flag.to_string()), json!(u8::from(*flag))],
                Value::Number(number) => vec![json!(number.to_string()), json!(-1)],
                _ => vec![json!(7), json!("never seen before")],
            };
            for other in others {
                transcode(with(other).to_string().as_bytes()).unwrap();
            }
        }
    }
}

#[test]
fn the_four_ways_to_create_a_key_pair() {
    let read = |name: &str| -> CreateKeypair {
        let (_, json, _) = REQUESTS.iter().find(|(known, ..)| *known == name).unwrap();
        from_json(json.as_bytes()).unwrap()
    };
    assert!(matches!(read("create_keypair.request").material, KeyMaterial::MadeAndHosted(_)));
    assert!(matches!(read("create_keypair.request.minimal").material, KeyMaterial::Made));
    assert!(matches!(read("create_keypair.request.import").material, KeyMaterial::ImportedAndHosted { .. }));
    let import = r#"{"keypair":{"name":"a","public_key":"ssh-rsa AAAA"}}"#;
    let import: CreateKeypair = from_json(import.as_bytes()).unwrap();
    assert!(matches!(import.material, KeyMaterial::Imported(_)));
}

#[test]
fn requests_that_say_two_things_or_half_a_thing_are_refused() {
    let secret = "-----BEGIN RSA PRIVATE KEY-----\\nhunter2";
    let hosted = r#""key_protection":{"encryption":{"type":"default"}}"#;
    let with_key =
        format!(r#""key_protection":{{"private_key":"{secret}","encryption":{{"type":"default"}}}}"#);
    let eleven = format!("[{}]", [r#"{"keypair":{"name":"a"}}"#; 11].join(","));
    let item = |name: &str, auth: &str| format!(r#"{{"keypair_name":"{name}","server":{{"id":"s"{auth}}}}}"#);
    let batch = |items: &[String]| format!(r#"{{"batch_keypairs":[{}]}}"#, items.join(","));
    let password = r#","auth":{"type":"password","key":"hunter2"}"#;
    let key = format!(r#","auth":{{"type":"keypair","key":"{secret}"}}"#);

    let create = |json: String| from_json::<CreateKeypair>(json.as_bytes()).map(drop);
    let associate = |json: String| from_json::<AssociateKeypair>(json.as_bytes()).map(drop);
    let bind = |json: String| from_json::<BatchAssociateKeypair>(json.as_bytes()).map(drop);
    let unbind = |json: String| from_json::<DisassociateKeypair>(json.as_bytes()).map(drop);
    let export = |json: String| from_json::<BatchExportPrivateKey>(json.as_bytes()).map(drop);
    let import = |json: String| from_json::<BatchImportKeypair>(json.as_bytes()).map(drop);
    for (outcome, reason) in [
        (
            create(format!(r#"{{"keypair":{{"name":"a","public_key":"ssh-rsa AAAA",{hosted}}}}}"#)),
            "to be hosted, an imported key pair needs the `private_key`",
        ),
        (
            create(format!(r#"{{"keypair":{{"name":"a",{with_key}}}}}"#)),
            "needs the `public_key` it belongs to",
        ),
        (create(r#"{"keypair":{"name":"a","algorithm":"ed25519"}}"#.into()), "unknown field `algorithm`"),
        (create(r#"{"keypair":{"name":"a b"}}"#.into()), "letters, digits"),
        (create(r#"{"keypair":{"name":"a"},"x":1}"#.into()), "unknown field `x`"),
        (associate(item("a", r#","port":22"#)), "a `port` needs `auth`"),
        (associate(item("a", r#","auth":{"type":"keypair","key":"hunter2"}"#)), "it is not PEM"),
        (associate(item("a", r#","auth":{"type":"password"}"#)), "missing field `key`"),
        (associate(item("a", r#","port":0"#)), "a port must be 1 to 65535, not 0"),
        (unbind(r#"{"server":{"id":"s","disable_password":true}}"#.into()), "belongs to an association"),
        (unbind(r#"{"server":{"id":""}}"#.into()), "it is empty"),
        (bind(batch(&[])), "1 to 10 items, not 0"),
        (bind(batch(&[(); 11].map(|()| item("a", password)))), "1 to 10 items, not 11"),
        (bind(batch(&[item("a", password), item("b", password)])), "not both `a` and `b`"),
        (bind(batch(&[item("a", "")])), "server s needs `auth` with its password"),
        (bind(batch(&[item("a", &key)])), "server s needs `auth` with its password"),
        (export("[]".into()), "1 to 10 items, not 0"),
        (export(eleven.clone()), "1 to 10 items, not 11"),
        (
            export(r#"[{"keypair":{"name":"a"}},{"keypair":{"name":"a"}}]"#.into()),
            "`a` is twice in the batch",
        ),
        (bind(batch(&[item("a", password), item("a", password)])), "`s` is twice in the batch"),
        (import(eleven), "1 to 10 items, not 11"),
        (import(r#"[{"keypair":{"name":"a"}}]"#.into()), "`a`, item 1 of the batch, has no public key"),
    ] {
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains(reason), "{reason}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn nothing_odd_beside_it_keeps_a_private_key_or_an_outcome_from_being_read() {
    let created = r#"{"keypair":{"name":"a","type":true,"public_key":[],"fingerprint":{},"user_id":1.5,"private_key":"k"}}"#;
    let created: CreateKeypairResponse = from_json(created.as_bytes()).unwrap();
    assert_eq!(created.keypair.private_key.unwrap().expose(), "k");
    let twice = r#"{"keypair":{"name":null,"keypair":{"name":"b"}}}"#;
    assert_eq!(from_json::<CreateKeypairResponse>(twice.as_bytes()).unwrap().keypair.name, "b");
    for (reason, text, code) in [
        ("null", "", None),
        ("7", "7", None),
        (
            r#"{"error_code":"KPS.7004","error_msg":"x"}"#,
            r#"{"error_code":"KPS.7004","error_msg":"x"}"#,
            Some("KPS.7004"),
        ),
    ] {
        let json = format!(
            r#"{{"failed_keypairs":[{{"keypair_name":"a","failed_reason":{reason}}}],"succeeded_keypairs":[{{"keypair":{{"name":"b"}}}}]}}"#
        );
        let answer: BatchImportKeypairResponse = from_json(json.as_bytes()).unwrap();
        assert_eq!(answer.succeeded_keypairs.len(), 1);
        assert_eq!(answer.failed_keypairs[0].failed_reason, text);
        assert_eq!(answer.failed_keypairs[0].reason().code.as_deref(), code);
    }
}

#[test]
fn names_of_the_service_survive_being_stored() {
    let listed: ListKeypairsResponse =
        from_json(br#"{"keypairs":[{"keypair":{"name":"my key.1","frozen_state":""}}]}"#).unwrap();
    let keypair = &listed.keypairs[0];
    assert_eq!(keypair.frozen_state, None);
    let delete = DeleteKeypair::new(keypair.name.clone());
    assert_eq!(from_json::<DeleteKeypair>(&to_json(&delete).unwrap()).unwrap(), delete);
    for no_list in ["{}", r#"{"error_code":"KPS.0003","error_msg":"x"}"#] {
        assert!(from_json::<ListKeypairsResponse>(no_list.as_bytes()).is_err(), "{no_list}");
    }
    assert!(from_json::<ListKeypairsResponse>(br#"{"keypairs":null}"#).unwrap().keypairs.is_empty());
}

#[test]
fn no_secret_is_in_the_debug_text_of_a_sample() {
    fn debug<T: DeserializeOwned + std::fmt::Debug>(json: &str) -> String {
        format!("{:?}", from_json::<T>(json.as_bytes()).unwrap())
    }
    let text = |name: &str| {
        let all = REQUESTS.iter().chain(ANSWERS);
        all.clone().find(|(known, ..)| *known == name).map(|(_, json, _)| *json).unwrap()
    };
    for debugged in [
        debug::<AssociateKeypair>(text("associate_keypair.request")),
        debug::<AssociateKeypair>(text("associate_keypair.request.bind_password")),
        debug::<BatchAssociateKeypair>(text("batch_associate_keypair.request")),
        debug::<DisassociateKeypair>(text("disassociate_keypair.request")),
        debug::<CreateKeypair>(text("create_keypair.request.import")),
        debug::<CreateKeypairResponse>(text("create_keypair.response")),
        debug::<BatchImportKeypair>(text("batch_import_keypair.request")),
        debug::<BatchImportKeypairResponse>(text("batch_import_keypair.response")),
        debug::<ImportPrivateKey>(text("import_private_key.request")),
        debug::<ImportPrivateKeyResponse>(text("import_private_key.response")),
        debug::<ExportPrivateKeyResponse>(text("export_private_key.response")),
    ] {
        assert!(debugged.contains("<redacted>"), "{debugged}");
        assert!(!debugged.contains("BEGIN RSA") && !debugged.contains("Passw0rd"), "{debugged}");
    }
}

#[test]
fn a_login_and_a_refusal_are_told_apart() {
    let read: AssociateKeypair = from_json(REQUESTS[1].1.as_bytes()).unwrap();
    let Server::Running(server) = &read.server else { panic!("{read:?}") };
    assert!(
        matches!(&server.login, Login::Password(password) if password.expose() == "Example-Only-Passw0rd")
    );
    assert_eq!((server.port.unwrap().get(), read.disable_password), (2222, Some(false)));

    for (json, accepted) in [
        (r#"{"task_id":"t"}"#, true),
        (r#"{"task_id":"t","status":"success"}"#, true),
        (r#"{"task_id":"t","status":"QUEUED"}"#, true),
        (r#"{"task_id":"t","status":"Failed"}"#, false),
        (r#"{"task_id":"","status":"SUCCESS"}"#, false),
        (r#"{"task_id":null}"#, false),
        ("{}", false),
    ] {
        let receipt: TaskReceipt = from_json(json.as_bytes()).unwrap();
        assert_eq!(receipt.accepted().is_ok(), accepted, "{json}");
    }
    let told = |text: &str| (ReceiptStatus::from(text).is_success(), ReceiptStatus::from(text).is_failed());
    assert_eq!(
        ["SUCCESS", "Success", "FAILED", "Failed"].map(told),
        [(true, false), (true, false), (false, true), (false, true)]
    );
    let task: ListKeypairTaskResponse =
        from_json(br#"{"task_id":"t","task_status":"FAILED_REPLACE"}"#).unwrap();
    assert_eq!(task.task_status.unwrap().phase(), Some(Phase::Failed));
}

fn any_leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "(|\\.|\\.\\.|0|Failed|SUCCESS_BIND|kms|user|[0-9]{1,15}|\\PC{0,40})".prop_map(Value::from),
        Just(json!([])),
        Just(json!({"keypair": {"keypair": {"name": "deep"}}})),
    ]
}

/// Exchanges, removes or adds to the values of a sample: at the n-th place, one change.
fn bend(value: &mut Value, place: &mut usize, leaf: &Value) {
    if *place == 0 {
        *value = leaf.clone();
    }
    *place = place.wrapping_sub(1);
    match value {
        Value::Object(object) => {
            if *place == 0 {
                object.insert("added".into(), leaf.clone());
            }
            let gone = object.keys().nth(*place).cloned().filter(|_| leaf.is_boolean());
            gone.map(|key| object.remove(&key));
            object.values_mut().for_each(|value| bend(value, place, leaf));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| bend(value, place, leaf)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn a_bent_sample_is_read_the_same_again_or_refused(
        at in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((0_usize..40, any_leaf()), 0..4),
    ) {
        let all: Vec<&Sample> = REQUESTS.iter().chain(ANSWERS).collect();
        let (name, json, transcode) = all[at.index(all.len())];
        let mut value: Value = serde_json::from_str(json).unwrap();
        for (mut place, leaf) in changes {
            bend(&mut value, &mut place, &leaf);
        }
        match transcode(value.to_string().as_bytes()) {
            Ok(written) => prop_assert_eq!(transcode(&written).unwrap(), written, "{}", name),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn unknown_values_come_back_unchanged(text in "[a-zA-Z_]{1,40}") {
        let detail = json!({"keypair": {"name": "a", "type": text, "scope": text, "frozen_state": text, "algorithm": text,
            "fingerprint": text, "public_key": text, "create_time": text, "key_id": text}});
        let hosted = json!({"keypair": {"name": "a", "key_protection": {"encryption": {"type": text}}}});
        let receipt = json!({"status": text, "error_code": text, "error_msg": text});
        let task = json!({"task_id": "t", "task_status": text});
        let failed = json!({"failed_keypairs": [{"keypair_name": "a", "failed_reason": text}], "succeeded_keypairs": []});
        for (written, sent) in [
            (transcode::<ListKeypairDetailResponse>(detail.to_string().as_bytes()), detail),
            (transcode::<ImportPrivateKeyResponse>(hosted.to_string().as_bytes()), hosted),
            (transcode::<TaskReceipt>(receipt.to_string().as_bytes()), receipt),
            (transcode::<ListKeypairTaskResponse>(task.to_string().as_bytes()), task),
            (transcode::<BatchImportKeypairResponse>(failed.to_string().as_bytes()), failed),
        ] {
            prop_assert_eq!(serde_json::from_slice::<Value>(&written.unwrap()).unwrap(), sent);
        }
    }
}
