use bytes::Bytes;
use http::{Response, StatusCode};
use kps_model::{
    Action, FailedTask, KeypairName, Limit, ListFailedTaskResponse, ListKeypairTaskResponse,
    ListRunningTaskResponse, OperateType, Phase, RunningTask, ServerId, TaskId, TaskStatus, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::answer::{empty, json};
use crate::query::Query;
use crate::refusal::Refusal;
use crate::service::binding::Change;
use crate::service::failed::FailedTasks;
use crate::service::{Call, Outcome, Project};

/// A task, from its acceptance on.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Task {
    pub(crate) id: TaskId,
    #[serde(with = "action")]
    pub(crate) action: Action,
    pub(crate) server_id: ServerId,
    pub(crate) server_name: String,
    /// What it is to put on the server, or takes off it.
    pub(crate) keypair_name: Option<KeypairName>,
    /// When it was accepted, starts to run and ends, in milliseconds since 1970.
    pub(crate) accepted: i64,
    pub(crate) starts: i64,
    pub(crate) ends: i64,
    pub(crate) state: State,
}

/// What is left of a task to do, or how it ended.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Pending(Box<Change>),
    Succeeded,
    Failed,
}

/// What a task does, as its status ends with it.
mod action {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use super::{Action, OperateType, Phase};

    pub(super) fn serialize<S: Serializer>(action: &Action, serializer: S) -> Result<S::Ok, S::Error> {
        let status = OperateType::new(Phase::Ready, *action);
        serializer.serialize_str(status.as_str().trim_start_matches("READY_"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Action, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = OperateType::from(format!("READY_{text}").as_str()).action();
        known.ok_or_else(|| de::Error::custom("expected `BIND`, `REPLACE`, `RESET` or `UNBIND`"))
    }
}

impl Task {
    pub(crate) fn status(&self, now: i64) -> TaskStatus {
        TaskStatus::new(self.phase(now), self.action)
    }

    fn phase(&self, now: i64) -> Phase {
        match self.state {
            State::Succeeded => Phase::Success,
            State::Failed => Phase::Failed,
            State::Pending(_) if now < self.starts => Phase::Ready,
            State::Pending(_) => Phase::Running,
        }
    }

    fn running(&self, now: i64) -> RunningTask {
        let mut task = RunningTask::new(self.id.clone());
        task.operate_type = Some(OperateType::new(self.phase(now), self.action));
        task.task_time = Some(Timestamp::from_millis(self.accepted).as_text());
        task.server_name = Some(self.server_name.as_str().into());
        task.server_id = Some(self.server_id.clone());
        task.keypair_name = self.keypair_name.as_ref().map(|name| name.as_str().into());
        task
    }

    fn failed(&self, reason: &str) -> FailedTask {
        let mut task = FailedTask::new(self.id.clone());
        task.operate_type = Some(OperateType::new(Phase::Failed, self.action));
        task.task_time = Some(Timestamp::from_millis(self.accepted).as_text());
        // The code has never been seen set.
        task.task_error_msg = Some(reason.into());
        task.server_name = Some(self.server_name.as_str().into());
        task.server_id = Some(self.server_id.clone());
        task.keypair_name = self.keypair_name.as_ref().map(|name| name.as_str().into());
        task
    }
}

impl Project {
    pub(crate) fn accept_task(&mut self, task: Task) {
        let at = self.tasks.len();
        if matches!(task.state, State::Pending(_)) {
            self.pending.insert((task.ends, at));
        }
        self.places.insert(task.id.clone(), at);
        self.tasks.push(task);
    }

    /// Ends the tasks whose time has come, in the order in which they end.
    pub(crate) fn settle(&mut self, now: i64) {
        while self.pending.first().is_some_and(|(ends, _)| *ends <= now) {
            let Some((_, at)) = self.pending.pop_first() else { return };
            self.end(at);
        }
    }

    /// When the next of its tasks starts to run or ends after this moment.
    pub(crate) fn next_event(&self, now: i64) -> Option<i64> {
        let tasks = self.pending.iter().filter_map(|(_, at)| self.tasks.get(*at));
        tasks.flat_map(|task| [task.starts, task.ends]).filter(|moment| *moment > now).min()
    }

    fn end(&mut self, at: usize) {
        let Some(task) = self.tasks.get_mut(at) else { return };
        let State::Pending(change) = std::mem::replace(&mut task.state, State::Succeeded) else { return };
        let Some(server) = self.servers.get_mut(&task.server_id) else { return };
        if let Err(reason) = change.apply(server, &self.keypairs) {
            task.state = State::Failed;
            self.failed.push(task.failed(reason));
        }
    }

    pub(crate) fn list_keypair_task(&self, call: &Call<'_>) -> Outcome {
        let id = TaskId::new(call.resource).map_err(|_| no_task(call.resource))?;
        if let Some(task) = self.places.get(&id).and_then(|at| self.tasks.get(*at)) {
            let mut answer = ListKeypairTaskResponse::new(task.id.clone());
            answer.server_id = Some(task.server_id.clone());
            answer.task_status = Some(task.status(call.now));
            return Ok(json(StatusCode::OK, &answer));
        }
        let record = self.failed.get(call.resource).ok_or_else(|| no_task(call.resource))?;
        let mut answer = ListKeypairTaskResponse::new(record.task_id.clone());
        answer.server_id = record.server_id.clone();
        // A record of a seed need not say what was done.
        let action = record.operate_type.as_ref().and_then(OperateType::action).unwrap_or(Action::Reset);
        answer.task_status = Some(TaskStatus::new(Phase::Failed, action));
        Ok(json(StatusCode::OK, &answer))
    }

    pub(crate) fn list_running_task(&self, call: &Call<'_>) -> Outcome {
        let query = Query::parse(call.query, u64::from(Limit::MAX.get()))?;
        let mut places: Vec<usize> = self.pending.iter().map(|(_, at)| *at).collect();
        places.sort_unstable();
        let mut page = ListRunningTaskResponse::default();
        page.total = u64::try_from(places.len()).ok();
        let tasks = query.page(places.iter()).filter_map(|at| self.tasks.get(*at));
        page.tasks = tasks.map(|task| task.running(call.now)).collect();
        Ok(json(StatusCode::OK, &page))
    }

    pub(crate) fn list_failed_task(&self, call: &Call<'_>) -> Outcome {
        let query = Query::parse(call.query, u64::from(Limit::MAX.get()))?;
        let mut page = ListFailedTaskResponse::default();
        page.total = u64::try_from(self.failed.len()).ok();
        page.tasks = self.failed.behind(query.offset()).take(query.limit()).cloned().collect();
        Ok(json(StatusCode::OK, &page))
    }

    pub(crate) fn delete_failed_task(&mut self, call: &Call<'_>) -> Outcome {
        self.failed.remove(call.resource).ok_or_else(|| no_task(call.resource))?;
        Ok(empty(StatusCode::OK))
    }

    pub(crate) fn delete_all_failed_task(&mut self) -> Response<Bytes> {
        self.failed = FailedTasks::default();
        empty(StatusCode::OK)
    }
}

/// An id in the form of one is not found; any other is malformed.
fn no_task(id: &str) -> Refusal {
    let well_formed = id.len() == 36
        && id.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    Refusal::known(if well_formed { "KPS.0005" } else { "KPS.0001" })
}
