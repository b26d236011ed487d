//! A server to measure against, and clients of it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use kps_core::{Builder, Credentials, HttpOptions, ProjectId, Proxy};

pub const PROJECT: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
pub const AK: &str = "AKIDEXAMPLE0123456789";
pub const SK: &str = "sk0123456789abcdefghijklmnopqrstuvwxyzAB";
pub const TASKS: usize = 100_000;

/// Behind a figure, in every bench.
pub const fn over(is_over: bool) -> &'static str {
    if is_over { "  OVER BUDGET" } else { "" }
}

pub fn site<C>(builder: Builder<C>, endpoint: &str) -> Builder<C> {
    builder
        .endpoint(endpoint)
        .credentials(Credentials::access_key(AK, SK))
        .project_id(ProjectId::new(PROJECT).unwrap())
        .http(HttpOptions::new().with_proxy(Proxy::None))
}

pub fn target(limit: usize, offset: usize) -> String {
    format!("/v3/{PROJECT}/failed-tasks?limit={limit}&offset={offset}")
}

/// A server of a few lines, so far away: answers rendered beforehand, a thread a connection.
pub fn serve(away: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = |body: String| format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let pages: Vec<String> =
        (0..=TASKS).step_by(1000).map(|offset| answer(page(TASKS, 1000, offset))).collect();
    let (pages, small): (&'static [String], &'static str) = (pages.leak(), answer(page(TASKS, 10, 0)).leak());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || drop(converse(stream, pages, small, away)));
        }
    });
    address
}

fn converse(mut stream: TcpStream, pages: &[String], small: &str, away: Duration) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut chunk)?;
        bytes.extend_from_slice(&chunk[..count]);
        if count == 0 {
            return Ok(());
        }
        if !bytes.ends_with(b"\r\n\r\n") {
            continue;
        }
        let head = String::from_utf8_lossy(&bytes);
        let number = |name: &str| {
            let digits = head.split(name).nth(1).unwrap_or_default();
            digits
                .chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
                .parse::<usize>()
                .unwrap_or_default()
        };
        thread::sleep(away);
        let answer = if number("limit=") == 10 { small } else { &pages[number("offset=") / 1000] };
        stream.write_all(answer.as_bytes())?;
        bytes.clear();
    }
}

pub fn page(total: usize, limit: usize, offset: usize) -> String {
    let task = |n: usize| {
        let kind = ["FAILED_RESET", "FAILED_REPLACE", "FAILED_UNBIND"][n % 3];
        let code = if n % 4 == 3 { "null" } else { "\"KPS.0001\"" };
        format!(
            r#"{{"task_id":"aee8d2fe-5484-4753-9177-{n:012x}","operate_type":"{kind}","task_time":"{}","task_error_code":{code},"task_error_msg":"Update public key error","server_name":"Test-{n:06}","server_id":"c9aa197b-a6b6-4c33-b3a6-{n:012x}","keypair_name":"KeyPair-{:04}"}}"#,
            1_523_342_130_000_usize + n * 1000,
            n % 97,
        )
    };
    let tasks: Vec<String> = (offset..total.min(offset + limit)).map(task).collect();
    format!(r#"{{"total":{total},"tasks":[{}]}}"#, tasks.join(","))
}
