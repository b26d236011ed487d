//! Waits that end before their tasks do, and the command that waits on.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::service::{Ran, Service};

mod support;

const SPARE_01: &str = "6b49c5ec-b37a-4fda-a8c6-45f3acedb7b9";
const HOUR: Duration = Duration::from_secs(3600);

/// The command that was told to wait on with, as arguments.
fn resumed(text: &str) -> Vec<String> {
    let line = text.split('`').find(|part| part.starts_with("kps task wait")).unwrap();
    line.split(' ').skip(1).map(str::to_owned).collect()
}

#[test]
fn a_wait_that_is_over_tells_what_waits_on() {
    let service = Service::with_task_time(HOUR);
    let bind = ["bind", "spare-01", "--keypair", "bastion", "--wait=40ms", "--poll", "1ms"];
    let (code, out, err) = service.told(&bind);
    assert_eq!((code, out.as_str()), (6, ""), "{err}");
    assert!(err.contains("did not end within 0.0 s"), "{err}");
    service.emulator().advance(HOUR);
    let resumed = resumed(&err);
    let resumed: Vec<&str> = resumed.iter().map(String::as_str).collect();
    let (code, out, err) =
        Ran::from(support::kps(&resumed).envs(support::credentials()).output().unwrap()).told();
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("SUCCESS_BIND after") && out.contains("bastion") && out.contains(SPARE_01), "{out}");
}

/// Interrupts a program once it has said on standard error that it waits: its code, and what else it says there.
#[cfg(unix)]
fn interrupted(mut child: Child) -> (i32, String) {
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("waiting for the task") {
        line.clear();
        assert_ne!(stderr.read_line(&mut line).unwrap(), 0, "it ended before");
    }
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    (child.wait().unwrap().code().unwrap(), rest)
}

#[cfg(unix)]
#[test]
fn who_is_interrupted_is_told_what_waits_on() {
    let service = Service::with_task_time(HOUR);
    let start = |arguments: &[&str]| {
        let mut command = service.kps(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let (code, rest) = interrupted(start(&["bind", "spare-01", "--keypair", "bastion", "--wait", "-v"]));
    assert_eq!(code, 130, "{rest}");
    assert!(rest.contains("kps: interrupted; what was begun goes on; `kps task wait "), "{rest}");

    let resumed = resumed(&rest);
    let wait: Vec<&str> = resumed.iter().map(String::as_str).collect();
    let mut command = support::kps(&[&wait[..], &["-v", "-o", "json", "--poll", "1ms"]].concat());
    let child =
        command.envs(support::credentials()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (code, rest) = interrupted(child);
    assert_eq!(code, 130, "{rest}");
    let last: serde_json::Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
    assert_eq!((&last["error"]["id"], &last["error"]["exit"]), (&"interrupted".into(), &130.into()));
    assert!(last["error"]["cure"].as_str().unwrap().contains("`kps task wait "), "{rest}");

    service.emulator().advance(HOUR);
    let (code, out, _) = Ran::from(support::kps(&wait).envs(support::credentials()).output().unwrap()).told();
    assert!(code == 0 && out.contains("SUCCESS_BIND"), "{code} {out}");
}
