//! A server on the loopback interface.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

pub(crate) const NO_KEY_PAIRS: &str = "HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"keypairs\":[]}";

/// A server on the loopback interface that answers every request alike and keeps connections open. It is a proxy as
/// well: it takes itself for whatever host it is asked to reach. It lives as long as the test.
pub(crate) struct Server {
    pub(crate) address: String,
    /// The heads that came over each connection.
    pub(crate) seen: Arc<Mutex<Vec<Vec<String>>>>,
}

impl Server {
    pub(crate) fn start(answer: &'static str) -> Self {
        Self::with_tunnel(answer, "HTTP/1.1 200 Connection established\r\n\r\n")
    }

    /// A proxy that answers so when it is asked for a tunnel.
    pub(crate) fn with_tunnel(answer: &'static str, tunnel: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
        let noted = seen.clone();
        thread::spawn(move || {
            for (at, stream) in listener.incoming().enumerate() {
                noted.lock().unwrap().push(Vec::new());
                let noted = noted.clone();
                thread::spawn(move || converse(&mut stream.unwrap(), at, &noted, [answer, tunnel]));
            }
        });
        Self { address, seen }
    }

    pub(crate) fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.seen.lock().unwrap().concat()
    }
}

fn converse(
    stream: &mut TcpStream,
    at: usize,
    seen: &Mutex<Vec<Vec<String>>>,
    answers: [&str; 2],
) -> Option<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).ok()?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).ok()?.to_ascii_lowercase();
        let answer = answers[usize::from(head.starts_with("connect "))];
        seen.lock().unwrap()[at].push(head);
        stream.write_all(answer.as_bytes()).ok()?;
    }
}
