//! Waiting for tasks, in both colours, on clocks that go only while somebody sleeps.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod emulated;
mod histories;
mod many;
mod scripted;

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use kps_core::{
    Action, AsyncTransport, BoxFuture, Client, ErrorKind, KeypairName, Phase, Ready, ServerId, TaskHandle,
    TaskId, TaskState, TaskStatus, Timestamp, WaitOptions,
};

use crate::scripted::{Kps, Scripted, json, list, refusal, state};

fn handle(id: &str) -> TaskHandle {
    TaskHandle::new(TaskId::new(id).unwrap())
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Keeps the states that are told.
fn keeping(options: WaitOptions) -> (WaitOptions, Arc<Mutex<Vec<TaskState>>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeps = kept.clone();
    (options.with_progress(move |state| keeps.lock().unwrap().push(state.clone())), kept)
}

fn statuses(states: &[TaskState]) -> Vec<&str> {
    states.iter().map(|state| state.status.as_ref().map_or("-", TaskStatus::as_str)).collect()
}

/// A service with one task, whose state is given, and no records.
fn always(status: &'static str) -> Scripted {
    Scripted::new(move |_, called| if called == "failed-tasks" { list(&[]) } else { state(called, status) })
}

#[test]
fn every_state_there_is_ends_the_wait_or_does_not() {
    let options = WaitOptions::new().with_timeout(seconds(60));
    for phase in [Phase::Ready, Phase::Running, Phase::Success, Phase::Failed] {
        for action in [Action::Bind, Action::Replace, Action::Reset, Action::Unbind] {
            let status = TaskStatus::new(phase, action);
            let text: &'static str = status.to_string().leak();
            for (service, kps) in Scripted::both(|| always(text)) {
                let end = kps.wait(handle("t-1"), &options);
                let state = match &end {
                    Ok(state) => state,
                    Err(error) => error.task_state().unwrap(),
                };
                assert_eq!((state.phase(), state.action()), (Some(phase), Some(action)));
                assert_eq!(state.handle, handle("t-1").with_server(ServerId::new("s-t-1").unwrap()));
                let (kind, time) = match phase {
                    Phase::Success => (None, 5),
                    Phase::Failed => (Some(ErrorKind::TaskFailed), 20),
                    _ => (Some(ErrorKind::TaskTimeout), 60),
                };
                assert_eq!(end.err().map(|error| error.kind()), kind, "{status}");
                assert_eq!(service.time(), seconds(time), "{status}");
            }
        }
    }
}

#[test]
fn a_state_that_is_not_known_counts_as_under_way_and_is_shown() {
    for text in ["PAUSED_BIND", "", "SUCCEEDED", "_BIND", "RUNNING"] {
        let (options, kept) = keeping(WaitOptions::new().with_timeout(seconds(60)));
        for (service, kps) in Scripted::both(|| always(text)) {
            let error = kps.wait(handle("t-1"), &options).unwrap_err();
            assert_eq!((error.kind(), service.time()), (ErrorKind::TaskTimeout, seconds(60)), "{text}");
            let told = format!("did not end within 60.0 s; {text} was seen after 59.0 s");
            assert!(error.to_string().ends_with(&told), "{error}");
        }
        assert_eq!(statuses(&kept.lock().unwrap()), [text; 16]);
    }
    for text in ["success_bind", "SUCCESS", "SUCCESS_MIGRATE"] {
        for (_, kps) in Scripted::both(|| always(text)) {
            assert_eq!(kps.wait(handle("t-1"), &options()).unwrap().status.unwrap().as_str(), text);
        }
    }
    let mute = || Scripted::new(|_, called| json(200, format!(r#"{{"task_id":"{called}"}}"#)));
    for (_, kps) in Scripted::both(mute) {
        let error = kps.wait(handle("t-1"), &options()).unwrap_err();
        assert!(error.to_string().ends_with("its state was not seen"), "{error}");
    }
}

fn options() -> WaitOptions {
    WaitOptions::new()
}

#[test]
fn of_a_task_that_is_not_known_any_more_the_record_tells() {
    let service = || {
        Scripted::new(|_, called| match called {
            "failed-tasks" => list(&[r#"{"task_id":"t-1","operate_type":"FAILED_BIND"}"#.into()]),
            _ => refusal(404, "new"),
        })
    };
    for (service, kps) in Scripted::both(service) {
        let error = kps.wait(handle("t-1"), &options()).unwrap_err();
        assert_eq!(error.to_string(), "task t-1 failed (FAILED_BIND); its record does not say why");
        assert_eq!(service.calls().len(), 2);
    }
}

#[test]
fn a_task_that_is_not_known_yet_is_known_at_the_second_look() {
    let service = || {
        Scripted::new(|now, called| match called {
            "failed-tasks" => list(&[]),
            _ if now < seconds(10) => refusal(400, "KPS.0005"),
            _ => state(called, "SUCCESS_BIND"),
        })
    };
    for (service, kps) in Scripted::both(service) {
        assert_eq!(kps.wait(handle("t-1"), &options()).unwrap().looks, 2);
        assert_eq!(service.seconds_of("failed-tasks"), [5]);
    }
}

#[test]
fn a_record_with_another_id_is_found_by_server_key_pair_and_time() {
    let record = |time: u64, name: &str, message: &str| {
        format!(
            r#"{{"task_id":"vm","operate_type":"FAILED_RESET","task_time":"{time}","task_error_msg":"{message}",
                "server_id":"s-t-1","keypair_name":"{name}"}}"#
        )
    };
    let records = [
        record(1_775_032_199_999, "deploy", "before"),
        record(1_775_032_209_000, "deploy", "later"),
        record(1_775_032_203_000, "deploy", "this one"),
        record(1_775_032_201_000, "other", "another key pair"),
    ];
    let service = || {
        let records = records.clone();
        Scripted::new(move |_, called| match called {
            "failed-tasks" => list(&records),
            _ => state(called, "FAILED_REPLACE"),
        })
    };
    let bare = || handle("t-1").with_keypair(KeypairName::new("deploy").unwrap());
    for (_, kps) in Scripted::both(service) {
        let timed = bare().with_accepted(Timestamp::from_millis(1_775_032_200_000));
        assert_eq!(kps.wait(timed, &options()).unwrap_err().message(), Some("this one"));
        let error = kps.wait(bare(), &options()).unwrap_err();
        assert!(error.failed_task().is_none(), "without a time it could be the reason of another failure");
        assert!(
            error.to_string().ends_with("failed (FAILED_REPLACE); why is not in the list of failed tasks")
        );
    }
}

#[test]
fn a_record_that_comes_late_is_waited_for_a_little() {
    for (late, is_found) in [(5, true), (20, true), (21, false)] {
        let service = move || {
            Scripted::new(move |now, called| match called {
                "failed-tasks" if now < seconds(late) => list(&[]),
                "failed-tasks" => list(&[r#"{"task_id":"t-1","task_error_msg":"x"}"#.into()]),
                _ => state(called, "FAILED_BIND"),
            })
        };
        for (service, kps) in Scripted::both(service) {
            let error = kps.wait(handle("t-1"), &options()).unwrap_err();
            assert_eq!(error.failed_task().is_some(), is_found, "{late}: {error}");
            assert_eq!((error.kind(), service.time()), (ErrorKind::TaskFailed, seconds(late.min(20))));
            assert_eq!(service.seconds_of("t-1"), [5], "what has failed is not looked at again");
        }
    }
}

#[test]
fn a_failure_is_told_though_its_record_must_not_be_read() {
    let service = || {
        Scripted::new(|_, called| match called {
            "failed-tasks" => refusal(403, "KPS.9003"),
            _ => state(called, "FAILED_BIND"),
        })
    };
    for (service, kps) in Scripted::both(service) {
        let error = kps.wait(handle("t-1"), &options()).unwrap_err();
        assert_eq!((error.kind(), service.calls().len()), (ErrorKind::TaskFailed, 2));
        assert!(error.report().contains("why could not be looked up: ListFailedTask: the service answered"));
    }
}

#[test]
fn a_wait_takes_as_long_as_it_may_and_no_longer() {
    for latency in [0, 300, 999, 1000, 7000, 100_000] {
        let latency = Duration::from_millis(latency);
        for timeout in [0, 1, 500, 3000, 60_000, 1_800_000] {
            let timeout = Duration::from_millis(timeout);
            for (service, kps) in Scripted::both(|| always("RUNNING_BIND").with_latency(latency)) {
                let error = kps.wait(handle("t-1"), &options().with_timeout(timeout)).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::TaskTimeout);
                assert_eq!(service.time(), timeout, "{latency:?}");
                assert!(service.calls().iter().all(|(time, _)| *time < timeout));
            }
        }
    }
}

#[test]
fn the_calls_are_few_and_as_they_are_asked_for() {
    for (_, kps) in Scripted::both(|| always("RUNNING_BIND")) {
        let error = kps.wait(handle("t-1"), &options()).unwrap_err();
        assert_eq!(error.task_state().unwrap().looks, 95);
    }
    let own = options()
        .with_timeout(seconds(100))
        .with_first_look(seconds(1))
        .with_interval(seconds(2), seconds(30));
    for (service, kps) in Scripted::both(|| always("RUNNING_BIND")) {
        kps.wait(handle("t-1"), &own).unwrap_err();
        assert_eq!(service.seconds_of("t-1"), [1, 3, 5, 7, 9, 12, 16, 22, 29, 39, 52, 69, 93, 99]);
    }
}

#[test]
fn nobody_looks_at_a_task_whose_watch_was_dropped() {
    for (service, kps) in Scripted::both(|| always("RUNNING_BIND")) {
        let states = kps.watch(handle("t-1"), &options(), 2);
        assert_eq!((states.len(), service.seconds_of("t-1")), (2, vec![5, 10]));
    }
}

/// A transport that never answers.
struct Hanging(Arc<AtomicUsize>);

impl AsyncTransport for Hanging {
    fn send(&self, _: kps_core::Prepared) -> BoxFuture<'_, scripted::Answer> {
        Box::pin(async move {
            self.0.fetch_add(1, Ordering::SeqCst);
            std::future::pending().await
        })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[test]
fn a_look_that_was_dropped_is_made_again() {
    let calls = Arc::new(AtomicUsize::new(0));
    let kps = scripted::on_site(Client::builder(Hanging(calls.clone()))).build().unwrap();
    let mut watch = kps.watch(handle("t-1"), &options());
    for made in 1..4 {
        {
            let next = pin!(watch.next());
            assert!(next.poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        assert_eq!(calls.load(Ordering::SeqCst), made);
    }
}

#[test]
fn a_watch_ends_with_the_state_or_with_the_error_and_stays_ended() {
    for (status, errors) in [("SUCCESS_BIND", 0), ("FAILED_BIND", 1)] {
        for (service, kps) in Scripted::both(|| always(status)) {
            let states = kps.watch(handle("t-1"), &options(), 99);
            assert_eq!(states.len(), 1 + errors);
            assert_eq!(states[0].as_ref().unwrap().status, Some(TaskStatus::from(status)));
            assert!(states[1..].iter().all(Result::is_err));
            let calls = service.calls().len();
            if let Kps::Blocking(kps) = kps {
                let mut watch = kps.watch(handle("t-1"), &options());
                watch.by_ref().for_each(drop);
                let after = service.calls().len();
                assert!(watch.next().is_none() && service.calls().len() == after && after == 2 * calls);
            }
        }
    }
}

#[test]
fn waits_are_spawned_and_shared_between_threads() {
    fn travels<T: Send>(_: &T) {}
    let kps = scripted::on_site(Client::builder(Ready(always("RUNNING_BIND")))).build().unwrap();
    let options = options();
    travels(&options);
    travels(&kps.wait(handle("t-1"), &options));
    travels(&kps.wait_all([handle("t-1")], &options));
    travels(&kps.watch(handle("t-1"), &options).next());
    fn shared<T: Send + Sync + Clone>() {}
    shared::<WaitOptions>();
    shared::<TaskState>();
}
