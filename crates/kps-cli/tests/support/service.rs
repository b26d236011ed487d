//! A service that runs, and the program that asks it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output, Stdio};

use kps_emulator::{Emulator, Server};

/// An emulator over HTTP, until it is dropped.
pub struct Service {
    pub emulator: Emulator,
    server: Server,
}

impl Service {
    pub fn start(emulator: Emulator) -> Self {
        let server = Server::start(emulator.clone()).unwrap();
        Self { emulator, server }
    }

    pub fn endpoint(&self) -> String {
        self.server.endpoint()
    }

    /// The program with the credentials of the service, and its address in the arguments.
    pub fn kps(&self, arguments: &[&str]) -> Command {
        let mut command = super::asking(&self.server, arguments);
        command.stdin(Stdio::null());
        command
    }

    /// Runs it: its code, and what it says on standard output and standard error.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        told(&self.kps(arguments).output().unwrap())
    }

    /// The names of the operations that were called, without those that only look.
    pub fn changes(&self) -> Vec<String> {
        let calls = self.emulator.calls();
        let names = calls.iter().filter_map(|call| call.operation.map(str::to_owned));
        names.filter(|name| !name.starts_with("List")).collect()
    }
}

/// What a program that ended told: its code, standard output, standard error.
pub fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}
