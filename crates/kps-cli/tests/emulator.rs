//! `kps emulator` and the other commands against it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Stdio};

use serde_json::Value;

mod support;

/// It ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A running emulator, and the line it greets with.
fn start() -> (Running, Value) {
    let mut command = support::kps(&["emulator", "--listen", "127.0.0.1:0", "--task-time", "0s"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut running = Running(child);
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (running, serde_json::from_str(&line).unwrap())
}

#[test]
fn it_prints_what_the_other_commands_need() {
    let (_running, greeting) = start();
    let text = |name: &str| greeting[name].as_str().unwrap().to_owned();
    let mut call = support::kps(&["call", "ListFailedTask", "limit=1", "--query", "tasks[0].server_name"]);
    call.args(["--endpoint", &text("endpoint")]).env("HUAWEICLOUD_SDK_PROJECT_ID", text("project_id"));
    call.env("HUAWEICLOUD_SDK_AK", support::AK).env("HUAWEICLOUD_SDK_SK", support::SK);
    let output = call.output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "Test\n");
}

/// The first program of the README and the variables of the document fit the emulator as it starts.
#[test]
fn what_is_documented_asks_it() {
    let (_running, greeting) = start();
    let document = include_str!("../../../docs/emulator.md").replace("\r\n", "\n");
    let block = document.split_once("### Programs that ask it\n").unwrap().1.split("```").nth(1).unwrap();
    let endpoint = greeting["endpoint"].as_str().unwrap();
    let variables: Vec<_> = block
        .lines()
        .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
        .map(|(name, value)| (name, value.replace("http://127.0.0.1:8650", endpoint)))
        .collect();
    assert_eq!(variables.len(), 6, "{block}");
    let ask = |arguments: &[&str]| support::ended(support::kps(arguments).envs(variables.iter().cloned()));

    let server = &greeting["servers"][0];
    let mut password = tempfile::NamedTempFile::new().unwrap();
    password.write_all(server["password"].as_str().unwrap().as_bytes()).unwrap();
    let (name, password) = (server["name"].as_str().unwrap(), password.path().to_str().unwrap());
    let (_, said, code) = ask(&["bind", name, "--keypair", "build-agents", "--password-file", password]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(ask(&["doctor"]).2, 0, "{}", ask(&["doctor"]).0);

    let readme = include_str!("../../../README.md");
    for shown in [&server["id"], &server["password"]] {
        assert!(readme.contains(&format!("({shown})")), "{shown}");
    }
}

#[test]
fn what_it_cannot_do_is_a_fault_of_the_command_line() {
    let output = support::kps(&["emulator", "--seed", "nowhere.json"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.starts_with("kps: ") && told.contains("nowhere.json"), "{told}");
}
