//! The program at a terminal of its own, which is the one that controls it.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::process::Command;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, tcgetattr};

/// How long nothing may come, in milliseconds.
const PATIENCE: u16 = 60_000;

/// Begins the program at a terminal that is so wide, and that shows what is typed unless the program keeps it from that.
pub fn begin(columns: u16, program: &Command) -> PtySession {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "stty echo rows 24 columns \"$0\" && exec \"$@\"", &columns.to_string()]);
    command.arg(program.get_program()).args(program.get_args()).env_clear().env("PATH", "/usr/bin:/bin");
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(directory) = program.get_current_dir() {
        command.current_dir(directory);
    }
    spawn_command(command, Some(PATIENCE.into())).unwrap()
}

/// Waits until what is typed is not shown.
pub fn until_hidden(terminal: &PtySession) {
    let master: File = terminal.process().get_file_handle().unwrap();
    let moment = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    let is_hidden = (0..PATIENCE).any(|_| {
        let hidden = !tcgetattr(&master).unwrap().local_modes.contains(LocalModes::ECHO);
        hidden || poll(&mut [PollFd::new(&master, PollFlags::empty())], Some(&moment)).unwrap() > 0
    });
    assert!(is_hidden && !tcgetattr(&master).unwrap().local_modes.contains(LocalModes::ECHO));
}

/// What is left to see, and the exit code.
pub fn end(terminal: &mut PtySession) -> (String, i32) {
    // rexpect takes each byte for a character.
    let bytes = terminal.exp_eof().unwrap().chars().map(|byte| u8::try_from(byte).unwrap()).collect();
    let seen = String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    match terminal.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (seen, code),
        other => panic!("{other:?}: {seen}"),
    }
}

/// What a person sees who types that, and the exit code.
pub fn seen(columns: u16, program: &Command, typed: &str) -> (String, i32) {
    let mut terminal = begin(columns, program);
    if !typed.is_empty() {
        terminal.send(typed).unwrap();
        terminal.flush().unwrap();
    }
    end(&mut terminal)
}

/// Whether what is typed is shown.
pub fn shows_what_is_typed(terminal: &PtySession) -> bool {
    let master: File = terminal.process().get_file_handle().unwrap();
    tcgetattr(&master).unwrap().local_modes.contains(LocalModes::ECHO)
}
