//! How far a list has been read.

use crate::Glimpse;

/// How far a list has been read.
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
