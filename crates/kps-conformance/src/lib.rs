//! The conformance suite: what a client must do on any transport, in either colour, against an emulator with
//! the [`seed`] of this crate.
//!
//! A transport is put through it by a function that makes a client on it for a [`Site`]:
//!
//! ```
//! use kps_conformance::{Stage, all, seed};
//! use kps_core::blocking;
//! use kps_emulator::Emulator;
//!
//! let emulator = Emulator::with_seed(seed());
//! let connect = |site: &kps_conformance::Site| {
//!     site.build_on(blocking::Client::builder(emulator.in_process())).build().unwrap()
//! };
//! all(&Stage::new(&emulator, "http://kms.example.com", &connect));
//! ```
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a suite fails by panicking, as any test"
)]

pub mod batch;
pub mod binding;
pub mod credentials;
pub mod faults;
pub mod keypair;
pub mod life;
pub mod private_key;
mod stage;
mod subject;
pub mod task;
pub mod waiting;

use kps_core::{Credentials, FailedTask, OperateType, Port, ProjectId, ServerId, TaskId};
use kps_emulator::{Emulator, Seed, SeedServer, Trouble};

pub use stage::Stage;
pub use subject::{Awaited, Site, Subject};

/// The whole suite.
pub fn all<S: Subject>(stage: &Stage<'_, S>) {
    keypair::all(stage);
    private_key::all(stage);
    batch::all(stage);
    binding::all(stage);
    task::all(stage);
    waiting::all(stage);
    credentials::all(stage);
    life::the_whole_life_of_a_key_pair(stage);
}

/// Tests in both colours: each takes a function that makes a client, and the module it is in has such a function as
/// `blocking` and as `awaited`.
#[macro_export]
macro_rules! in_both_colours {
    ($($test:ident),* $(,)?) => {
        mod in_blocking { $(#[test] fn $test() { super::$test(&super::blocking); })* }
        mod in_async { $(#[test] fn $test() { super::$test(&super::awaited); })* }
    };
}

/// A project of [`MANY_TASKS`] failed tasks.
pub(crate) const MANY: &str = "many";
/// How many tasks the project [`MANY`] has: not a whole number of pages of any usual size.
pub(crate) const MANY_TASKS: usize = 2503;
/// A project of exactly 1000 failed tasks, which is one full page.
pub(crate) const FULL: &str = "full";
/// A project without anything.
pub(crate) const NONE: &str = "none";
/// Projects in which one function each makes what it needs, of the servers below.
pub(crate) const OWN: [&str; 18] = [
    "keypair-made",
    "keypair-imported",
    "keypair-refused",
    "keypair-listed",
    "keypair-detail",
    "private-key",
    "batch-import",
    "batch-export",
    "binding-table",
    "binding-failures",
    "binding-batch",
    "binding-ten",
    "binding-refused",
    "task-running",
    "task-records",
    "task-waited-for",
    "tasks-waited-for",
    "life",
];

/// The server with this number: `1` to `6` run and take the password `password-N` on port 22, but for `6`, where it is
/// 2222; `7` and `8` are shut off; every task on `9` fails, for its file of keys was changed.
pub(crate) fn server(number: u32) -> ServerId {
    ServerId::new(format!("server-{number}")).unwrap()
}

/// Its password.
pub(crate) fn password(number: u32) -> String {
    format!("password-{number}")
}

fn servers() -> impl Iterator<Item = SeedServer> {
    (1..=9).map(|number| {
        let running = SeedServer::running(server(number), password(number));
        let seed = match number {
            6 => running.with_port(Port::new(2222).unwrap()),
            7 | 8 => SeedServer::stopped(server(number)),
            9 => running.with_trouble(Trouble::AuthorizedKeysChanged),
            _ => running,
        };
        seed.with_name(format!("name-{number}"))
    })
}

/// What the emulator must hold.
pub fn seed() -> Seed {
    let seed = Seed::built_in()
        .with_failed_tasks(project(MANY), tasks(MANY_TASKS))
        .with_failed_tasks(project(FULL), tasks(1000))
        .with_failed_tasks(project(NONE), [])
        .with_access_key("AKCONFORMANCE", "SKconformance");
    OWN.into_iter().fold(seed, |seed, id| seed.with_servers(project(id), servers()))
}

fn tasks(count: usize) -> impl Iterator<Item = FailedTask> {
    (0..count).map(|n| {
        let mut task = FailedTask::new(TaskId::new(format!("task-{n}")).unwrap());
        task.operate_type = Some(OperateType::FAILED_RESET);
        task
    })
}

pub(crate) fn project(id: &str) -> ProjectId {
    ProjectId::new(id).unwrap()
}

/// The project of the built-in seed, whose first task is the documented sample.
pub(crate) fn built_in() -> ProjectId {
    Emulator::project_id()
}

pub(crate) fn known() -> Credentials {
    Credentials::access_key("AKCONFORMANCE", "SKconformance")
}
