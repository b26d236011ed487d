//! What follows from what is seen, as tables: no calls, and a clock that is a number.

use std::time::Duration;

use kps_model::{ErrorBody, FailedTask, ListKeypairTaskResponse, RunningTask, TaskId};

use super::vigil::{Vigil, Wish};
use super::{TaskState, WaitOptions};
use crate::{Error, ErrorKind, Failure, FailureKind, Sent};

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn id() -> TaskId {
    TaskId::new("t-1").unwrap()
}

/// A wait of a minute that begins a thousand seconds after some moment.
fn vigil() -> Vigil {
    Vigil::new(id().into(), &WaitOptions::new().with_timeout(seconds(60)), seconds(1000))
}

fn saw(status: &str) -> Result<ListKeypairTaskResponse, Error> {
    let mut answer = ListKeypairTaskResponse::new(id());
    answer.task_status = Some(status.into());
    Ok(answer)
}

fn refused(status: u16, code: &str) -> Error {
    Error::refused(status, None, ErrorBody::new(code, "x"))
}

fn lost() -> Error {
    Error::failure(Failure::new(FailureKind::Interrupted, Sent::Maybe, "x"))
}

fn unreadable() -> Error {
    let fault = kps_model::from_json::<ListKeypairTaskResponse>(b"<html>").unwrap_err();
    Error::unreadable(200, None, fault)
}

fn due(vigil: &Vigil) -> u64 {
    vigil.due().as_secs() - 1000
}

/// Looks when it is due, until the wait has ended or there is nothing more to see.
fn look(
    vigil: &mut Vigil,
    answers: impl IntoIterator<Item = Result<ListKeypairTaskResponse, Error>>,
) -> Vec<u64> {
    let mut looks = Vec::new();
    for answer in answers {
        assert_eq!(vigil.wish(), Some(Wish::State));
        looks.push(due(vigil));
        vigil.looked(vigil.due(), answer);
    }
    looks
}

fn error(vigil: &mut Vigil) -> Error {
    assert_eq!(vigil.wish(), None);
    vigil.take_error().unwrap()
}

#[test]
fn the_defaults_are_those_in_the_documents() {
    let document = include_str!("../../../../docs/tasks.md");
    let options = WaitOptions::new();
    let seconds = |time: Duration| format!("{} s", time.as_secs());
    let WaitOptions { timeout, first_look, least, most, calls, window, .. } = options;
    for row in [
        format!("| in sum | {} | `with_timeout` |", seconds(timeout)),
        format!("| the first look | {} | `with_first_look` |", seconds(first_look)),
        format!(
            "| the next look | a third of the time waited so far, {} to {} | `with_interval` |",
            seconds(least),
            seconds(most),
        ),
        format!("| looks at many tasks | {calls} in {} | `with_rate_limit` |", seconds(window)),
    ] {
        assert!(document.contains(&row), "{row}");
    }
}

#[test]
fn the_last_look_is_a_second_before_the_end() {
    let mut vigil = vigil();
    let looks = look(&mut vigil, (0..8).map(|_| saw("RUNNING_BIND")));
    assert_eq!(looks, [5, 10, 15, 20, 26, 35, 47, 59]);
    assert!(due(&vigil) == 60 && vigil.is_over(vigil.due()) && !vigil.is_over(seconds(1059)));
    vigil.expire();
    assert_eq!(error(&mut vigil).kind(), ErrorKind::TaskTimeout);
}

#[test]
fn a_wait_that_is_short_is_for_one_look_and_one_of_no_time_for_none() {
    for (timeout, looks) in [(0, vec![]), (1000, vec![500]), (1900, vec![950]), (4000, vec![3000])] {
        let options = WaitOptions::new().with_timeout(Duration::from_millis(timeout));
        let mut vigil = Vigil::new(id().into(), &options, Duration::ZERO);
        let mut seen = Vec::new();
        while !vigil.is_over(vigil.due()) {
            seen.push(vigil.due().as_millis());
            vigil.looked(vigil.due(), saw("RUNNING_BIND"));
        }
        assert_eq!((seen, vigil.due()), (looks, Duration::from_millis(timeout)), "{timeout}");
    }
}

#[test]
fn what_passes_is_ridden_out_and_told_at_the_end() {
    let passing = [lost(), refused(503, "new"), refused(429, "new"), unreadable(), unreadable(), lost()];
    let mut vigil = vigil();
    assert_eq!(look(&mut vigil, passing.into_iter().map(Err)), [5, 10, 15, 20, 26, 35]);
    vigil.expire();
    let error = error(&mut vigil);
    assert_eq!(
        error.report(),
        "task t-1 did not end within 60.0 s; its state was not seen: the connection broke: x"
    );
    assert_eq!(error.task_state().unwrap().looks, 6);

    let mut vigil = vigil_seen_after_trouble();
    vigil.expire();
    let error = vigil.take_error().unwrap();
    assert_eq!(error.report(), "task t-1 did not end within 60.0 s; RUNNING_BIND was seen after 10.0 s");
}

fn vigil_seen_after_trouble() -> Vigil {
    let mut vigil = vigil();
    look(&mut vigil, [Err(lost()), saw("RUNNING_BIND")]);
    vigil
}

#[test]
fn the_service_may_ask_for_a_longer_pause() {
    for (asked, next) in [(1, 10), (30, 35), (300, 59)] {
        let mut vigil = vigil();
        let error = refused(429, "new").with_retry_after(Some(seconds(asked)));
        look(&mut vigil, [Err(error)]);
        assert_eq!(due(&vigil), next, "{asked}");
    }
}

#[test]
fn what_will_not_pass_ends_the_wait() {
    for fatal in [
        refused(403, "KPS.9003"),
        refused(401, "APIGW.0301"),
        refused(400, "KPS.0001"),
        refused(404, "APIGW.0101"),
        Error::config("x"),
        Error::credentials("x"),
        Error::input("x"),
    ] {
        let (kind, id) = (fatal.kind(), fatal.id());
        let mut vigil = vigil_seen_after_trouble();
        vigil.looked(vigil.due(), Err(fatal));
        let error = error(&mut vigil);
        assert_eq!((error.kind(), error.id()), (kind, id));
        let state = error.task_state().unwrap();
        assert_eq!((state.looks, state.elapsed), (3, seconds(10)), "when it was seen");
    }
}

#[test]
fn three_answers_in_a_row_that_cannot_be_read_are_enough() {
    let mut vigil = vigil();
    look(&mut vigil, [unreadable(), unreadable(), lost(), unreadable(), unreadable(), unreadable()].map(Err));
    assert_eq!(error(&mut vigil).kind(), ErrorKind::Decode);
}

#[test]
fn a_record_may_come_late_or_never() {
    for (readings, times) in [(1, vec![5]), (4, vec![5, 10, 15, 20]), (5, vec![5, 10, 15, 20])] {
        let mut vigil = vigil();
        look(&mut vigil, [saw("FAILED_BIND")]);
        let mut read = Vec::new();
        while vigil.wish() == Some(Wish::Record) {
            read.push(due(&vigil));
            let is_there = read.len() == readings;
            vigil.read(vigil.due(), Ok(is_there.then(|| FailedTask::new(id()))));
        }
        assert_eq!(read, times);
        assert_eq!(error(&mut vigil).failed_task().is_some(), readings < 5);
    }
}

#[test]
fn what_keeps_the_records_from_being_read_is_told() {
    for (trouble, readings) in
        [(|| refused(503, "new"), 4), (|| refused(403, "KPS.9003"), 1)] as [(fn() -> Error, _); 2]
    {
        let mut vigil = vigil();
        look(&mut vigil, [saw("FAILED_BIND")]);
        let mut read = 0;
        while vigil.wish() == Some(Wish::Record) {
            vigil.read(vigil.due(), Err(trouble()));
            read += 1;
        }
        let error = error(&mut vigil);
        assert_eq!((read, error.kind()), (readings, ErrorKind::TaskFailed));
        assert!(
            error.report().contains("could not be looked up: the service answered"),
            "{}",
            error.report()
        );
    }
}

#[test]
fn what_is_not_known_is_looked_for_twice() {
    let denial = || Err(refused(400, "KPS.0005"));
    let mut vigil = vigil();
    look(&mut vigil, [denial()]);
    assert_eq!((vigil.wish(), due(&vigil)), (Some(Wish::Record), 5));
    vigil.read(vigil.due(), Ok(None));
    assert_eq!(look(&mut vigil, [denial()]), [10]);
    vigil.read(vigil.due(), Ok(None));
    assert_eq!(error(&mut vigil).kind(), ErrorKind::TaskGone);

    // It is known in the end, or failed.
    let mut vigil = self::vigil();
    look(&mut vigil, [denial()]);
    vigil.read(vigil.due(), Err(lost()));
    assert_eq!(look(&mut vigil, [saw("READY_BIND"), denial()]), [10, 15]);
    vigil.read(vigil.due(), Ok(Some(FailedTask::new(id()))));
    assert_eq!(error(&mut vigil).kind(), ErrorKind::TaskFailed);
}

#[test]
fn at_the_end_of_its_time_a_wait_says_what_it_knows() {
    let failed = || Some(saw("FAILED_BIND"));
    let denied = || Some(Err(refused(404, "new")));
    for (late, is_read, kind) in [
        (None, false, ErrorKind::TaskTimeout),
        (failed(), false, ErrorKind::TaskFailed),
        (failed(), true, ErrorKind::TaskFailed),
        (denied(), false, ErrorKind::TaskGone),
        (denied(), true, ErrorKind::TaskTimeout),
    ] {
        let mut vigil = vigil();
        if let Some(answer) = late {
            vigil.looked(seconds(1058), answer);
        }
        if is_read {
            vigil.read(seconds(1059), Err(lost()));
        }
        assert!(vigil.due() <= seconds(1060));
        vigil.expire();
        vigil.expire();
        assert_eq!(vigil.into_outcome().unwrap_err().kind(), kind);
    }
}

#[test]
fn an_entry_of_the_running_list_is_believed_unless_it_says_otherwise() {
    for (kind, status) in [
        (Some("RUNNING_RESET"), Some("RUNNING_RESET")),
        (Some("READY_BIND"), Some("READY_BIND")),
        (Some("RUNNING"), Some("RUNNING")),
        (Some("PAUSED_BIND"), Some("PAUSED_BIND")),
        (None, None),
    ] {
        let mut entry = RunningTask::new(id());
        entry.operate_type = kind.map(Into::into);
        entry.keypair_name = Some("deploy".into());
        let mut vigil = vigil();
        assert!(vigil.listed(seconds(1005), &entry));
        let TaskState { handle, status: seen, .. } = vigil.state();
        assert_eq!(seen.as_ref().map(kps_model::TaskStatus::as_str), status);
        assert_eq!(handle.to_string(), "task t-1, key pair deploy");
        assert_eq!((vigil.wish(), due(&vigil)), (Some(Wish::State), 10));
    }
    for kind in ["FAILED_RESET", "SUCCESS_RESET"] {
        let mut entry = RunningTask::new(id());
        entry.operate_type = Some(kind.into());
        let mut vigil = vigil();
        assert!(!vigil.listed(seconds(1005), &entry) && vigil.state().looks == 0);
    }
}

#[cfg(feature = "stream")]
#[test]
fn states_are_a_stream() {
    use futures_util::TryStreamExt as _;

    let looks = std::sync::atomic::AtomicUsize::new(0);
    let transport = move |_: crate::Prepared| {
        let look = looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let status = ["READY_BIND", "RUNNING_BIND", "SUCCESS_BIND"][look];
        let body = format!(r#"{{"task_id":"t-1","task_status":"{status}"}}"#);
        async move { Ok(http::Response::new(body.into())) }
    };
    let kps = crate::Client::builder(transport)
        .endpoint("https://kms.example.com")
        .credentials(crate::Credentials::access_key("AK", "SK"))
        .project_id(kps_model::ProjectId::new("0a1b").unwrap())
        .build()
        .unwrap();
    let states = kps.watch(id(), &WaitOptions::new()).into_stream();
    let states: Vec<TaskState> = pollster::block_on(states.try_collect()).unwrap();
    let seen: Vec<&str> = states.iter().map(|state| state.status.as_ref().unwrap().as_str()).collect();
    assert_eq!(seen, ["READY_BIND", "RUNNING_BIND", "SUCCESS_BIND"]);
}
