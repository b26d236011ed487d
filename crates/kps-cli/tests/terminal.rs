//! What a person at a terminal sees: lines that fit, times from now, bars, colours, questions.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(unix)]

use kps_emulator::Emulator;
use support::service::Service;
use support::{kps, terminal};

mod support;

fn demo(columns: u16, arguments: &[&str], typed: &str) -> (String, i32) {
    terminal::seen(columns, kps(arguments).args(["--demo", "--no-color"]), typed)
}

#[test]
fn a_list_fits() {
    let (seen, code) = demo(80, &["failed", "--since", "8h"], "");
    let expected = "\
TASK       OPERATION      WHEN       ERROR                 SERVER   KEY PAIR
33c4774e…  replace        7 h ago    The security group…   build-2  build-agents
52ad6074…  reset          2 h ago    Update public key e…  db-2     db-admin
4e349d98…  bind           8 min ago  The root password i…  web-1    team-web
af896910…  running reset  44 s ago   Update public key e…  db-2     db-admin
";
    assert_eq!((seen.as_str(), code), (expected, 0));
    let (seen, _) = demo(200, &["failed", "--since", "8h"], "");
    assert!(seen.contains("33c4774e-c50c-41c1-8ac7-adac1a4b7d0b  replace "), "{seen}");
    for columns in [1, 20, 60, 79, 100, 120] {
        let (seen, _) = demo(columns, &["failed"], "");
        // Below that the texts have no room at all.
        let most = usize::from(columns.max(66));
        let widest = seen.lines().map(unicode_width::UnicodeWidthStr::width).max();
        assert!(widest <= Some(most), "{columns}: {seen}");
    }
}

#[test]
fn what_is_there_to_be_read_is_not_cut() {
    for (arguments, told) in [
        (&["unbind", "spare-1", "bastion-1"][..], "or shut the server off, which needs no login"),
        (
            &["keypair", "delete", "nobody", "nothing", "--yes"],
            "it may belong to another user, project or region",
        ),
        (&["task", "wait", "no-such", "nothing"], "take the id unchanged from a receipt or a list of tasks"),
        (
            &["call", "--list"],
            "BatchExportPrivateKey     POST    /v3/{project_id}/keypairs/private-key/batch-export",
        ),
    ] {
        let (seen, _) = demo(60, arguments, "");
        assert!(seen.contains(told), "{seen}");
    }
    let mut doctor = kps(&["doctor", "--no-color", "--endpoint", "http://127.0.0.1:1", "--timeout", "1s"]);
    let (seen, code) = terminal::seen(60, doctor.envs(support::credentials()), "");
    assert!(code == 4 && seen.contains("; see whether a firewall is between, and whether "), "{seen}");
}

#[test]
fn counts_are_bars() {
    let (seen, code) = demo(60, &["failed", "--group-by", "day", "--since", "2026-03-29"], "");
    let expected = "\
KEY         COUNT
2026-03-29      1  ██████████▎
2026-03-30      3  ██████████████████████████████▊
2026-03-31      4  █████████████████████████████████████████
2026-04-01      4  █████████████████████████████████████████
";
    assert_eq!((seen.as_str(), code), (expected, 0));
}

#[test]
fn that_there_is_nothing_is_said() {
    let (seen, code) = demo(80, &["failed", "--region", "cn-south-1"], "");
    assert_eq!((seen.as_str(), code), ("kps: no failed tasks\n", 0));
    let (seen, code) = demo(80, &["running", "--server", "db-*"], "");
    assert_eq!((seen.as_str(), code), ("kps: no running tasks\n", 0));
}

#[test]
fn colours_are_for_terminals_alone_and_not_for_all() {
    use std::os::unix::ffi::OsStrExt as _;

    let colored = |variable: Option<(&str, &str)>, arguments: &[&str]| {
        let mut command = kps(arguments);
        command.envs(variable);
        terminal::seen(80, &command, "").0.contains('\u{1b}')
    };
    let list = ["failed", "--demo"];
    assert!(colored(None, &list));
    assert!(!colored(Some(("NO_COLOR", "1")), &list));
    assert!(!colored(None, &["failed", "--demo", "--no-color"]));
    let mut of_bytes = kps(&list);
    of_bytes.env("NO_COLOR", std::ffi::OsStr::from_bytes(b"\xff"));
    let (seen, code) = terminal::seen(80, &of_bytes, "");
    assert!(code == 0 && !seen.contains('\u{1b}'), "{seen}");
    let piped = kps(&list).output().unwrap().stdout;
    assert!(!piped.contains(&0x1b));
}

#[test]
fn who_looks_on_sees_lines_with_times_that_stay_true() {
    let (seen, code) = demo(80, &["failed", "--since", "30m", "--watch=1ms", "--limit", "2"], "");
    let expected = "\
TASK       OPERATION      WHEN                  ERROR           SERVER  KEY PAIR
4e349d98…  bind           2026-04-01T08:21:48Z  The root pass…  web-1   team-web
af896910…  running reset  2026-04-01T08:29:15Z  Update public…  db-2    db-admin
";
    assert_eq!((seen.as_str(), code), (expected, 0));
}

#[test]
fn clearing_asks() {
    let question = "Delete all 41 records of failed tasks in cn-north-4? [y/N] ";
    let (seen, code) = demo(80, &["failed", "clear"], "y\n");
    assert!(
        seen.contains(question) && seen.ends_with("Deleted 41 records of failed tasks in cn-north-4.\n"),
        "{seen}"
    );
    assert_eq!(code, 0);
    for answer in ["n\n", "\n", "\u{4}"] {
        let (seen, code) = demo(80, &["failed", "clear"], answer);
        assert!(seen.contains(question) && seen.ends_with("kps: nothing was done\n"), "{seen}");
        // What is typed ahead ends no line behind the question, and the end of what is typed none at all.
        assert!(answer != "\u{4}" || seen.ends_with("\nkps: nothing was done\n"), "{seen}");
        assert_eq!(code, 1);
    }
}

#[test]
fn a_key_is_asked_for_and_its_secret_not_shown() {
    use std::os::unix::fs::PermissionsExt as _;

    let home = tempfile::tempdir().unwrap();
    let mut command = kps(&["configure"]);
    let mut at = terminal::begin(80, command.env("HOME", home.path()));
    let mut seen = at.exp_string("Access key id (AK): ").unwrap();
    at.send_line("AKEXAMPLE").unwrap();
    seen += &at.exp_string("Secret access key (SK): ").unwrap();
    assert!(seen.contains("AKEXAMPLE"), "what is typed is shown elsewhere: {seen}");
    terminal::until_hidden(&at);
    at.send_line("hunter2").unwrap();
    seen += &at.exp_string("Region, such as cn-north-4 (none): ").unwrap();
    at.send_line("cn-north-4").unwrap();
    seen += &at.exp_string("Project id (none; it is looked up by the region): ").unwrap();
    at.send_line("").unwrap();
    let (rest, code) = terminal::end(&mut at);
    seen += &rest;
    assert!(code == 0 && rest.contains("Written to"), "{seen}");
    assert!(!seen.contains("hunter2"), "{seen}");
    let file = home.path().join(".huaweicloud/credentials");
    let written = std::fs::File::open(&file).unwrap();
    assert_eq!(written.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::io::read_to_string(written).unwrap();
    assert_eq!(text, "[basic]\nak = AKEXAMPLE\nsk = hunter2\nregion = cn-north-4\n");
}

#[test]
fn deleting_asks() {
    let service = Service::start(Emulator::new());
    for (answer, gone) in [("n\n", false), ("\n", false), ("y\n", true)] {
        let delete = service.kps(&["keypair", "delete", "bastion"]);
        let (seen, code) = terminal::seen(200, &delete, answer);
        let question = "Delete the key pair bastion, and with it a private key that is hosted? [y/N] ";
        assert!(seen.contains(question), "{seen}");
        assert_eq!(code, if gone { 0 } else { 1 }, "{seen}");
        let (code, ..) = service.told(&["keypair", "show", "bastion"]);
        assert_eq!(code, if gone { 7 } else { 0 }, "{seen}");
    }
}

#[test]
fn a_question_that_is_interrupted_leaves_the_echo_on() {
    let mut at = terminal::begin(80, &kps(&["configure", "--ak", "AK"]));
    at.exp_string("Secret access key (SK): ").unwrap();
    terminal::until_hidden(&at);
    at.send_control('c').unwrap();
    let (seen, code) = terminal::end(&mut at);
    assert_eq!(code, 130, "{seen}");
    assert!(terminal::shows_what_is_typed(&at), "{seen}");
}
