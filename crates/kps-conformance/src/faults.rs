//! All operations under all faults: whatever breaks, no call is applied twice that must not be, none is lost without
//! an error that says so, and each ends in time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use kps_core::{
    AssociateKeypair, BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair, BatchServer,
    ClearPrivateKey, CreateKeypair, DeleteAllFailedTask, DeleteFailedTask, DeleteKeypair, Description,
    DisassociateKeypair, Encryption, Error, ExportPrivateKey, ImportPrivateKey, ListFailedTask,
    ListKeypairDetail, ListKeypairTask, ListKeypairs, ListRunningTask, Login, Operation, PrivateKey, Region,
    Replay, Resolution, Resolve, Retries, Server, ServerId, TaskId, Transport, UpdateKeypairDescription,
    blocking,
};
use kps_emulator::{AuthFault, Emulator, Fault, FaultRule, InProcess, RefusalCode};

use crate::Subject;
use crate::stage::{LAPTOP, name, public};

/// How long a call may take, by the clock that passes only when somebody waits.
const TIMEOUT: Duration = Duration::from_secs(120);

/// How many cases there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Count {
    /// Operations.
    pub operations: usize,
    /// Faults, each at the first call, at every call, and at some calls by chance.
    pub faults: usize,
    /// Cases in all.
    pub cases: usize,
    /// Cases in which the call succeeded in spite of the fault.
    pub survived: usize,
}

/// A fault, and what a client may make of it.
struct Row {
    fault: Fault,
    /// Whether the service may have acted on a call that it hit, as far as a client can know.
    uncertain: bool,
    /// Whether another attempt helps that it does not hit.
    passes: bool,
}

fn rows() -> Vec<Row> {
    let row = |fault, uncertain, passes| Row { fault, uncertain, passes };
    let code = |code| Fault::Code(RefusalCode::new(code).unwrap());
    vec![
        row(Fault::Latency(Duration::from_secs(5)), false, true),
        row(Fault::Latency(Duration::from_secs(100)), true, true),
        row(Fault::Refuse, false, true),
        row(Fault::ResetBefore, true, true),
        row(Fault::ResetAfter, true, true),
        row(Fault::CutBody, true, true),
        row(Fault::Garbage, true, false),
        row(Fault::Status(StatusCode::SERVICE_UNAVAILABLE), true, true),
        row(Fault::Status(StatusCode::FORBIDDEN), false, false),
        row(Fault::StatusAfter(StatusCode::GATEWAY_TIMEOUT), true, true),
        row(Fault::Throttle { limit: 0, window: Duration::from_secs(1) }, false, true),
        row(Fault::Auth(AuthFault::TokenExpired), false, false),
        row(Fault::Auth(AuthFault::Signature), false, false),
        row(code("KPS.5002"), true, true),
        row(code("KPS.0002"), false, false),
        row(Fault::ClockSkew(3600), false, false),
    ]
}

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    First,
    Always,
    ByChance(u64),
}

const OFTEN: [When; 5] = [When::First, When::Always, When::ByChance(1), When::ByChance(2), When::ByChance(3)];

impl When {
    fn rule(self, fault: Fault) -> FaultRule {
        let rule = FaultRule::new(fault);
        match self {
            Self::First => rule.nth(1),
            Self::Always => rule,
            Self::ByChance(seed) => rule.chance(0.5, seed),
        }
    }
}

/// Puts a client through all of it, made on this transport.
pub fn all<S: Subject>(connect: &dyn Fn(InProcess) -> S) -> Count {
    let mut suite = Suite { connect, count: Count::default() };
    suite.count.faults = rows().len();
    each_operation(&mut suite);
    suite.count
}

struct Suite<'a, S> {
    connect: &'a dyn Fn(InProcess) -> S,
    count: Count,
}

impl<S: Subject> Suite<'_, S> {
    fn operation<O: Operation>(&mut self, make: impl Fn(&PrivateKey) -> O) {
        self.count.operations += 1;
        for row in rows() {
            for when in OFTEN {
                self.case(&make, &row, when);
            }
        }
    }

    fn case<O: Operation>(&mut self, make: &impl Fn(&PrivateKey) -> O, row: &Row, when: When) {
        self.count.cases += 1;
        let emulator = Emulator::new();
        let transport = emulator.in_process().with_virtual_clock(start());
        let key = set_up(&transport);
        let kps = (self.connect)(transport.clone());
        let operation = make(&key);
        let (before, sent) = (emulator.applied(O::META.name), emulator.calls().len());
        emulator.inject(when.rule(row.fault.clone()));

        let outcome = kps.send(operation);

        let what = format!("{} under {:?} {when:?}", O::META.name, row.fault);
        let applied = emulator.applied(O::META.name) - before;
        let passed = Transport::ticks(&transport);
        assert!(passed <= TIMEOUT, "{what}: {passed:?}");
        assert!(emulator.calls().len() - sent <= 4, "{what}: three attempts, one of them signed twice");
        match &outcome {
            Ok(_) => {
                self.count.survived += 1;
                assert!(applied >= 1, "{what}: answered without having been applied");
            }
            Err(error) => failed::<O>(&what, error, applied, row),
        }
        if O::META.replay == Replay::Never {
            assert!(applied <= 1, "{what}: applied {applied} times");
        }
        let repeated = row.passes && (!row.uncertain || O::META.replay != Replay::Never);
        if when == When::First && repeated {
            let done = outcome.as_ref().err().is_none_or(Error::likely_done);
            assert!(done, "{what}: {:?}", outcome.err());
        }
    }
}

fn failed<O: Operation>(what: &str, error: &Error, applied: usize, row: &Row) {
    assert_eq!(error.operation(), Some(O::META.name), "{what}");
    assert!((1..=3).contains(&error.attempts()), "{what}: {error}");
    let uncertain = error.may_have_been_applied();
    match O::META.replay {
        Replay::Safe => assert!(!uncertain, "{what}: {error}"),
        _ => {
            assert!(applied == 0 || uncertain, "{what}: it was applied: {error}");
            assert!(!uncertain || row.uncertain, "{what}: it cannot have been applied: {error}");
        }
    }
}

fn start() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// A key pair without its private half in the service, which is returned.
fn set_up(transport: &InProcess) -> PrivateKey {
    let kps = site(blocking::Client::builder(transport.clone())).build().unwrap();
    kps.send(CreateKeypair::new(name("made"))).unwrap().keypair.private_key.unwrap()
}

/// Sets all of it on a builder, whose transport is the caller's.
pub fn site<C>(builder: kps_core::Builder<C>) -> kps_core::Builder<C> {
    builder
        .region(Region::CN_NORTH_4)
        .credentials(Emulator::credentials())
        .project_id(Emulator::project_id())
        .retries(Retries::new().with_seed(7))
        .timeout(TIMEOUT)
}

/// All of them, each so that it succeeds if nothing is in its way.
fn each_operation<S: Subject>(suite: &mut Suite<'_, S>) {
    suite.operation(|_| CreateKeypair::new(name("new")));
    suite.operation(|_| ListKeypairs::new());
    suite.operation(|_| ListKeypairDetail::new(name("bastion")));
    suite.operation(|_| UpdateKeypairDescription::new(name("made"), Description::new("x").unwrap()));
    suite.operation(|_| DeleteKeypair::new(name("made")));
    suite.operation(|key| ImportPrivateKey::new(name("made"), key.clone(), Encryption::Default));
    suite.operation(|_| ExportPrivateKey::new(name("bastion")));
    suite.operation(|_| ClearPrivateKey::new(name("bastion")));
    suite.operation(|_| {
        BatchImportKeypair::new([CreateKeypair::import(name("new"), public(LAPTOP))]).unwrap()
    });
    suite.operation(|_| BatchExportPrivateKey::new([name("bastion"), name("build-agents")]).unwrap());
    suite.operation(|_| AssociateKeypair::new(name("made"), running()));
    suite.operation(|_| {
        let server = BatchServer::new(server(RUNNING), PASSWORD);
        BatchAssociateKeypair::new(name("made"), [server]).unwrap()
    });
    suite.operation(|_| DisassociateKeypair::new(Server::stopped(server(STOPPED))));
    suite.operation(|_| ListKeypairTask::new(task()));
    suite.operation(|_| ListRunningTask::new());
    suite.operation(|_| ListFailedTask::new());
    suite.operation(|_| DeleteFailedTask::new(task()));
    suite.operation(|_| DeleteAllFailedTask::new());
}

/// A server of the built-in seed that runs, its password, and one that is shut off.
const RUNNING: &str = "1c94d0f7-6e2b-4a85-b3d1-90ae57f8c264";
const PASSWORD: &str = "Emulator-Only-1";
const STOPPED: &str = "7c5ad6fd-c48b-40eb-b9d7-36a4bdfec8ca";

fn server(id: &str) -> ServerId {
    ServerId::new(id).unwrap()
}

fn running() -> kps_core::RunningServer {
    Server::running(server(RUNNING), Login::password(PASSWORD))
}

fn task() -> TaskId {
    TaskId::new("aee8d2fe-5484-4753-9177-5a38dc15546c").unwrap()
}

/// What is found out of calls whose answers were lost, before they were applied and after.
pub fn lost_answers_are_looked_up<S: Subject>(connect: &dyn Fn(InProcess) -> S) {
    assert_eq!(looked_up(connect, &CreateKeypair::new(name("new"))), ["not done", "done"]);
    assert_eq!(looked_up(connect, &DeleteKeypair::new(name("made"))), ["not done", "done"]);
    assert_eq!(looked_up(connect, &AssociateKeypair::new(name("made"), running())), ["unknown", "done"]);
    let unbind = DisassociateKeypair::new(Server::stopped(server(STOPPED)));
    assert_eq!(looked_up(connect, &unbind), ["unknown", "done"]);
    assert_eq!(looked_up(connect, &DeleteFailedTask::new(task())), ["not done", "done"]);
}

fn looked_up<S: Subject, O: Resolve + Clone>(
    connect: &dyn Fn(InProcess) -> S,
    operation: &O,
) -> [&'static str; 2] {
    [Fault::ResetBefore, Fault::ResetAfter].map(|fault| {
        let emulator = Emulator::new();
        let transport = emulator.in_process().with_virtual_clock(start());
        set_up(&transport);
        // What was before the call is told from what came of it by its time.
        Transport::sleep(&transport, Duration::from_secs(60));
        let kps = connect(transport);
        emulator.inject(FaultRule::new(fault).on(O::META.name).unwrap());
        let error = kps.send(operation.clone()).err().unwrap();
        match kps.resolve(operation, &error).unwrap() {
            Resolution::Done(_) => "done",
            Resolution::NotDone => "not done",
            Resolution::Unknown => "unknown",
            _ => "something else",
        }
    })
}
