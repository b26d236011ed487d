//! The public API of the crates, recorded in `tests/api`: a change of it is seen in the change that makes it. And its docs,
//! which show each item in use.
//!
//! `KPS_API=write cargo test --features api --test api` records it anew. It is read off what rustdoc writes as JSON, whose form
//! differs from compiler to compiler.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

/// The compiler whose documentation is read.
const COMPILER: &str = "1.95";

const CRATES: [&str; 5] = ["kps-model", "kps-core", "kps-ureq", "kps-reqwest", "kps-emulator"];

/// What is shown in use. Variants and fields are told of by what has them, methods mostly by their type.
const SHOWN: [&str; 5] = ["enum", "function", "macro", "struct", "trait"];

/// What a command that has these arguments says of itself is their docs, so the module shows them.
const SHOWN_ELSEWHERE: [&str; 1] = ["kps_emulator::program::args::Args"];

/// The folder of the docs as JSON.
static DOCUMENTS: LazyLock<PathBuf> = LazyLock::new(document);

#[test]
fn the_public_api_is_the_recorded_one() {
    let write = std::env::var_os("KPS_API").is_some_and(|value| value == "write");
    let mut changed = Vec::new();
    for name in CRATES {
        let api = api(&of_crate(name));
        let recorded =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api").join(name).with_extension("txt");
        if write {
            fs::write(&recorded, &api).unwrap();
        }
        let before = fs::read_to_string(&recorded).unwrap_or_default();
        changed.extend(difference(name, &before, &api));
    }
    assert!(changed.is_empty(), "if it is meant so, record it with KPS_API=write:\n{}", changed.join("\n"));
}

#[test]
fn each_item_is_shown_in_use() {
    let missing: Vec<String> = CRATES.iter().flat_map(|name| without_example(&of_crate(name))).collect();
    assert!(missing.is_empty(), "there is no example in the docs of\n{}", missing.join("\n"));
}

/// The public items whose docs hold no code.
fn without_example(document: &Path) -> Vec<String> {
    let document: Value = serde_json::from_slice(&fs::read(document).unwrap()).unwrap();
    let (index, paths) = (document["index"].as_object().unwrap(), document["paths"].as_object().unwrap());
    let shown = paths.iter().filter(|(_, item)| SHOWN.iter().any(|kind| item["kind"] == *kind));
    let mut missing: Vec<String> = shown
        // What is not in the index is another crate's, or private.
        .filter_map(|(id, item)| Some((index.get(id)?["docs"].as_str(), item["path"].as_array()?)))
        .filter(|(docs, _)| docs.is_none_or(|docs| !docs.contains("```")))
        .map(|(_, path)| path.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("::"))
        .filter(|path| !SHOWN_ELSEWHERE.contains(&path.as_str()))
        .collect();
    missing.sort();
    missing
}

fn of_crate(name: &str) -> PathBuf {
    DOCUMENTS.join(name.replace('-', "_")).with_extension("json")
}

fn difference(name: &str, before: &str, now: &str) -> Vec<String> {
    let lost = before.lines().filter(|line| !now.lines().any(|other| other == *line)).map(|line| ('-', line));
    let new = now.lines().filter(|line| !before.lines().any(|other| other == *line)).map(|line| ('+', line));
    lost.chain(new).map(|(sign, line)| format!("{name}: {sign} {line}")).collect()
}

/// An item a line, with all features.
fn api(document: &Path) -> String {
    let api = public_api::Builder::from_rustdoc_json(document)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .unwrap();
    let mut lines: Vec<String> = api.items().map(ToString::to_string).collect();
    lines.push(String::new());
    lines.join("\n")
}

/// Writes the docs as JSON, and tells where they lie.
fn document() -> PathBuf {
    let version = String::from_utf8(Command::new("rustc").arg("--version").output().unwrap().stdout).unwrap();
    assert!(
        version.contains(COMPILER),
        "this test reads what rustc {COMPILER} writes, and this is {version}"
    );
    // Not in the folder where this test was built, which cargo may hold.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("api");
    let built = Command::new(env!("CARGO"))
        .args(["doc", "--no-deps", "--lib", "--all-features", "--locked", "--quiet", "--target-dir"])
        .arg(&target)
        .args(CRATES.iter().flat_map(|name| ["--package", name]))
        // JSON is not stable, and nothing else that is not is used.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json --cap-lints allow")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    target.join("doc")
}
