//! Lists, item by item.

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};
use std::vec;

use crate::list::pages::{Page, Pages};
use crate::list::progress::ListProgress;
use crate::list::shifts::Sift;
use crate::{Bookmark, Error, ItemMark, Offset, Paged, Position, Shifts};

/// The items of a list, in order and each once. After an error there are no more.
///
/// With the feature `stream` it is a `Stream`. To drop it is to give up the pages under way. It holds the items of one
/// page, and of those that are asked for [at once](Self::with_window).
///
/// ```
/// # use kps_core::*;
/// # pollster::block_on(async {
/// # let transport = |_: Prepared| async { Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into())) };
/// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
/// let mut tasks = kps.items(ListFailedTask::new()).with_window(4);
/// while let Some(task) = tasks.next().await {
///     assert_eq!(task?.task_id, "t-1");
/// }
/// # Ok::<(), Error>(())
/// # }).unwrap();
/// ```
#[must_use = "nothing is asked for before the first item is"]
pub struct Items<O: Paged> {
    pages: Pages<O>,
    received: vec::IntoIter<O::Item>,
    /// Where the page lies whose items these are, and the id of its last one.
    page: Option<(Position, String)>,
    /// Where within a page one goes on, before that page has come.
    mark: Option<ItemMark>,
    sift: Sift,
    filter: Option<Filter<O::Item>>,
    progress: Option<Progress>,
    so_far: ListProgress,
    /// How many more are wanted.
    wanted: usize,
}

type Filter<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;
type Progress = Box<dyn Fn(ListProgress) + Send + Sync>;

impl<O: Paged> Items<O> {
    pub(crate) fn new(pages: Pages<O>) -> Self {
        Self {
            pages,
            received: Vec::new().into_iter(),
            page: None,
            mark: None,
            sift: Sift::default(),
            filter: None,
            progress: None,
            so_far: ListProgress::default(),
            wanted: usize::MAX,
        }
    }

    /// Asks for so many pages at once; see [`Pages::with_window`].
    pub fn with_window(mut self, pages: usize) -> Self {
        self.pages = self.pages.with_window(pages);
        self
    }

    /// Hands out so many items and no more, and asks for no page that this does not take. How many a page holds is said in
    /// the request.
    pub fn with_max_items(mut self, items: usize) -> Self {
        self.wanted = items;
        self
    }

    /// Hands out only the items of which this holds. The service knows no filters: the whole list is read all the same.
    ///
    /// For tasks and key pairs there are [`TaskFilter`](crate::TaskFilter) and [`KeypairFilter`](crate::KeypairFilter).
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::new(
    /// #     r#"{"total":2,"tasks":[{"task_id":"t-1","server_name":"web-7"},{"task_id":"t-2","server_name":"db-1"}]}"#.into(),
    /// # ));
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let of_web = TaskFilter::new().with_server_name("web-*");
    /// let tasks = kps.items(ListFailedTask::new()).with_filter(move |task| of_web.holds(task));
    /// let ids = tasks.map(|task| Ok(task?.task_id.to_string())).collect::<Result<Vec<_>, Error>>()?;
    /// assert_eq!(ids, ["t-1"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_filter(mut self, filter: impl Fn(&O::Item) -> bool + Send + Sync + 'static) -> Self {
        self.filter = Some(Box::new(filter));
        self
    }

    /// Is called with each page that comes, before its items are handed out. It must be quick, and neither block nor panic.
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
    /// # let (tell, told) = std::sync::mpsc::channel();
    /// let tasks = kps.items(ListFailedTask::new().with_limit(Limit::new(2)?));
    /// let tasks = tasks.with_progress(move |read| {
    ///     println!("{} of {:?} tasks", read.items, read.total);
    /// #   tell.send((read.pages, read.items, read.total)).unwrap();
    /// });
    /// assert_eq!(tasks.count(), 3);
    /// # assert_eq!(told.iter().collect::<Vec<_>>(), [(1, 2, Some(3)), (2, 3, Some(3))]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_progress(mut self, progress: impl Fn(ListProgress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Goes on where a reader of the same list was, instead of where the request says.
    ///
    /// If the item where it was is not there any more, it is looked for on the pages before, and if it is nowhere, the list
    /// is handed out from the beginning (by offset) or from that page on (by markers).
    ///
    /// # Errors
    ///
    /// An [input error](crate::ErrorKind::Input) if the bookmark is of another list.
    pub fn resume(mut self, bookmark: &Bookmark) -> Result<Self, Error> {
        self.pages = self.pages.begin_at(bookmark)?;
        self.mark = bookmark.item.clone();
        Ok(self)
    }

    /// Where the list goes on behind the items that were handed out; `None` at its end, and where it cannot be followed.
    pub fn bookmark(&self) -> Option<Bookmark> {
        let list = O::META.name.into();
        if let Some((page, last)) = &self.page {
            let mark = match self.received.as_slice().first() {
                Some(next) => ItemMark::Before(O::id(next).to_owned()),
                None if self.pages.bookmark().is_none() => return None,
                None => ItemMark::Behind(last.clone()),
            };
            return Some(Bookmark { list, page: Some(page.clone()), item: Some(mark) });
        }
        let Bookmark { page, .. } = self.pages.bookmark()?;
        Some(Bookmark { list, page, item: self.mark.clone() })
    }

    /// How the list shifted while it was read, up to now.
    pub fn shifts(&self) -> Shifts {
        Shifts { duplicates: self.sift.dropped(), passed_over: self.pages.passed_over() }
    }

    /// The next item, or `None` at the end of the list.
    ///
    /// # Errors
    ///
    /// As [`Pages::next`].
    pub async fn next(&mut self) -> Option<Result<O::Item, Error>> {
        poll_fn(|context| self.poll(context)).await
    }

    /// All the items.
    ///
    /// # Errors
    ///
    /// As [`Pages::next`]; the items before the error are lost then.
    pub async fn collect(mut self) -> Result<Vec<O::Item>, Error> {
        let mut items = Vec::new();
        while let Some(item) = self.next().await {
            items.push(item?);
            self.take_all_received(&mut items);
        }
        Ok(items)
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<O::Item, Error>>> {
        loop {
            if let Some(item) = self.take_received() {
                return Poll::Ready(Some(Ok(item)));
            }
            if self.wanted == 0 {
                return Poll::Ready(None);
            }
            // The room of the page before is given back while the next one comes.
            self.received = Vec::new().into_iter();
            let most = if self.filter.is_some() { usize::MAX } else { self.wanted };
            match ready!(self.pages.poll_page(context, most)) {
                Some(Ok(page)) => self.receive(page),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    /// The next item that needs no call.
    pub(crate) fn take_received(&mut self) -> Option<O::Item> {
        if self.wanted == 0 {
            return None;
        }
        loop {
            let item = self.received.next()?;
            if self.filter.as_ref().is_none_or(|filter| filter(&item)) {
                self.wanted -= 1;
                return Some(item);
            }
        }
    }

    /// The next items that need no call, all at once if none of them is looked at.
    fn take_all_received(&mut self, items: &mut Vec<O::Item>) {
        if self.filter.is_some() || self.wanted < self.received.len() {
            return items.extend(std::iter::from_fn(|| self.take_received()));
        }
        self.wanted -= self.received.len();
        items.extend(std::mem::take(&mut self.received));
    }

    fn receive(&mut self, page: Page<O>) {
        let Page { output, glimpse } = page;
        self.so_far.note(&glimpse);
        if let Some(progress) = &self.progress {
            progress(self.so_far);
        }
        let mut items = O::items(output);
        let last = items.last().map(|item| O::id(item).to_owned());
        if let Some(mark) = self.mark.take() {
            match (mark.place(&items, O::id), glimpse.offset()) {
                (Some(place), _) => drop(items.drain(..place)),
                (None, Some((offset, limit))) if offset > Offset::START => {
                    self.mark = Some(mark);
                    let before = offset.get().saturating_sub(limit.get());
                    return self.pages.go_to(Position::Offset(Offset::new(before).unwrap_or(Offset::START)));
                }
                (None, _) => {}
            }
        }
        self.sift.sift::<O>(&mut items);
        if let Some(last) = last {
            self.page = Some((glimpse.position(), last));
        }
        self.received = items.into_iter();
    }
}

impl<O: Paged> fmt::Debug for Items<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .field("received", &self.received.len())
            .finish_non_exhaustive()
    }
}

// Nothing in it is pinned.
impl<O: Paged> Unpin for Items<O> {}

#[cfg(feature = "stream")]
impl<O: Paged> futures_util::Stream for Items<O> {
    type Item = Result<O::Item, Error>;

    fn poll_next(self: std::pin::Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}
