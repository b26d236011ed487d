//! A server that does whatever a test wants with its connections.

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::support::read_request;

pub(crate) const MIB: usize = 1 << 20;

/// What a server does with every connection.
#[derive(Clone)]
pub(crate) enum Act {
    /// Hears a request, says this, and closes its side.
    Say(Vec<u8>),
    /// Hears a request, says this, and then nothing until the client leaves.
    Stall(Vec<u8>),
    /// Hears a request, says the first, and then the second again and again until the client leaves.
    Repeat(Vec<u8>, Vec<u8>),
    /// Says this before it hears anything.
    Blurt(Vec<u8>),
}

/// A server that takes any number of connections, until it is dropped. The clients have to be dropped before.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) stop: Arc<AtomicBool>,
    /// The most that was sent over one connection.
    pub(crate) most: Arc<AtomicUsize>,
    /// How many requests were heard.
    pub(crate) heard: Arc<AtomicUsize>,
    pub(crate) thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(act: impl Fn(&mut Talk<'_>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, most, heard) = <(Arc<AtomicBool>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let thread = {
            let (stop, most, heard) = (stop.clone(), most.clone(), heard.clone());
            thread::spawn(move || {
                thread::scope(|scope| {
                    for stream in listener.incoming() {
                        if stop.load(Ordering::SeqCst) {
                            return;
                        }
                        scope.spawn(|| {
                            let mut talk = Talk { stream: stream.unwrap(), sent: 0, heard: &heard };
                            act(&mut talk);
                            most.fetch_max(talk.sent, Ordering::SeqCst);
                        });
                    }
                });
            })
        };
        Self { address, stop, most, heard, thread: Some(thread) }
    }

    pub(crate) fn acting(act: Act) -> Self {
        Self::start(move |talk| match &act {
            Act::Say(answer) => {
                if talk.hear() && talk.say(answer) {
                    talk.close();
                }
            }
            Act::Stall(answer) => {
                if talk.hear() && talk.say(answer) {
                    talk.await_leave();
                }
            }
            Act::Repeat(first, then) => {
                if talk.hear() && talk.say(first) {
                    while talk.say(then) {}
                }
            }
            Act::Blurt(answer) => {
                if talk.say(answer) && talk.hear() {
                    talk.close();
                }
            }
        })
    }

    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Ends the server, and tells how much it could send over one connection at most.
    pub(crate) fn most(self) -> usize {
        let most = self.most.clone();
        drop(self);
        most.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // It waits for a connection.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One connection, as the server sees it.
pub(crate) struct Talk<'a> {
    pub(crate) stream: TcpStream,
    sent: usize,
    heard: &'a AtomicUsize,
}

impl Talk<'_> {
    /// Whether a request came.
    pub(crate) fn hear(&mut self) -> bool {
        let came = read_request(&mut self.stream).is_some();
        self.heard.fetch_add(usize::from(came), Ordering::SeqCst);
        came
    }

    /// Whether the client still takes what is said.
    pub(crate) fn say(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(count) if count > 0 => {
                    self.sent += count;
                    bytes = &bytes[count..];
                }
                _ => return false,
            }
        }
        true
    }

    pub(crate) fn close(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
        self.await_leave();
    }

    pub(crate) fn await_leave(&mut self) {
        let _ = std::io::copy(&mut self.stream, &mut std::io::sink());
    }
}
