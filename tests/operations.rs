//! The table of operations in the documents, against the code, the emulator and the service's own definition.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use kps_core::{
    AssociateKeypair, BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair, ClearPrivateKey,
    CreateKeypair, DeleteAllFailedTask, DeleteFailedTask, DeleteKeypair, DisassociateKeypair,
    ExportPrivateKey, ImportPrivateKey, ListFailedTask, ListKeypairDetail, ListKeypairTask, ListKeypairs,
    ListRunningTask, Meta, Operation, Replay, UpdateKeypairDescription,
};
use kps_emulator::Emulator;
use serde_json::Value;

/// All of them; those that the emulator has and this has not are found by the test of the routes.
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
    let index = include_str!("../crates/kps-model/tests/fixtures/operations.index.json");
    let index: Vec<Value> = serde_json::from_str(index).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let defined = table(index.iter().map(|row| {
        let success = row["success_status"][0].to_string();
        (text(&row["operation"]), vec![text(&row["method"]), text(&row["path"]), success])
    }));
    let expected =
        in_code(|meta| vec![meta.verb.as_str().to_owned(), meta.path.to_owned(), meta.success.to_string()]);
    assert_eq!(defined, expected);
}
