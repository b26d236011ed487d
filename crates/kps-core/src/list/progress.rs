//! How far a list has been read.

use crate::Glimpse;

/// How far a list has been read.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into()));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let (tell, told) = std::sync::mpsc::channel();
/// let tasks = kps.items(ListFailedTask::new()).with_progress(move |read| {
///     let part = read.total.map_or_else(String::new, |total| format!(" of {total}"));
///     let _ = tell.send(format!("{}{part} tasks, {} pages", read.items, read.pages));
/// });
/// assert_eq!(tasks.count(), 1);
/// assert_eq!(told.recv()?, "1 of 1 tasks, 1 pages");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListProgress {
    /// How many pages have come.
    pub pages: u64,
    /// How many items they held. A list that does not begin at its start, or that looks for its place again, ends at another
    /// count than its total.
    pub items: u64,
    /// How many the whole list has, if the service says that: a list by markers has no total, and some totals count one page.
    pub total: Option<u64>,
}

impl ListProgress {
    pub(super) fn note(&mut self, page: &Glimpse) {
        let received = page.received() as u64;
        self.pages += 1;
        self.items += received;
        self.total = match *page {
            Glimpse::Offset { total: Some(total), offset, .. } => {
                Some(total).filter(|total| *total >= u64::from(offset.get()).saturating_add(received))
            }
            _ => None,
        };
    }
}
