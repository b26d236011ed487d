//! `--group-by`: how many failed of what.

use std::collections::HashMap;

use clap::ValueEnum;
use kps_ureq::{FailedTask, ListFailedTask};
use serde::Serialize;

use crate::commands::tasks::list::{Inquiry, of_all_regions, of_one_region};
use crate::commands::tasks::rows::{reason, server};
use crate::commands::tasks::wanted::Selection;
use crate::context::Context;
use crate::output::{Cell, Row};
use crate::stop::Stop;

/// By what failed tasks are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GroupBy {
    /// By why they failed, the most frequent first
    Error,
    /// By the server, the most frequent first
    Server,
    /// By the key pair, the most frequent first
    Keypair,
    /// By the day (UTC) on which they began, the first day first
    Day,
}

impl GroupBy {
    fn key(self, task: &FailedTask) -> Option<String> {
        match self {
            Self::Error => reason(task).map(ToOwned::to_owned),
            Self::Server => server(task).map(ToOwned::to_owned),
            Self::Keypair => task.keypair_name.as_deref().map(ToOwned::to_owned),
            Self::Day => {
                let day = task.task_time.as_ref()?.utc()?;
                Some(format!("{:04}-{:02}-{:02}", day.year, day.month, day.day))
            }
        }
    }
}

/// Counts the failed tasks that are selected.
pub(crate) fn group(context: &Context, selection: &Selection, by: GroupBy) -> Result<(), Stop> {
    let inquiry = Inquiry::<ListFailedTask>::new(context, selection)?;
    if selection.all_regions {
        of_all_regions(context, &inquiry, |rows| {
            print(context, by, &mut rows.map(|row| row.map(|(_, task)| task)))
        })
    } else {
        of_one_region(context, &inquiry, |rows| print(context, by, rows))
    }
}

fn print(
    context: &Context,
    by: GroupBy,
    tasks: &mut dyn Iterator<Item = Result<FailedTask, Stop>>,
) -> Result<(), Stop> {
    let (mut counts, mut end) = (HashMap::<Option<String>, u64>::new(), Ok(()));
    for task in tasks {
        match task {
            Ok(task) => *counts.entry(by.key(&task)).or_default() += 1,
            Err(stop) => end = Err(stop),
        }
    }
    context.output.list(sorted(by, counts).into_iter().map(Ok))?;
    end
}

fn sorted(by: GroupBy, counts: HashMap<Option<String>, u64>) -> Vec<Group> {
    let most = counts.values().copied().max().unwrap_or_default();
    let mut groups: Vec<Group> = counts.into_iter().map(|(key, count)| Group { key, count, most }).collect();
    groups.sort_by(|one, other| {
        let by_count =
            if by == GroupBy::Day { std::cmp::Ordering::Equal } else { other.count.cmp(&one.count) };
        by_count.then_with(|| one.key.cmp(&other.key))
    });
    groups
}

/// So many tasks have this in common.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Group {
    /// None if the service does not tell.
    key: Option<String>,
    count: u64,
    #[serde(skip)]
    most: u64,
}

impl Row for Group {
    const NAME: &'static str = FailedTask::NAME;
    const COLUMNS: &'static [&'static str] = &["KEY", "COUNT", ""];
    const FIELDS: &'static [&'static str] = &["key", "count"];

    fn cells(&self) -> Vec<Cell> {
        let key = self.key.as_deref().unwrap_or("(not told)");
        let bar = Cell::Share { of: self.count, most: self.most };
        vec![Cell::of(Some(key)), Cell::Count(self.count), bar]
    }

    fn values(&self) -> Vec<Cell> {
        vec![Cell::of(self.key.as_ref()), Cell::Count(self.count)]
    }
}

#[cfg(test)]
mod tests {
    use kps_ureq::from_json;

    use super::*;

    #[test]
    fn tasks_are_counted_by_what_they_have_in_common() {
        let tasks = [
            r#"{"task_id":"a","task_time":"1775032190000","task_error_msg":"x","server_name":"web-1","server_id":"s-1","keypair_name":"team"}"#,
            r#"{"task_id":"b","task_time":"1774945800000","task_error_code":"KPS.1","server_name":"web-1","keypair_name":"test"}"#,
            r#"{"task_id":"c","task_time":"1774945700000","task_error_msg":"x","task_error_code":"KPS.1","server_id":"s-3","keypair_name":"team"}"#,
            r#"{"task_id":"d"}"#,
        ];
        for (by, expected) in [
            (GroupBy::Error, "x 2, - 1, KPS.1 1"),
            (GroupBy::Server, "web-1 2, - 1, s-3 1"),
            (GroupBy::Keypair, "team 2, - 1, test 1"),
            (GroupBy::Day, "- 1, 2026-03-31 2, 2026-04-01 1"),
        ] {
            let mut counts = HashMap::new();
            for task in tasks {
                *counts.entry(by.key(&from_json::<FailedTask>(task.as_bytes()).unwrap())).or_default() += 1;
            }
            let groups = sorted(by, counts);
            let groups =
                groups.iter().map(|group| format!("{} {}", group.key.as_deref().unwrap_or("-"), group.count));
            assert_eq!(groups.collect::<Vec<_>>().join(", "), expected, "{by:?}");
        }
    }
}
