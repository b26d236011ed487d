//! `kps call` against an emulator: keys are shown when asked for, and saved for their owner alone.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::process::{Output, Stdio};

use kps_emulator::{Emulator, Server};
use serde_json::Value;

mod support;

fn call(server: &Server, arguments: &[&str], input: &str) -> Output {
    let mut command = support::kps(&["call", "--endpoint", &server.endpoint()]);
    command.args(arguments).env("HUAWEICLOUD_SDK_PROJECT_ID", Emulator::project_id().as_str());
    command.env("HUAWEICLOUD_SDK_AK", support::AK).env("HUAWEICLOUD_SDK_SK", support::SK);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Nothing may be read of it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn printed(output: &Output) -> Value {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_private_key_is_saved_or_revealed_and_else_not_made() {
    let server = Emulator::builder().start().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ci.pem");
    let path = file.to_str().unwrap();

    let refused = call(&server, &["CreateKeypair", "keypair.name=ci"], "");
    assert_eq!(refused.status.code(), Some(2));
    let names = |output: &Output| printed(output)["keypairs"].to_string();
    assert!(!names(&call(&server, &["ListKeypairs"], "")).contains("\"ci\""), "nothing was made");

    let made =
        call(&server, &["CreateKeypair", "--json", "-", "--save", path], r#"{"keypair":{"name":"ci"}}"#);
    assert_eq!(printed(&made)["keypair"]["private_key"], "***");
    let key = fs::read_to_string(&file).unwrap();
    assert!(key.starts_with("-----BEGIN "), "a key is saved");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = call(&server, &["CreateKeypair", "keypair.name=cj", "--save", path], "");
    assert_eq!(again.status.code(), Some(2));
    // What cannot be printed is not asked for.
    let as_csv = call(&server, &["CreateKeypair", "keypair.name=cj", "--reveal", "--output", "csv"], "");
    assert_eq!(as_csv.status.code(), Some(2));
    assert!(!names(&call(&server, &["ListKeypairs"], "")).contains("\"cj\""), "nothing was made");
    assert_eq!(fs::read_to_string(&file).unwrap(), key);

    let public =
        "keypair.public_key=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P";
    let other = directory.path().join("other.pem");
    let imported = ["CreateKeypair", "keypair.name=cj", public, "--save", other.to_str().unwrap()];
    assert_eq!(call(&server, &imported, "").status.code(), Some(2), "there is no key to save");
    assert!(!names(&call(&server, &["ListKeypairs"], "")).contains("\"cj\""), "nothing was made");

    let shown = call(&server, &["CreateKeypair", "keypair.name=ck", "--reveal"], "");
    assert!(printed(&shown)["keypair"]["private_key"].as_str().unwrap().starts_with("-----BEGIN "));
}

#[test]
fn hosted_keys_are_masked_and_come_as_an_archive() {
    let server = Emulator::builder().start().unwrap();
    let hosted = r#"{"keypair":{"name":"h","key_protection":{"encryption":{"type":"default"}}}}"#;
    let made = call(&server, &["CreateKeypair", "--json", "-"], hosted);
    assert_eq!(printed(&made)["keypair"]["private_key"], "***", "the service keeps it");
    let exported = call(&server, &["ExportPrivateKey", "keypair.name=h"], "");
    assert_eq!(printed(&exported)["keypair"]["private_key"], "***");

    let batch = r#"[{"keypair":{"name":"h"}}]"#;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("keys.zip");
    let saved =
        call(&server, &["BatchExportPrivateKey", "--json", "-", "--save", file.to_str().unwrap()], batch);
    assert!(saved.status.success() && saved.stdout.is_empty());
    assert!(fs::read(&file).unwrap().starts_with(b"PK"));
    let shown = call(&server, &["BatchExportPrivateKey", "--json", "-", "--reveal"], batch);
    assert_eq!(shown.stdout.len(), fs::read(&file).unwrap().len());

    let cleared = call(&server, &["ClearPrivateKey", "keypair_name=h"], "");
    assert!(cleared.status.success(), "{cleared:?}");
}

#[test]
fn a_secret_of_a_bad_request_is_not_quoted() {
    let server = Emulator::builder().start().unwrap();
    for request in [
        r#"{"keypair_name":"a","server":{"id":"s","auth":{"type":"hunter2","key":"hunter2"}}}"#,
        r#"{"keypair_name":"a","server":{"id":"s","auth":{"type":"password","key":{"hunter2":1}}}}"#,
        r#"{"keypair_name":"a","server":{"auth":{"key":"hunter2""#,
    ] {
        for more in [&[][..], &["keypair_name=b"]] {
            let arguments = [&["AssociateKeypair", "--json", "-"][..], more].concat();
            let output = call(&server, &arguments, request);
            let told = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{told}");
            assert!(told.contains("AssociateKeypair") && !told.contains("hunter2"), "{told}");
        }
    }
}

#[test]
fn every_operation_is_listed() {
    let output = support::kps(&["call", "--list", "--output", "json"]).output().unwrap();
    let listed = printed(&output);
    let listed: BTreeSet<&str> =
        listed.as_array().unwrap().iter().map(|line| line["operation"].as_str().unwrap()).collect();
    assert_eq!(listed, Emulator::operations().map(|(name, ..)| name).collect());
}
