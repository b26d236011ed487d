//! `kps emulator` and the other commands against it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader};
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

#[test]
fn it_prints_what_the_other_commands_need() {
    let mut command = support::kps(&["emulator", "--listen", "127.0.0.1:0", "--task-time", "0s"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut running = Running(child);
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let greeting: Value = serde_json::from_str(&line).unwrap();
    let text = |name: &str| greeting[name].as_str().unwrap().to_owned();
    let mut call = support::kps(&["call", "ListFailedTask", "limit=1", "--query", "tasks[0].server_name"]);
    call.args(["--endpoint", &text("endpoint")]).env("HUAWEICLOUD_SDK_PROJECT_ID", text("project_id"));
    call.env("HUAWEICLOUD_SDK_AK", support::AK).env("HUAWEICLOUD_SDK_SK", support::SK);
    let output = call.output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "Test\n");
}

#[test]
fn what_it_cannot_do_is_a_fault_of_the_command_line() {
    let output = support::kps(&["emulator", "--seed", "nowhere.json"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.starts_with("kps: ") && told.contains("nowhere.json"), "{told}");
}
