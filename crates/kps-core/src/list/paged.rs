//! What an operation tells of its list.

use kps_model::{Limit, Offset, TaskId};
use serde::{Deserialize, Serialize};

use crate::Operation;

/// An operation that lists page by page.
///
/// ```
/// use bytes::Bytes;
/// use kps_core::{DecodeError, Draft, Error, Glimpse, Meta, Operation, Paged, Position, Replay, Verb};
/// use serde::Deserialize;
///
/// #[derive(Clone, Default)]
/// struct ListGroups {
///     marker: String,
/// }
///
/// #[derive(Deserialize)]
/// struct Page {
///     groups: Vec<Group>,
///     next: Option<String>,
/// }
///
/// #[derive(Deserialize)]
/// struct Group {
///     name: String,
/// }
///
/// impl Operation for ListGroups {
///     const META: Meta = Meta::new("ListGroups", Verb::Get, "/v3/{project_id}/groups", Replay::Safe, 200);
///     type Output = Page;
///
///     fn encode(&self) -> Result<Draft, Error> {
///         Ok(Draft::new().query("marker", self.marker.clone()))
///     }
///
///     fn decode(answer: &http::Response<Bytes>) -> Result<Page, DecodeError> {
///         kps_core::from_json(answer.body())
///     }
/// }
///
/// impl Paged for ListGroups {
///     type Item = Group;
///
///     fn at(&self, position: &Position) -> Self {
///         let Position::Marker(marker) = position else { return self.clone() };
///         Self { marker: marker.clone() }
///     }
///
///     fn glimpse(&self, page: &Page) -> Glimpse {
///         let name = |group: Option<&Group>| group.map(|group| group.name.clone());
///         Glimpse::Marker {
///             here: self.marker.clone(),
///             received: page.groups.len(),
///             ends: name(page.groups.first()).zip(name(page.groups.last())),
///             next: page.next.clone(),
///         }
///     }
///
///     fn items(page: Page) -> Vec<Group> {
///         page.groups
///     }
///
///     fn id(group: &Group) -> &str {
///         &group.name
///     }
/// }
/// # use kps_core::*;
/// # let transport = |request: Prepared| {
/// #     let first = request.uri().query() == Some("marker=");
/// #     let page = if first { r#"{"groups":[{"name":"build"},{"name":"web"}],"next":"web"}"# } else { r#"{"groups":[{"name":"work"}]}"# };
/// #     Ok(http::Response::new(page.into()))
/// # };
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
///
/// let groups = kps.items(ListGroups::default()).collect::<Result<Vec<_>, Error>>()?;
/// assert_eq!(groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["build", "web", "work"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use kps_core::{ListFailedTask, ListKeypairs, Offset, Paged, Position, from_json};
///
/// // Each list knows one of the two, and leaves the other aside.
/// let tasks = ListFailedTask::new().at(&Position::Offset(Offset::new(1000)?));
/// assert_eq!(tasks.offset, Some(Offset::new(1000)?));
/// let keypairs = ListKeypairs::new().at(&from_json(br#"{"marker":"deploy"}"#)?);
/// assert_eq!(keypairs.marker.as_deref(), Some("deploy"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
///
/// ```
/// use kps_core::{Glimpse, ListFailedTask, ListFailedTaskResponse, Paged, from_json};
///
/// let page: ListFailedTaskResponse = from_json(br#"{"total":120,"tasks":[{"task_id":"t-1"},{"task_id":"t-2"}]}"#)?;
/// let glimpse = ListFailedTask::new().glimpse(&page);
/// assert!(matches!(glimpse, Glimpse::Offset { total: Some(120), received: 2, .. }));
/// # Ok::<(), kps_core::DecodeError>(())
/// ```
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
