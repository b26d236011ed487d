use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;
use kps_core::{AsyncTransport, BoxFuture, Failure, FailureKind, Prepared, Sent, Transport};

use crate::Emulator;
use crate::clock::{Clock, system_clock};
use crate::faults::{End, Outcome, Way};

/// A transport to an [`Emulator`] in the same process, for both clients. It never sleeps: an answer that is too
/// [slow](crate::Fault::Latency) for the request's time limit fails at once, and any other comes at once.
///
/// ```
/// use std::time::Duration;
/// use kps_core::{ListKeypairs, Region, blocking};
/// use kps_emulator::{Emulator, Fault, FaultRule};
///
/// let emulator = Emulator::new();
/// emulator.inject(FaultRule::new(Fault::Latency(Duration::from_secs(3600))).once());
/// let kps = blocking::Client::builder(emulator.in_process())
///     .region(Region::CN_NORTH_4)
///     .credentials(Emulator::credentials())
///     .project_id(Emulator::project_id())
///     .build()?;
/// assert!(kps.with_attempts(1).send(ListKeypairs::new()).unwrap_err().is_timeout());
/// assert_eq!(kps.send(ListKeypairs::new())?.keypairs.len(), 3);
/// # Ok::<(), kps_core::Error>(())
/// ```
#[derive(Clone)]
pub struct InProcess {
    emulator: Emulator,
    clock: Clock,
}

impl InProcess {
    pub(crate) fn new(emulator: Emulator) -> Self {
        Self { emulator, clock: Clock::Told(Arc::new(system_clock)) }
    }

    /// Sets the clock of both sides: requests are signed and judged by it.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use kps_core::Transport;
    /// use kps_emulator::Emulator;
    ///
    /// let noon = UNIX_EPOCH + Duration::from_secs(1_775_044_800);
    /// let transport = Emulator::new().in_process().with_clock(move || noon);
    /// assert_eq!(Transport::now(&transport), noon);
    /// ```
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::Told(Arc::new(clock));
        self
    }

    /// Gives both sides a clock of their own that starts at this moment and goes only while somebody sleeps or waits for
    /// a [slow answer](crate::Fault::Latency), and then at once. Clones share it.
    ///
    /// ```
    /// use kps_core::Transport;
    /// use kps_emulator::Emulator;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let start = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    /// let transport = Emulator::new().in_process().with_virtual_clock(start);
    /// let shared = transport.clone();
    ///
    /// Transport::sleep(&transport, Duration::from_secs(3600));
    /// assert_eq!(Transport::now(&shared), start + Duration::from_secs(3600));
    /// assert_eq!(Transport::ticks(&shared), Duration::from_secs(3600));
    /// ```
    #[must_use]
    pub fn with_virtual_clock(mut self, start: SystemTime) -> Self {
        self.clock = Clock::starting_at(start);
        self
    }

    /// What a client gets to see that waits no longer than this.
    fn deliver(&self, outcome: Outcome, limit: Option<Duration>) -> Result<Response<Bytes>, Failure> {
        let Outcome { delay, end } = outcome;
        self.clock.wait(limit.map_or(delay, |limit| delay.min(limit)));
        if !delay.is_zero() && limit.is_some_and(|limit| delay >= limit) {
            return Err(Failure::new(FailureKind::Timeout, Sent::Maybe, "the answer comes too late"));
        }
        match end {
            End::Answer(answer) => Ok(answer),
            End::Refused => Err(Failure::new(FailureKind::Connect, Sent::No, "connection refused")),
            End::Reset => Err(Failure::new(FailureKind::Interrupted, Sent::Maybe, "connection reset")),
            End::Cut(_) => {
                Err(Failure::new(FailureKind::Interrupted, Sent::Maybe, "the body ends too early"))
            }
        }
    }
}

impl Transport for InProcess {
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        let outcome = self.emulator.respond(request.as_http(), self.clock.now(), Way::Connection);
        self.deliver(outcome, request.time_limit())
    }

    fn sleep(&self, time: Duration) {
        self.clock.wait(time);
    }

    fn now(&self) -> SystemTime {
        self.clock.now()
    }

    fn ticks(&self) -> Duration {
        self.clock.ticks()
    }
}

impl AsyncTransport for InProcess {
    fn send(&self, request: Prepared) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        Box::pin(async move { Transport::send(self, request) })
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

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InProcess").field("emulator", &self.emulator).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const START: SystemTime = SystemTime::UNIX_EPOCH;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_client_waits_for_a_slow_answer_as_long_as_it_may() {
        let told = Emulator::new().in_process().with_clock(|| START);
        for (delay, limit, is_late, passed) in [
            (seconds(0), None, false, seconds(0)),
            (seconds(0), Some(seconds(0)), false, seconds(0)),
            (seconds(5), None, false, seconds(5)),
            (seconds(5), Some(seconds(6)), false, seconds(5)),
            (seconds(5), Some(seconds(5)), true, seconds(5)),
            (seconds(5), Some(seconds(2)), true, seconds(2)),
            (Duration::MAX, Some(seconds(2)), true, seconds(2)),
            (Duration::MAX, None, false, Duration::MAX),
        ] {
            let virtual_one = told.clone().with_virtual_clock(START);
            for (transport, passed) in [(&told, seconds(0)), (&virtual_one, passed)] {
                let outcome = || Outcome { delay, end: End::Answer(Response::default()) };
                let failure = transport.deliver(outcome(), limit).err();
                let kinds = failure.map(|failure| (failure.kind(), failure.sent()));
                let late = is_late.then_some((FailureKind::Timeout, Sent::Maybe));
                assert_eq!(kinds, late, "{delay:?} {limit:?}");
                assert_eq!(Transport::ticks(transport), passed, "{delay:?} {limit:?}");
            }
        }
    }

    #[test]
    fn what_breaks_late_has_timed_out_before() {
        let transport = Emulator::new().in_process().with_virtual_clock(START);
        for (limit, kind) in [(6, FailureKind::Interrupted), (5, FailureKind::Timeout)] {
            let outcome = Outcome { delay: seconds(5), end: End::Reset };
            let failure = transport.deliver(outcome, Some(seconds(limit))).unwrap_err();
            assert_eq!((failure.kind(), failure.sent()), (kind, Sent::Maybe));
        }
    }

    #[test]
    fn a_sleep_sets_the_virtual_clock_in_both_colours() {
        let transport = Emulator::new().in_process().with_virtual_clock(START);
        let shared = transport.clone();
        Transport::sleep(&transport, seconds(2));
        let slept =
            pin!(AsyncTransport::sleep(&transport, seconds(3))).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(slept, Poll::Ready(()));
        assert_eq!(Transport::now(&shared), START + seconds(5));
        assert_eq!(AsyncTransport::now(&shared), START + seconds(5));
        assert_eq!(AsyncTransport::ticks(&shared), seconds(5));
    }

    #[test]
    fn a_clock_that_is_told_is_kept() {
        let transport = Emulator::new().in_process().with_clock(|| START + seconds(7));
        Transport::sleep(&transport, Duration::MAX);
        assert_eq!(Transport::now(&transport), START + seconds(7));
        assert_eq!(Transport::ticks(&transport), seconds(7));
    }
}
