//! A machine whose clock is wrong.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use kps_conformance::Awaited;
use kps_conformance::Subject;
use kps_core::{
    Agency, AsyncTransport, BoxFuture, Builder, Client, Credentials, CredentialsSource, Error, Failure,
    ListKeypairs, Prepared, Ready, Region, Transport, blocking,
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
    let awaited = Awaited::new(|| {
        set_up(Client::builder(Ready(other.clone())), Emulator::credentials()).build().unwrap()
    });
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

type Call = Box<dyn Fn() -> Result<usize, Error>>;

/// A call by a client on a machine of its own, in each colour.
fn calls(emulator: &Emulator, seconds: i64, source: impl Into<CredentialsSource>) -> [(Off, Call); 2] {
    fn boxed(kps: impl Subject + 'static) -> Call {
        Box::new(move || kps.send(ListKeypairs::new()).map(|page| page.keypairs.len()))
    }
    let source = source.into();
    let (one, other) = (Off::by(emulator, seconds), Off::by(emulator, seconds));
    let blocking = set_up(blocking::Client::builder(one.clone()), source.clone()).build().unwrap();
    let awaited = Awaited::new(|| set_up(Client::builder(Ready(other.clone())), source).build().unwrap());
    [(one, boxed(blocking)), (other, boxed(awaited))]
}

#[test]
fn a_clock_that_is_set_right_meanwhile_is_noticed() {
    for (off, call) in calls(&Emulator::new(), 3600, Emulator::credentials()) {
        call().unwrap();
        off.seconds.store(0, Ordering::SeqCst);
        call().unwrap();
        assert_eq!(off.calls.load(Ordering::SeqCst), 4);
        call().unwrap();
        assert_eq!(off.calls.load(Ordering::SeqCst), 5);
    }
}

#[test]
fn a_refusal_that_the_clock_does_not_explain_is_not_repeated() {
    let emulator = Emulator::new();
    let token = || CredentialsSource::from(Credentials::token(Emulator::TOKEN));
    for (seconds, source, faults, requests) in [
        (0, Emulator::credentials().into(), vec![AuthFault::SignatureExpired], 1),
        (600, Emulator::credentials().into(), vec![AuthFault::Signature], 1),
        (0, Emulator::credentials().into(), vec![AuthFault::Locked], 1),
        // A token does not depend on the clock.
        (3600, token(), vec![AuthFault::TokenUnreadable], 1),
        // Nor is one that is refused again, whatever the clock says.
        (3600, Emulator::credentials().into(), vec![AuthFault::Signature, AuthFault::Signature], 2),
    ] {
        for (off, call) in calls(&emulator, seconds, source) {
            for fault in &faults {
                emulator.fail_next_authentication(*fault);
            }
            assert_eq!(call().unwrap_err().status(), Some(401));
            assert_eq!(off.calls.load(Ordering::SeqCst), requests, "{seconds} {faults:?}");
        }
    }
}

#[test]
fn calls_for_credentials_are_signed_by_the_right_time_too() {
    let base = || CredentialsSource::from(Emulator::credentials());
    let agency = CredentialsSource::agency(base(), Agency::new("deployers", "emulator"));
    for (off, call) in calls(&Emulator::new(), 3600, agency) {
        call().unwrap();
        assert_eq!(off.calls.load(Ordering::SeqCst), 3, "the agency twice, the call once");
    }
}

/// The first two requests are under way, signed by the wrong time, before either is answered.
struct Together {
    off: Off,
    entered: AtomicUsize,
    threads: std::sync::Barrier,
    tasks: tokio::sync::Barrier,
}

impl Together {
    fn new() -> Self {
        let off = Off::by(&Emulator::new(), 3600);
        Self {
            off,
            entered: AtomicUsize::new(0),
            threads: std::sync::Barrier::new(2),
            tasks: tokio::sync::Barrier::new(2),
        }
    }

    fn is_held(&self) -> bool {
        self.entered.fetch_add(1, Ordering::SeqCst) < 2
    }
}

impl Transport for Together {
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        if self.is_held() {
            self.threads.wait();
        }
        Transport::send(&self.off, request)
    }

    fn now(&self) -> SystemTime {
        self.off.wrong()
    }
}

impl AsyncTransport for Together {
    fn send(&self, request: Prepared) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        Box::pin(async move {
            if self.is_held() {
                self.tasks.wait().await;
            }
            Transport::send(&self.off, request)
        })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    fn now(&self) -> SystemTime {
        self.off.wrong()
    }
}

#[test]
fn threads_that_were_refused_at_once_are_all_set_right() {
    let kps = set_up(blocking::Client::builder(Together::new()), Emulator::credentials()).build().unwrap();
    std::thread::scope(|scope| {
        let call = || scope.spawn(|| kps.send(ListKeypairs::new()).map(|page| page.keypairs.len()));
        for call in [call(), call()] {
            assert!(call.join().unwrap().unwrap() > 0);
        }
    });
}

#[tokio::test]
async fn tasks_that_were_refused_at_once_are_all_set_right() {
    let kps = set_up(Client::builder(Together::new()), Emulator::credentials()).build().unwrap();
    let (one, other) = tokio::join!(kps.send(ListKeypairs::new()), kps.send(ListKeypairs::new()));
    assert!(!one.unwrap().keypairs.is_empty() && !other.unwrap().keypairs.is_empty());
}
