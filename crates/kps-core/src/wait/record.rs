//! The records of failed tasks, and which of them is that of a task.

use std::collections::HashMap;

use kps_model::{Action, FailedTask, ListFailedTask, OperateType, Timestamp};

use crate::{Client, Error, TaskState};

/// The record of each task, of one reading of the list. By its id, else that of the same server and key pair that
/// is next to the time of its acceptance; what is older is another failure.
pub(crate) async fn find(client: &Client, tasks: &[TaskState]) -> Result<Vec<Option<FailedTask>>, Error> {
    let mut search = Search::new(tasks);
    let mut records = client.items(ListFailedTask::new());
    while !search.is_done() {
        match records.next().await {
            Some(record) => search.see(&record?),
            None => break,
        }
    }
    Ok(search.found.into_iter().map(|(record, _)| record).collect())
}

struct Search<'a> {
    tasks: &'a [TaskState],
    by_id: HashMap<&'a str, Vec<usize>>,
    by_server: HashMap<&'a str, Vec<usize>>,
    /// The best record so far of each, and whether it is certain.
    found: Vec<(Option<FailedTask>, bool)>,
    certain: usize,
}

impl<'a> Search<'a> {
    fn new(tasks: &'a [TaskState]) -> Self {
        let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut by_server: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, TaskState { handle, .. }) in tasks.iter().enumerate() {
            by_id.entry(handle.task_id.as_str()).or_default().push(at);
            if let Some(server) = &handle.server_id {
                by_server.entry(server.as_str()).or_default().push(at);
            }
        }
        Self { tasks, by_id, by_server, found: vec![(None, false); tasks.len()], certain: 0 }
    }

    fn is_done(&self) -> bool {
        self.certain == self.tasks.len()
    }

    fn see(&mut self, record: &FailedTask) {
        if let Some(places) = self.by_id.get(record.task_id.as_str()) {
            for at in places {
                let Some(found) = self.found.get_mut(*at) else { continue };
                self.certain += usize::from(!found.1);
                *found = (Some(record.clone()), true);
            }
            return;
        }
        let Some(places) = record.server_id.as_ref().and_then(|server| self.by_server.get(server.as_str()))
        else {
            return;
        };
        for at in places {
            let (Some(task), Some((best, certain))) = (self.tasks.get(*at), self.found.get_mut(*at)) else {
                continue;
            };
            let is_better = best.as_ref().is_none_or(|best| record.task_time < best.task_time);
            if !*certain && is_better && fits(task, record) {
                *best = Some(record.clone());
            }
        }
    }
}

/// Whether a record of the same server can be that of a task whose id it does not have.
fn fits(task: &TaskState, record: &FailedTask) -> bool {
    let millis = |time: Option<&Timestamp>| time?.millis();
    let (accepted, began) = (millis(task.handle.accepted.as_ref()), millis(record.task_time.as_ref()));
    let in_time = accepted.zip(began).is_some_and(|(accepted, began)| began >= accepted);
    let name = record.keypair_name.as_deref();
    let same_key_pair = task.handle.keypair_name.as_ref().is_none_or(|own| name == Some(own.as_str()));
    let takes_off = |action: Action| action == Action::Unbind;
    let action = record.operate_type.as_ref().and_then(OperateType::action);
    // The documents call a replacement a reset.
    let same_action = task.action().zip(action).is_none_or(|(own, other)| takes_off(own) == takes_off(other));
    in_time && same_key_pair && same_action
}

#[cfg(test)]
mod tests {
    use kps_model::{KeypairName, ServerId, TaskHandle, TaskId, TaskStatus};

    use super::*;

    const ACCEPTED: i64 = 1_775_032_200_000;

    fn task(id: &str) -> TaskState {
        let mut task = TaskState::unseen(TaskHandle::new(TaskId::new(id).unwrap()));
        task.handle.server_id = ServerId::new("s-1").ok();
        task.handle.keypair_name = KeypairName::new("deploy").ok();
        task.handle.accepted = Some(Timestamp::from_millis(ACCEPTED));
        task.status = Some(TaskStatus::from("FAILED_BIND"));
        task
    }

    fn record(id: &str, after: i64, message: &str) -> FailedTask {
        let mut record = FailedTask::new(TaskId::new(id).unwrap());
        record.server_id = ServerId::new("s-1").ok();
        record.keypair_name = Some("deploy".into());
        record.operate_type = Some("FAILED_BIND".into());
        record.task_time = Some(Timestamp::from_millis(ACCEPTED + after).as_text());
        record.task_error_msg = Some(message.into());
        record
    }

    fn found(tasks: &[TaskState], records: &[FailedTask]) -> Vec<Option<String>> {
        let mut search = Search::new(tasks);
        records.iter().for_each(|record| search.see(record));
        let message = |record: FailedTask| record.task_error_msg.unwrap().to_string();
        search.found.into_iter().map(|(record, _)| record.map(message)).collect()
    }

    fn found_one(task: TaskState, records: &[FailedTask]) -> Option<String> {
        found(&[task], records).remove(0)
    }

    #[test]
    fn the_id_counts_for_more_than_all_else() {
        let mut own = record("t-1", -99, "own");
        own.server_id = None;
        for records in [
            [own.clone(), record("vm", 0, "other"), record("vm-2", 5, "other")],
            [record("vm", 0, "other"), own.clone(), record("vm-2", 5, "other")],
            [record("vm", 0, "other"), record("vm-2", 5, "other"), own],
        ] {
            assert_eq!(found_one(task("t-1"), &records).as_deref(), Some("own"));
        }
    }

    #[test]
    fn without_the_id_it_is_the_first_since_the_task_was_accepted() {
        let records = [
            record("d", 9, "later"),
            record("a", -1, "before"),
            record("b", 3, "own"),
            record("c", 4, "later"),
        ];
        assert_eq!(found_one(task("t-1"), &records).as_deref(), Some("own"));
        assert_eq!(found_one(task("t-1"), &[record("x", 0, "own")]).as_deref(), Some("own"));
    }

    #[test]
    fn what_contradicts_is_not_taken() {
        type Change = fn(&mut TaskState, &mut FailedTask);
        let cases: [(&str, bool, Change); 12] = [
            ("nothing", true, |_, _| ()),
            ("a slip of the documents", true, |_, record| record.operate_type = Some("RUNNING_RESET".into())),
            ("no action", true, |_, record| record.operate_type = Some("RUNNING".into())),
            ("no state", true, |task, _| task.status = None),
            ("no key pair asked for", true, |task, _| task.handle.keypair_name = None),
            ("another action", false, |_, record| record.operate_type = Some("FAILED_UNBIND".into())),
            ("another key pair", false, |_, record| record.keypair_name = Some("other".into())),
            ("no key pair", false, |_, record| record.keypair_name = None),
            ("another server", false, |_, record| record.server_id = ServerId::new("s-2").ok()),
            ("no server known", false, |task, _| task.handle.server_id = None),
            ("no time known", false, |task, _| task.handle.accepted = None),
            ("no time", false, |_, record| record.task_time = None),
        ];
        for (what, fits, change) in cases {
            let (mut task, mut record) = (task("t-1"), record("vm", 0, "own"));
            change(&mut task, &mut record);
            assert_eq!(found_one(task, &[record]).is_some(), fits, "{what}");
        }
    }

    #[test]
    fn one_reading_is_for_all() {
        let other = TaskState { handle: TaskHandle::new(TaskId::new("t-2").unwrap()), ..task("t-2") };
        let tasks = [task("t-1"), other, task("t-3"), task("t-1")];
        let records = [record("t-2", 0, "two"), record("t-1", 7, "one"), record("t-9", 3, "by server")];
        let expected = [Some("one"), Some("two"), Some("by server"), Some("one")];
        assert_eq!(found(&tasks, &records), expected.map(|text| text.map(str::to_owned)));
        let mut search = Search::new(&tasks[..2]);
        records.iter().for_each(|record| search.see(record));
        assert!(search.is_done());
    }
}
