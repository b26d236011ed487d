use bytes::Bytes;
use http::Response;
use kps_model::{
    DecodeError, DeleteAllFailedTask, DeleteFailedTask, FailedTask, Limit, ListFailedTask,
    ListFailedTaskResponse, ListKeypairTask, ListKeypairTaskResponse, ListRunningTask,
    ListRunningTaskResponse, Offset, RunningTask, TaskId, from_json,
};

use crate::{Draft, Error, Glimpse, Meta, Operation, Paged, Position, Replay, Verb};

impl Operation for ListKeypairTask {
    const META: Meta =
        Meta::new("ListKeypairTask", Verb::Get, "/v3/{project_id}/tasks/{task_id}", Replay::Safe, 200);
    type Output = ListKeypairTaskResponse;

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new().path("task_id", self.task_id.as_str()))
    }

    fn decode(answer: &Response<Bytes>) -> Result<ListKeypairTaskResponse, DecodeError> {
        from_json(answer.body())
    }
}

impl Operation for ListRunningTask {
    const META: Meta =
        Meta::new("ListRunningTask", Verb::Get, "/v3/{project_id}/running-tasks", Replay::Safe, 200);
    type Output = ListRunningTaskResponse;

    fn encode(&self) -> Result<Draft, Error> {
        Ok(page(self.limit, self.offset))
    }

    fn decode(answer: &Response<Bytes>) -> Result<ListRunningTaskResponse, DecodeError> {
        from_json(answer.body())
    }
}

impl Paged for ListRunningTask {
    type Item = RunningTask;

    fn at(&self, position: &Position) -> Self {
        match position {
            Position::Offset(offset) => self.clone().with_offset(*offset),
            Position::Marker(_) => self.clone(),
        }
    }

    fn glimpse(&self, page: &ListRunningTaskResponse) -> Glimpse {
        glimpse(self.limit, self.offset, page.total, &page.tasks, |task| &task.task_id)
    }

    fn items(page: ListRunningTaskResponse) -> Vec<RunningTask> {
        page.tasks
    }

    fn id(task: &RunningTask) -> &str {
        task.task_id.as_str()
    }

    fn moment(task: &RunningTask) -> Option<i64> {
        task.task_time.as_ref()?.millis()
    }
}

impl Operation for ListFailedTask {
    const META: Meta =
        Meta::new("ListFailedTask", Verb::Get, "/v3/{project_id}/failed-tasks", Replay::Safe, 200);
    type Output = ListFailedTaskResponse;

    fn encode(&self) -> Result<Draft, Error> {
        Ok(page(self.limit, self.offset))
    }

    fn decode(answer: &Response<Bytes>) -> Result<ListFailedTaskResponse, DecodeError> {
        from_json(answer.body())
    }
}

impl Paged for ListFailedTask {
    type Item = FailedTask;

    fn at(&self, position: &Position) -> Self {
        match position {
            Position::Offset(offset) => self.clone().with_offset(*offset),
            Position::Marker(_) => self.clone(),
        }
    }

    fn glimpse(&self, page: &ListFailedTaskResponse) -> Glimpse {
        glimpse(self.limit, self.offset, page.total, &page.tasks, |task| &task.task_id)
    }

    fn items(page: ListFailedTaskResponse) -> Vec<FailedTask> {
        page.tasks
    }

    fn id(task: &FailedTask) -> &str {
        task.task_id.as_str()
    }

    fn moment(task: &FailedTask) -> Option<i64> {
        task.task_time.as_ref()?.millis()
    }
}

impl Operation for DeleteFailedTask {
    const META: Meta = Meta::new(
        "DeleteFailedTask",
        Verb::Delete,
        "/v3/{project_id}/failed-tasks/{task_id}",
        Replay::Idempotent,
        200,
    );
    type Output = ();

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new().path("task_id", self.task_id.as_str()))
    }

    fn decode(_: &Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Operation for DeleteAllFailedTask {
    const META: Meta = Meta::new(
        "DeleteAllFailedTask",
        Verb::Delete,
        "/v3/{project_id}/failed-tasks",
        // A repetition could delete failures that nobody has read yet.
        Replay::Never,
        200,
    );
    type Output = ();

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new())
    }

    fn decode(_: &Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

fn page(limit: Option<Limit>, offset: Option<Offset>) -> Draft {
    let mut draft = Draft::new();
    if let Some(limit) = limit {
        draft = draft.query("limit", limit.get().to_string());
    }
    if let Some(offset) = offset {
        draft = draft.query("offset", offset.get().to_string());
    }
    draft
}

fn glimpse<T>(
    limit: Option<Limit>,
    offset: Option<Offset>,
    total: Option<u64>,
    tasks: &[T],
    id: fn(&T) -> &TaskId,
) -> Glimpse {
    Glimpse::Offset {
        limit: limit.unwrap_or(Limit::DEFAULT),
        offset: offset.unwrap_or(Offset::START),
        total,
        received: tasks.len(),
        ends: tasks.first().zip(tasks.last()).map(|(first, last)| (id(first).clone(), id(last).clone())),
    }
}
