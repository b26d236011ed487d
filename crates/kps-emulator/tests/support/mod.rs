//! The program `kps-emulator`, started for a test.
#![allow(dead_code, reason = "not every test uses all of it")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use kps_ureq::{Builder, Client, Credentials, ProjectId, Proxy, Region, Retries};
use serde_json::Value;

/// The program while it runs. Dropping it kills it.
pub(crate) struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) greeting: Value,
}

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let greeting = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("{line:?} {said}");
        });
        Self { child, stdout, greeting }
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.greeting[field].as_str().unwrap()
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(Credentials::access_key(self.text("access_key"), self.text("secret_key")))
    }

    pub(crate) fn client_with(&self, credentials: Credentials) -> Client {
        self.builder(credentials).build().unwrap()
    }

    pub(crate) fn builder(&self, credentials: Credentials) -> Builder<Client> {
        kps_ureq::builder()
            .region(Region::new(self.text("region")).unwrap())
            .endpoint(self.text("endpoint"))
            .project_id(ProjectId::new(self.text("project_id")).unwrap())
            .credentials(credentials)
            .http(kps_ureq::HttpOptions::new().with_proxy(Proxy::None))
            .retries(Retries::none())
    }

    /// Steers it: what is told, if that is a success.
    pub(crate) fn steer(&self, method: &str, path: &str, body: &str) -> Value {
        let answer = self.ask(method, path, body);
        let (head, told) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {answer}");
        serde_json::from_str(told).unwrap()
    }

    /// A request, and the whole answer.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let address = self.text("endpoint").strip_prefix("http://").unwrap();
        let head = format!("{method} /_emulator{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close");
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Ends it by a signal: its code, and what it wrote to standard error.
    pub(crate) fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let (mut rest, mut said) = (String::new(), String::new());
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "one line is all of standard output");
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It is gone already if it was stopped.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kps-emulator"));
    let has_address = arguments.contains(&"--listen");
    command.args(if has_address { &[][..] } else { &["--listen", "127.0.0.1:0"] }).args(arguments);
    command
}
