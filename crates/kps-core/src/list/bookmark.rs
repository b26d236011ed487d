//! Where a reader of a list is, to be kept.

use serde::{Deserialize, Serialize};

use crate::Position;

/// Where a reader of a list is. It can be stored, as JSON say, and another reader goes on there: after an error, or in
/// another process. The request must be the same but for its position.
///
/// A reader that goes on passes over nothing that the one before did not hand out. Where the list has changed meanwhile it
/// may hand out something again.
///
/// ```
/// use kps_core::*;
///
/// # let transport = |request: Prepared| {
/// #     let first = request.uri().query().is_some_and(|query| !query.contains("offset=2"));
/// #     let tasks = if first { r#"{"task_id":"t-1"},{"task_id":"t-2"}"# } else { r#"{"task_id":"t-3"}"# };
/// #     Ok(http::Response::new(format!(r#"{{"total":3,"tasks":[{tasks}]}}"#).into()))
/// # };
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
/// let request = ListFailedTask::new().with_limit(Limit::new(2).unwrap());
/// let mut tasks = kps.items(request.clone());
/// assert_eq!(tasks.next().unwrap()?.task_id, "t-1");
///
/// let stored = to_json(&tasks.bookmark().unwrap()).unwrap();
/// let bookmark: Bookmark = from_json(&stored).unwrap();
/// let rest: Result<Vec<_>, _> = kps.items(request).resume(&bookmark)?.collect();
/// assert_eq!(rest?.iter().map(|task| task.task_id.as_str()).collect::<Vec<_>>(), ["t-2", "t-3"]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Bookmark {
    /// The operation that lists.
    pub list: String,
    /// Where the page lies; none for where the request says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Position>,
    /// Where in that page; none for its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemMark>,
}

/// Where in a page a reader is.
///
/// ```
/// use kps_core::{Bookmark, ItemMark, from_json};
///
/// let bookmark: Bookmark = from_json(br#"{"list":"ListFailedTask","page":{"offset":100},"item":{"behind":"t-7"}}"#)?;
/// assert_eq!(bookmark.item, Some(ItemMark::Behind("t-7".into())));
/// # Ok::<(), kps_core::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ItemMark {
    /// Before the item with this id.
    Before(String),
    /// Behind the item with this id.
    Behind(String),
}

impl ItemMark {
    /// How many of the items lie before the mark, if it is among them.
    pub(super) fn place<T>(&self, items: &[T], id: fn(&T) -> &str) -> Option<usize> {
        let (wanted, more) = match self {
            Self::Before(id) => (id, 0),
            Self::Behind(id) => (id, 1),
        };
        items.iter().position(|item| id(item) == wanted).map(|place| place + more)
    }
}
