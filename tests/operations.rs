//! The table of operations in the documents, against the code, the emulator and the service's own definition.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test reads files, and fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use kps_core::{
    AssociateKeypair, BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair, BatchServer,
    ClearPrivateKey, CreateKeypair, DeleteAllFailedTask, DeleteFailedTask, DeleteKeypair, Description,
    DisassociateKeypair, Encryption, ExportPrivateKey, ImportPrivateKey, KeypairName, Limit, ListFailedTask,
    ListKeypairDetail, ListKeypairTask, ListKeypairs, ListRunningTask, Meta, Offset, Operation, Prepared,
    Region, Replay, Server, ServerId, UpdateKeypairDescription, blocking,
};
use kps_emulator::Emulator;
use serde_json::Value;

/// All of them: the first test finds those that the core has and this has not, that of the routes those of the emulator.
const ALL: &[Meta] = &[
    CreateKeypair::META,
    ListKeypairs::META,
    ListKeypairDetail::META,
    UpdateKeypairDescription::META,
    DeleteKeypair::META,
    ImportPrivateKey::META,
    ExportPrivateKey::META,
    ClearPrivateKey::META,
    BatchImportKeypair::META,
    BatchExportPrivateKey::META,
    AssociateKeypair::META,
    BatchAssociateKeypair::META,
    DisassociateKeypair::META,
    ListKeypairTask::META,
    ListRunningTask::META,
    ListFailedTask::META,
    DeleteFailedTask::META,
    DeleteAllFailedTask::META,
];

/// Name, and what is said of it.
type Table = BTreeMap<String, Vec<String>>;

fn table(rows: impl Iterator<Item = (String, Vec<String>)>) -> Table {
    let mut count = 0;
    let table: Table = rows.inspect(|_| count += 1).collect();
    assert_eq!(table.len(), count, "each operation once");
    table
}

fn in_code(columns: fn(&Meta) -> Vec<String>) -> Table {
    table(ALL.iter().map(|meta| (meta.name.to_owned(), columns(meta))))
}

/// What the service's own definition says.
fn defined(columns: fn(&Value) -> Vec<String>) -> Table {
    let index = include_str!("../crates/kps-model/tests/fixtures/operations.index.json");
    let index: Vec<Value> = serde_json::from_str(index).unwrap();
    table(index.iter().map(|row| (text(&row["operation"]), columns(row))))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn each_operation_of_the_core_is_looked_at_here() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/kps-core/src/ops");
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let implemented: BTreeSet<String> = files
        .flat_map(|text| {
            let heads = text.lines().filter_map(|line| line.strip_prefix("impl Operation for "));
            heads.map(|head| head.trim_end_matches(" {").to_owned()).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(implemented, ALL.iter().map(|meta| meta.name.to_owned()).collect());
}

#[test]
fn the_table_in_the_documents_is_that_of_the_code() {
    let document = include_str!("../docs/operations.md");
    let rows = document.lines().filter(|line| line.starts_with("| `") && line.contains("/v3/"));
    let documented = table(rows.map(|row| {
        let cells: Vec<String> = row.split('|').map(|cell| cell.trim().replace('`', "")).collect();
        assert!(cells.len() == 9 && !cells[7].is_empty(), "{row}");
        (cells[1].clone(), cells[2..7].to_vec())
    }));
    let expected = in_code(|meta| {
        let repeat = match meta.replay {
            Replay::Safe => "safe",
            Replay::Idempotent => "idempotent",
            _ => "never",
        };
        let secret = match (meta.secret_request, meta.secret_answer) {
            (true, true) => "request, answer",
            (true, false) => "request",
            (false, true) => "answer",
            (false, false) => "–",
        };
        [meta.verb.as_str(), meta.path, &meta.success.to_string(), repeat, secret].map(str::to_owned).to_vec()
    });
    assert_eq!(documented, expected);
}

#[test]
fn the_emulator_has_the_same_routes() {
    let routes =
        table(Emulator::operations().map(|(name, method, path)| {
            (name.to_owned(), vec![method.as_str().to_owned(), path.to_owned()])
        }));
    assert_eq!(routes, in_code(|meta| vec![meta.verb.as_str().to_owned(), meta.path.to_owned()]));
}

#[test]
fn the_service_defines_them_so() {
    let defined =
        defined(|row| vec![text(&row["method"]), text(&row["path"]), row["success_status"][0].to_string()]);
    let expected =
        in_code(|meta| vec![meta.verb.as_str().to_owned(), meta.path.to_owned(), meta.success.to_string()]);
    assert_eq!(defined, expected);
}

/// Asks the emulator, and notes what is sent and how it is answered.
struct Asker {
    emulator: Emulator,
    kps: blocking::Client,
    found: Table,
}

impl Asker {
    fn new() -> Self {
        let emulator = Emulator::new();
        emulator.set_lenient_auth(true);
        let unused = |_: Prepared| Ok(http::Response::default());
        let kps = blocking::Client::builder(unused).region(Region::CN_NORTH_4);
        let kps = kps.credentials(Emulator::credentials()).project_id(Emulator::project_id());
        Self { emulator, kps: kps.build().unwrap(), found: Table::new() }
    }

    fn ask<O: Operation>(&mut self, operation: O) -> O::Output {
        let request = self.kps.prepare(operation).unwrap().into_http();
        let content_type = request.headers()["content-type"].to_str().unwrap().to_owned();
        let body = match request.body().first() {
            None => "none",
            Some(b'[') => "array",
            Some(_) => "object",
        };
        let query = request.uri().query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let query: Vec<&str> = query.map(|pair| pair.split_once('=').unwrap().0).collect();
        let answer = self.emulator.handle(&request, std::time::UNIX_EPOCH);
        let kind = match answer.headers().get("content-type").map(|kind| kind.to_str().unwrap()) {
            None if answer.body().is_empty() => "empty",
            Some("application/json") => "json",
            Some("application/octet-stream") => "binary",
            other => other.unwrap_or("a body of no type"),
        };
        let row =
            vec![content_type, body.into(), query.join(" "), answer.status().as_str().into(), kind.into()];
        assert_eq!(self.found.insert(O::META.name.to_owned(), row), None);
        O::decode(&answer).unwrap()
    }
}

#[test]
fn the_service_defines_so_what_is_sent_and_what_the_emulator_answers() {
    let defined = defined(|row| {
        let query: Vec<String> = row["query_params"].as_array().unwrap().iter().map(text).collect();
        // A private key that is cleared is answered with any text, or none.
        let kind = text(&row["response_kind"]).replace("text_or_empty", "empty");
        let status = row["success_status"][0].to_string();
        let request = [text(&row["request_content_type"]), text(&row["request_body"]), query.join(" ")];
        [&request[..], &[status, kind]].concat()
    });

    let name = |name: &str| KeypairName::new(name).unwrap();
    let server = || ServerId::new("6b49c5ec-b37a-4fda-a8c6-45f3acedb7b9").unwrap();
    let one = Limit::new(1).unwrap();
    let mut asker = Asker::new();
    let made = asker.ask(CreateKeypair::new_hosted(name("made"), Encryption::Default)).keypair;
    let private_key = made.private_key.unwrap();
    asker.ask(ListKeypairs::new().with_limit(one).with_marker("a"));
    asker.ask(ListKeypairDetail::new(name("made")));
    asker.ask(UpdateKeypairDescription::new(name("made"), Description::new("x").unwrap()));
    asker.ask(ExportPrivateKey::new(name("made")));
    asker.ask(BatchExportPrivateKey::new([name("made")]).unwrap());
    asker.ask(ImportPrivateKey::new(name("made"), private_key, Encryption::Default));
    asker.ask(ClearPrivateKey::new(name("made")));
    asker.ask(DeleteKeypair::new(name("made")));
    let imported = CreateKeypair::import(name("imported"), made.public_key.unwrap());
    asker.ask(BatchImportKeypair::new([imported]).unwrap());
    let batch = BatchAssociateKeypair::new(name("bastion"), [BatchServer::new(server(), "x")]);
    let _ = asker.ask(batch.unwrap());
    let _ = asker.ask(DisassociateKeypair::new(Server::stopped(server())));
    let receipt = asker.ask(AssociateKeypair::new(name("bastion"), Server::stopped(server())));
    asker.ask(ListKeypairTask::new(receipt.accepted().unwrap().clone()));
    asker.ask(ListRunningTask::new().with_limit(one).with_offset(Offset::START));
    let failed = asker.ask(ListFailedTask::new().with_limit(one).with_offset(Offset::START));
    asker.ask(DeleteFailedTask::new(failed.tasks[0].task_id.clone()));
    asker.ask(DeleteAllFailedTask::new());
    assert_eq!(asker.found, defined);
}
