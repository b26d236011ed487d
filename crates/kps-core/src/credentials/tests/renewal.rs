//! What happens when credentials end.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;

use super::found::found;
use super::{answer, builder, file, home, script, signed_with, unreachable};
use crate::{Credentials, CredentialsSource, Error, Failure, Prepared, Transport, blocking};

#[test]
fn a_source_that_is_shared_by_clients_learns_for_each_of_its_own() {
    let chain = CredentialsSource::default_chain();
    assert_eq!(found(chain.clone(), file("[basic]\nak=AK1\nsk=SK1")).unwrap(), "AK1");
    let variables = home([("HUAWEICLOUD_SDK_AK", "AK2"), ("HUAWEICLOUD_SDK_SK", "SK2")]);
    assert_eq!(found(chain, variables).unwrap(), "AK2");
}

/// A clock that is set, and a client of a source that returns a key named after how often it was asked, good for an
/// hour, or fails while it is told to.
struct Rig {
    seconds: Arc<AtomicU64>,
    asked: Arc<AtomicUsize>,
    failing: Arc<Mutex<bool>>,
    kps: blocking::Client,
}

fn rig(life: u64) -> Rig {
    let (seconds, asked) = (Arc::new(AtomicU64::new(1_000_000)), Arc::new(AtomicUsize::new(0)));
    let failing = Arc::new(Mutex::new(false));
    let time = {
        let seconds = seconds.clone();
        move || -> SystemTime { UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::SeqCst)) }
    };
    let provider = {
        let (asked, failing, time) = (asked.clone(), failing.clone(), time.clone());
        move || {
            let count = asked.fetch_add(1, Ordering::SeqCst);
            if *failing.lock().unwrap() {
                return Err(Error::config("the vault is sealed"));
            }
            Ok(Credentials::access_key(format!("AK{count}"), "SK")
                .with_expiry(time() + Duration::from_secs(life)))
        }
    };
    let transport = (|_: Prepared| Ok(Response::new(Bytes::from_static(br#"{"keypairs":[]}"#))), time);
    let kps = builder(transport).credentials_from(provider).build().unwrap();
    Rig { seconds, asked, failing, kps }
}

impl Rig {
    fn after(&self, seconds: u64) -> Result<String, String> {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
        signed_with(&self.kps).map_err(|error| error.to_string())
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[test]
fn credentials_are_renewed_before_they_end() {
    let rig = rig(3600);
    assert_eq!(
        (rig.after(0), rig.after(2600), rig.after(99)),
        (Ok("AK0".into()), Ok("AK0".into()), Ok("AK0".into()))
    );
    assert_eq!((rig.after(1), rig.asked()), (Ok("AK1".into()), 2), "a quarter of their life before");

    let day = self::rig(24 * 3600);
    assert_eq!((day.after(0), day.after(24 * 3600 - 2401)), (Ok("AK0".into()), Ok("AK0".into())));
    assert_eq!(day.after(1), Ok("AK1".into()), "and 40 minutes at the most");
}

#[test]
fn old_ones_are_used_until_they_end_when_renewal_fails() {
    let rig = rig(3600);
    assert_eq!(rig.after(0), Ok("AK0".into()));
    *rig.failing.lock().unwrap() = true;
    assert_eq!((rig.after(2700), rig.asked()), (Ok("AK0".into()), 2));
    assert_eq!((rig.after(59), rig.asked()), (Ok("AK0".into()), 2), "and not asked for at every call");
    assert_eq!((rig.after(1), rig.asked()), (Ok("AK0".into()), 3));
    assert_eq!(rig.after(839), Ok("AK0".into()));
    let ended = rig.after(1).unwrap_err();
    assert_eq!(ended, "ListKeypairs: the vault is sealed");
    *rig.failing.lock().unwrap() = false;
    assert!(rig.after(0).is_ok());
}

#[test]
fn credentials_that_have_ended_already_are_an_error() {
    let rig = rig(0);
    let error = rig.after(0).unwrap_err();
    assert!(error.contains("have ended already; is the clock right?"), "{error}");
}

#[test]
fn the_winner_of_a_chain_is_asked_again() {
    // The metadata service wins once; its failure later does not turn the client into somebody else.
    let keys = r#"{"credential":{"access":"AKTEMP","secret":"S","securitytoken":"T","expires_at":"1970-01-01T01:00:00Z"}}"#;
    let (transport, _) =
        script(vec![Ok(answer(404, "")), Ok(answer(200, keys)), Err(unreachable()), Err(unreachable())]);
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = seconds.clone();
    let transport =
        Clocked(transport, move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst)));
    let chain = CredentialsSource::chain([CredentialsSource::metadata(), CredentialsSource::file()]);
    let kps =
        builder(transport).credentials(chain).environment(file("[basic]\nak=AK1\nsk=SK1")).build().unwrap();
    assert_eq!(signed_with(&kps).unwrap(), "AKTEMP");
    seconds.store(3601, Ordering::SeqCst);
    assert!(signed_with(&kps).unwrap_err().to_string().contains("no route to host"));
}

pub(crate) struct Clocked<T, C>(pub(crate) T, pub(crate) C);

impl<T: Transport, C: Fn() -> SystemTime + Send + Sync> Transport for Clocked<T, C> {
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        self.0.send(request)
    }

    fn sleep(&self, _: Duration) {}

    fn now(&self) -> SystemTime {
        (self.1)()
    }
}
