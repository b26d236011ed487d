//! What is told on standard error of calls and of what should be mended.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

/// A file that others may read works, and is told in one line.
#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_told_once() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("credentials");
    std::fs::write(&file, "[basic]\nak=AK\nsk=hunter2\n").unwrap();
    for (mode, told) in [(0o644, true), (0o600, false)] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        for form in ["table", "json"] {
            let mut command = support::kps(&["sign", "https://a.example/", "-o", form]);
            let output = command.env("HUAWEICLOUD_SDK_CREDENTIALS_FILE", &file).output().unwrap();
            assert!(output.status.success());
            let warning = format!("{} can be read by others; `chmod 600` it", file.display());
            let expected = match (told, form) {
                (false, _) => String::new(),
                (true, "json") => format!("{{\"warning\":\"{warning}\"}}\n"),
                (true, _) => format!("kps: warning: {warning}\n"),
            };
            assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
        }
    }
}

#[test]
fn what_fails_is_told_with_its_attempts_and_pauses() {
    let arguments = ["failed", "--trace", "--endpoint", "http://127.0.0.1:1", "--timeout", "30s"];
    let mut command = support::kps(&arguments);
    command.env("HUAWEICLOUD_SDK_AK", "AK").env("HUAWEICLOUD_SDK_SK", "hunter2");
    let output = command.env("HUAWEICLOUD_SDK_PROJECT_ID", "0a1b").output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let told = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    let [first, wait, second, _, third, call, error] = lines.as_slice() else { panic!("{told}") };
    assert!(first.starts_with("kps: ListFailedTask, attempt 1: connect, "), "{told}");
    assert!(wait.starts_with("kps: ListFailedTask waits "), "{told}");
    assert!(second.starts_with("kps: ListFailedTask, attempt 2: connect, "), "{told}");
    assert!(third.starts_with("kps: ListFailedTask, attempt 3: connect, "), "{told}");
    assert!(call.starts_with("kps: ListFailedTask: ") && call.contains(", 3 attempts, "), "{told}");
    assert!(error.contains("could not connect"), "{told}");
    assert!(!told.contains("hunter2"));
}
