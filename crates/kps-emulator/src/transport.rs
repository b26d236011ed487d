use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use kps_core::{AsyncTransport, Failure, Prepared, Transport};

use crate::Emulator;

/// A transport to an [`Emulator`] in the same process, for both clients. It never sleeps.
#[derive(Clone)]
pub struct InProcess {
    emulator: Emulator,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl InProcess {
    pub(crate) fn new(emulator: Emulator) -> Self {
        Self { emulator, clock: Arc::new(system_clock) }
    }

    /// Sets the clock of both sides: requests are signed and judged by it.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

#[expect(clippy::disallowed_methods, reason = "the one clock of this crate")]
pub(crate) fn system_clock() -> SystemTime {
    SystemTime::now()
}

impl Transport for InProcess {
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        Ok(self.emulator.handle(request.as_http(), (self.clock)()))
    }

    fn sleep(&self, _: Duration) {}

    fn now(&self) -> SystemTime {
        (self.clock)()
    }

    fn ticks(&self) -> Duration {
        (self.clock)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

#[async_trait]
impl AsyncTransport for InProcess {
    async fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        Transport::send(self, request)
    }

    async fn sleep(&self, _: Duration) {}

    fn now(&self) -> SystemTime {
        Transport::now(self)
    }

    fn ticks(&self) -> Duration {
        Transport::ticks(self)
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").field("emulator", &self.emulator).finish_non_exhaustive()
    }
}
