//! What somebody at a terminal sees: the question for a password, the task as it moves, and colours.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(unix)]

use std::time::Duration;

use kps_emulator::Emulator;
use rexpect::session::PtySession;
use support::service::Service;
use support::terminal;

mod support;

const HOUR: Duration = Duration::from_secs(3600);
const DIM: &str = "\u{1b}[2m";

fn at_a_terminal(service: &Service, arguments: &[&str], variable: Option<&str>) -> PtySession {
    let mut command = service.kps(arguments);
    command.env("TERM", "xterm-256color").envs(variable.map(|name| (name, "1")));
    terminal::begin(80, &command)
}

fn bound(variable: Option<&str>) -> String {
    let service = Service::start(Emulator::builder().task_time(HOUR).build());
    let bind = ["bind", "build-01", "--keypair", "build-agents", "--wait", "--poll", "5ms"];
    let mut terminal = at_a_terminal(&service, &bind, variable);
    let mut seen = terminal.exp_string("Password of root on build-01: ").unwrap();
    terminal::until_hidden(&terminal);
    terminal.send_line("Emulator-Only-1").unwrap();
    // That it moves is seen before the task is let end.
    seen += &terminal.exp_string("build-01: the task is ready (READY_BIND)").unwrap();
    service.emulator().advance(HOUR);
    let (rest, code) = terminal::end(&mut terminal);
    seen += &rest;
    assert!(!seen.contains("Emulator-Only"), "{seen}");
    assert!(seen.contains("SUCCESS_BIND after"), "{seen}");
    assert_eq!(code, 0);
    seen
}

#[test]
fn a_password_is_asked_for_and_not_shown_and_the_task_is_seen_to_move() {
    assert!(bound(None).contains(DIM), "names are dim");
    assert!(!bound(Some("NO_COLOR")).contains(DIM), "nothing is coloured");
}

#[test]
fn a_line_that_moves_is_gone_when_somebody_interrupts() {
    let service = Service::start(Emulator::builder().task_time(HOUR).build());
    let bind = ["bind", "spare-01", "--keypair", "build-agents", "--wait", "--poll", "5ms"];
    let mut terminal = at_a_terminal(&service, &bind, None);
    terminal.exp_string("spare-01: the task is ready").unwrap();
    terminal.send_control('c').unwrap();
    terminal.exp_string("kps: interrupted; what was begun goes on; `kps task wait ").unwrap();
    assert_eq!(terminal::end(&mut terminal).1, 130);
}
