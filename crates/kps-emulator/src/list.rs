//! One page of a list.

use kps_model::{FailedTask, Limit, ListFailedTask, ListFailedTaskResponse, Offset};
use percent_encoding::percent_decode_str;

use crate::refusal::Refusal;

pub(crate) fn failed_tasks(query: &str, tasks: &[FailedTask]) -> Result<ListFailedTaskResponse, Refusal> {
    let request = parameters(query)?;
    let index = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let limit = index(request.limit.unwrap_or(Limit::DEFAULT).get());
    let offset = index(request.offset.unwrap_or(Offset::START).get());

    let mut page = ListFailedTaskResponse::default();
    page.total = u64::try_from(tasks.len()).ok();
    page.tasks = tasks.iter().skip(offset).take(limit).cloned().collect();
    Ok(page)
}

fn parameters(query: &str) -> Result<ListFailedTask, Refusal> {
    let mut request = ListFailedTask::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_decode_str(value).decode_utf8_lossy();
        match name {
            "limit" if request.limit.is_none() => request.limit = Some(number(name, &value)?),
            "offset" if request.offset.is_none() => request.offset = Some(number(name, &value)?),
            "limit" | "offset" => return Err(Refusal::bad_parameter(&format!("{name} is given twice"))),
            _ => {}
        }
    }
    Ok(request)
}

fn number<T: TryFrom<u64>>(name: &str, value: &str) -> Result<T, Refusal> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|_| digits).and_then(|number: u64| T::try_from(number).ok());
    number.ok_or_else(|| Refusal::bad_parameter(&format!("{name} is invalid: {value}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kps_model::TaskId;

    fn tasks(count: usize) -> Vec<FailedTask> {
        (0..count).map(|n| FailedTask::new(TaskId::new(format!("t-{n}")).unwrap())).collect()
    }

    fn page(query: &str, count: usize) -> Option<(u64, Vec<String>)> {
        let page = failed_tasks(query, &tasks(count)).ok()?;
        Some((page.total.unwrap(), page.tasks.iter().map(|task| task.task_id.to_string()).collect()))
    }

    #[test]
    fn a_page_lies_where_it_was_asked_for() {
        for (query, ids) in [
            ("", &["t-0", "t-1", "t-2"][..]),
            ("limit=2", &["t-0", "t-1"]),
            ("offset=1&limit=1", &["t-1"]),
            ("limit=%31", &["t-0"]),
            ("offset=3", &[]),
            ("offset=100000&limit=1000&other=x", &[]),
        ] {
            assert_eq!(
                page(query, 3).unwrap(),
                (3, ids.iter().map(ToString::to_string).collect()),
                "{query}"
            );
        }
        assert_eq!(page("", 1500).unwrap().1.len(), 1000);
    }

    #[test]
    fn parameters_out_of_their_range_are_refused() {
        for query in [
            "limit=0",
            "limit=1001",
            "limit=",
            "limit",
            "limit=x",
            "limit=-1",
            "limit=+1",
            "limit=1&limit=1",
            "offset=-1",
            "offset=100001",
            "offset=1.0",
            "offset=99999999999999999999",
            "offset=0&offset=0",
            "limit=%ff",
        ] {
            assert!(page(query, 3).is_none(), "{query}");
        }
    }
}
