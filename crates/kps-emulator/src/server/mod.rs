//! The emulator behind HTTP.

mod broken;
mod door;
mod handshake;
#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::serve::ListenerExt;
use http::Request;
use tokio::sync::oneshot;

use crate::{Builder, Emulator};
use door::{Door, answer};
use handshake::handshake;

/// A free port of the loopback interface.
pub(crate) const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// An [`Emulator`] behind HTTP, on a thread of its own, so that blocking and asynchronous programs can ask it. Dropping
/// it stops it. Any number of them can run side by side.
///
/// Faults happen to the connection itself, and a [slow](crate::Fault::Latency) answer takes its time. A connection that
/// stands cannot be [refused](crate::Fault::Refuse) any more, and breaks instead.
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
    emulator: Emulator,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Builder {
    /// Where a [server](Self::start) listens; a free port of `127.0.0.1` if nothing is said. Beyond the loopback interface
    /// anybody on the network reaches it.
    #[must_use]
    pub const fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Whether a [server](Self::start) can be steered under `/_emulator/`, by requests whose `Host` is where it listens and
    /// that no page of another site has sent. It can if nothing is said.
    #[must_use]
    pub const fn control(mut self, control: bool) -> Self {
        self.control = control;
        self
    }

    /// The emulator behind HTTP.
    ///
    /// ```
    /// use kps_emulator::Emulator;
    ///
    /// let server = Emulator::builder().lenient_auth(true).start()?;
    /// assert!(server.emulator().calls().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the port is not free, or there is no thread.
    pub fn start(self) -> io::Result<Server> {
        let door = Door { address: self.listen, control: self.control };
        Server::open(self.build(), door)
    }
}

impl Server {
    /// Starts a server on a free port of `127.0.0.1`.
    ///
    /// # Errors
    ///
    /// If there is no port, or no thread.
    pub fn start(emulator: Emulator) -> io::Result<Self> {
        Self::open(emulator, Door { address: ANY_PORT, control: true })
    }

    fn open(emulator: Emulator, mut door: Door) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(door.address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        door.address = address;
        // With its timer: when files run out, accepting waits a while.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let app = {
            let (emulator, door) = (emulator.clone(), Arc::new(door));
            axum::Router::new()
                .fallback(move |request: Request<Body>| answer(emulator.clone(), Arc::clone(&door), request))
                .layer(DefaultBodyLimit::disable())
        };
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
        Ok(Self { emulator, address, stop: Some(stop), thread: Some(thread) })
    }

    /// What a client takes as its endpoint: `http://127.0.0.1:PORT`. Where it listens on all interfaces, this is the
    /// loopback one.
    pub fn endpoint(&self) -> String {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, self.address.port()))
    }

    /// Where it listens.
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The emulator behind it.
    pub const fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// What a client needs to call it, as JSON on one line: `endpoint`, `iam_endpoint` and `metadata_endpoint`, which are
    /// one; `region`, `project_id`, `access_key` and `secret_key`; and the project's `servers`, each with its `id`,
    /// `name`, `status` (`running` or `stopped`), `password` and `keypair_name`. What there is not is `null`. Of several
    /// projects it is the first that has servers, of several access keys the first that needs no security token.
    ///
    /// It holds the secrets of the seed.
    ///
    /// ```
    /// use kps_emulator::{Emulator, Server};
    ///
    /// let server = Server::start(Emulator::new())?;
    /// assert!(server.handshake().contains(r#""access_key":"AKEMULATOR0000000001""#));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn handshake(&self) -> String {
        handshake(&self.emulator.world(), &self.endpoint())
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
