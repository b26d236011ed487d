//! Lists, page by page.

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use crate::flight::Flight;
use crate::list::plan::{Plan, Step};
use crate::list::shifts::Totals;
use crate::{Bookmark, Client, Error, Glimpse, Operation, Paged, Position};

/// The most pages that are asked for at once.
const MOST_AT_ONCE: usize = 16;

/// The pages of a list, in order. After an error there are no more.
///
/// With the feature `stream` it is a `Stream`. To drop it is to give up the pages under way.
///
/// ```
/// # use kps_core::*;
/// # pollster::block_on(async {
/// # let transport = |_: Prepared| async { Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into())) };
/// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
/// let mut pages = kps.pages(ListFailedTask::new());
/// while let Some(page) = pages.next().await {
///     assert_eq!(page?.tasks.len(), 1);
/// }
/// # Ok::<(), Error>(())
/// # }).unwrap();
/// ```
#[must_use = "nothing is asked for before the first page is"]
pub struct Pages<O: Paged> {
    client: Client,
    /// The request of the list, in which each page's position is put.
    operation: O,
    plan: Plan,
    window: usize,
    under_way: Flight<Asked<O>>,
    totals: Totals,
    /// What is to be told after the page that was handed out last.
    held_back: Option<Error>,
}

/// The request for a page and its answer.
type Asked<O> = (O, Result<<O as Operation>::Output, Error>);

/// A page, and what of it decided where the list goes on.
pub(super) struct Page<O: Paged> {
    pub(super) output: O::Output,
    pub(super) glimpse: Glimpse,
}

impl<O: Paged> Pages<O> {
    pub(crate) fn new(client: Client, operation: O) -> Self {
        Self {
            client,
            operation,
            plan: Plan::default(),
            window: 1,
            under_way: Flight::new(),
            totals: Totals::default(),
            held_back: None,
        }
    }

    /// Asks for so many pages at once, 1 to 16; 1 if nothing is said. They are handed out in order all the same, and no
    /// more are asked for than that before the first of them is taken.
    ///
    /// It takes a list by offset that states its total, as those of tasks do; others are read page by page. While the
    /// service throttles, one page is asked for at a time. A list that changes while it is read shifts more under a
    /// large window than under a small one.
    ///
    /// The blocking client asks for each page on a thread of its own.
    pub fn with_window(mut self, pages: usize) -> Self {
        self.window = pages.clamp(1, MOST_AT_ONCE);
        self
    }

    /// Goes on where a reader of the same list was, instead of where the request says.
    ///
    /// # Errors
    ///
    /// An [input error](crate::ErrorKind::Input) if the bookmark is of another list, or lies within a page: that is for
    /// [`Items::resume`](crate::Items::resume).
    pub fn resume(self, bookmark: &Bookmark) -> Result<Self, Error> {
        match bookmark.item {
            None => self.begin_at(bookmark),
            Some(_) => {
                let text = "the bookmark lies within a page, and a reader of items goes on from there";
                Err(Error::input(text).of_operation(O::META.name))
            }
        }
    }

    pub(super) fn begin_at(mut self, bookmark: &Bookmark) -> Result<Self, Error> {
        let list = O::META.name;
        if bookmark.list != list {
            let text = format!("the bookmark is of {}", bookmark.list);
            return Err(Error::input(text).of_operation(list));
        }
        self.plan = Plan::from(bookmark.page.clone());
        Ok(self)
    }

    /// Where the list goes on behind the pages that were handed out: after an error, at the page that could not be had.
    /// `None` at the end of the list, and where it cannot be followed.
    pub fn bookmark(&self) -> Option<Bookmark> {
        let page = self.plan.ahead()?;
        Some(Bookmark { list: O::META.name.into(), page: page.cloned(), item: None })
    }

    /// The next page, or `None` at the end of the list. An empty page is not handed out.
    ///
    /// Dropping the future loses nothing: what it asked for is handed out next time.
    ///
    /// # Errors
    ///
    /// That of the call, after the pages before it; or a [paging error](crate::ErrorKind::Paging) if the list cannot be
    /// followed: the service gave the same page again, led in circles or along 100 empty pages, or lists none so far
    /// from the start.
    pub async fn next(&mut self) -> Option<Result<O::Output, Error>> {
        poll_fn(|context| self.poll(context)).await
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<O::Output, Error>>> {
        loop {
            match ready!(self.poll_page(context, usize::MAX)) {
                Some(Ok(page)) if page.glimpse.received() == 0 => {}
                page => return Poll::Ready(page.map(|page| page.map(|page| page.output))),
            }
        }
    }

    /// The next page, which may be empty, of a list of which so many items more are wanted.
    pub(super) fn poll_page(
        &mut self,
        context: &mut Context<'_>,
        wanted: usize,
    ) -> Poll<Option<Result<Page<O>, Error>>> {
        if let Some(error) = self.held_back.take() {
            return Poll::Ready(Some(Err(error)));
        }
        self.ask(context, wanted);
        let Some((operation, answer)) = ready!(self.under_way.poll(context)) else {
            return Poll::Ready(None);
        };
        Poll::Ready(Some(match answer {
            Ok(output) => self.accept(&operation, output),
            Err(error) => {
                self.plan.fail();
                self.under_way = Flight::new();
                Err(error)
            }
        }))
    }

    fn ask(&mut self, context: &mut Context<'_>, wanted: usize) {
        let at_once = self.at_once(wanted);
        let positions: Vec<_> = std::iter::from_fn(|| self.plan.ask(at_once)).collect();
        let is_alone = positions.len() + self.under_way.len() == 1;
        for position in positions {
            let operation = position.map_or_else(|| self.operation.clone(), |at| self.operation.at(&at));
            let client = self.client.clone();
            let job = Box::pin(async move {
                let answer = client.call(&operation).await;
                (operation, answer)
            });
            // The first page of a list, and the last, need no thread to go on beside others.
            if is_alone {
                self.under_way.begin(job);
            } else {
                self.under_way.begin_beside(&self.client, job, context);
            }
        }
    }

    /// How many pages may be under way now.
    fn at_once(&self, wanted: usize) -> usize {
        let inner = self.client.inner();
        if self.window > 1 && inner.pace.is_slow(O::META.name, inner.transport.ticks()) {
            return 1;
        }
        match self.plan.stride() {
            0 => 1,
            stride => self.window.min(wanted.div_ceil(stride)),
        }
    }

    fn accept(&mut self, operation: &O, output: O::Output) -> Result<Page<O>, Error> {
        let glimpse = operation.glimpse(&output);
        self.totals.note(&glimpse);
        let step = self.plan.accept(glimpse.clone());
        if self.under_way.len() > self.plan.under_way() {
            self.under_way = Flight::new();
        }
        let named = |error: Error| error.of_operation(O::META.name);
        match step {
            Step::Repeated(error) => return Err(named(error)),
            Step::Stuck(error) => self.held_back = Some(named(error)),
            Step::On | Step::End => {}
        }
        Ok(Page { output, glimpse })
    }

    /// How many items may have been passed over, as far as the totals tell.
    pub(super) fn passed_over(&self) -> u64 {
        self.totals.passed_over()
    }

    /// Goes on there.
    pub(super) fn go_to(&mut self, position: Position) {
        self.plan.go_to(position);
        self.under_way = Flight::new();
        self.held_back = None;
    }
}

impl<O: Paged> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &O::META.name)
            .field("window", &self.window)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

// Nothing in it is pinned.
impl<O: Paged> Unpin for Pages<O> {}

#[cfg(feature = "stream")]
impl<O: Paged> futures_util::Stream for Pages<O> {
    type Item = Result<O::Output, Error>;

    fn poll_next(self: std::pin::Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}
