//! All operations and waits, in both colours.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::ready;
use std::time::Duration;

use kps_conformance::{Awaited, Subject};
use kps_core::{
    AssociateKeypair, BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair, BatchServer, Builder,
    ClearPrivateKey, Client, CreateKeypair, Credentials, DeleteAllFailedTask, DeleteFailedTask,
    DeleteKeypair, Description, DisassociateKeypair, Encryption, Error, ExportPrivateKey, HttpOptions,
    ImportPrivateKey, ListFailedTask, ListKeypairDetail, ListKeypairTask, ListKeypairs, ListRunningTask,
    Login, Operation, Prepared, ProjectId, Proxy, Retries, Server, ServerId, TaskHandle, TaskId, TaskState,
    UpdateKeypairDescription, WaitOptions, blocking,
};

use crate::eyes::{Everything, MARK, see, see_error};
use crate::outcome::OUTCOMES;
use crate::secrets::{credentials, key, name, password, public};

pub(crate) fn site<C>(builder: Builder<C>, credentials: Credentials) -> Builder<C> {
    let builder = builder
        .endpoint("http://kms.example.com")
        .credentials(credentials)
        .project_id(ProjectId::new("0a1b").unwrap())
        .http(HttpOptions::new().with_proxy(Proxy::Url(format!("http://user:{MARK}-proxy@proxy.example:1"))))
        .retries(Retries::new().with_backoff(Duration::ZERO, Duration::ZERO))
        .observer(Everything);
    see(&format!("{builder:?}"));
    builder
}

/// All operations, with a marked secret wherever one holds any.
pub(crate) fn each_operation(on: &mut impl On) {
    let running = |login| Server::running(ServerId::new("s-1").unwrap(), login);
    let task = || TaskId::new("t-1").unwrap();
    on.operation(&CreateKeypair::new(name()));
    on.operation(&CreateKeypair::import_hosted(name(), public(), key(), Encryption::Default));
    on.operation(&ListKeypairs::new());
    on.operation(&ListKeypairDetail::new(name()));
    on.operation(&UpdateKeypairDescription::new(name(), Description::new("x").unwrap()));
    on.operation(&DeleteKeypair::new(name()));
    on.operation(&ImportPrivateKey::new(name(), key(), Encryption::Default));
    on.operation(&ExportPrivateKey::new(name()));
    on.operation(&ClearPrivateKey::new(name()));
    let hosted = CreateKeypair::import_hosted(name(), public(), key(), Encryption::Default);
    on.operation(&BatchImportKeypair::new([hosted]).unwrap());
    on.operation(&BatchExportPrivateKey::new([name()]).unwrap());
    on.operation(&AssociateKeypair::new(name(), running(Login::password(password()))));
    on.operation(&AssociateKeypair::new(name(), running(Login::private_key(key()))));
    let server = BatchServer::new(ServerId::new("s-1").unwrap(), password());
    on.operation(&BatchAssociateKeypair::new(name(), [server]).unwrap());
    on.operation(&DisassociateKeypair::new(running(Login::private_key(key()))));
    on.operation(&ListKeypairTask::new(task()));
    on.operation(&ListRunningTask::new());
    on.operation(&ListFailedTask::new());
    on.operation(&DeleteFailedTask::new(task()));
    on.operation(&DeleteAllFailedTask::new());
}

/// What is done with each of them.
pub(crate) trait On {
    fn operation<O: Operation<Output: Debug> + Clone + Debug>(&mut self, operation: &O);
}

/// Counts, so that a suite that does nothing is noticed.
#[derive(Default)]
pub(crate) struct Count {
    pub(crate) operations: BTreeSet<&'static str>,
    pub(crate) calls: usize,
    pub(crate) succeeded: usize,
}

impl Count {
    pub(crate) fn call<O: Operation<Output: Debug> + Clone + Debug>(
        &mut self,
        kps: &impl Subject,
        operation: &O,
    ) {
        see(&format!("{operation:?}"));
        self.operations.insert(O::META.name);
        self.calls += 1;
        match kps.send(operation.clone()) {
            Ok(output) => {
                self.succeeded += 1;
                see(&format!("{output:?}"));
            }
            Err(error) => see_error(&error),
        }
    }
}

/// Both colours over closures.
#[derive(Default)]
pub(crate) struct OverClosures(pub(crate) Count);

impl On for OverClosures {
    fn operation<O: Operation<Output: Debug> + Clone + Debug>(&mut self, operation: &O) {
        for outcome in OUTCOMES {
            for credentials in credentials() {
                let closure = move |request: Prepared| outcome.over_a_closure(&request);
                let kps = site(blocking::Client::builder(closure), credentials.clone()).build().unwrap();
                see(&format!("{kps:?}"));
                self.0.call(&kps, operation);
                let closure = move |request: Prepared| ready(outcome.over_a_closure(&request));
                let kps = Awaited::new(|| site(Client::builder(closure), credentials).build().unwrap());
                see(&format!("{kps:?}"));
                self.0.call(&kps, operation);
            }
        }
    }
}

/// Waits for tasks, of which nothing but trouble is seen.
pub(crate) fn each_wait() {
    let options = WaitOptions::new().with_timeout(Duration::from_secs(60));
    let options = options.with_progress(|state| see(&format!("{state:?}")));
    let tasks = || (0..5).map(|n| TaskHandle::new(TaskId::new(format!("t-{n}")).unwrap())).collect();
    let see_ends = |kps: &dyn Fn() -> Vec<Result<TaskState, Error>>| {
        for end in kps() {
            see_error(&end.unwrap_err());
        }
    };
    for outcome in OUTCOMES {
        for credentials in credentials() {
            let closure = move |request: Prepared| outcome.over_a_closure(&request);
            let kps = site(blocking::Client::builder(closure), credentials.clone()).build().unwrap();
            see_ends(&|| vec![Subject::wait(&kps, TaskId::new("t-1").unwrap().into(), &options)]);
            let closure = move |request: Prepared| ready(outcome.over_a_closure(&request));
            let kps = Awaited::new(|| site(Client::builder(closure), credentials).build().unwrap());
            see_ends(&|| kps.wait_all(tasks(), &options));
        }
    }
}

/// Both adapters over sockets.
pub(crate) struct OverSockets<B, A> {
    pub(crate) blocking: B,
    pub(crate) awaited: A,
    pub(crate) count: Count,
}

impl<B: Subject, A: Subject> On for OverSockets<B, A> {
    fn operation<O: Operation<Output: Debug> + Clone + Debug>(&mut self, operation: &O) {
        for _ in OUTCOMES {
            self.count.call(&self.blocking, operation);
            self.count.call(&self.awaited, operation);
        }
    }
}
