//! A server that quotes what it is asked.

use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};

use crate::outcome::{OUTCOMES, Outcome};

/// A server that quotes the request, whatever it is.
pub(crate) fn quoting_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (n, stream) in listener.incoming().enumerate() {
            // A client that is throttled waits in earnest.
            let hasty = OUTCOMES.iter().filter(|outcome| !matches!(outcome, Outcome::Refused(429)));
            let outcome = *hasty.cycle().nth(n).unwrap();
            drop(serve(stream.unwrap(), outcome));
        }
    });
    format!("http://{address}")
}

fn serve(mut stream: TcpStream, outcome: Outcome) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    let length = |head: &str| {
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
    };
    loop {
        let count = stream.read(&mut chunk)?;
        request.extend(chunk.iter().take(count));
        let text = String::from_utf8_lossy(&request).into_owned();
        let whole =
            text.split_once("\r\n\r\n").is_some_and(|(head, body)| body.len() >= length(head).unwrap_or(0));
        if whole || count == 0 {
            if matches!(outcome, Outcome::Lost) {
                return Ok(());
            }
            let (status, body) = outcome.answer(&text);
            let head =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            return stream.write_all(format!("{head}{body}").as_bytes());
        }
    }
}
