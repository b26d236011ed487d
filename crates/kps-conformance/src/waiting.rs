//! Waiting for tasks. Time passes when a look has shown something: nobody sleeps until a task ends.

use std::time::Duration;

use kps_core::{
    AssociateKeypair, BatchAssociateKeypair, BatchServer, Error, ErrorKind, KeypairName, Login, Server,
    TaskHandle, TaskState, WaitOptions,
};

use crate::stage::{Project, TASK_TIME, name};
use crate::{Stage, Subject, password, server};

/// The whole group.
pub fn all<S: Subject>(stage: &Stage<'_, S>) {
    a_task_is_waited_for_to_its_end(stage);
    many_tasks_are_waited_for_at_once(stage);
}

/// Looks at once, and lets a quarter of a task's time pass with each state that is seen.
fn hasty<S: Subject>(stage: &Stage<'_, S>) -> WaitOptions {
    let emulator = stage.emulator().clone();
    WaitOptions::new()
        .with_first_look(Duration::ZERO)
        .with_interval(Duration::ZERO, Duration::ZERO)
        .with_rate_limit(100_000, Duration::from_secs(1))
        .with_progress(move |_| emulator.advance(TASK_TIME / 4))
}

fn bound<S: Subject>(project: &Project<'_, S>, number: u32, password: &str) -> TaskHandle {
    let running = Server::running(server(number), Login::password(password));
    let receipt = project.kps.send(AssociateKeypair::new(name("all"), running)).unwrap();
    receipt.handle().unwrap().with_keypair(name("all"))
}

/// In capital letters, which the service may have in any case.
fn seen(states: &[Result<TaskState, Error>]) -> Vec<String> {
    states
        .iter()
        .flatten()
        .map(|state| state.status.as_ref().unwrap().as_str().to_ascii_uppercase())
        .collect()
}

fn assert_failed(error: &Error, number: u32) {
    assert_eq!(error.kind(), ErrorKind::TaskFailed, "{error}");
    let record = error.failed_task().unwrap();
    assert_eq!(record.server_id, Some(server(number)));
    assert_eq!(record.keypair_name.as_deref(), Some("all"));
    assert!(error.message().unwrap().contains("password is wrong"), "{error}");
}

/// Well or badly, and also by a handle that was stored.
pub fn a_task_is_waited_for_to_its_end<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("task-waited-for");
    let (kps, options) = (&project.kps, hasty(stage));
    project.made("all");
    let handle = bound(&project, 1, &password(1));
    let states = kps.watch(handle.clone(), &options);
    let expected = ["READY_BIND", "RUNNING_BIND", "RUNNING_BIND", "RUNNING_BIND", "SUCCESS_BIND"];
    assert_eq!(seen(&states), expected);

    let stored = kps_core::to_json(&handle).unwrap();
    let again = stage.project("task-waited-for").kps.wait(kps_core::from_json(&stored).unwrap(), &options);
    let end = again.unwrap();
    assert_eq!((end.looks, end.handle.server_id), (1, Some(server(1))));
    assert_eq!(end.handle.keypair_name, KeypairName::new("all").ok());

    let mut states = kps.watch(bound(&project, 2, "guessed"), &options);
    let error = states.pop().unwrap().unwrap_err();
    assert_failed(&error, 2);
    assert_eq!(seen(&states).last().unwrap(), "FAILED_BIND");
}

/// Those of a batch, of which one fails.
pub fn many_tasks_are_waited_for_at_once<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("tasks-waited-for");
    project.made("all");
    let servers = (1..=5).map(|number| {
        let guessed = || "guessed".to_owned();
        BatchServer::new(server(number), if number == 3 { guessed() } else { password(number) })
    });
    let answer = project.kps.send(BatchAssociateKeypair::new(name("all"), servers).unwrap()).unwrap();
    let handles: Vec<TaskHandle> =
        (1..=5).map(|number| answer.of(&server(number)).unwrap().handle().unwrap()).collect();
    let ends = project.kps.wait_all(handles, &hasty(stage));
    assert_eq!(ends.len(), 5);
    for (number, end) in (1..).zip(&ends) {
        match end {
            Ok(end) => assert_eq!(end.handle.server_id, Some(server(number))),
            Err(error) => assert_failed(error, number),
        }
        assert_eq!(end.is_err(), number == 3);
    }
}
