//! A transport that dies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;
use kps_core::{AsyncTransport, BoxFuture, Failure, FailureKind, Prepared, Sent, Transport};
use kps_emulator::InProcess;

/// Where on the way of a call the line is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before the service saw it.
    Before,
    /// When it had acted, before its answer came.
    After,
    /// It waits without end, before the service saw it. It is for the async client, which can be given up.
    Held,
}

/// A transport to the emulator that is cut at a call, and dead from then on.
#[derive(Clone)]
pub(crate) struct Line {
    transport: InProcess,
    at: usize,
    cut: Cut,
    calls: Arc<AtomicUsize>,
}

impl Line {
    /// One that is never cut.
    pub(crate) fn whole(transport: InProcess) -> Self {
        Self::cut(transport, usize::MAX, Cut::Before)
    }

    /// One that is cut at this call; the first is 0.
    pub(crate) fn cut(transport: InProcess, at: usize, cut: Cut) -> Self {
        Self { transport, at, cut, calls: Arc::default() }
    }

    /// Whether so many calls were made that it was cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.calls.load(Ordering::SeqCst) > self.at
    }
}

impl Line {
    /// The number of the next call.
    fn next(&self) -> usize {
        self.calls.fetch_add(1, Ordering::SeqCst)
    }

    fn call(&self, call: usize, request: Prepared) -> Result<Response<Bytes>, Failure> {
        if call > self.at {
            return Err(Failure::new(FailureKind::Connect, Sent::No, "the line is dead"));
        }
        if call < self.at {
            return Transport::send(&self.transport, request);
        }
        if self.cut == Cut::After {
            Transport::send(&self.transport, request)?;
        }
        Err(Failure::new(FailureKind::Interrupted, Sent::Maybe, "the line is cut"))
    }
}

impl Transport for Line {
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        self.call(self.next(), request)
    }

    fn sleep(&self, time: Duration) {
        Transport::sleep(&self.transport, time);
    }

    fn now(&self) -> SystemTime {
        Transport::now(&self.transport)
    }

    fn ticks(&self) -> Duration {
        Transport::ticks(&self.transport)
    }
}

/// Each call waits once, so that others go on meanwhile.
impl AsyncTransport for Line {
    fn send(&self, request: Prepared) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        Box::pin(async move {
            let call = self.next();
            tokio::task::yield_now().await;
            if self.cut == Cut::Held && call >= self.at {
                std::future::pending::<()>().await;
            }
            self.call(call, request)
        })
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            Transport::sleep(self, time);
        })
    }

    fn now(&self) -> SystemTime {
        Transport::now(self)
    }

    fn ticks(&self) -> Duration {
        Transport::ticks(self)
    }
}
