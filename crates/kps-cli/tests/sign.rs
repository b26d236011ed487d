//! `kps sign` against the signatures of the official client.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde::Deserialize;
use serde_json::Value;

mod support;

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
    quirks: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body_utf8: Option<String>,
    body_hex: Option<String>,
    ak: String,
    sk: String,
    project_id: Option<String>,
    domain_id: Option<String>,
    security_token: Option<String>,
    x_sdk_date: String,
    headers_sent: BTreeMap<String, String>,
    canonical_request: String,
    string_to_sign: String,
    signed_headers: String,
    authorization: String,
}

impl Case {
    fn body(&self) -> Vec<u8> {
        match &self.body_hex {
            Some(digits) => hex::decode(digits).unwrap(),
            None => self.body_utf8.clone().unwrap_or_default().into_bytes(),
        }
    }

    /// A secret of one letter is anywhere.
    fn keeps_its_secret(&self, printed: &str) -> bool {
        self.sk.len() < 8 || !printed.contains(&self.sk)
    }

    fn sign(&self, form: &str) -> Output {
        let mut command = support::kps(&["sign", "--output", form, "--method", &self.method]);
        command.env("HUAWEICLOUD_SDK_AK", &self.ak).env("HUAWEICLOUD_SDK_SK", &self.sk);
        let optional = [
            ("HUAWEICLOUD_SDK_PROJECT_ID", &self.project_id),
            ("HUAWEICLOUD_SDK_SECURITY_TOKEN", &self.security_token),
        ];
        for (name, value) in optional {
            command.envs(value.as_ref().map(|value| (name, value)));
        }
        for (name, value) in self.headers.iter().chain(self.domain_id.as_ref().map(|id| (&self.name, id))) {
            let name = if *name == self.name { "X-Domain-Id" } else { name };
            command.arg("--header").arg(format!("{name}: {value}"));
        }
        if !self.headers.keys().any(|name| name.eq_ignore_ascii_case("x-sdk-date")) {
            command.args(["--date", &self.x_sdk_date]);
        }
        run(command.args(["--body-file", "-", &self.url]), &self.body())
    }
}

fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../kps-core/tests/vectors/signing.json")).unwrap()
}

fn lower(headers: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
}

#[test]
fn every_signature_is_that_of_the_official_client() {
    let Vectors { cases, quirks } = vectors();
    assert_eq!(cases.len(), 139);
    for case in cases.iter().chain(quirks.iter().filter(|case| case.name != "quirk-invalid-utf8-escape")) {
        let output = case.sign("json");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{}: {told}", case.name);
        let signed: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(signed["canonical_request"], *case.canonical_request, "{}", case.name);
        assert_eq!(signed["string_to_sign"], *case.string_to_sign, "{}", case.name);
        assert_eq!(signed["signed_headers"], *case.signed_headers, "{}", case.name);
        assert_eq!(signed["authorization"], *case.authorization, "{}", case.name);
        let sent: BTreeMap<String, String> = serde_json::from_value(signed["headers"].clone()).unwrap();
        assert_eq!(lower(sent), lower(case.headers_sent.clone()), "{}", case.name);
        assert!(case.keeps_its_secret(&String::from_utf8_lossy(&output.stdout)), "{}", case.name);
    }
}

/// What a shell makes of the command is what is sent, to the byte.
#[cfg(unix)]
#[test]
fn a_shell_reads_the_command_of_curl_as_it_was_signed() {
    for case in vectors().cases.iter().step_by(3) {
        let output = case.sign("curl");
        let command = String::from_utf8(output.stdout).unwrap();
        assert!(case.keeps_its_secret(&command), "{}", case.name);
        let script = format!("curl() {{ printf '%s\\0' \"$@\"; }}; {command}");
        let told = Command::new("sh").args(["-c", &script]).output().unwrap();
        let words = String::from_utf8(told.stdout).unwrap();
        let words: Vec<&str> = words.split_terminator('\0').collect();
        assert_eq!(words.last(), Some(&case.url.as_str()), "{}", case.name);
        let after = |option: &str| {
            words
                .windows(2)
                .filter(|pair| pair[0] == option)
                .map(|pair| pair[1].to_owned())
                .collect::<Vec<_>>()
        };
        let headers = after("--header").into_iter().filter(|header| header != "Content-Type:");
        let headers = headers.map(|header| match header.strip_suffix(';') {
            Some(name) if !header.contains(':') => (name.to_owned(), String::new()),
            _ => header.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap(),
        });
        let mut expected = lower(case.headers_sent.clone());
        expected.insert("authorization".into(), case.authorization.clone());
        assert_eq!(lower(headers), expected, "{}", case.name);
        let body: &[String] = if case.body().is_empty() { &[] } else { &["@-".to_owned()] };
        assert_eq!(after("--data-binary"), body, "{}", case.name);
    }
}

#[test]
fn a_key_of_a_file_signs_offline_and_for_its_project() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("credentials");
    let text = "[basic]\nak=AKB\nsk=SKB\n[team]\nak=AKT\nsk=hunter2\nsecurity_token=TOKEN\nproject_id=0a1b\n";
    std::fs::write(&file, text).unwrap();
    let mut command = support::kps(&["sign", "--profile", "team", "https://a.example/"]);
    let output = command.env("HUAWEICLOUD_SDK_CREDENTIALS_FILE", &file).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(printed.starts_with("X-Project-Id: 0a1b\nX-Security-Token: TOKEN\nX-Sdk-Date: "), "{printed}");
    assert!(printed.contains("\nHost: a.example\nAuthorization: SDK-HMAC-SHA256 Access=AKT, "), "{printed}");
    assert!(!printed.contains("hunter2"));
}

#[test]
fn what_cannot_be_signed_is_a_fault_of_the_command_line() {
    for (arguments, told) in [
        (&["/v3"][..], "the URL must be like https://host/path?query, without a fragment"),
        (&["https://me:pw@a.example/"], "the URL must not hold a user name or a password"),
        (&["--header", "Authorization: x", "https://a.example/"], "an `Authorization` header already"),
        (&["--date", "2026-04-01", "https://a.example/"], "must be like 20260401T083000Z"),
        (
            &["--date", "20260401T083000Z", "-H", "x-sdk-date: 20260401T083000Z", "https://a.example/"],
            "the date is given twice",
        ),
        (&["--header", "A", "https://a.example/"], "it must be like `Name: value`"),
        (
            &["--body-file", "nowhere/at-all", "https://a.example/"],
            "the body nowhere/at-all cannot be read: it is not there",
        ),
    ] {
        let mut command = support::kps(&["sign"]);
        command.env("HUAWEICLOUD_SDK_AK", "AK").env("HUAWEICLOUD_SDK_SK", "hunter2").args(arguments);
        let output = command.output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(told) && !error.contains("hunter2"), "{error}");
    }
}
