//! Lists and the states of a task as iterators.

use std::iter::FusedIterator;

use super::{Client, run};
use crate::{Bookmark, Error, ListProgress, Listed, Paged, Shifts, TaskHandle, TaskState, WaitOptions, wait};

impl Client {
    /// A list page by page, from the position of the request to its end.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"total":120,"tasks":[{"task_id":"t-1"}]}"#.into()));
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let mut pages = kps.pages(ListFailedTask::new().with_limit(Limit::new(1)?));
    /// let first = pages.next().ok_or("none failed")??;
    /// assert_eq!(first.total, Some(120)); // how many there are takes one call
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pages<O: Paged>(&self, operation: O) -> Pages<O> {
        Pages(self.0.pages(operation))
    }

    /// A list item by item, from the position of the request to its end. Pages are asked for when the items
    /// of the one before are taken.
    ///
    /// A list by offset shifts when what it lists is deleted meanwhile, and items are then passed over: to delete
    /// what is listed, collect it first.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |request: Prepared| {
    /// #     if request.as_http().method() == "DELETE" { return Ok(http::Response::default()); }
    /// #     Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1","server_name":"web-7"}]}"#.into()))
    /// # };
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let tasks = kps.items(ListFailedTask::new()).collect::<Result<Vec<_>, Error>>()?;
    /// assert_eq!(tasks.len(), 1);
    /// for task in tasks {
    ///     kps.send(DeleteFailedTask::new(task.task_id))?;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn items<O: Paged>(&self, operation: O) -> Items<O> {
        Items(self.0.items(operation))
    }

    /// Looks at a task until it has ended, from now on. Nothing is asked before the first state is taken.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let looks = std::sync::atomic::AtomicUsize::new(0);
    /// # let transport = move |_: Prepared| {
    /// #     let status = ["READY_BIND", "RUNNING_BIND", "SUCCESS_BIND"][looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst)];
    /// #     Ok(http::Response::new(format!(r#"{{"task_id":"t-1","task_status":"{status}"}}"#).into()))
    /// # };
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let mut phases = Vec::new();
    /// for state in kps.watch(TaskId::new("t-1")?, &WaitOptions::new()) {
    ///     phases.push(state?.phase().ok_or("a new phase")?);
    /// }
    /// assert_eq!(phases, [Phase::Ready, Phase::Running, Phase::Success]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn watch(&self, handle: impl Into<TaskHandle>, options: &WaitOptions) -> TaskWatch {
        TaskWatch(self.0.watch(handle, options))
    }
}

/// The pages of a list, in order. An empty page is not handed out; after an error there are no more.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into()));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build()?;
/// for page in kps.pages(ListFailedTask::new()) {
///     assert_eq!(page?.tasks.len(), 1);
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is asked for before the first page is"]
pub struct Pages<O: Paged>(crate::Pages<O>);

impl<O: Paged> Pages<O> {
    /// Asks for so many pages at once; see [`Pages::with_window`](crate::Pages::with_window).
    pub fn with_window(self, pages: usize) -> Self {
        Self(self.0.with_window(pages))
    }

    /// Goes on where a reader of the same list was; see [`Pages::resume`](crate::Pages::resume).
    ///
    /// # Errors
    ///
    /// An [input error](crate::ErrorKind::Input) if the bookmark is of another list, or lies within a page.
    pub fn resume(self, bookmark: &Bookmark) -> Result<Self, Error> {
        self.0.resume(bookmark).map(Self)
    }

    /// Where the list goes on; see [`Pages::bookmark`](crate::Pages::bookmark).
    pub fn bookmark(&self) -> Option<Bookmark> {
        self.0.bookmark()
    }
}

impl<O: Paged> Iterator for Pages<O> {
    type Item = Result<O::Output, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        run(self.0.next())
    }
}

impl<O: Paged> FusedIterator for Pages<O> {}

/// The items of a list, in order and each once. After an error there are no more.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into()));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build()?;
/// let tasks: Result<Vec<_>, Error> = kps.items(ListFailedTask::new()).with_max_items(100).collect();
/// assert_eq!(tasks?.len(), 1);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is asked for before the first item is"]
pub struct Items<O: Paged>(crate::Items<O>);

impl<O: Paged> Items<O> {
    /// Asks for so many pages at once; see [`Pages::with_window`](crate::Pages::with_window).
    pub fn with_window(self, pages: usize) -> Self {
        Self(self.0.with_window(pages))
    }

    /// Hands out so many items and no more; see [`Items::with_max_items`](crate::Items::with_max_items).
    pub fn with_max_items(self, items: usize) -> Self {
        Self(self.0.with_max_items(items))
    }

    /// Hands out only the items of which this holds; see [`Items::with_filter`](crate::Items::with_filter).
    pub fn with_filter(self, filter: impl Fn(&O::Item) -> bool + Send + Sync + 'static) -> Self {
        Self(self.0.with_filter(filter))
    }

    /// Is called with each page that comes; see [`Items::with_progress`](crate::Items::with_progress).
    pub fn with_progress(self, progress: impl Fn(ListProgress) + Send + Sync + 'static) -> Self {
        Self(self.0.with_progress(progress))
    }

    /// Goes on where a reader of the same list was; see [`Items::resume`](crate::Items::resume).
    ///
    /// # Errors
    ///
    /// An [input error](crate::ErrorKind::Input) if the bookmark is of another list.
    pub fn resume(self, bookmark: &Bookmark) -> Result<Self, Error> {
        self.0.resume(bookmark).map(Self)
    }

    /// Where the list goes on; see [`Items::bookmark`](crate::Items::bookmark).
    pub fn bookmark(&self) -> Option<Bookmark> {
        self.0.bookmark()
    }

    /// How the list shifted while it was read, up to now.
    pub fn shifts(&self) -> Shifts {
        self.0.shifts()
    }
}

impl<O: Paged> Iterator for Items<O> {
    type Item = Result<O::Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.0.take_received() {
            Some(item) => Some(Ok(item)),
            None => run(self.0.next()),
        }
    }
}

impl<O: Paged> FusedIterator for Items<O> {}

/// The same list of several clients, each of a project and region; see [`Lists`](crate::Lists).
///
/// ```
/// use kps_core::{ListFailedTask, blocking};
/// # use kps_core::*;
///
/// # let client = |endpoint: &str| {
/// #     let transport = |_: Prepared| Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into()));
/// #     blocking::Client::builder(transport).endpoint(endpoint)
/// #         .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap()
/// # };
/// # let beijing = client("https://kms.cn-north-4.myhuaweicloud.com");
/// # let hongkong = client("https://kms.ap-southeast-1.myhuaweicloud.com");
/// let clients = [("cn-north-4", beijing), ("ap-southeast-1", hongkong)];
/// for list in blocking::Lists::new(clients, |kps| kps.items(ListFailedTask::new())) {
///     assert_eq!(list.whole()?.len(), 1);
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is asked for before the first list is"]
pub struct Lists<T, O: Paged>(crate::Lists<T, O>);

impl<T: Send + 'static, O: Paged<Item: 'static>> Lists<T, O> {
    /// The list of each client, which is marked to be told from the others: with a region's name, say.
    pub fn new(clients: impl IntoIterator<Item = (T, Client)>, list: impl Fn(&Client) -> Items<O>) -> Self {
        let clients = clients.into_iter().map(|(tag, client)| (tag, client.0));
        Self(crate::Lists::new(clients, |client| list(&Client(client.clone())).0))
    }

    /// Reads so many lists at once; see [`Lists::with_at_once`](crate::Lists::with_at_once).
    pub fn with_at_once(self, lists: usize) -> Self {
        Self(self.0.with_at_once(lists))
    }
}

impl<T: Send + 'static, O: Paged<Item: 'static>> Iterator for Lists<T, O> {
    type Item = Listed<T, O::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        run(self.0.next())
    }
}

impl<T: Send + 'static, O: Paged<Item: 'static>> FusedIterator for Lists<T, O> {}

/// The states of a task as they are seen, to its end. A task that failed is seen as failed, and then comes the error
/// with the reason. Dropping it ends the looks; the task goes on.
///
/// ```
/// # use kps_core::*;
/// # use std::sync::atomic::{AtomicUsize, Ordering};
/// # let looks = AtomicUsize::new(0);
/// # let transport = move |_: Prepared| {
/// #     let status = ["READY_BIND", "RUNNING_BIND", "SUCCESS_BIND"][looks.fetch_add(1, Ordering::SeqCst)];
/// #     Ok(http::Response::new(format!(r#"{{"task_id":"t-1","task_status":"{status}"}}"#).into()))
/// # };
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let mut states = kps.watch(TaskId::new("t-1")?, &WaitOptions::new());
/// let first = states.next().ok_or("none")??;
/// assert_eq!(first.status.unwrap().as_str(), "READY_BIND");
/// let end = states.end()?; // the others, and how it ends
/// assert_eq!((end.status.unwrap().as_str(), end.looks), ("SUCCESS_BIND", 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is looked at before the first state is asked for"]
pub struct TaskWatch(wait::TaskWatch);

impl TaskWatch {
    /// How the task ends.
    ///
    /// # Errors
    ///
    /// As [`Client::wait`](super::Client::wait).
    pub fn end(self) -> Result<TaskState, Error> {
        run(self.0.end())
    }
}

impl Iterator for TaskWatch {
    type Item = Result<TaskState, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        run(self.0.next())
    }
}

impl FusedIterator for TaskWatch {}
