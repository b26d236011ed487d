//! The emulator before a judge that is not ours: the official Python SDK makes all calls and the usual mistakes, our
//! client makes the same, and what both read, and what the emulator has noted of both, is compared.
#![cfg(unix)]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod ours;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use kps_emulator::Emulator;
use serde::Deserialize;
use serde_json::Value;

use support::Program;

/// What a client saw of a call.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Seen {
    step: String,
    code: Option<String>,
    message: Option<String>,
    /// That of the request.
    id: Option<String>,
    /// The answer, as the client has understood it.
    read: Value,
}

/// The interpreter of an environment that has the SDK.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("official-sdk");
        let install = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/install");
        assert!(Command::new(install).arg(&directory).status().unwrap().success());
        directory.join("bin/python")
    })
}

/// What a script prints. Its home is one where the SDK may leave what it likes, and what the SDK warns of, when it
/// reads an answer, is an error.
fn run(script: &[&str]) -> String {
    let mut command = Command::new(python());
    command.args(script).env("HOME", env!("CARGO_TARGET_TMPDIR")).env("NO_PROXY", "127.0.0.1");
    let output = command.env("PYTHONWARNINGS", "error::Warning:huaweicloudsdkcore.client").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Without what is not the same twice: times, which have ten or thirteen digits, and what `null` would say.
fn masked(value: Value) -> Value {
    let is_time =
        |text: &str| matches!(text.len(), 10 | 13) && text.bytes().all(|byte| byte.is_ascii_digit());
    match value {
        Value::String(text) if is_time(&text) => "a time".into(),
        Value::Number(number) if is_time(&number.to_string()) => "a time as a number".into(),
        Value::Array(items) => items.into_iter().map(masked).collect(),
        Value::Object(fields) => {
            let told = fields.into_iter().filter(|(_, value)| !value.is_null());
            told.map(|(name, value)| (name, masked(value))).collect()
        }
        other => other,
    }
}

/// A message without the request it quotes, which names the client.
fn unquoted(message: &str) -> String {
    message.split(", canonicalRequest:").next().unwrap().to_owned()
}

/// What each call came to, by the journal: the operation, what was sent, and the statuses.
fn journal(program: &Program) -> Vec<Value> {
    let told = program.steer("GET", "/journal?limit=1000", "");
    let calls = told["calls"].as_array().unwrap().iter();
    let fields = ["operation", "method", "path", "query", "body", "status", "sent"];
    calls.map(|call| masked(fields.iter().map(|field| (*field, call[*field].clone())).collect())).collect()
}

/// What the official client does not read as it comes, as of when: it expects each key pair in one object.
const UNREAD: [(&str, &str); 1] = [("observed", "import several")];

fn frozen(quirks: &str) -> Program {
    let program = Program::start(&["--quirks", quirks]);
    program.steer("POST", "/clock/freeze", "");
    program
}

#[test]
fn the_official_client_and_ours_see_the_same() {
    for quirks in ["documented", "observed"] {
        judge(quirks);
    }
}

fn judge(quirks: &str) {
    let official = frozen(quirks);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judge/official.py");
    let told = run(&[script, &official.greeting.to_string()]);
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ours = frozen(quirks);
    let own = ours::run(&ours);
    let (theirs_noted, ours_noted) = (journal(&official), journal(&ours));

    assert_eq!((told.len(), theirs_noted.len()), (own.len(), own.len()), "a call for each step");
    for (at, mut own) in own.into_iter().enumerate() {
        assert_eq!(told[at]["status"], theirs_noted[at]["sent"], "{}", own.step);
        assert_eq!(theirs_noted[at], ours_noted[at], "{}", own.step);
        let is_read = !UNREAD.contains(&(quirks, &own.step));
        if let Some(came) = told[at]["came"].as_str().filter(|came| !came.is_empty()) {
            let came = masked(serde_json::from_str(came).unwrap());
            assert_eq!(masked(told[at]["read"].clone()) == came, is_read, "{}: {}", own.step, told[at]);
        }
        if !is_read {
            continue;
        }
        let mut theirs: Seen = serde_json::from_value(told[at].clone()).unwrap();
        for seen in [&mut theirs, &mut own] {
            seen.read = masked(std::mem::take(&mut seen.read));
            seen.message = seen.message.as_deref().map(unquoted);
        }
        assert_eq!(theirs, own);
    }
    let called: BTreeSet<_> = ours_noted.iter().filter_map(|call| call["operation"].as_str()).collect();
    assert_eq!(called, Emulator::operations().map(|(name, ..)| name).collect());
}

#[test]
fn the_documented_snippet_runs() {
    let document = include_str!("../../../../docs/emulator.md");
    let snippet = document.split_once("```python\n").unwrap().1.split("```").next().unwrap();
    let program = Program::start(&[]);
    let snippet = snippet.replace("http://127.0.0.1:8650", program.text("endpoint"));
    let told = run(&["-c", &snippet]);
    for name in ["bastion", "build-agents", "laptop-key"] {
        assert!(told.contains(name), "{told}");
    }
}
