//! Lists shift while they are read: what comes twice is dropped, and what may have been passed over is counted.

use std::collections::HashSet;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::{Glimpse, Paged};

/// How a list shifted while it was read.
///
/// A list by offset has no snapshots. What is added before the place where one reads pushes items on to the next page, where
/// they come a second time; what is deleted there pulls items back to a page that was read already.
///
/// ```
/// # use kps_core::*;
/// # let transport = |request: Prepared| {
/// #     let first = request.uri().query().is_some_and(|query| !query.contains("offset=2"));
/// #     // Meanwhile another task failed, and the newest come first.
/// #     let page = if first { r#"{"total":3,"tasks":[{"task_id":"t-3"},{"task_id":"t-2"}]}"# }
/// #         else { r#"{"total":4,"tasks":[{"task_id":"t-2"},{"task_id":"t-1"}]}"# };
/// #     Ok(http::Response::new(if request.uri().query().is_some_and(|query| query.contains("offset=4")) { r#"{"total":4,"tasks":[]}"# } else { page }.into()))
/// # };
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let mut tasks = kps.items(ListFailedTask::new().with_limit(Limit::new(2)?));
/// let mut ids = Vec::new();
/// for task in tasks.by_ref() {
///     ids.push(task?.task_id.to_string());
/// }
/// assert_eq!(ids, ["t-3", "t-2", "t-1"]); // `t-2` came on both pages
/// let shifts = tasks.shifts();
/// assert_eq!((shifts.duplicates, shifts.passed_over, shifts.is_none()), (1, 0, false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shifts {
    /// How many items came a second time, and were dropped.
    pub duplicates: u64,
    /// How many items at most were passed over, as far as the totals tell: by so many the total fell while the list was
    /// read, or fewer items than it states had come at the end. To read the list again is the only way to see them. Of
    /// a list without totals it is 0.
    pub passed_over: u64,
}

impl Shifts {
    /// Whether the list stood still, as far as it can be told.
    pub const fn is_none(&self) -> bool {
        self.duplicates == 0 && self.passed_over == 0
    }
}

/// Takes out of each page what came already, on it or on one of those before it: of a list of any length, the last
/// [`REMEMBERED`] items or more are remembered.
#[derive(Debug, Default)]
pub(super) struct Sift {
    /// Ids, as 64 bits with a key that nobody knows.
    before: HashSet<u64, RandomState>,
    lately: HashSet<u64, RandomState>,
    hasher: RandomState,
    dropped: u64,
}

/// A list shifts by less while a few pages of it are read.
const REMEMBERED: usize = 2048;

impl Sift {
    pub(super) const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Items are told apart by their ids and moments.
    pub(super) fn sift<O: Paged>(&mut self, items: &mut Vec<O::Item>) {
        if self.lately.len() >= REMEMBERED {
            std::mem::swap(&mut self.before, &mut self.lately);
            self.lately.clear();
        }
        let came = items.len();
        items.retain(|item| {
            let hash = self.hasher.hash_one((O::id(item), O::moment(item)));
            !self.before.contains(&hash) && self.lately.insert(hash)
        });
        self.dropped += came.saturating_sub(items.len()) as u64;
    }
}

/// What the totals of the pages tell.
#[derive(Debug, Default)]
pub(super) struct Totals {
    /// That of the page before, unless it counts only that page.
    last: Option<u64>,
    passed_over: u64,
}

impl Totals {
    pub(super) const fn passed_over(&self) -> u64 {
        self.passed_over
    }

    pub(super) fn note(&mut self, page: &Glimpse) {
        let Glimpse::Offset { offset, total: Some(total), received, .. } = *page else { return };
        let reached = u64::from(offset.get()).saturating_add(received as u64);
        let ends = received == 0;
        if total < reached && !ends {
            // It counts this page.
            self.last = None;
            return;
        }
        if let Some(last) = self.last {
            // What is gone cannot be passed over.
            self.passed_over += last.saturating_sub(total).min(total);
        }
        if ends {
            self.passed_over += total.saturating_sub(reached);
        }
        self.last = Some(total);
    }
}

#[cfg(test)]
mod tests {
    use kps_model::{FailedTask, Limit, ListFailedTask, Offset, TaskId, Timestamp};

    use super::*;

    /// A task by its id, and by its time if that is behind a colon.
    fn task(text: &str) -> FailedTask {
        let (id, time) = text.split_once(':').unwrap_or((text, ""));
        let mut task = FailedTask::new(TaskId::new(id).unwrap());
        task.task_time = time.parse().ok().map(|time: i64| Timestamp::from_millis(1_775_032_200_000 + time));
        task
    }

    fn left(sift: &mut Sift, page: &[String]) -> Vec<String> {
        let mut items: Vec<FailedTask> = page.iter().map(|text| task(text)).collect();
        sift.sift::<ListFailedTask>(&mut items);
        items.iter().map(|task| task.task_id.to_string()).collect()
    }

    #[test]
    fn what_came_already_is_dropped() {
        let mut sift = Sift::default();
        for (page, expected, dropped) in [
            ("a b c", "a b c", 0),
            ("c d e", "d e", 1),
            ("a f f", "f", 3),
            ("d", "", 4),
            // The id of a server, perhaps, of which there are several tasks.
            ("g:1 g:2 g g:1", "g g g", 5),
        ] {
            let page: Vec<String> = page.split(' ').map(str::to_owned).collect();
            assert_eq!(
                (left(&mut sift, &page).join(" "), sift.dropped()),
                (expected.into(), dropped),
                "{page:?}"
            );
        }
    }

    #[test]
    fn the_last_of_a_long_list_are_remembered_and_no_more_than_twice_as_many() {
        let mut sift = Sift::default();
        for page in 0..20 {
            let ids = |from: usize| (from..from + 1000).map(|id| id.to_string()).collect::<Vec<_>>();
            assert_eq!(left(&mut sift, &ids(1000 * page)).len(), 1000);
            let again = ids((1000 * (page + 1)).saturating_sub(REMEMBERED));
            assert_eq!(left(&mut sift, &again), [""; 0], "page {page}");
            assert!(sift.before.len() + sift.lately.len() <= 2 * (REMEMBERED + 1000));
        }
    }

    #[test]
    fn what_the_totals_tell() {
        for (what, pages, passed_over) in [
            ("it stands still", vec![(0, Some(25), 10), (10, Some(25), 10), (20, Some(25), 5)], 0),
            ("it grows", vec![(0, Some(25), 10), (10, Some(26), 10), (20, Some(26), 6)], 0),
            ("it falls", vec![(0, Some(25), 10), (10, Some(22), 10), (20, Some(22), 2)], 3),
            ("it falls twice", vec![(0, Some(25), 10), (10, Some(24), 10), (20, Some(22), 2)], 3),
            ("the last of it is missing", vec![(0, Some(25), 10), (10, Some(25), 10), (20, Some(25), 0)], 5),
            ("all of it is deleted", vec![(0, Some(25), 10), (10, Some(0), 0)], 0),
            ("no totals", vec![(0, None, 10), (10, None, 0)], 0),
            ("totals of pages", vec![(0, Some(10), 10), (10, Some(10), 10), (20, Some(3), 3)], 0),
            ("the total of one full page", vec![(0, Some(10), 10), (10, Some(0), 0)], 0),
        ] {
            let mut totals = Totals::default();
            for (offset, total, received) in pages {
                let offset = Offset::new(offset).unwrap();
                let limit = Limit::new(10).unwrap();
                totals.note(&Glimpse::Offset { limit, offset, total, received, ends: None });
            }
            assert_eq!(totals.passed_over(), passed_over, "{what}");
        }
    }
}
