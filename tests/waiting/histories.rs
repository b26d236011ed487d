//! Random histories of a task.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use kps_core::{Error, ErrorKind, Failure, FailureKind, Phase, Sent};
use proptest::prelude::*;

use crate::scripted::{Answer, Scripted, json, list, refusal, state};
use crate::{handle, keeping, options, seconds};

/// What one look comes to.
#[derive(Clone, Debug)]
enum Look {
    Status(String),
    Refused(u16, &'static str),
    Lost(FailureKind, Sent),
    Garbage,
}

impl Look {
    fn answer(&self, called: &str) -> Answer {
        match self {
            Self::Status(status) => state(called, status),
            Self::Refused(status, code) => refusal(*status, code),
            Self::Lost(kind, sent) => Err(Failure::new(*kind, *sent, "as scripted")),
            Self::Garbage => json(200, "<html>"),
        }
    }
}

fn looks() -> impl Strategy<Value = Vec<Look>> {
    let status = "(READY|RUNNING|PAUSED|RUNNING|READY|SUCCESS|FAILED)_(BIND|REPLACE|RESET|UNBIND)";
    let refusals = [(503, "new"), (429, "new"), (403, "KPS.9003"), (400, "KPS.0005"), (400, "KPS.0001")];
    let failures = [
        (FailureKind::Connect, Sent::No),
        (FailureKind::Timeout, Sent::Maybe),
        (FailureKind::Interrupted, Sent::Maybe),
        (FailureKind::Tls, Sent::No),
    ];
    let look = prop_oneof![
        6 => status.prop_map(Look::Status),
        2 => prop::sample::select(refusals.to_vec()).prop_map(|(status, code)| Look::Refused(status, code)),
        2 => prop::sample::select(failures.to_vec()).prop_map(|(kind, sent)| Look::Lost(kind, sent)),
        1 => Just(Look::Garbage),
    ];
    proptest::collection::vec(look, 0..30)
}

/// Plays the looks, and then a task that goes on for ever; the records are there or not.
fn play(looks: &[Look], has_record: bool, latency: Duration) -> Scripted {
    let left = Mutex::new(VecDeque::from(looks.to_vec()));
    let service = Scripted::new(move |_, called| match called {
        "failed-tasks" if has_record => list(&[r#"{"task_id":"t-1","task_error_msg":"x"}"#.into()]),
        "failed-tasks" => list(&[]),
        _ => left.lock().unwrap().pop_front().unwrap_or(Look::Status("RUNNING_LAST".into())).answer(called),
    });
    service.with_latency(latency)
}

proptest! {
    #[test]
    fn whatever_is_seen_a_wait_ends_in_time_and_tells_what_was_seen_last(
        looks in looks(),
        has_record: bool,
        latency in 0_u64..3000,
        timeout in 0_u64..120,
        first in 0_u64..10,
        least in 0_u64..10,
        most in 0_u64..60,
    ) {
        let mut colours = Vec::new();
        let latency = Duration::from_millis(latency);
        for (service, kps) in Scripted::both(|| play(&looks, has_record, latency)) {
            let own = options()
                .with_timeout(seconds(timeout))
                .with_first_look(seconds(first))
                .with_interval(Duration::from_millis(100 + least * 1000), seconds(most));
            let (own, kept) = keeping(own);
            let end = kps.wait(handle("t-1"), &own);
            let kept = kept.lock().unwrap().clone();
            let calls = service.calls();

            prop_assert!(service.time() <= seconds(timeout));
            prop_assert!(calls.iter().all(|(time, _)| *time < seconds(timeout)));
            let last = end.as_ref().unwrap_or_else(|error| error.task_state().unwrap());
            prop_assert_eq!(kept.last().and_then(|state| state.status.clone()), last.status.clone());
            prop_assert_eq!(kept.last().map_or(Duration::ZERO, |state| state.elapsed), last.elapsed);
            let looked = calls.iter().filter(|(_, called)| called == "t-1").count();
            prop_assert_eq!(usize::try_from(last.looks).unwrap(), looked);
            for states in kept.windows(2) {
                prop_assert!(states[0].elapsed <= states[1].elapsed && states[0].looks < states[1].looks);
            }
            // Only the last state that is seen is an end.
            let ends = kept.iter().filter(|state| matches!(state.phase(), Some(Phase::Success | Phase::Failed)));
            prop_assert!(ends.clone().count() <= 1 && ends.clone().all(|state| Some(state) == kept.last()));
            let kind = end.as_ref().err().map(Error::kind);
            match last.phase() {
                Some(Phase::Success) => prop_assert_eq!(kind, None),
                Some(Phase::Failed) => prop_assert_eq!(kind, Some(ErrorKind::TaskFailed)),
                _ => prop_assert!(kind.is_some()),
            }
            if kind == Some(ErrorKind::TaskTimeout) {
                prop_assert_eq!(service.time(), seconds(timeout));
            }
            let told = end.map_or_else(|error| error.report(), |state| format!("{state:?}"));
            colours.push((told, calls, service.time()));
        }
        prop_assert_eq!(&colours[0], &colours[1]);
    }
}
