//! How far a long list is read, as somebody at a terminal sees it who does not see its rows come.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(unix)]

use std::process::Command;
use std::time::Duration;

use kps_emulator::{Emulator, Fault, FaultRule, Seed};
use kps_ureq::{FailedTask, TaskId};
use support::service::Service;
use support::terminal;

mod support;

/// A service that lists so many failed tasks, in pages of a thousand, and does not answer the third call for a page.
fn service(count: u32) -> Service {
    let task = |n: u32| FailedTask::new(TaskId::new(format!("t-{n:05}")).unwrap());
    let tasks: Vec<FailedTask> = (0..count).map(task).collect();
    let seed = Seed::empty().with_access_key(Emulator::ACCESS_KEY_ID, Emulator::SECRET_ACCESS_KEY);
    let service = Service::start(Emulator::with_seed(seed.with_failed_tasks(Emulator::project_id(), tasks)));
    let late = FaultRule::new(Fault::Latency(Duration::from_secs(3600)));
    service.emulator().inject(late.on("ListFailedTask").unwrap().nth(3));
    service
}

fn at_a_terminal(service: &Service, arguments: &[&str]) -> Command {
    let mut command = service.kps(arguments);
    command.env("TERM", "xterm-256color");
    command
}

#[test]
fn it_is_seen_how_far_a_list_is_read() {
    for arguments in [
        &["failed"][..],
        &["failed", "--server", "nothing"],
        &["failed", "--group-by", "error"],
        &["failed", "--output", "yaml"],
        &["failed", "--output", "json", "--query", "length(@)"],
    ] {
        let service = service(2500);
        let mut terminal = terminal::begin(80, &at_a_terminal(&service, arguments));
        let seen = terminal.exp_string(" of 2500 failed tasks read").unwrap();
        assert!(!seen.contains("t-00"), "{arguments:?}: {seen}");
        terminal.send_control('c').unwrap();
        let (seen, code) = terminal::end(&mut terminal);
        // The last that is written takes the line away, with what the terminal shows of the interrupt: both are in one, which
        // ends before the last column.
        let last = seen.strip_suffix("\r\u{1b}[2K").unwrap().rsplit("\u{1b}[2K").next().unwrap();
        assert!(code == 130 && !last.contains("  ") && last.len() < 80, "{arguments:?}: {code} {seen:?}");
    }
}

#[test]
fn nothing_of_it_is_left_or_mixes_with_rows() {
    for (arguments, count) in [
        (&["failed"][..], 900),
        (&["failed", "--output", "ndjson"], 1900),
        (&["failed", "--output", "csv"], 1900),
        (&["failed", "--output", "json"], 1900),
    ] {
        let service = service(count);
        let (seen, code) = terminal::seen(80, &at_a_terminal(&service, arguments), "");
        assert!(code == 0 && seen.contains("t-00"), "{arguments:?}: {code}");
        assert!(!seen.contains("failed tasks read"), "{arguments:?}");
    }
    // Where the rows go to a file, it is seen for all forms. What goes into a pipe may come to the terminal again.
    for (form, to, is_seen) in
        [("csv", ">file", true), ("table", ">file", true), ("csv", "|cat", false), ("ndjson", "|cat", false)]
    {
        let service = service(1900);
        let command = at_a_terminal(&service, &["failed", "--output", form]);
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", &format!("\"$0\" \"$@\" {to}")])
            .arg(command.get_program())
            .args(command.get_args());
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let (seen, code) = terminal::seen(80, shell.current_dir(service.directory()), "");
        assert_eq!((code, seen.contains("1000 of 1900 failed tasks read")), (0, is_seen), "{form}: {seen:?}");
        assert_eq!(seen.ends_with("\u{1b}[2K"), is_seen, "{form}: {seen:?}");
    }
}
