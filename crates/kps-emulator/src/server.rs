use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::{self, JoinHandle};

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::DefaultBodyLimit;
use axum::serve::ListenerExt;
use http::{Request, Response};
use tokio::sync::oneshot;

use crate::Emulator;
use crate::clock::system_clock;

/// The largest body the gateway takes.
const MAX_BODY: usize = 12 << 20;

/// An [`Emulator`] behind HTTP on the loopback interface, on a thread of its own. Dropping it stops it.
///
/// ```
/// use kps_emulator::{Emulator, Server};
///
/// let server = Server::start(Emulator::new())?;
/// assert!(server.endpoint().starts_with("http://127.0.0.1:"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// If there is no port, or no thread.
    pub fn start(emulator: Emulator) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        // With its timer: when files run out, accepting waits a while.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let app = axum::Router::new()
            .fallback(move |request: Request<Body>| answer(emulator.clone(), request))
            .layer(DefaultBodyLimit::disable());
        let thread = thread::Builder::new().name("kps-emulator".into()).spawn(move || {
            runtime.block_on(async {
                // Small answers must not wait for the acknowledgement of the ones before.
                let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
                let serve = axum::serve(listener, app);
                tokio::select! {
                    _ = serve => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// What a client takes as its endpoint: `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // If it panicked, that has been printed already.
            drop(thread.join());
        }
    }
}

async fn answer(emulator: Emulator, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    // Reading would tell as well, but only after all of an announced body was waited for.
    if usize::try_from(body.size_hint().lower()).is_ok_and(|announced| announced > MAX_BODY) {
        return emulator.refuse_too_large().map(Body::from);
    }
    let answer = match to_bytes(body, MAX_BODY).await {
        Ok(body) => emulator.handle(&Request::from_parts(parts, body), system_clock()),
        // Or the connection broke, and nobody reads this.
        Err(_) => emulator.refuse_too_large(),
    };
    answer.map(Body::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    fn ask(address: SocketAddr, head: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "{head}\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn too_large_a_body_is_refused_before_it_has_come_whole() {
        let server = Server::start(Emulator::new()).unwrap();
        let announced =
            ask(server.local_addr(), &format!("POST / HTTP/1.1\r\ncontent-length: {}", MAX_BODY + 1));
        assert!(announced.starts_with("HTTP/1.1 413"), "{announced}");
        assert!(announced.contains("APIGW.0201") && announced.contains("x-request-id"), "{announced}");
    }

    #[test]
    fn it_stops_though_half_a_request_is_under_way() {
        let server = Server::start(Emulator::new()).unwrap();
        let address = server.local_addr();
        let mut half = TcpStream::connect(address).unwrap();
        half.write_all(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf").unwrap();
        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }

    #[test]
    fn it_speaks_http_until_it_is_dropped() {
        let server = Server::start(Emulator::new()).unwrap();
        let address = server.local_addr();
        assert!(address.ip().is_loopback());
        let answer = ask(address, "GET /nowhere HTTP/1.1");
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        assert!(answer.contains("APIGW.0101") && answer.contains("x-request-id"), "{answer}");
        let list = ask(address, &format!("GET /v3/{}/failed-tasks HTTP/1.1", Emulator::PROJECT_ID));
        assert!(list.contains("x-auth-token not found"), "{list}");

        drop(server);
        assert!(TcpStream::connect(address).is_err());
    }
}
