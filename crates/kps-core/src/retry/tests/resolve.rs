//! What became of a call whose answer was lost.

use std::time::{Duration, UNIX_EPOCH};

use kps_model::{
    AssociateKeypair, CreateKeypair, DeleteFailedTask, DisassociateKeypair, Login, PublicKey, Server,
    ServerId, TaskId,
};

use super::scripted::{Answer, START, Scripted, create, delete, lost, name, status};
use crate::{Error, ErrorKind, Resolution, Resolve, Retries};

/// What becomes of a call whose answer was lost, when what is looked up is answered so.
fn resolved<O: Resolve + Clone>(operation: &O, lookup: &[Answer]) -> Result<Resolution<O::Found>, Error> {
    // The service's clock is five minutes ahead, and the answer was lost after 10 s.
    let world = Scripted::new([lost().after(10_000)]);
    world.pass(60_000);
    let kps = world.builder().retries(Retries::none()).build().unwrap();
    let error = kps.send(operation.clone()).err().unwrap();
    assert!(error.may_have_been_applied());
    world.count();
    let now = httpdate::fmt_http_date(UNIX_EPOCH + START + Duration::from_secs(310));
    let time = status(200).body(r#"{"tasks":[]}"#).header("date", now);
    world.script([time].into_iter().chain(lookup.iter().cloned()));
    kps.resolve(operation, &error)
}

/// When the call began by the service's clock, in milliseconds.
const BEGAN: i64 = 1_800_000_300_000;

fn detail(created: i64, key: &str) -> Answer {
    let body = format!(r#"{{"keypair":{{"name":"deploy","create_time":{created},"public_key":"{key}"}}}}"#);
    status(200).body(body.leak())
}

fn unknown_time() -> Answer {
    status(200).body(r#"{"keypair":{"name":"deploy"}}"#)
}

fn no_such() -> Answer {
    status(400).body(r#"{"error_code":"KPS.4016","error_msg":"x"}"#)
}

/// `done`, `not done` or `unknown`.
fn word<T>(resolution: &Resolution<T>) -> &'static str {
    match resolution {
        Resolution::Done(_) => "done",
        Resolution::NotDone => "not done",
        Resolution::Unknown => "unknown",
    }
}

#[test]
fn whether_a_key_pair_was_made_or_deleted() {
    let made = create();
    let imported = CreateKeypair::import(name(), PublicKey::new("ssh-ed25519 AAAA me@here").unwrap());
    for (answer, make, import, remove) in [
        (no_such(), "not done", "not done", "done"),
        (detail(BEGAN, "ssh-ed25519 AAAA other"), "done", "done", "done"),
        (detail(BEGAN - 1, "ssh-ed25519 AAAA"), "not done", "done", "not done"),
        (detail(BEGAN, "ssh-ed25519 BBBB me@here"), "done", "not done", "done"),
        (unknown_time(), "unknown", "unknown", "unknown"),
    ] {
        let answers = [answer.clone()];
        let body = answer.body;
        assert_eq!(word(&resolved(&made, &answers).unwrap()), make, "{body}");
        assert_eq!(word(&resolved(&imported, &answers).unwrap()), import, "{body}");
        assert_eq!(word(&resolved(&delete(), &answers).unwrap()), remove, "{body}");
    }
    assert_eq!(resolved(&delete(), &[status(403)]).unwrap_err().status(), Some(403));
}

/// A page with one task.
pub(crate) fn tasks(server: &str, key_pair: &str, kind: &str, time: i64) -> Answer {
    let body = format!(
        r#"{{"total":1,"tasks":[{{"task_id":"t-1","server_id":"{server}","keypair_name":"{key_pair}","operate_type":"{kind}","task_time":{time}}}]}}"#
    );
    status(200).body(body.leak())
}

#[test]
fn whether_a_binding_was_accepted() {
    let server = Server::running(ServerId::new("s-1").unwrap(), Login::password("x"));
    let bind = AssociateKeypair::new(name(), server.clone());
    let unbind = DisassociateKeypair::new(server);
    let none = || status(200).body(r#"{"total":0,"tasks":[]}"#);
    for (running, failed, binding, unbinding) in [
        (none(), none(), "unknown", "unknown"),
        (tasks("s-1", "deploy", "RUNNING_BIND", BEGAN), none(), "done", "unknown"),
        (none(), tasks("s-1", "deploy", "FAILED_REPLACE", BEGAN + 9), "done", "unknown"),
        (none(), tasks("s-1", "other", "FAILED_UNBIND", BEGAN), "unknown", "done"),
        (tasks("s-1", "deploy", "RUNNING_BIND", BEGAN - 1), none(), "unknown", "unknown"),
        (tasks("s-2", "deploy", "RUNNING_BIND", BEGAN), none(), "unknown", "unknown"),
        (tasks("s-1", "other", "RUNNING_BIND", BEGAN), none(), "unknown", "unknown"),
    ] {
        let answers = [running.clone(), failed.clone()];
        let what = format!("{} {}", running.body, failed.body);
        assert_eq!(word(&resolved(&bind, &answers).unwrap()), binding, "{what}");
        assert_eq!(word(&resolved(&unbind, &answers).unwrap()), unbinding, "{what}");
    }
    let one = [tasks("s-1", "deploy", "RUNNING_BIND", BEGAN)];
    assert_eq!(resolved(&bind, &one).unwrap(), Resolution::Done(TaskId::new("t-1").unwrap()));
}

#[test]
fn whether_a_record_was_deleted() {
    let there = DeleteFailedTask::new(TaskId::new("t-1").unwrap());
    let other = DeleteFailedTask::new(TaskId::new("t-2").unwrap());
    let list = [tasks("s-1", "deploy", "FAILED_BIND", BEGAN)];
    assert_eq!(word(&resolved(&there, &list).unwrap()), "not done");
    assert_eq!(word(&resolved(&other, &list).unwrap()), "done");
}

#[test]
fn what_was_surely_not_applied_is_not_looked_for() {
    let world = Scripted::new([status(403)]);
    let kps = world.client();
    let error = kps.send(delete()).unwrap_err();
    world.count();
    assert_eq!(kps.resolve(&delete(), &error).unwrap(), Resolution::NotDone);
    let other = kps.resolve(&create(), &error).unwrap_err();
    assert_eq!((other.kind(), world.count()), (ErrorKind::Input, 0));
    assert_eq!(other.to_string(), "CreateKeypair: an error of DeleteKeypair says nothing of it");
}
