//! Many tasks at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kps_core::{ErrorKind, FailureKind, Sent, TaskHandle, TaskId, WaitOptions};
use proptest::prelude::*;

use crate::scripted::{Answer, Scripted, list, refusal, state};
use crate::{handle, keeping, options, seconds, statuses};

/// When tasks end, in seconds, and how; those that never end are left out.
#[derive(Clone, Debug)]
struct Tasks(BTreeMap<String, (u64, &'static str)>);

impl Tasks {
    fn handles(&self) -> Vec<TaskHandle> {
        self.0.keys().map(|id| handle(id)).collect()
    }

    fn status(&self, now: Duration, id: &str) -> String {
        let (end, status) = self.0[id];
        if now >= seconds(end) { status.to_owned() } else { "RUNNING_BIND".to_owned() }
    }

    fn those(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let wanted = self.0.keys().filter(|id| is_wanted(id));
        wanted
            .map(|id| {
                format!(r#"{{"task_id":"{id}","operate_type":"RUNNING_BIND","task_error_msg":"{id}"}}"#)
            })
            .collect()
    }

    /// A service with these tasks.
    fn service(&self) -> Scripted {
        let tasks = self.clone();
        Scripted::new(move |now, called| tasks.answer(now, called))
    }

    fn answer(&self, now: Duration, called: &str) -> Answer {
        match called {
            "running-tasks" => list(&self.those(|id| self.status(now, id) == "RUNNING_BIND")),
            "failed-tasks" => list(&self.those(|id| self.status(now, id) == "FAILED_BIND")),
            id => state(id, &self.status(now, id)),
        }
    }
}

/// Every seventh of a thousand fails; they end within five minutes.
fn thousand() -> Tasks {
    let end = |n: u64| (20 + n * 37 % 280, if n.is_multiple_of(7) { "FAILED_BIND" } else { "SUCCESS_BIND" });
    Tasks((0..1000).map(|n| (format!("t-{n:04}"), end(n))).collect())
}

fn count(service: &Scripted, what: &str) -> usize {
    service.seconds_of(what).len()
}

/// How many calls there are at most within a second.
fn most_in_a_second(service: &Scripted) -> usize {
    let times: Vec<Duration> = service.calls().into_iter().map(|(time, _)| time).collect();
    let within =
        |from: &Duration| times.iter().filter(|time| (*from..*from + seconds(1)).contains(time)).count();
    times.iter().map(within).max().unwrap()
}

#[test]
fn a_thousand_tasks_take_few_calls_and_their_ends_come_in_order() {
    let tasks = thousand();
    for (service, kps) in Scripted::both(|| tasks.service()) {
        let ends = kps.wait_all(tasks.handles(), &options());
        assert_eq!(ends.len(), 1000);
        for ((id, (_, status)), end) in tasks.0.iter().zip(&ends) {
            match end {
                Ok(state) => {
                    assert_eq!((state.handle.task_id.as_str(), *status), (id.as_str(), "SUCCESS_BIND"));
                }
                Err(error) => {
                    assert_eq!((error.message(), *status), (Some(id.as_str()), "FAILED_BIND"));
                    assert_eq!(error.kind(), ErrorKind::TaskFailed);
                }
            }
        }
        let (lists, records) = (count(&service, "running-tasks"), count(&service, "failed-tasks"));
        let looks = service.calls().len() - lists - records;
        // A task is looked at itself when it is not listed any more.
        assert_eq!((lists, looks, records), (20, 1000, 16), "these figures are in docs/tasks.md");
        assert!(service.time() < seconds(330), "{:?}", service.time());
        assert!(most_in_a_second(&service) <= 14, "{}", most_in_a_second(&service));
    }
}

#[test]
fn all_keep_to_the_rate_that_is_set() {
    let never = Tasks((0..50).map(|n| (format!("t-{n}"), (9999, ""))).collect());
    for (calls, most) in [(1, 1), (2, 4), (5, 9), (20, 24)] {
        for (service, kps) in Scripted::both(|| {
            let tasks = never.clone();
            // A list that tells of nobody.
            Scripted::new(move |now, called| match called {
                "running-tasks" => list(&[]),
                _ => tasks.answer(now, called),
            })
        }) {
            let own = options().with_timeout(seconds(100)).with_rate_limit(calls, seconds(1));
            let ends = kps.wait_all(never.handles(), &own);
            assert!(ends.iter().all(|end| end.as_ref().unwrap_err().kind() == ErrorKind::TaskTimeout));
            assert_eq!(service.time(), seconds(100), "to the tick");
            assert!(most_in_a_second(&service) <= most, "{calls}: {}", most_in_a_second(&service));
            let all = u64::from(calls) * 100;
            assert!(service.calls().len() as u64 <= all, "{} of {all}", service.calls().len());
        }
    }
}

#[test]
fn a_few_are_looked_at_one_by_one() {
    let tasks = Tasks(
        [("a", 6), ("b", 11), ("c", 16)].map(|(id, end)| (id.to_owned(), (end, "SUCCESS_BIND"))).into(),
    );
    for (service, kps) in Scripted::both(|| tasks.service()) {
        let (own, kept) = keeping(options());
        assert!(kps.wait_all(tasks.handles(), &own).iter().all(Result::is_ok));
        assert_eq!(count(&service, "running-tasks"), 0);
        assert_eq!(service.seconds_of("a"), [5, 10]);
        assert_eq!(kept.lock().unwrap().len(), service.calls().len());
    }
    for (service, kps) in Scripted::both(|| tasks.service()) {
        assert!(kps.wait_all(Vec::new(), &options()).is_empty());
        assert_eq!((service.calls().len(), service.time()), (0, Duration::ZERO));
    }
}

#[test]
fn the_same_task_may_be_waited_for_twice() {
    let tasks = Tasks([("a".to_owned(), (12, "FAILED_BIND"))].into());
    let handles = || vec![handle("a"); 5];
    for (service, kps) in Scripted::both(|| tasks.service()) {
        let (own, kept) = keeping(options());
        let ends = kps.wait_all(handles(), &own);
        assert!(ends.iter().all(|end| end.as_ref().unwrap_err().message() == Some("a")));
        assert_eq!(statuses(&kept.lock().unwrap()).len(), 15);
        assert_eq!(count(&service, "failed-tasks"), 1, "once for all");
    }
}

#[test]
fn credentials_that_are_refused_end_the_wait_for_all() {
    let ids: Vec<TaskHandle> = (0..20).map(|n| handle(&format!("t-{n}"))).collect();
    for (status, code, id, calls) in [
        (401, "APIGW.0301", "unauthenticated", 1),
        // The list may be forbidden and the tasks not.
        (403, "KPS.9003", "forbidden", 1 + 4),
    ] {
        for (service, kps) in Scripted::both(|| Scripted::new(move |_, _| refusal(status, code))) {
            let ends = kps.wait_all(ids.clone(), &options());
            for (handle, end) in ids.iter().zip(&ends) {
                let error = end.as_ref().unwrap_err();
                assert_eq!((error.id(), error.code()), (id, Some(code)));
                assert_eq!(&error.task_state().unwrap().handle, handle);
            }
            assert_eq!((ends.len(), service.calls().len()), (20, calls), "{code}");
        }
    }
}

#[test]
fn a_failure_that_was_seen_is_told_though_all_else_ends_with_the_credentials() {
    let service = || {
        Scripted::new(|now, called| match called {
            _ if now > seconds(8) => refusal(401, "APIGW.0301"),
            "failed-tasks" => list(&[]),
            "b" => state(called, "FAILED_BIND"),
            _ => state(called, "RUNNING_BIND"),
        })
    };
    for (service, kps) in Scripted::both(service) {
        let ends = kps.wait_all(vec![handle("a"), handle("b")], &options());
        let ids: Vec<_> = ends.iter().map(|end| end.as_ref().unwrap_err().id()).collect();
        assert_eq!(ids, ["unauthenticated", "task_failed"]);
        assert_eq!(service.seconds_of("failed-tasks"), [5], "what is refused is not repeated");
    }
}

#[test]
fn slow_answers_end_with_the_wait_too() {
    let never = |_: Duration, called: &str| match called {
        "running-tasks" => list(&[]),
        id => state(id, "RUNNING_BIND"),
    };
    // On threads each would set the clock forward.
    let [(_, kps), (service, awaited)] = Scripted::both(|| Scripted::new(never).with_latency(seconds(7)));
    drop(kps);
    let handles: Vec<_> = ["a", "b", "c", "d", "e"].map(handle).into();
    let ends = awaited.wait_all(handles, &options().with_timeout(seconds(60)));
    assert!(ends.iter().all(|end| end.as_ref().unwrap_err().kind() == ErrorKind::TaskTimeout));
    assert_eq!(service.time(), seconds(60));
    let looked: Vec<String> = service.calls().into_iter().map(|(_, called)| called).collect();
    assert_eq!(looked[..6], ["running-tasks", "a", "b", "c", "d", "e"], "in the order of the handles");
}

#[test]
fn tasks_that_got_apart_come_together_again() {
    let never = Tasks((0..100).map(|n| (format!("t-{n:02}"), (9999, ""))).collect());
    let service = || {
        let tasks = never.clone();
        Scripted::new(move |now, called| match called {
            // They are looked at one by one, at the rate.
            "running-tasks" if now < seconds(30) => list(&[]),
            _ => tasks.answer(now, called),
        })
    };
    for (service, kps) in Scripted::both(service) {
        kps.wait_all(never.handles(), &options().with_timeout(seconds(300)));
        let later = service.calls().iter().filter(|(time, _)| *time > seconds(60)).count();
        assert!(later < 60, "{later}");
    }
}

#[test]
fn a_list_of_running_tasks_that_says_they_failed_is_not_believed() {
    let tasks = Tasks((0..9).map(|n| (format!("t-{n}"), (12, "SUCCESS_BIND"))).collect());
    let service = || {
        let tasks = tasks.clone();
        Scripted::new(move |now, called| match called {
            "running-tasks" => {
                let entries = tasks.those(|_| true);
                let entries = entries.into_iter().map(|entry| entry.replace("RUNNING_BIND", "FAILED_RESET"));
                list(&entries.collect::<Vec<_>>())
            }
            _ => tasks.answer(now, called),
        })
    };
    for (service, kps) in Scripted::both(service) {
        assert!(kps.wait_all(tasks.handles(), &options()).iter().all(Result::is_ok));
        assert_eq!(service.seconds_of("t-8"), [5, 11, 16]);
    }
}

#[test]
fn without_the_list_tasks_are_looked_at_one_by_one() {
    let tasks = Tasks((0..9).map(|n| (format!("t-{n}"), (12, "SUCCESS_BIND"))).collect());
    let service = || {
        let tasks = tasks.clone();
        Scripted::new(move |now, called| match called {
            "running-tasks" => refusal(403, "KPS.9003"),
            _ => tasks.answer(now, called),
        })
    };
    for (service, kps) in Scripted::both(service) {
        assert!(kps.wait_all(tasks.handles(), &options()).iter().all(Result::is_ok));
        assert_eq!(service.seconds_of("running-tasks"), [5], "it is not tried again");
        assert_eq!(service.calls().len(), 1 + 3 * 9);
    }
}

#[test]
fn in_an_outage_one_call_finds_out_for_all() {
    let tasks = Tasks((0..500).map(|n| (format!("t-{n}"), (100, "SUCCESS_BIND"))).collect());
    let service = || {
        let tasks = tasks.clone();
        Scripted::new(move |now, called| match called {
            _ if now < seconds(60) => Err(kps_core::Failure::new(FailureKind::Connect, Sent::No, "down")),
            _ => tasks.answer(now, called),
        })
    };
    for (service, kps) in Scripted::both(service) {
        let ends = kps.wait_all(tasks.handles(), &options());
        assert!(ends.iter().all(Result::is_ok));
        let in_vain = service.calls().iter().filter(|(time, _)| *time < seconds(60)).count();
        assert!(in_vain < 10, "{in_vain}");
    }
}

#[test]
fn one_that_is_gone_and_one_that_is_wrong_hide_nobody() {
    let tasks = Tasks((0..6).map(|n| (format!("t-{n}"), (12, "SUCCESS_BIND"))).collect());
    let service = || {
        let tasks = tasks.clone();
        Scripted::new(move |now, called| match called {
            "t-1" => refusal(400, "KPS.0005"),
            "t-2" => refusal(400, "KPS.0001"),
            "running-tasks" => list(
                &tasks.those(|id| tasks.status(now, id).starts_with('R') && !["t-1", "t-2"].contains(&id)),
            ),
            _ => tasks.answer(now, called),
        })
    };
    for (service, kps) in Scripted::both(service) {
        let ends = kps.wait_all(tasks.handles(), &options());
        let kinds: Vec<_> = ends.iter().map(|end| end.as_ref().err().map(kps_core::Error::kind)).collect();
        let (gone, wrong) = (Some(ErrorKind::TaskGone), Some(ErrorKind::Service));
        assert_eq!(kinds, [None, gone, wrong, None, None, None]);
        assert_eq!((service.seconds_of("t-1"), service.seconds_of("t-2")), (vec![5, 10], vec![5]));
    }
}

#[test]
fn what_the_running_list_says_adds_to_the_handle() {
    let is_over = || AtomicBool::new(false);
    let service = || {
        let is_over = is_over();
        Scripted::new(move |_, called| match called {
            "running-tasks" if !is_over.swap(true, Ordering::SeqCst) => {
                list(&["a", "b", "c", "d"].map(|id| {
                    format!(
                        r#"{{"task_id":"{id}","operate_type":"RUNNING_BIND","task_time":"1775032200000",
                            "server_id":"s-{id}","keypair_name":"deploy"}}"#
                    )
                }))
            }
            "running-tasks" => list(&[]),
            // Its ids are not those of the tasks.
            "failed-tasks" => list(&["a", "b", "c", "d"].map(|id| {
                format!(
                    r#"{{"task_id":"vm-{id}","operate_type":"FAILED_BIND","task_time":"1775032200000",
                            "server_id":"s-{id}","keypair_name":"deploy","task_error_msg":"{id}"}}"#
                )
            })),
            id => state(id, "FAILED_BIND"),
        })
    };
    for (_, kps) in Scripted::both(service) {
        let ends = kps.wait_all(["a", "b", "c", "d"].map(handle).to_vec(), &options());
        let told: Vec<_> = ends.iter().map(|end| end.as_ref().unwrap_err().message().unwrap()).collect();
        assert_eq!(told, ["a", "b", "c", "d"]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn all_end_in_time_each_with_its_own(
        ends in proptest::collection::vec((0_u64..200, prop::sample::select(vec!["SUCCESS_BIND", "FAILED_BIND"])), 0..40),
        timeout in 0_u64..150,
        faults in proptest::collection::vec(0_usize..80, 0..10),
    ) {
        let tasks = Tasks((0..).map(|n: u32| format!("t-{n:02}")).zip(ends).collect());
        let mut colours = Vec::new();
        for (service, kps) in Scripted::both(|| {
            let (tasks, faults) = (tasks.clone(), faults.clone());
            let made = std::sync::atomic::AtomicUsize::new(0);
            Scripted::new(move |now, called| {
                let call = made.fetch_add(1, Ordering::SeqCst);
                if faults.contains(&call) { refusal(503, "new") } else { tasks.answer(now, called) }
            })
        }) {
            let ends = kps.wait_all(tasks.handles(), &WaitOptions::new().with_timeout(seconds(timeout)));
            prop_assert!(service.time() <= seconds(timeout));
            prop_assert_eq!(ends.len(), tasks.0.len());
            for ((id, (at, status)), end) in tasks.0.iter().zip(&ends) {
                let state = end.as_ref().unwrap_or_else(|error| error.task_state().unwrap());
                prop_assert_eq!(&state.handle.task_id, &TaskId::new(id).unwrap());
                match end {
                    Ok(_) => prop_assert_eq!(*status, "SUCCESS_BIND"),
                    Err(error) if error.kind() == ErrorKind::TaskFailed => prop_assert_eq!(*status, "FAILED_BIND"),
                    // It ended late, or was seen to end too late.
                    Err(error) => {
                        prop_assert_eq!(error.kind(), ErrorKind::TaskTimeout);
                        prop_assert!(at + 60 > timeout, "{}: {}", at, error);
                    }
                }
            }
            colours.push((ends.iter().map(Result::is_ok).collect::<Vec<_>>(), service.time()));
        }
        // On threads the calls of one moment come in any order.
        prop_assert!(colours[0] == colours[1] || !faults.is_empty());
    }
}
