//! One renewal of credentials at a time, however many callers wait for it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, SystemTime};

use kps_core::{
    Builder, Client, Credentials, CredentialsSource, Environment, Error, ListKeypairs, Password, ProjectId,
    Region, blocking,
};
use kps_emulator::Emulator;
use tokio::sync::Semaphore;

fn site<C>(builder: Builder<C>) -> Builder<C> {
    builder.region(Region::CN_NORTH_4).project_id(Emulator::project_id())
}

/// A source that waits until it is let through, and counts how often it was entered.
#[derive(Clone)]
struct Gate {
    entered: Arc<AtomicUsize>,
    open: Arc<Semaphore>,
}

impl Gate {
    fn new() -> Self {
        Self { entered: Arc::default(), open: Arc::new(Semaphore::new(0)) }
    }

    fn client(&self, outcome: fn() -> Result<Credentials, Error>) -> Client {
        let gate = self.clone();
        let provider = move || {
            let gate = gate.clone();
            async move {
                gate.entered.fetch_add(1, Ordering::SeqCst);
                gate.open.acquire().await.unwrap().forget();
                outcome()
            }
        };
        site(Client::builder(Emulator::new().in_process())).credentials_from(provider).build().unwrap()
    }

    async fn wait_for_entry(&self, count: usize) {
        while self.entered.load(Ordering::SeqCst) < count {
            tokio::task::yield_now().await;
        }
        // The others get to where they wait.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
}

fn call(kps: &Client) -> tokio::task::JoinHandle<Result<usize, String>> {
    let kps = kps.clone();
    tokio::spawn(async move {
        let page = kps.send(ListKeypairs::new()).await;
        page.map(|page| page.keypairs.len()).map_err(|error| error.to_string())
    })
}

#[tokio::test]
async fn many_callers_share_one_renewal() {
    let gate = Gate::new();
    let kps = gate.client(|| Ok(Emulator::credentials()));
    let calls: Vec<_> = (0..8).map(|_| call(&kps)).collect();
    gate.wait_for_entry(1).await;
    gate.open.add_permits(100);
    for call in calls {
        assert!(call.await.unwrap().unwrap() > 0);
    }
    assert_eq!(gate.entered.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn many_callers_share_one_failure() {
    let gate = Gate::new();
    let kps = gate.client(|| Err(Error::config("the vault is sealed")));
    let calls: Vec<_> = (0..8).map(|_| call(&kps)).collect();
    gate.wait_for_entry(1).await;
    gate.open.add_permits(100);
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap_err(), "ListKeypairs: the vault is sealed");
    }
    assert_eq!(gate.entered.load(Ordering::SeqCst), 1);
    // Who comes later asks anew.
    assert!(call(&kps).await.unwrap().is_err());
    assert_eq!(gate.entered.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn nobody_waits_for_a_renewal_while_the_old_ones_are_good() {
    // They end in ten minutes by a clock that stands still, so that the first call after that looks for new ones.
    let clock = Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)));
    let time = {
        let clock = clock.clone();
        move || *clock.lock().unwrap()
    };
    let gate = Gate::new();
    gate.open.add_permits(1);
    let provider = {
        let (gate, time) = (gate.clone(), time.clone());
        move || {
            let (gate, ends) = (gate.clone(), time() + Duration::from_secs(600));
            async move {
                gate.entered.fetch_add(1, Ordering::SeqCst);
                gate.open.acquire().await.unwrap().forget();
                Ok(Emulator::credentials().with_expiry(ends))
            }
        }
    };
    let transport = Emulator::new().in_process().with_clock(time);
    let kps = site(Client::builder(transport)).credentials_from(provider).build().unwrap();
    assert!(call(&kps).await.unwrap().is_ok());
    *clock.lock().unwrap() += Duration::from_secs(500);
    let renewing = call(&kps);
    gate.wait_for_entry(2).await;
    assert!(call(&kps).await.unwrap().is_ok(), "while the other still waits");
    // One that is given up counts as a try: the next call does not wait in its place.
    renewing.abort();
    assert!(renewing.await.is_err());
    assert!(call(&kps).await.unwrap().is_ok());
    assert_eq!(gate.entered.load(Ordering::SeqCst), 2);
    *clock.lock().unwrap() += Duration::from_secs(60);
    gate.open.add_permits(1);
    assert!(call(&kps).await.unwrap().is_ok());
    assert_eq!(gate.entered.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_cancelled_renewal_is_taken_over_by_the_next_caller() {
    let gate = Gate::new();
    let kps = gate.client(|| Ok(Emulator::credentials()));
    let first = call(&kps);
    gate.wait_for_entry(1).await;
    let second = call(&kps);
    gate.wait_for_entry(1).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    gate.wait_for_entry(2).await;
    gate.open.add_permits(1);
    assert!(second.await.unwrap().unwrap() > 0);
    assert_eq!(gate.entered.load(Ordering::SeqCst), 2);
}

#[test]
fn many_threads_share_one_renewal() {
    let asked = Arc::new(AtomicUsize::new(0));
    let (entered, wait_for_entry) = mpsc::channel();
    let (open, wait_to_open) = mpsc::channel::<()>();
    let wait_to_open = Mutex::new(wait_to_open);
    let provider = {
        let asked = asked.clone();
        move || {
            asked.fetch_add(1, Ordering::SeqCst);
            entered.send(()).unwrap();
            wait_to_open.lock().unwrap().recv().unwrap();
            Ok(Emulator::credentials())
        }
    };
    let builder = site(blocking::Client::builder(Emulator::new().in_process()));
    let kps = builder.credentials_from(provider).build().unwrap();
    std::thread::scope(|scope| {
        let call = || scope.spawn(|| kps.send(ListKeypairs::new()).unwrap().keypairs.len());
        let first = call();
        wait_for_entry.recv().unwrap();
        let others: Vec<_> = (0..7).map(|_| call()).collect();
        open.send(()).unwrap();
        assert!(first.join().unwrap() > 0);
        assert!(others.into_iter().all(|other| other.join().unwrap() > 0));
    });
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn a_client_needs_no_project_where_its_token_names_one() {
    let emulator = Emulator::new();
    let user = || {
        let password = Password::new("emulator", "emulator", "PWemulatorIsPublicAndOpensNothing");
        CredentialsSource::password(password)
    };
    let build = |source, environment: Environment| {
        let builder = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4);
        builder.credentials(source).environment(environment).build()
    };
    let nowhere = || Environment::from([("HOME", "/nowhere")]);
    assert!(build(user(), nowhere()).unwrap().send(ListKeypairs::new()).is_ok());

    let builder = blocking::Client::builder(emulator.in_process()).endpoint("kms.example.com");
    let error = builder.credentials(Emulator::credentials()).build().unwrap_err();
    let hint = "no project id: set HUAWEICLOUD_SDK_PROJECT_ID, name it with `project_id`, or set a region to look it up";
    assert_eq!(error.to_string(), hint, "told early, where nothing can come later");

    let other = ProjectId::new("nobodys").unwrap();
    let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4).credentials(user());
    let error = kps.project_id(other).build().unwrap().send(ListKeypairs::new()).unwrap_err();
    assert_eq!(error.code(), Some("APIGW.0310"), "what is said goes before what the token names");
}
