//! What is told of tasks while they are waited for, on standard error: a line that moves at a terminal, lines of their own
//! with `--verbose`, else nothing.

use std::collections::HashMap;
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kps_ureq::{Phase, TaskId, TaskState, TaskStatus};

use crate::context::Context;
use crate::machine;
use crate::output::escape;
use crate::waiting::Awaited;
use crate::waiting::screen::Screen;

pub(super) struct Progress {
    bar: Option<ProgressBar>,
    told: Arc<Mutex<Told>>,
}

/// What was told last of each task.
struct Told {
    labels: HashMap<TaskId, String>,
    states: HashMap<TaskId, Option<TaskStatus>>,
    by_lines: bool,
    as_json: bool,
}

impl Progress {
    pub(super) fn new(context: &Context, tasks: &[Awaited]) -> Self {
        let labels = tasks.iter().map(|task| (task.handle.task_id.clone(), task.label.clone())).collect();
        let by_lines = context.globals.verbose || context.globals.trace;
        let as_json = context.output.format().is_json();
        let told = Told { labels, states: HashMap::new(), by_lines, as_json };
        if told.by_lines {
            tasks.iter().for_each(|task| told.line(&format!("{}: waiting for the task", task.label)));
        }
        let bar = (machine::stderr_is_terminal() && !by_lines).then(|| spinner(told.message(None)));
        Self { bar, told: Arc::new(Mutex::new(told)) }
    }

    pub(super) const fn bar(&self) -> Option<&ProgressBar> {
        self.bar.as_ref()
    }

    /// What is to be called with each state that is seen.
    pub(super) fn teller(&self) -> impl Fn(&TaskState) + Send + Sync + 'static {
        let (bar, told) = (self.bar.clone(), Arc::clone(&self.told));
        move |state| {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            if !told.see(state) {
                return;
            }
            let message = told.message(Some(state));
            match &bar {
                Some(bar) => bar.set_message(message),
                None if told.by_lines => told.line(&told.message_of(state)),
                None => {}
            }
        }
    }

    pub(super) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A line that moves, and how long it has.
pub(super) fn spinner(message: String) -> ProgressBar {
    let screen = ProgressDrawTarget::term_like(Box::new(Screen::default()));
    let bar = ProgressBar::with_draw_target(None, screen).with_message(message);
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

impl Told {
    /// Takes in a state, and tells whether it is another than before.
    fn see(&mut self, state: &TaskState) -> bool {
        let before = self.states.insert(state.handle.task_id.clone(), state.status.clone());
        before.as_ref() != Some(&state.status)
    }

    /// Of one task its state, of many how many have ended.
    fn message(&self, state: Option<&TaskState>) -> String {
        if self.labels.len() == 1 {
            return match state {
                Some(state) => self.message_of(state),
                None => {
                    let label = self.labels.values().next().map_or("", String::as_str);
                    format!("{}: waiting for the task", escape(label))
                }
            };
        }
        let phases = || self.states.values().flatten().filter_map(TaskStatus::phase);
        let failed = phases().filter(|phase| *phase == Phase::Failed).count();
        let ended = failed + phases().filter(|phase| *phase == Phase::Success).count();
        format!("{ended} of {} tasks have ended, {failed} of them failed", self.labels.len())
    }

    fn message_of(&self, state: &TaskState) -> String {
        let label = self.labels.get(&state.handle.task_id).map_or("", String::as_str);
        let phase = match state.phase() {
            Some(Phase::Ready) => "the task is ready",
            Some(Phase::Running) => "the task is running",
            Some(Phase::Success) => "the task is done",
            Some(Phase::Failed) => "the task has failed",
            _ => "the task is under way",
        };
        match &state.status {
            Some(status) => format!("{}: {phase} ({})", escape(label), escape(status.as_str())),
            None => format!("{}: {phase}", escape(label)),
        }
    }

    /// A line on standard error. If nobody reads it, the wait goes on.
    fn line(&self, text: &str) {
        let text = escape(text);
        drop(if self.as_json {
            writeln!(io::stderr(), "{}", serde_json::json!({ "note": text }))
        } else {
            writeln!(io::stderr(), "kps: {text}")
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kps_ureq::{Client, Credentials, Prepared, ProjectId, Region, TaskHandle, WaitOptions};

    /// The states of a task as they are seen.
    fn states(id: &'static str, last: &'static str) -> Vec<TaskState> {
        let statuses = Mutex::new(vec![last, "NEW", "RUNNING_BIND", "RUNNING_BIND", "READY_BIND"]);
        let transport = move |request: Prepared| {
            let status = statuses.lock().unwrap().pop();
            let body = match status.filter(|_| request.uri().path().ends_with(id)) {
                Some(status) => format!(r#"{{"task_id":"{id}","task_status":"{status}"}}"#),
                None => format!(r#"{{"tasks":[{{"task_id":"{id}","task_error_msg":"no"}}]}}"#),
            };
            Ok(http::Response::new(body.into()))
        };
        let builder = Client::builder(transport).region(Region::CN_NORTH_4);
        let builder = builder.project_id(ProjectId::new("0a1b").unwrap());
        let kps = builder.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
        let handle = TaskHandle::new(TaskId::new(id).unwrap());
        kps.watch(handle, &WaitOptions::new()).map_while(Result::ok).collect()
    }

    fn told(labels: &[(&str, &str)], states: &[TaskState]) -> Vec<String> {
        let labels = labels.iter().map(|(id, label)| (TaskId::new(*id).unwrap(), (*label).to_owned()));
        let mut told =
            Told { labels: labels.collect(), states: HashMap::new(), by_lines: false, as_json: false };
        let mut messages = vec![told.message(None)];
        for state in states {
            if told.see(state) {
                messages.push(told.message(Some(state)));
            }
        }
        messages
    }

    #[test]
    fn of_one_task_each_new_state_is_told() {
        assert_eq!(
            told(&[("t-1", "web\u{1b}1")], &states("t-1", "SUCCESS_BIND")),
            [
                "web\\u{1b}1: waiting for the task",
                "web\\u{1b}1: the task is ready (READY_BIND)",
                "web\\u{1b}1: the task is running (RUNNING_BIND)",
                "web\\u{1b}1: the task is under way (NEW)",
                "web\\u{1b}1: the task is done (SUCCESS_BIND)",
            ]
        );
    }

    #[test]
    fn of_many_it_is_told_how_many_have_ended() {
        let mut seen = states("t-1", "SUCCESS_BIND");
        seen.extend(states("t-2", "FAILED_BIND"));
        let told = told(&[("t-1", "web-1"), ("t-2", "web-2"), ("t-3", "web-3")], &seen);
        assert_eq!(told.first().unwrap(), "0 of 3 tasks have ended, 0 of them failed");
        assert_eq!(told.last().unwrap(), "2 of 3 tasks have ended, 1 of them failed");
    }
}
