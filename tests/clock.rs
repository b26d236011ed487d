//! A machine whose clock is wrong.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use kps_conformance::Awaited;
use kps_conformance::Subject;
use kps_core::{
    Agency, AsyncTransport, Builder, Client, CredentialsSource, Failure, ListKeypairs, Prepared, Region,
    Transport, blocking,
};
use kps_emulator::{AuthFault, Emulator, InProcess};

/// The emulator's transport, on a machine whose clock is off by so many seconds.
#[derive(Clone)]
struct Off {
    emulator: InProcess,
    seconds: Arc<AtomicI64>,
    calls: Arc<AtomicUsize>,
}

fn right() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

impl Off {
    fn by(emulator: &Emulator, seconds: i64) -> Self {
        Self {
            emulator: emulator.in_process().with_clock(right),
            seconds: Arc::new(AtomicI64::new(seconds)),
            calls: Arc::default(),
        }
    }

    fn wrong(&self) -> SystemTime {
        let seconds = self.seconds.load(Ordering::SeqCst);
        let by = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 { right() - by } else { right() + by }
    }
}

impl Transport for Off {
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Transport::send(&self.emulator, request)
    }

    fn now(&self) -> SystemTime {
        self.wrong()
    }
}

#[async_trait]
impl AsyncTransport for Off {
    async fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        Transport::send(self, request)
    }

    async fn sleep(&self, _: Duration) {}

    fn now(&self) -> SystemTime {
        self.wrong()
    }
}

fn set_up<C>(builder: Builder<C>, source: impl Into<CredentialsSource>) -> Builder<C> {
    builder.region(Region::CN_NORTH_4).credentials(source).project_id(Emulator::project_id())
}

/// How many requests each of three calls takes, in both colours.
fn requests(seconds: i64) -> [Vec<usize>; 2] {
    fn of(subject: &impl Subject, off: &Off) -> Vec<usize> {
        let call = || {
            let before = off.calls.load(Ordering::SeqCst);
            subject.send(ListKeypairs::new()).unwrap();
            off.calls.load(Ordering::SeqCst) - before
        };
        (0..3).map(|_| call()).collect()
    }
    let emulator = Emulator::new();
    let (one, other) = (Off::by(&emulator, seconds), Off::by(&emulator, seconds));
    let blocking = set_up(blocking::Client::builder(one.clone()), Emulator::credentials()).build().unwrap();
    let awaited =
        Awaited::new(|| set_up(Client::builder(other.clone()), Emulator::credentials()).build().unwrap());
    [of(&blocking, &one), of(&awaited, &other)]
}

#[test]
fn a_clock_that_is_far_off_costs_one_more_request_and_is_learnt() {
    for seconds in [3600, -3600, 30 * 24 * 3600, 16 * 60, -16 * 60] {
        assert_eq!(requests(seconds), [[2, 1, 1], [2, 1, 1]], "{seconds}");
    }
    for seconds in [0, 800, -800] {
        assert_eq!(requests(seconds), [[1, 1, 1], [1, 1, 1]], "{seconds}");
    }
}

#[test]
fn a_clock_that_is_set_right_meanwhile_is_noticed() {
    let off = Off::by(&Emulator::new(), 3600);
    let kps = set_up(blocking::Client::builder(off.clone()), Emulator::credentials()).build().unwrap();
    kps.send(ListKeypairs::new()).unwrap();
    off.seconds.store(0, Ordering::SeqCst);
    kps.send(ListKeypairs::new()).unwrap();
    assert_eq!(off.calls.load(Ordering::SeqCst), 4);
    kps.send(ListKeypairs::new()).unwrap();
    assert_eq!(off.calls.load(Ordering::SeqCst), 5);
}

#[test]
fn a_refusal_that_the_clock_does_not_explain_is_not_repeated() {
    let emulator = Emulator::new();
    for (seconds, fault) in
        [(0, AuthFault::SignatureExpired), (600, AuthFault::Signature), (0, AuthFault::Locked)]
    {
        let off = Off::by(&emulator, seconds);
        let kps = set_up(blocking::Client::builder(off.clone()), Emulator::credentials()).build().unwrap();
        emulator.fail_next_authentication(fault);
        assert_eq!(kps.send(ListKeypairs::new()).unwrap_err().status(), Some(401));
        assert_eq!(off.calls.load(Ordering::SeqCst), 1, "{fault:?}");
    }
    // A token does not depend on the clock.
    let off = Off::by(&emulator, 3600);
    let token = kps_core::Credentials::token(Emulator::TOKEN);
    let kps = set_up(blocking::Client::builder(off.clone()), token).build().unwrap();
    emulator.fail_next_authentication(AuthFault::TokenUnreadable);
    assert_eq!(kps.send(ListKeypairs::new()).unwrap_err().status(), Some(401));
    assert_eq!(off.calls.load(Ordering::SeqCst), 1);
    // Nor is one that is refused again, whatever the clock says.
    let off = Off::by(&emulator, 3600);
    let kps = set_up(blocking::Client::builder(off.clone()), Emulator::credentials()).build().unwrap();
    emulator.fail_next_authentication(AuthFault::Signature);
    emulator.fail_next_authentication(AuthFault::Signature);
    assert_eq!(kps.send(ListKeypairs::new()).unwrap_err().status(), Some(401));
    assert_eq!(off.calls.load(Ordering::SeqCst), 2);
}

#[test]
fn calls_for_credentials_are_signed_by_the_right_time_too() {
    let off = Off::by(&Emulator::new(), 3600);
    let agency =
        CredentialsSource::agency(Emulator::credentials().into(), Agency::new("deployers", "emulator"));
    let kps = set_up(blocking::Client::builder(off.clone()), agency).build().unwrap();
    kps.send(ListKeypairs::new()).unwrap();
    assert_eq!(off.calls.load(Ordering::SeqCst), 3, "the agency twice, the call once");
}
