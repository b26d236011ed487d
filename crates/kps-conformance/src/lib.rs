//! The conformance suite: what a client must do on any transport, in either colour, against an emulator with
//! the [`seed`] of this crate.
//!
//! A transport is put through it by a function that makes a client on it for a [`Site`]:
//!
//! ```
//! use kps_conformance::{seed, task};
//! use kps_core::blocking;
//! use kps_emulator::Emulator;
//!
//! let emulator = Emulator::with_seed(seed());
//! task::all(&|site| Box::new(site.build_on(blocking::Client::builder(emulator.in_process())).build().unwrap()));
//! ```
#![allow(clippy::panic, clippy::unwrap_used, reason = "a suite fails by panicking, as any test")]

mod subject;
pub mod task;

use kps_core::{FailedTask, OperateType, ProjectId, TaskId};
use kps_emulator::{Emulator, Seed};

pub use subject::{Awaited, Connect, Site, Subject};

/// A project of [`MANY_TASKS`] failed tasks.
pub const MANY: &str = "many";
/// How many tasks the project [`MANY`] has: not a whole number of pages of any usual size.
pub const MANY_TASKS: usize = 2503;
/// A project of exactly 1000 failed tasks, which is one full page.
pub const FULL: &str = "full";
/// A project without tasks.
pub const NONE: &str = "none";

/// What the emulator must hold.
pub fn seed() -> Seed {
    Seed::built_in()
        .with_failed_tasks(project(MANY), tasks(MANY_TASKS))
        .with_failed_tasks(project(FULL), tasks(1000))
        .with_failed_tasks(project(NONE), [])
        .with_access_key("AKCONFORMANCE", "SKconformance")
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
