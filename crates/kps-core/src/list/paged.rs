//! What an operation tells of its list.

use kps_model::{Limit, Offset, TaskId};
use serde::{Deserialize, Serialize};

use crate::Operation;

/// An operation that lists page by page.
pub trait Paged: Operation<Output: 'static> + Clone + 'static {
    /// What is listed.
    type Item: Send;

    /// This request for the page that lies there: a clone, so that nothing else of it can get lost. The position
    /// is of the kind that [`glimpse`](Self::glimpse) returns.
    #[must_use]
    fn at(&self, position: &Position) -> Self;

    /// What of the page that answered this request decides where the list goes on.
    fn glimpse(&self, page: &Self::Output) -> Glimpse;

    /// The items of a page.
    fn items(page: Self::Output) -> Vec<Self::Item>;

    /// By what an item is told from the others of the list.
    fn id(item: &Self::Item) -> &str;

    /// When an item came about, in milliseconds since 1970, if that is known. Two with the same id are the same only if this
    /// is so too: the documents of the service call the ids of tasks those of servers, which may have several.
    fn moment(_: &Self::Item) -> Option<i64> {
        None
    }
}

/// Where a page of a list lies. As JSON it is `{"offset":1000}` or `{"marker":"deploy"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Position {
    /// Behind so many items.
    Offset(Offset),
    /// Where a marker of the service says.
    Marker(String),
}

/// What of a page decides where the list goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Glimpse {
    /// Of a list by limit and offset.
    Offset {
        /// How many items were asked for.
        limit: Limit,
        /// Where the page starts.
        offset: Offset,
        /// The total the service states. It may count the whole list or this page.
        total: Option<u64>,
        /// How many items the page holds.
        received: usize,
        /// The ids of its first and its last item: a page with both of the one before it is that page again.
        ends: Option<(TaskId, TaskId)>,
    },
    /// Of a list that the service leads along by markers.
    Marker {
        /// The marker of this page, empty for the first.
        here: String,
        /// How many items the page holds.
        received: usize,
        /// The names of its first and its last item: a page with both of the one before it is that page again.
        ends: Option<(String, String)>,
        /// The marker of the next page, if there is one.
        next: Option<String>,
    },
}

impl Glimpse {
    pub(crate) const fn received(&self) -> usize {
        match self {
            Self::Offset { received, .. } | Self::Marker { received, .. } => *received,
        }
    }

    /// Where the page lies, and how many items were asked for, of a list in which one can go back.
    pub(crate) const fn offset(&self) -> Option<(Offset, Limit)> {
        match self {
            Self::Offset { offset, limit, .. } => Some((*offset, *limit)),
            Self::Marker { .. } => None,
        }
    }

    /// Where the page lies.
    pub(crate) fn position(&self) -> Position {
        match self {
            Self::Offset { offset, .. } => Position::Offset(*offset),
            Self::Marker { here, .. } => Position::Marker(here.clone()),
        }
    }
}
