//! No secret is on any output of these commands, whatever is asked of them, but for what `--reveal` asks for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::process::Stdio;

use kps_emulator::{Emulator, Server};

mod support;

/// Secrets of the program's own set-up and of requests.
const CANARY: &str = "canaryCanaryCANARY7";

#[test]
fn no_secret_is_printed_in_any_form() {
    let server = Emulator::builder().lenient_auth(true).start().unwrap();
    let bind = format!(
        r#"{{"keypair_name":"KeyPair-xt","server":{{"id":"c9aa197b","auth":{{"type":"password","key":"{CANARY}"}}}}}}"#,
    );
    let bad = format!(r#"{{"keypair_name":1,"server":{{"auth":{{"key":"{CANARY}"}}}}}}"#);
    let import = format!(
        r#"{{"keypair":{{"name":"KeyPair-xt","key_protection":{{"private_key":"-----BEGIN PRIVATE KEY-----\n{CANARY}","encryption":{{"type":"default"}}}}}}}}"#,
    );
    let commands: [(&[&str], &str); 9] = [
        (&["doctor"], ""),
        (&["sign", "https://a.example/"], ""),
        (&["call", "ListFailedTask"], ""),
        (&["call", "AssociateKeypair", "--json", "-"], &bind),
        (&["call", "AssociateKeypair", "--json", "-", "--dry-run"], &bind),
        (&["call", "AssociateKeypair", "--json", "-"], &bad),
        (&["call", "ImportPrivateKey", "--json", "-"], &import),
        (&["call", "ImportPrivateKey", "--json", "-", "--dry-run"], &import),
        (&["configure", "--ak", "AK", "--sk-stdin", "--dry-run"], CANARY),
    ];
    for (arguments, input) in commands {
        for form in ["table", "json", "ndjson", "csv", "yaml", "curl"] {
            let mut command = support::kps(arguments);
            command.args(["--trace", "-o", form, "--endpoint", &server.endpoint()]);
            command
                .env("HUAWEICLOUD_SDK_AK", "AKEXAMPLE")
                .env("HUAWEICLOUD_SDK_SK", CANARY)
                .env("HUAWEICLOUD_SDK_IAM_ENDPOINT", server.endpoint())
                .env("HUAWEICLOUD_SDK_PROJECT_ID", Emulator::project_id().as_str());
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            // Nothing may be read of it.
            let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
            let output = child.wait_with_output().unwrap();
            let told = [output.stdout, output.stderr].concat();
            let told = String::from_utf8(told).unwrap();
            assert!(!told.contains(CANARY), "{arguments:?} {form}: {told}");
            assert!(!told.contains("panicked"), "{arguments:?} {form}: {told}");
        }
    }
}

/// The emulator of this test lets anybody in, so a request with a wrong secret is answered.
#[test]
fn the_commands_of_the_canary_reach_the_service() {
    let server: Server = Emulator::builder().lenient_auth(true).start().unwrap();
    let mut command = support::kps(&["call", "ListFailedTask", "--endpoint", &server.endpoint()]);
    command.env("HUAWEICLOUD_SDK_AK", "AKEXAMPLE").env("HUAWEICLOUD_SDK_SK", CANARY);
    let output = command.env("HUAWEICLOUD_SDK_PROJECT_ID", Emulator::project_id().as_str()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
