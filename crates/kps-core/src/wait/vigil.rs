//! The wait for one task: what is known of it, when to look next, and what follows from what is seen. It makes no
//! calls and reads no clock.

use std::time::Duration;

use kps_model::{
    FailedTask, KeypairName, ListKeypairTaskResponse, OperateType, Phase, RunningTask, TaskHandle, TaskStatus,
};

use crate::{Error, ErrorKind, TaskState, WaitOptions};

/// The last look is so much earlier than the end, so that its answer has time to come.
const LAST_LOOK: Duration = Duration::from_secs(1);

/// How often the records are read until that of a failure is there, and with which pauses: they need not be written at
/// the moment at which the task fails.
const READINGS: u32 = 4;
const BETWEEN_READINGS: Duration = Duration::from_secs(5);

/// How often in a row the service must say that it knows no task before it is believed: one that was just accepted need
/// not be known everywhere at once.
const DENIALS: u32 = 2;

/// How many answers in a row may be unreadable. One may be that of a proxy that is starting; more of them will not pass.
const UNREADABLE: u32 = 3;

/// What to ask the service next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// How far the task is.
    State,
    /// The record of its failure.
    Record,
}

pub(crate) struct Vigil {
    /// What was last seen.
    state: TaskState,
    options: WaitOptions,
    /// When the wait began, is over, and when the next look is due, in ticks.
    began: Duration,
    end: Duration,
    due: Duration,
    stage: Stage,
    /// What kept the last look from showing anything.
    trouble: Option<Error>,
    unreadable: u32,
    denials: u32,
}

enum Stage {
    /// It may be under way.
    Looking,
    /// It failed, and was looked for among the records so often.
    Failed { readings: u32 },
    /// The service said that it knows no such task, which is the trouble. It may have failed.
    Denied,
    /// How it ended.
    Ended(Option<Error>),
}

impl Vigil {
    pub(crate) fn new(handle: TaskHandle, options: &WaitOptions, now: Duration) -> Self {
        let mut vigil = Self {
            state: TaskState::unseen(handle),
            options: options.clone(),
            began: now,
            end: now.saturating_add(options.timeout),
            due: now,
            stage: Stage::Looking,
            trouble: None,
            unreadable: 0,
            denials: 0,
        };
        vigil.schedule(now, now.saturating_add(options.first_look));
        vigil
    }

    pub(crate) const fn state(&self) -> &TaskState {
        &self.state
    }

    /// When to act next, in ticks.
    pub(crate) const fn due(&self) -> Duration {
        self.due
    }

    /// What to ask, unless the wait has ended.
    pub(crate) const fn wish(&self) -> Option<Wish> {
        match self.stage {
            Stage::Looking => Some(Wish::State),
            Stage::Failed { .. } | Stage::Denied => Some(Wish::Record),
            Stage::Ended(_) => None,
        }
    }

    /// The error of a wait that came to nothing, once.
    pub(crate) const fn take_error(&mut self) -> Option<Error> {
        match &mut self.stage {
            Stage::Ended(error) => error.take(),
            _ => None,
        }
    }

    /// How the wait ended.
    pub(crate) fn into_outcome(mut self) -> Result<TaskState, Error> {
        match self.take_error() {
            Some(error) => Err(error),
            None => Ok(self.state),
        }
    }

    /// Takes in what a look at the task showed, and tells whether it was a state.
    pub(crate) fn looked(&mut self, now: Duration, answer: Result<ListKeypairTaskResponse, Error>) -> bool {
        match answer {
            Ok(answer) => {
                let mut known = TaskHandle::new(answer.task_id);
                known.server_id = answer.server_id;
                self.learn(known);
                self.seen(now, answer.task_status);
                true
            }
            Err(error) => {
                self.missed(now, error);
                false
            }
        }
    }

    /// Takes in that the task is in the list of running ones, unless its entry says otherwise: the documents have it that
    /// the entries of that list say `FAILED_RESET`.
    pub(crate) fn listed(&mut self, now: Duration, entry: &RunningTask) -> bool {
        let kind = entry.operate_type.as_ref();
        if matches!(kind.and_then(OperateType::phase), Some(Phase::Success | Phase::Failed)) {
            return false;
        }
        self.learn(entry.into());
        self.seen(now, kind.map(|kind| TaskStatus::from(kind.as_str())));
        true
    }

    /// Adds to the handle what became known.
    fn learn(&mut self, known: TaskHandle) {
        let handle = &mut self.state.handle;
        handle.server_id = handle.server_id.take().or(known.server_id);
        handle.keypair_name = handle.keypair_name.take().or(known.keypair_name);
        handle.accepted = handle.accepted.take().or(known.accepted);
    }

    fn seen(&mut self, now: Duration, status: Option<TaskStatus>) {
        self.state.looks = self.state.looks.saturating_add(1);
        self.state.elapsed = now.saturating_sub(self.began);
        self.state.status = status;
        (self.trouble, self.unreadable, self.denials) = (None, 0, 0);
        match self.state.phase() {
            Some(Phase::Success) => self.stage = Stage::Ended(None),
            Some(Phase::Failed) => {
                self.stage = Stage::Failed { readings: 0 };
                self.due = now;
            }
            _ => self.rest(now),
        }
    }

    /// Takes in that a look showed nothing.
    pub(crate) fn missed(&mut self, now: Duration, error: Error) {
        self.state.looks = self.state.looks.saturating_add(1);
        if error.is_not_found() {
            self.denials += 1;
            self.trouble = Some(error);
            self.stage = Stage::Denied;
            self.due = now;
            return;
        }
        let unreadable = matches!(error.kind(), ErrorKind::Decode | ErrorKind::TooLarge);
        self.unreadable = if unreadable { self.unreadable + 1 } else { 0 };
        let passes = error.is_retryable() || (unreadable && self.unreadable < UNREADABLE);
        if !passes {
            return self.give_up(error);
        }
        let asked = now.saturating_add(error.retry_after().unwrap_or_default());
        self.trouble = Some(error);
        self.rest(now);
        self.schedule(now, self.due.max(asked));
    }

    /// Takes in what the records say of it, if anything.
    pub(crate) fn read(&mut self, now: Duration, record: Result<Option<FailedTask>, Error>) {
        let (record, trouble) = match record {
            Ok(record) => (record, None),
            Err(error) => (None, Some(error)),
        };
        match (&mut self.stage, record) {
            (Stage::Failed { .. } | Stage::Denied, Some(record)) => self.fail(Some(record), None),
            (Stage::Failed { readings }, None) => {
                *readings += 1;
                let passes = trouble.as_ref().is_none_or(Error::is_retryable);
                if *readings >= READINGS || !passes {
                    return self.fail(None, trouble);
                }
                self.trouble = trouble;
                self.due = self.end.min(now.saturating_add(BETWEEN_READINGS));
            }
            (Stage::Denied, None) if self.denials >= DENIALS => self.vanish(),
            (Stage::Denied, None) => {
                self.stage = Stage::Looking;
                self.rest(now);
            }
            (Stage::Looking | Stage::Ended(_), _) => {}
        }
    }

    /// Whether there is no time for another look.
    pub(crate) fn is_over(&self, now: Duration) -> bool {
        now >= self.end
    }

    /// Ends a wait that is over.
    pub(crate) fn expire(&mut self) {
        match &self.stage {
            Stage::Looking => {
                let trouble = self.trouble.take();
                let error = Error::task_timeout(self.state.clone(), self.options.timeout, trouble);
                self.stage = Stage::Ended(Some(error));
            }
            Stage::Failed { .. } => {
                let trouble = self.trouble.take();
                self.fail(None, trouble);
            }
            Stage::Denied => self.vanish(),
            Stage::Ended(_) => {}
        }
    }

    /// Ends the wait with an error that will not pass. A failure that was seen counts for more.
    pub(crate) fn give_up(&mut self, error: Error) {
        match &self.stage {
            Stage::Failed { .. } => self.fail(None, Some(error)),
            Stage::Looking | Stage::Denied => {
                self.stage = Stage::Ended(Some(error.of_task(self.state.clone(), None)));
            }
            Stage::Ended(_) => {}
        }
    }

    fn fail(&mut self, record: Option<FailedTask>, trouble: Option<Error>) {
        if let Some(record) = &record {
            let mut known = TaskHandle::new(record.task_id.clone());
            known.server_id = record.server_id.clone();
            known.keypair_name =
                record.keypair_name.as_deref().and_then(|name| KeypairName::existing(name).ok());
            self.learn(known);
        }
        self.stage = Stage::Ended(Some(Error::task_failed(self.state.clone(), record, trouble)));
    }

    /// Ends the wait for a task that the service denies to know.
    fn vanish(&mut self) {
        let denial = self.trouble.take().map(|refusal| Error::task_gone(self.state.clone(), refusal));
        self.stage = Stage::Ended(denial);
    }

    /// Until the next look.
    fn rest(&mut self, now: Duration) {
        let pause = self.options.interval(now.saturating_sub(self.began));
        self.schedule(now, now.saturating_add(pause));
    }

    /// The next look is then; or it is the last one, or there is none.
    fn schedule(&mut self, now: Duration, at: Duration) {
        let last = self.end.saturating_sub(LAST_LOOK.min(self.options.timeout / 2));
        self.due = if now < last { at.min(last) } else { self.end };
    }
}
