//! Many that bind and unbind the same server at once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;
use kps_core::{
    AsyncTransport, BindingOptions, BoxFuture, Client, DisassociateKeypair, EnsuredBinding, Error, Failure,
    Login, Prepared, Server, TaskId, Transport, blocking,
};
use kps_emulator::InProcess;

use crate::binding::{Stage, by_password, server, word};
use crate::site::on_site;

const MANY: usize = 8;

/// A transport whose first sleep is over when all have come to theirs: no time passes before all have sent what they
/// send.
struct Together {
    transport: InProcess,
    slept: AtomicBool,
    barrier: Arc<Barrier>,
    there: Arc<AtomicUsize>,
}

impl Transport for Together {
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        Transport::send(&self.transport, request)
    }

    fn sleep(&self, time: Duration) {
        if !self.slept.swap(true, Ordering::SeqCst) {
            self.barrier.wait();
        }
        Transport::sleep(&self.transport, time);
    }

    fn now(&self) -> SystemTime {
        Transport::now(&self.transport)
    }

    fn ticks(&self) -> Duration {
        Transport::ticks(&self.transport)
    }
}

impl AsyncTransport for Together {
    fn send(&self, request: Prepared) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            Transport::send(&self.transport, request)
        })
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if !self.slept.swap(true, Ordering::SeqCst) {
                self.there.fetch_add(1, Ordering::SeqCst);
            }
            while self.there.load(Ordering::SeqCst) < MANY {
                tokio::task::yield_now().await;
            }
            Transport::sleep(&self.transport, time);
        })
    }

    fn now(&self) -> SystemTime {
        Transport::now(&self.transport)
    }

    fn ticks(&self) -> Duration {
        Transport::ticks(&self.transport)
    }
}

fn together(transport: &InProcess) -> impl FnMut() -> Together {
    let (transport, barrier, there) = (transport.clone(), Arc::new(Barrier::new(MANY)), Arc::default());
    move || Together {
        transport: transport.clone(),
        slept: AtomicBool::new(false),
        barrier: barrier.clone(),
        there: Arc::clone(&there),
    }
}

fn words(outcomes: &[Result<EnsuredBinding, Error>]) -> Vec<String> {
    outcomes.iter().map(word).collect()
}

fn task(outcome: Result<EnsuredBinding, Error>) -> Option<TaskId> {
    match outcome {
        Ok(EnsuredBinding::ByTask(state)) => Some(state.handle.task_id),
        _ => None,
    }
}

/// What each does with a client of its own.
fn on_threads<C: Send, T: Send>(clients: Vec<C>, act: impl Fn(C) -> T + Sync) -> Vec<T> {
    let act = &act;
    thread::scope(|scope| {
        let threads: Vec<_> = clients.into_iter().map(|kps| scope.spawn(move || act(kps))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn unbind(stage: &Stage) -> DisassociateKeypair {
    DisassociateKeypair::new(Server::running(server("r-1"), Login::private_key(stage.keys[0].clone())))
}

#[test]
fn threads_follow_one_winner_where_nobody_can_look() {
    for _ in 0..10 {
        let stage = Stage::new();
        let clients = |stage: &Stage| -> Vec<blocking::Client> {
            let mut connect = together(&stage.transport);
            (0..MANY).map(|_| on_site(blocking::Client::builder(connect())).build().unwrap()).collect()
        };
        let bound = on_threads(clients(&stage), |kps| {
            kps.ensure_bound(by_password("a", "r-1", "p"), &BindingOptions::new())
        });
        assert_eq!(words(&bound), ["SUCCESS_BIND"; MANY]);
        let winners: BTreeSet<_> = bound.into_iter().filter_map(task).collect();
        assert_eq!(winners.len(), 1);
        assert_eq!(stage.carried("r-1").as_deref(), Some("a"));
        let unbound =
            on_threads(clients(&stage), |kps| kps.ensure_unbound(unbind(&stage), &BindingOptions::new()));
        assert_eq!(words(&unbound), ["SUCCESS_UNBIND"; MANY]);
        assert_eq!(stage.carried("r-1"), None);
    }
}

#[test]
fn futures_follow_one_winner_where_nobody_can_look() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let stage = Stage::new();
    let clients = || -> Vec<Client> {
        let mut connect = together(&stage.transport);
        (0..MANY).map(|_| on_site(Client::builder(connect())).build().unwrap()).collect()
    };
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for kps in clients() {
            tasks.spawn(async move {
                kps.ensure_bound(by_password("a", "r-1", "p"), &BindingOptions::new()).await
            });
        }
        assert_eq!(words(&tasks.join_all().await), ["SUCCESS_BIND"; MANY]);
        // All saw that nothing was under way before any of them sent its own.
        assert_eq!(stage.emulator.applied("AssociateKeypair"), MANY);
        assert_eq!(stage.carried("r-1").as_deref(), Some("a"));

        let mut tasks = tokio::task::JoinSet::new();
        for kps in clients() {
            let unbind = unbind(&stage);
            tasks.spawn(async move { kps.ensure_unbound(unbind, &BindingOptions::new()).await });
        }
        assert_eq!(words(&tasks.join_all().await), ["SUCCESS_UNBIND"; MANY]);
        assert_eq!(stage.carried("r-1"), None);
    });
}

#[test]
fn with_a_look_they_end_so_however_their_steps_fall() {
    for _ in 0..20 {
        let stage = Stage::new();
        let client = || on_site(blocking::Client::builder(stage.transport.clone())).build().unwrap();
        let clients = || (0..MANY).map(|_| client()).collect();
        let look = stage.look();
        let bound = on_threads(clients(), |kps| kps.ensure_bound(by_password("a", "r-1", "p"), &look));
        let ended =
            |words: &[String], status: &str| words.iter().all(|word| word == status || word == "already");
        assert!(ended(&words(&bound), "SUCCESS_BIND"), "{bound:?}");
        assert_eq!(stage.carried("r-1").as_deref(), Some("a"));
        let unbound = on_threads(clients(), |kps| kps.ensure_unbound(unbind(&stage), &look));
        assert!(ended(&words(&unbound), "SUCCESS_UNBIND"), "{unbound:?}");
        assert_eq!(stage.carried("r-1"), None);
    }
}
