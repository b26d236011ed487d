//! A service that runs, and the program that asks it, in a directory of its own.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads files, and fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use std::{fs, io::Write as _};

use kps_emulator::{Emulator, Seed, Server};

/// An emulator over HTTP until it is dropped, and a directory to work in.
pub struct Service {
    server: Server,
    directory: tempfile::TempDir,
}

/// What the program printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// All that it printed.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// What it printed, if all is well.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!((self.code, &*self.stderr), (Some(0), ""), "{self:?}");
        self.stdout
    }

    /// Its code, what it printed, and what it said.
    pub fn told(self) -> (i32, String, String) {
        (self.code.unwrap(), self.stdout, self.stderr)
    }

    /// What it said, if it ended so.
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        self.stderr
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Service {
    pub fn new() -> Self {
        Self::start(Emulator::new())
    }

    pub fn start(emulator: Emulator) -> Self {
        Self { server: Server::start(emulator).unwrap(), directory: tempfile::tempdir().unwrap() }
    }

    /// One whose tasks take so long.
    pub fn with_task_time(time: Duration) -> Self {
        Self::start(Emulator::builder().task_time(time).build())
    }

    /// One with these servers and the key pair `team`, whose tasks end at once.
    pub fn with_servers(servers: &str) -> Self {
        let project = format!(r#"{{"keypairs":[{{"name":"team"}}],"servers":[{servers}]}}"#);
        let seed = format!(
            r#"{{"access_keys":[{{"id":"{}","secret":"{}"}}],"projects":{{"{}":{project}}}}}"#,
            super::AK,
            super::SK,
            Emulator::PROJECT_ID
        );
        let seed = Seed::from_json(seed.as_bytes()).unwrap();
        Self::start(Emulator::builder().seed(seed).task_time(Duration::ZERO).build())
    }

    pub fn emulator(&self) -> &Emulator {
        self.server.emulator()
    }

    pub fn endpoint(&self) -> String {
        self.server.endpoint()
    }

    /// The names of the operations that were called, without those that only look.
    pub fn changes(&self) -> Vec<String> {
        let calls = self.emulator().calls();
        let names = calls.iter().filter_map(|call| call.operation.map(str::to_owned));
        names.filter(|name| !name.starts_with("List")).collect()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The names of the files in the directory.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The program, with credentials and nothing of whoever runs the tests.
    pub fn kps(&self, arguments: &[&str]) -> Command {
        let mut command = super::asking(&self.server, arguments);
        command.current_dir(self.directory()).stdin(Stdio::null());
        command
    }

    /// Runs the program: its code, what it printed, and what it said.
    pub fn told(&self, arguments: &[&str]) -> (i32, String, String) {
        self.run(arguments).told()
    }

    /// Runs the program.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.kps(arguments).output().unwrap().into()
    }

    /// Runs the program with something on its standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.kps(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    }
}
