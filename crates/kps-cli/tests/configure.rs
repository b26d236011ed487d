//! `kps configure`: the credentials file, whole or untouched.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

mod support;

fn configure(home: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = support::kps(&["configure"]);
    command.args(arguments).env("HOME", home).env("USERPROFILE", home);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Nothing may be read of it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    for printed in [&output.stdout, &output.stderr] {
        assert!(!String::from_utf8_lossy(printed).contains("hunter2"));
    }
    output
}

#[test]
fn a_key_that_is_written_down_signs() {
    let home = tempfile::tempdir().unwrap();
    let given = ["--ak", "AKEXAMPLE", "--sk-stdin", "--region", "cn-north-4", "--project-id", "0a1b"];
    let output = configure(home.path(), &given, "hunter2\n");
    assert!(output.status.success(), "{output:?}");
    let file = home.path().join(".huaweicloud/credentials");
    let text = "[basic]\nak = AKEXAMPLE\nsk = hunter2\nproject_id = 0a1b\nregion = cn-north-4\n";
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    }
    let mut sign = support::kps(&["sign", "https://a.example/"]);
    let signed = sign.env("HOME", home.path()).env("USERPROFILE", home.path()).output().unwrap();
    assert!(String::from_utf8(signed.stdout).unwrap().contains("Access=AKEXAMPLE, "));
}

#[test]
fn a_section_is_written_over_only_by_force_and_the_others_are_kept() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".huaweicloud/credentials");
    fs::create_dir(file.parent().unwrap()).unwrap();
    let before = "# mine\n[basic]\nak = OLD\nsk = old\n";
    fs::write(&file, before).unwrap();
    let secret = home.path().join("sk");
    fs::write(&secret, "hunter2\n").unwrap();
    let given = ["--ak", "NEW", "--sk-file", secret.to_str().unwrap()];

    let refused = configure(home.path(), &given, "");
    assert_eq!(refused.status.code(), Some(2));
    let dry = configure(home.path(), &[&given[..], &["--force", "--dry-run"]].concat(), "");
    assert!(dry.status.success());
    assert_eq!(fs::read_to_string(&file).unwrap(), before);

    assert!(configure(home.path(), &[&given[..], &["--profile", "team"]].concat(), "").status.success());
    let both = format!("{before}\n[team]\nak = NEW\nsk = hunter2\n");
    assert_eq!(fs::read_to_string(&file).unwrap(), both);
    assert!(configure(home.path(), &[&given[..], &["--force"]].concat(), "").status.success());
    let new = both.replace("OLD", "NEW").replace("sk = old", "sk = hunter2");
    assert_eq!(fs::read_to_string(&file).unwrap(), new);
}

#[test]
fn what_is_missing_or_wrong_is_told_and_nothing_written() {
    for (arguments, input, told) in [
        (&["--ak", "AK"][..], "", "the secret access key (SK) is needed; say --sk-stdin or --sk-file"),
        (&["--sk-stdin"], "hunter2", "the access key id (AK) is needed; say --ak"),
        (&["--ak", "AK", "--sk-stdin"], "", "is not one word"),
        (&["--ak", "AK", "--sk-stdin"], "hunter2 x", "is not one word"),
        (&["--ak", "A K", "--sk-stdin"], "hunter2", "the access key id (AK) holds white space"),
        (&["--ak", "AK", "--sk-stdin", "--profile", "a]b"], "hunter2", "a section cannot be called"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let output = configure(home.path(), arguments, input);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(told), "{error}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_not_written_over() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".huaweicloud/credentials");
    fs::create_dir(file.parent().unwrap()).unwrap();
    fs::write(&file, "[basic]\nak\n").unwrap();
    let output = configure(home.path(), &["--ak", "AK", "--sk-stdin", "--force"], "hunter2");
    assert!(String::from_utf8(output.stderr).unwrap().contains("line 2: expected"));
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(fs::read_to_string(&file).unwrap(), "[basic]\nak\n");
}
