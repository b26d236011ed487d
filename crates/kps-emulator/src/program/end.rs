//! Waiting for the signal to stop.

use std::io;

use tokio::runtime::{Builder, Runtime};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that end the program, which are kept from their default from its making on.
#[cfg(unix)]
pub(crate) struct Watch {
    runtime: Runtime,
    terminate: Signal,
    interrupt: Signal,
}

#[cfg(unix)]
impl Watch {
    pub(crate) fn new() -> io::Result<Self> {
        let runtime = runtime()?;
        let (terminate, interrupt) = {
            let _entered = runtime.enter();
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?)
        };
        Ok(Self { runtime, terminate, interrupt })
    }

    /// The name of the signal that came.
    pub(crate) fn wait(mut self) -> &'static str {
        self.runtime.block_on(async {
            tokio::select! {
                _ = self.terminate.recv() => "SIGTERM",
                _ = self.interrupt.recv() => "SIGINT",
            }
        })
    }
}

/// Where there are no such signals, it is Ctrl-C.
#[cfg(not(unix))]
pub(crate) struct Watch(Runtime);

#[cfg(not(unix))]
impl Watch {
    pub(crate) fn new() -> io::Result<Self> {
        runtime().map(Self)
    }

    pub(crate) fn wait(self) -> &'static str {
        // If it cannot be waited for, there is no other way to stop than to do so now.
        drop(self.0.block_on(tokio::signal::ctrl_c()));
        "Ctrl-C"
    }
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_io().build()
}
