//! The records of failed tasks, of which a test of many holds very many.

use std::collections::{BTreeMap, BTreeSet};

use kps_model::{FailedTask, TaskId};
use serde::{Serialize, Serializer};

/// How many numbers are of one block.
const BLOCK: u64 = 128;

/// Records in the order in which they came. Each has a number, and lies in the block of its number: one that goes moves
/// its block alone, and a page far down the list passes over whole blocks.
#[derive(Clone, Default)]
pub(crate) struct FailedTasks {
    /// None of them is empty.
    blocks: BTreeMap<u64, Vec<(u64, FailedTask)>>,
    /// The numbers of each id. One of a seed may come twice.
    numbers: BTreeSet<(TaskId, u64)>,
    next: u64,
}

impl FailedTasks {
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    pub(crate) fn push(&mut self, record: FailedTask) {
        let number = self.next;
        self.next += 1;
        self.numbers.insert((record.task_id.clone(), number));
        self.blocks.entry(number / BLOCK).or_default().push((number, record));
    }

    /// The first of this id.
    pub(crate) fn get(&self, id: &str) -> Option<&FailedTask> {
        let number = self.number(id)?;
        let block = self.blocks.get(&(number / BLOCK))?;
        block.get(place(block, number)?).map(|(_, record)| record)
    }

    /// Takes out the first of this id.
    pub(crate) fn remove(&mut self, id: &str) -> Option<FailedTask> {
        let number = self.number(id)?;
        let block = self.blocks.get_mut(&(number / BLOCK))?;
        let (_, record) = block.remove(place(block, number)?);
        if block.is_empty() {
            self.blocks.remove(&(number / BLOCK));
        }
        self.numbers.remove(&(record.task_id.clone(), number));
        Some(record)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &FailedTask> {
        self.behind(0)
    }

    /// Those behind so many others.
    pub(crate) fn behind(&self, count: usize) -> impl Iterator<Item = &FailedTask> {
        let mut left = count;
        let mut passed = |block: &Vec<_>| left.checked_sub(block.len()).map(|rest| left = rest).is_some();
        let first = self.blocks.iter().find(|(_, block)| !passed(block));
        let blocks = first.map(|(at, _)| self.blocks.range(at..)).into_iter().flatten();
        blocks.flat_map(|(_, block)| block).map(|(_, record)| record).skip(left)
    }

    fn number(&self, id: &str) -> Option<u64> {
        let id = TaskId::new(id).ok()?;
        let (own, number) = self.numbers.range((id.clone(), 0)..).next()?;
        (*own == id).then_some(*number)
    }
}

fn place(block: &[(u64, FailedTask)], number: u64) -> Option<usize> {
    block.binary_search_by_key(&number, |(own, _)| *own).ok()
}

impl FromIterator<FailedTask> for FailedTasks {
    fn from_iter<T: IntoIterator<Item = FailedTask>>(records: T) -> Self {
        let mut all = Self::default();
        records.into_iter().for_each(|record| all.push(record));
        all
    }
}

/// As a list.
impl Serialize for FailedTasks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{
        ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
    };

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Add(Vec<u16>),
        Remove(Vec<u16>),
        /// As many as a whole block and more, one after the other.
        RemoveAt(u16, u16),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            vec(0..800_u16, 1..700).prop_map(Step::Add),
            vec(0..800_u16, 1..100).prop_map(Step::Remove),
            (any::<u16>(), 1..600_u16).prop_map(|(at, count)| Step::RemoveAt(at, count)),
        ]
    }

    fn name(id: u16) -> String {
        format!("t-{id}")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn it_is_as_a_plain_list(steps in vec(step(), 1..12), pages in vec((0..1500_usize, 0..300_usize), 4)) {
            let (mut plain, mut tasks, mut made) = (Vec::<FailedTask>::new(), FailedTasks::default(), 0);
            for step in steps {
                let gone = match step {
                    Step::Add(ids) => {
                        for id in ids {
                            let mut record = FailedTask::new(TaskId::new(name(id)).unwrap());
                            // Tells those of one id apart.
                            record.task_error_msg = Some(made.to_string().as_str().into());
                            made += 1;
                            plain.push(record.clone());
                            tasks.push(record);
                        }
                        Vec::new()
                    }
                    Step::Remove(ids) => ids.into_iter().map(name).collect(),
                    Step::RemoveAt(at, count) => {
                        let ids = plain.iter().skip(usize::from(at) % plain.len().max(1)).take(count.into());
                        ids.map(|record| record.task_id.to_string()).collect()
                    }
                };
                for id in gone {
                    let at = plain.iter().position(|record| record.task_id == *id);
                    prop_assert_eq!(tasks.remove(&id), at.map(|at| plain.remove(at)));
                }
                prop_assert_eq!(tasks.len(), plain.len());
                prop_assert!(tasks.blocks.values().all(|block| !block.is_empty()));
                prop_assert_eq!(tasks.iter().collect::<Vec<_>>(), plain.iter().collect::<Vec<_>>());
                for (offset, limit) in &pages {
                    let page: Vec<_> = tasks.behind(*offset).take(*limit).collect();
                    prop_assert_eq!(page, plain.iter().skip(*offset).take(*limit).collect::<Vec<_>>());
                }
                for id in (0..800).step_by(7).map(name) {
                    prop_assert_eq!(tasks.get(&id), plain.iter().find(|record| record.task_id == *id));
                }
            }
            let again: FailedTasks = plain.iter().cloned().collect();
            prop_assert_eq!(serde_json::to_string(&tasks).unwrap(), serde_json::to_string(&plain).unwrap());
            prop_assert_eq!(again.iter().collect::<Vec<_>>(), plain.iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_no_id_is_not_there() {
        let tasks: FailedTasks = [FailedTask::new(TaskId::new("t-1").unwrap())].into_iter().collect();
        for id in ["", ".", "..", "t-", "t-10", "t-0", "u"] {
            assert!(tasks.get(id).is_none(), "{id}");
        }
    }
}
