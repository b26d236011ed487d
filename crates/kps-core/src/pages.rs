//! Lists, read to their end.

use std::fmt;
use std::vec;

use crate::plan::{Plan, Step};
use crate::{Client, Error, Paged};

/// The pages of a list, in order. After an error there are no more.
pub struct Pages<O: Paged> {
    client: Client,
    plan: Plan,
    state: State<O>,
}

enum State<O> {
    Ask(O),
    Fail(Error),
    End,
}

impl<O: Paged> Pages<O> {
    pub(crate) fn new(client: Client, operation: O) -> Self {
        Self { client, plan: Plan::default(), state: State::Ask(operation) }
    }

    /// The next page, or `None` at the end of the list. An empty page is not handed out.
    ///
    /// Dropping the future asks for the same page again next time.
    ///
    /// # Errors
    ///
    /// That of the call, or a [paging error](crate::ErrorKind::Paging) if the list cannot be followed: the
    /// service gave the same page again, led in circles, or lists none so far from the start.
    pub async fn next(&mut self) -> Option<Result<O::Output, Error>> {
        while let State::Ask(operation) = &self.state {
            // Boxed, so that an item that is at hand does not carry along what a call needs.
            let answer = Box::pin(self.client.call(operation)).await;
            if let Some(page) = self.step(answer) {
                return Some(page);
            }
        }
        match std::mem::replace(&mut self.state, State::End) {
            State::Fail(error) => Some(Err(error)),
            _ => None,
        }
    }

    /// What is to be handed out of an answer. The state then says how to go on.
    fn step(&mut self, answer: Result<O::Output, Error>) -> Option<Result<O::Output, Error>> {
        let State::Ask(operation) = std::mem::replace(&mut self.state, State::End) else { return None };
        let page = match answer {
            Ok(page) => page,
            Err(error) => return Some(Err(error)),
        };
        let glimpse = operation.glimpse(&page);
        let empty = glimpse.received() == 0;
        let named = |error: Error| error.of_operation(O::META.name);
        match self.plan.accept(glimpse) {
            Step::Repeated(error) => return Some(Err(named(error))),
            Step::Stuck(error) => self.state = State::Fail(named(error)),
            Step::At(position) => self.state = State::Ask(operation.at(&position)),
            Step::End => {}
        }
        (!empty).then_some(Ok(page))
    }
}

impl<O: Paged> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("operation", &O::META.name)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

/// The items of a list, in order. After an error there are no more.
pub struct Items<O: Paged> {
    pages: Pages<O>,
    received: vec::IntoIter<O::Item>,
}

impl<O: Paged> Items<O> {
    pub(crate) fn new(pages: Pages<O>) -> Self {
        Self { pages, received: Vec::new().into_iter() }
    }

    /// The next item, or `None` at the end of the list.
    ///
    /// # Errors
    ///
    /// As [`Pages::next`].
    pub async fn next(&mut self) -> Option<Result<O::Item, Error>> {
        loop {
            if let Some(item) = self.take_received() {
                return Some(Ok(item));
            }
            match self.pages.next().await? {
                Ok(page) => self.received = O::items(page).into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// The next item that needs no call.
    pub(crate) fn take_received(&mut self) -> Option<O::Item> {
        self.received.next()
    }
}

impl<O: Paged> fmt::Debug for Items<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).field("received", &self.received.len()).finish()
    }
}
