use bytes::Bytes;
use http::Response;
use kps_model::{DecodeError, FailedTask, Limit, ListFailedTask, ListFailedTaskResponse, Offset, from_json};

use crate::plan::Glimpse;
use crate::{Draft, Error, Meta, Operation, Paged, Replay, Verb};

impl Operation for ListFailedTask {
    const META: Meta = Meta {
        name: "ListFailedTask",
        verb: Verb::Get,
        path: "/v3/{project_id}/failed-tasks",
        replay: Replay::Safe,
        success: 200,
    };
    type Output = ListFailedTaskResponse;

    fn encode(&self) -> Result<Draft, Error> {
        let mut draft = Draft::new();
        if let Some(limit) = self.limit {
            draft = draft.query("limit", limit.get().to_string());
        }
        if let Some(offset) = self.offset {
            draft = draft.query("offset", offset.get().to_string());
        }
        Ok(draft)
    }

    fn decode(answer: &Response<Bytes>) -> Result<ListFailedTaskResponse, DecodeError> {
        from_json(answer.body())
    }
}

impl Paged for ListFailedTask {
    type Item = FailedTask;

    fn limit(&self) -> Limit {
        self.limit.unwrap_or(Limit::DEFAULT)
    }

    fn offset(&self) -> Offset {
        self.offset.unwrap_or(Offset::START)
    }

    fn at(&self, offset: Offset) -> Self {
        self.clone().with_offset(offset)
    }

    fn glimpse(page: &ListFailedTaskResponse) -> Glimpse {
        Glimpse {
            total: page.total,
            received: page.tasks.len(),
            ends: page
                .tasks
                .first()
                .zip(page.tasks.last())
                .map(|(first, last)| (first.task_id.clone(), last.task_id.clone())),
        }
    }

    fn items(page: ListFailedTaskResponse) -> Vec<FailedTask> {
        page.tasks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unset_parameter_is_not_sent() {
        let at = |offset| Offset::new(offset).unwrap();
        let limit = Limit::new(7).unwrap();
        for (operation, query) in [
            (ListFailedTask::new(), "[]"),
            (ListFailedTask::new().with_offset(at(0)), r#"[("offset", "0")]"#),
            (ListFailedTask::new().with_limit(limit), r#"[("limit", "7")]"#),
            (ListFailedTask::new().with_limit(limit).at(at(14)), r#"[("limit", "7"), ("offset", "14")]"#),
        ] {
            let draft = format!("{:?}", operation.encode().unwrap());
            assert!(draft.contains(&format!("query: {query}")), "{draft}");
        }
    }
}
