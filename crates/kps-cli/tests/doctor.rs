//! `kps doctor` against an emulator, and against what is wrong.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::process::Command;

use kps_emulator::{Emulator, Server};
use serde_json::Value;

mod support;

/// The findings, as check, state and what was found.
fn examine(command: &mut Command) -> (Option<i32>, Vec<[String; 3]>, String) {
    let output = command.args(["doctor", "--output", "json"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    for secret in [support::SK, "hunter2"] {
        assert!(!printed.contains(secret) && !told.contains(secret), "{printed} {told}");
    }
    let found: Vec<Value> = serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{printed} {told}"));
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let found = found.iter().map(|one| ["check", "state", "found"].map(|name| text(one, name))).collect();
    (output.status.code(), found, told)
}

fn at(server: &Server) -> Command {
    let mut command = support::kps(&["--endpoint", &server.endpoint()]);
    command
        .env("HUAWEICLOUD_SDK_AK", support::AK)
        .env("HUAWEICLOUD_SDK_SK", support::SK)
        .env("HUAWEICLOUD_SDK_IAM_ENDPOINT", server.endpoint())
        .env("HUAWEICLOUD_SDK_REGION", "cn-north-4");
    command
}

fn of<'a>(found: &'a [[String; 3]], check: &str) -> (&'a str, &'a str) {
    let [_, state, text] =
        found.iter().find(|[name, ..]| name == check).unwrap_or_else(|| panic!("{check}: {found:?}"));
    (state, text)
}

#[test]
fn what_works_is_told_and_nothing_is_changed() {
    let server = Emulator::builder().start().unwrap();
    let (code, found, told) = examine(&mut at(&server));
    assert_eq!((code, told.as_str()), (Some(0), ""), "{found:?}");
    assert_eq!(of(&found, "credentials: environment"), ("ok", "taken: access key AKEM…0001"));
    assert_eq!(of(&found, "credentials: credentials file").0, "skipped");
    for check in [
        "region",
        "endpoint",
        "name",
        "connection",
        "clock",
        "ListKeypairs",
        "ListRunningTask",
        "ListFailedTask",
    ] {
        assert_eq!(of(&found, check).0, "ok", "{check}");
    }
    assert_eq!(of(&found, "project"), ("ok", "0a1b…e8f9 (cn-north-4)"));
    let calls = server.emulator().calls();
    assert!(calls.iter().all(|call| call.method == "GET"), "{calls:?}");
}

#[test]
fn a_wrong_secret_is_tried_once() {
    let server = Emulator::builder().start().unwrap();
    let mut command = at(&server);
    command
        .env("HUAWEICLOUD_SDK_SK", "hunter2")
        .env("HUAWEICLOUD_SDK_PROJECT_ID", Emulator::project_id().as_str());
    let (code, found, told) = examine(&mut command);
    assert_eq!(code, Some(3), "{found:?}");
    assert_eq!(of(&found, "ListKeypairs").0, "failed");
    assert_eq!(found.last().unwrap()[0], "ListKeypairs", "it was not tried again");
    assert!(told.contains(" checks failed"), "{told}");
}

#[test]
fn where_nobody_listens_the_rest_is_not_tried() {
    let mut command = support::kps(&["--endpoint", "http://127.0.0.1:1"]);
    command
        .env("HUAWEICLOUD_SDK_AK", support::AK)
        .env("HUAWEICLOUD_SDK_SK", support::SK)
        .env("HUAWEICLOUD_SDK_PROJECT_ID", "0a1b");
    let (code, found, _) = examine(&mut command);
    assert_eq!(code, Some(4));
    assert_eq!(found.last().unwrap()[..2], ["connection", "failed"]);
}

#[test]
fn half_a_key_and_no_region_are_told_at_once() {
    let mut command = support::kps(&[]);
    command.env("HUAWEICLOUD_SDK_AK", support::AK);
    let (code, found, _) = examine(&mut command);
    assert_eq!(code, Some(3));
    assert_eq!(of(&found, "credentials: environment").0, "failed");
    assert_eq!(of(&found, "credentials: metadata service"), ("skipped", "not asked"));
    assert_eq!(of(&found, "region").0, "failed");
}

#[test]
fn a_project_of_another_region_is_told() {
    let server = Emulator::builder().start().unwrap();
    let mut command = at(&server);
    command
        .env("HUAWEICLOUD_SDK_REGION", "cn-south-1")
        .env("HUAWEICLOUD_SDK_PROJECT_ID", Emulator::project_id().as_str());
    let (code, found, _) = examine(&mut command);
    assert_eq!(code, Some(2), "{found:?}");
    assert_eq!(of(&found, "project"), ("failed", "0a1b…e8f9 is of cn-north-4, and the region is cn-south-1"));
}

#[test]
fn without_time_nothing_is_asked() {
    let server = Emulator::builder().start().unwrap();
    let (code, found, _) = examine(at(&server).args(["--timeout", "1ns"]));
    assert_eq!(found.last().unwrap()[..2], ["name", "failed"], "{found:?}");
    assert_eq!(code, Some(6));
    assert_eq!(server.emulator().calls().len(), 0);
}
