use std::error::Error as _;
use std::time::Duration;

use kps_conformance::{Subject, in_both_colours};
use kps_core::{
    AssociateKeypair, BindingOptions, CreateKeypair, DisassociateKeypair, Encryption, EnsuredBinding, Error,
    ErrorKind, KeypairName, Login, PrivateKey, Server, ServerId, TaskHandle, Transport as _, WaitOptions,
};
use kps_emulator::{Emulator, Fault, InProcess, Seed, SeedServer};

use crate::site::{Connect, awaited, blocking, on, start};

pub(crate) fn server(id: &str) -> ServerId {
    ServerId::new(id).unwrap()
}

pub(crate) fn name(text: &str) -> KeypairName {
    KeypairName::new(text).unwrap()
}

/// Servers that run, with the password `p`, and one that is shut off; the key pairs `a` and `b`, hosted, and the private
/// keys of both.
pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    pub(crate) transport: InProcess,
    pub(crate) keys: [PrivateKey; 2],
}

impl Stage {
    pub(crate) fn new() -> Self {
        let running = |id| SeedServer::running(server(id), "p");
        let servers = [running("r-1"), running("r-2"), SeedServer::stopped(server("s-1"))];
        let seed = Seed::built_in().with_servers(Emulator::project_id(), servers);
        let emulator = Emulator::with_seed(seed);
        let transport = emulator.in_process().with_virtual_clock(start());
        let kps = blocking(transport.clone());
        let make = |named| {
            let created = kps.send(CreateKeypair::new_hosted(name(named), Encryption::Default)).unwrap();
            created.keypair.private_key.unwrap()
        };
        let keys = ["a", "b"].map(make);
        // What follows is later than that.
        transport.sleep(Duration::from_secs(60));
        Self { emulator, transport, keys }
    }

    pub(crate) fn carried(&self, id: &str) -> Option<String> {
        carried(&self.emulator, &server(id)).map(|name| name.to_string())
    }

    /// What a program would ask the API of cloud servers.
    pub(crate) fn look(&self) -> BindingOptions {
        let emulator = self.emulator.clone();
        BindingOptions::new().with_blocking_look(move |server| Ok(carried(&emulator, server)))
    }

    /// The same, to be awaited.
    fn awaited_look(&self) -> BindingOptions {
        let emulator = self.emulator.clone();
        BindingOptions::new().with_look(move |server| {
            let emulator = emulator.clone();
            async move {
                std::future::ready(()).await;
                Ok(carried(&emulator, &server))
            }
        })
    }

    /// Another client begins this.
    fn begin(&self, operation: AssociateKeypair) -> TaskHandle {
        blocking(self.transport.clone()).send(operation).unwrap().handle().unwrap()
    }

    fn associations(&self) -> usize {
        self.emulator.applied("AssociateKeypair")
    }
}

fn carried(emulator: &Emulator, id: &ServerId) -> Option<KeypairName> {
    let servers = emulator.servers(&Emulator::project_id());
    servers.into_iter().find(|server| server.id == *id).unwrap().keypair_name
}

pub(crate) fn by_password(named: &str, id: &str, password: &str) -> AssociateKeypair {
    AssociateKeypair::new(name(named), Server::running(server(id), Login::password(password)))
}

fn by_key(named: &str, id: &str, key: &PrivateKey) -> AssociateKeypair {
    AssociateKeypair::new(name(named), Server::running(server(id), Login::private_key(key.clone())))
}

/// In a word: `already`, the status of the task, or the id of the error.
pub(crate) fn word(outcome: &Result<EnsuredBinding, Error>) -> String {
    match outcome {
        Ok(EnsuredBinding::ByTask(state)) => state.status.as_ref().unwrap().to_string(),
        Ok(_) => "already".into(),
        Err(error) => error.id().into(),
    }
}

in_both_colours!(
    each_way_is_gone_once,
    what_is_under_way_is_followed,
    what_else_is_under_way_is_waited_for,
    where_the_task_of_another_fails_ones_own_is_sent,
    a_failure_says_what_to_do,
    a_proof_is_made_where_nobody_can_look,
    a_lost_answer_is_looked_up,
    what_is_refused_is_told,
    a_look_that_fails_is_told,
    the_time_is_for_all_in_sum,
);

fn each_way_is_gone_once<S: Subject>(connect: Connect<'_, S>) {
    let stage = Stage::new();
    let kps = connect(stage.transport.clone());
    let [a, _] = stage.keys.clone();
    let stopped = |named| AssociateKeypair::new(name(named), Server::stopped(server("s-1")));
    for (operation, expected) in [
        (by_password("a", "r-1", "p"), "SUCCESS_BIND"),
        (by_key("b", "r-1", &a), "SUCCESS_REPLACE"),
        (stopped("a"), "SUCCESS_BIND"),
        (stopped("b"), "SUCCESS_RESET"),
    ] {
        let named = operation.keypair_name.to_string();
        let id = operation.server.id().to_string();
        for (options, expected) in
            [(stage.look(), expected), (stage.look(), "already"), (stage.awaited_look(), "already")]
        {
            let calls = stage.emulator.calls().len();
            let outcome = kps.ensure_bound(operation.clone(), &options);
            assert_eq!(word(&outcome), expected, "{outcome:?}");
            assert_eq!(stage.carried(&id), Some(named.clone()));
            assert!(expected != "already" || stage.emulator.calls().len() == calls, "nothing is sent");
        }
    }
    let [_, b] = stage.keys.clone();
    for (server, expected) in [
        (Server::running(server("r-1"), Login::private_key(b)).into(), "SUCCESS_UNBIND"),
        (Server::stopped(server("s-1")), "SUCCESS_UNBIND"),
    ] {
        for expected in [expected, "already"] {
            let outcome = kps.ensure_unbound(DisassociateKeypair::new(server.clone()), &stage.look());
            assert_eq!(word(&outcome), expected, "{outcome:?}");
            assert_eq!(stage.carried(server.id().as_str()), None);
        }
    }
}

fn what_is_under_way_is_followed<S: Subject>(connect: Connect<'_, S>) {
    let stage = Stage::new();
    let kps = connect(stage.transport.clone());
    let first = stage.begin(by_password("a", "r-1", "p"));
    for options in [BindingOptions::new(), stage.look()] {
        let outcome = kps.ensure_bound(by_password("a", "r-1", "p"), &options);
        match outcome {
            Ok(EnsuredBinding::ByTask(state)) => assert_eq!(state.handle.task_id, first.task_id),
            other => assert_eq!(other.unwrap(), EnsuredBinding::Already),
        }
        assert_eq!((stage.associations(), stage.carried("r-1").as_deref()), (1, Some("a")));
    }
    let login = Login::private_key(stage.keys[0].clone());
    let unbind = DisassociateKeypair::new(Server::running(server("r-1"), login));
    assert!(kps.send(unbind.clone()).unwrap().accepted().is_ok());
    assert_eq!(word(&kps.ensure_unbound(unbind, &BindingOptions::new())), "SUCCESS_UNBIND");
    assert_eq!(stage.emulator.applied("DisassociateKeypair"), 1);
}

fn what_else_is_under_way_is_waited_for<S: Subject>(connect: Connect<'_, S>) {
    let stage = Stage::new();
    let kps = connect(stage.transport.clone());
    let [a, b] = stage.keys.clone();
    stage.begin(by_password("a", "r-1", "p"));
    // Of another server, it is no matter.
    stage.begin(by_password("b", "r-2", "p"));
    assert_eq!(word(&kps.ensure_bound(by_key("b", "r-1", &a), &BindingOptions::new())), "SUCCESS_REPLACE");

    let unbind = DisassociateKeypair::new(Server::running(server("r-1"), Login::private_key(b)));
    assert!(kps.send(unbind).unwrap().accepted().is_ok());
    // It is so now, and will not be.
    let outcome = kps.ensure_bound(by_password("b", "r-1", "p"), &BindingOptions::new());
    assert_eq!(word(&outcome), "SUCCESS_BIND", "{outcome:?}");
    assert_eq!(stage.carried("r-1").as_deref(), Some("b"));
}

fn where_the_task_of_another_fails_ones_own_is_sent<S: Subject>(connect: Connect<'_, S>) {
    let stage = Stage::new();
    let others = stage.begin(by_password("a", "r-1", "guessed"));
    let kps = connect(stage.transport.clone());
    let outcome = kps.ensure_bound(by_password("a", "r-1", "p"), &BindingOptions::new()).unwrap();
    let EnsuredBinding::ByTask(state) = outcome else { panic!("{outcome:?}") };
    assert_ne!(state.handle.task_id, others.task_id);
    assert_eq!((stage.associations(), stage.carried("r-1").as_deref()), (2, Some("a")));
}

fn a_failure_says_what_to_do<S: Subject>(connect: Connect<'_, S>) {
    let stage = Stage::new();
    let kps = connect(stage.transport.clone());
    let bind = || by_password("a", "r-1", "guessed");
    let error = kps.ensure_bound(bind(), &BindingOptions::new()).unwrap_err();
    assert!(error.is_task_failed());
    assert!(error.failed_task().unwrap().task_error_msg.as_deref().unwrap().contains("password is wrong"));
    let note = "(unless it was so before: give a look, which can tell)";
    assert!(error.to_string().ends_with(note), "{error}");
    let error = kps.ensure_bound(bind(), &stage.look()).unwrap_err();
    assert!(error.is_task_failed() && !error.to_string().contains("give a look"), "{error}");

    // Of a server that carries none nothing can be taken off, and nobody can tell why.
    let unbind = DisassociateKeypair::new(Server::stopped(server("s-1")));
    let error = kps.ensure_unbound(unbind, &BindingOptions::new()).unwrap_err();
    assert!(error.is_task_failed() && error.to_string().ends_with(note), "{error}");

    // Another wins the race while one's own task fails: the look tells.
    let first = std::sync::atomic::AtomicBool::new(true);
    let look =
        move |_: &ServerId| Ok((!first.swap(false, std::sync::atomic::Ordering::SeqCst)).then(|| name("a")));
    let outcome = kps.ensure_bound(bind(), &BindingOptions::new().with_blocking_look(look));
    assert_eq!(word(&outcome), "already");
}

fn a_proof_is_made_where_nobody_can_look<S: Subject>(connect: Connect<'_, S>) {
    let stage = Stage::new();
    let kps = connect(stage.transport.clone());
    let [a, b] = stage.keys.clone();
    assert_eq!(word(&kps.ensure_bound(by_password("a", "r-1", "p"), &BindingOptions::new())), "SUCCESS_BIND");
    // The password does no more.
    let again = |key| kps.ensure_bound(by_password("a", "r-1", "p"), &BindingOptions::new().with_proof(key));
    assert_eq!(word(&again(a.clone())), "SUCCESS_REPLACE");
    assert_eq!(stage.carried("r-1").as_deref(), Some("a"));
    assert_eq!(word(&again(b)), "task_failed");
    assert_eq!(stage.carried("r-1").as_deref(), Some("a"));
    assert!(!format!("{:?}", BindingOptions::new().with_proof(a)).contains("PRIVATE KEY"));
}

fn a_lost_answer_is_looked_up<S: Subject>(connect: Connect<'_, S>) {
    for fault in [Fault::ResetAfter, Fault::CutBody, Fault::Garbage] {
        let stage = Stage::new();
        stage.emulator.inject(on("AssociateKeypair", fault.clone()).nth(1));
        stage.emulator.inject(on("DisassociateKeypair", fault).nth(1));
        let kps = connect(stage.transport.clone());
        let outcome = kps.ensure_bound(by_password("a", "r-1", "p"), &BindingOptions::new());
        assert_eq!(word(&outcome), "SUCCESS_BIND", "{outcome:?}");
        let login = Login::private_key(stage.keys[0].clone());
        let unbind = DisassociateKeypair::new(Server::running(server("r-1"), login));
        let outcome = kps.ensure_unbound(unbind, &BindingOptions::new());
        assert_eq!(word(&outcome), "SUCCESS_UNBIND", "{outcome:?}");
        assert_eq!((stage.associations(), stage.emulator.applied("DisassociateKeypair")), (1, 1));
    }
    let stage = Stage::new();
    stage.emulator.inject(on("AssociateKeypair", Fault::ResetBefore).nth(1));
    let kps = connect(stage.transport.clone());
    let error = kps.ensure_bound(by_password("a", "r-1", "p"), &stage.look()).unwrap_err();
    assert!(error.may_have_been_applied() && error.id() == "interrupted");
}

fn what_is_refused_is_told<S: Subject>(connect: Connect<'_, S>) {
    let stage = Stage::new();
    let kps = connect(stage.transport.clone());
    let options = BindingOptions::new();
    let error = kps.ensure_bound(by_password("a", "gone", "p"), &options).unwrap_err();
    let expected = "AssociateKeypair: refused within an answer of status 202, request id ";
    assert!(error.to_string().starts_with(expected), "{error}");
    assert_eq!((error.code(), error.status()), (Some("KPS.0002"), Some(202)));
    assert_eq!(word(&kps.ensure_bound(by_password("absent", "r-1", "p"), &options)), "not_found");
    let unbind = DisassociateKeypair::new(Server::stopped(server("gone")));
    let error = kps.ensure_unbound(unbind, &options).unwrap_err();
    assert!(error.to_string().starts_with("DisassociateKeypair: refused within"), "{error}");
    stage.emulator.refuse_next("ListRunningTask", "KPS.9003").unwrap();
    assert_eq!(word(&kps.ensure_bound(by_password("a", "r-1", "p"), &options)), "forbidden");
    assert_eq!(stage.carried("r-1"), None);
}

fn a_look_that_fails_is_told<S: Subject>(connect: Connect<'_, S>) {
    let stage = Stage::new();
    let kps = connect(stage.transport.clone());
    let options = BindingOptions::new().with_blocking_look(|_| Err("no such server".into()));
    let error = kps.ensure_bound(by_password("a", "r-1", "p"), &options).unwrap_err();
    assert_eq!(
        (error.kind(), error.source().unwrap().to_string()),
        (ErrorKind::Look, "no such server".into())
    );
    assert_eq!(error.report(), "what looks at the server failed: no such server");
    assert_eq!(stage.associations(), 0);
}

fn the_time_is_for_all_in_sum<S: Subject>(connect: Connect<'_, S>) {
    let stage = Stage::new();
    let kps = connect(stage.transport.clone());
    stage.emulator.set_task_time(Duration::from_secs(50));
    stage.begin(by_password("b", "r-1", "guessed"));
    stage.emulator.set_task_time(Duration::from_secs(3600));
    let wait = WaitOptions::new().with_timeout(Duration::from_secs(90));
    let began = stage.transport.ticks();
    let outcome = kps.ensure_bound(by_password("a", "r-1", "p"), &BindingOptions::new().with_wait(wait));
    assert_eq!(word(&outcome), "task_timeout");
    assert_eq!(stage.transport.ticks() - began, Duration::from_secs(90));
    assert_eq!(stage.associations(), 2);
}
