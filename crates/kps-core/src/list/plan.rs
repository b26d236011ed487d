//! Where the pages of a list lie, which are asked for, and where the list ends. Pure.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

use kps_model::{Limit, Offset, TaskId};

use crate::{Error, Glimpse, Position};

/// The walk along a list.
///
/// By offset, the next page starts behind the items received so far. The list ends at an empty page, or where a
/// page that is not full reaches `total`. A full page is always followed by one look more, since `total` may
/// count one page only. Where `total` says that there is more, several pages can be asked for at once, each as far from
/// the one before as the last page was long; once a page holds more or less than that, those behind it are dropped.
///
/// By marker, the list ends where no next one is named; an empty page does not end it, but [`EMPTY_PAGES`] in a row
/// do. A marker that came before would lead in circles, but on an empty page it is an end told clumsily. It is known
/// again among the last [`MARKERS`]; a longer circle is an endless list, as that of a service that makes up items.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    next: Next,
    /// Where the pages lie that were asked for and have not come, in the order of the list.
    under_way: VecDeque<Option<Position>>,
    /// How far apart pages are that are asked for at once, and up to where there are any.
    stride: u32,
    horizon: u32,
    /// Of the page before. A list that shifts by as much as a page holds shows the same items again, but with another total.
    last: Option<Face>,
    last_named: Option<(usize, (String, String))>,
    /// The markers of the last pages, hashed: a list may be long, and a marker too.
    seen: VecDeque<u64>,
    hasher: RandomState,
    empty_pages: usize,
    /// Where the page lies that could not be had.
    failed: Option<Option<Position>>,
}

/// By what a page of a list by offset is known again: its total, how many items it holds, and its ends.
type Face = (Option<u64>, usize, Option<(TaskId, TaskId)>);

/// Which page is to be asked for next.
#[derive(Debug, Default)]
enum Next {
    /// The one the request itself names.
    #[default]
    Start,
    At(Position),
    /// None, or it is not known before the one under way has come.
    Unknown,
}

/// How many pages in a row may be empty before the list is given up: without an item nobody gets to stop the walk.
const EMPTY_PAGES: usize = 100;

/// How many markers are known again.
const MARKERS: usize = 1024;

/// Where a page leads.
#[derive(Debug)]
pub(crate) enum Step {
    /// To others.
    On,
    /// It is the last one.
    End,
    /// It is the last one that can be read, though the list goes on.
    Stuck(Error),
    /// It is the page before it again, and its items are not to be handed out.
    Repeated(Error),
}

impl Plan {
    /// A walk that begins there, instead of where the request says.
    pub(crate) fn from(position: Option<Position>) -> Self {
        Self { next: position.map_or(Next::Start, Next::At), ..Self::default() }
    }

    /// The next page to ask for, if so many may be under way at once. A page without a position is the one that the
    /// request names.
    pub(crate) fn ask(&mut self, at_once: usize) -> Option<Option<Position>> {
        let alone = self.under_way.is_empty();
        let position = match std::mem::replace(&mut self.next, Next::Unknown) {
            Next::Unknown => return None,
            Next::At(Position::Offset(offset))
                if alone || (self.under_way.len() < at_once && offset.get() <= self.horizon) =>
            {
                let behind = offset.get().checked_add(self.stride).map(Offset::new);
                if let (1.., Some(Ok(behind))) = (self.stride, behind) {
                    self.next = Next::At(Position::Offset(behind));
                }
                Some(Position::Offset(offset))
            }
            Next::At(position) if alone => Some(position),
            Next::Start if alone => None,
            wait => {
                self.next = wait;
                return None;
            }
        };
        self.under_way.push_back(position.clone());
        Some(position)
    }

    /// How many pages are under way whose answers are still wanted.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// How many items a page is expected to hold; 0 if nobody knows.
    pub(crate) fn stride(&self) -> usize {
        usize::try_from(self.stride).unwrap_or(usize::MAX)
    }

    /// Where the page lies that comes next: where the list goes on. The outer is `None` at its end.
    pub(crate) fn ahead(&self) -> Option<Option<&Position>> {
        match (self.failed.as_ref().or(self.under_way.front()), &self.next) {
            (Some(position), _) => Some(position.as_ref()),
            (None, Next::At(position)) => Some(Some(position)),
            (None, Next::Start) => Some(None),
            (None, Next::Unknown) => None,
        }
    }

    /// Gives up the pages under way, and goes on there.
    pub(crate) fn go_to(&mut self, position: Position) {
        self.under_way.clear();
        self.last = None;
        self.next = Next::At(position);
    }

    /// Asks for nothing more.
    pub(crate) fn give_up(&mut self) {
        self.under_way.clear();
        self.next = Next::Unknown;
    }

    /// As [`give_up`](Self::give_up), since the page that comes next cannot be had.
    pub(crate) fn fail(&mut self) {
        self.failed = self.under_way.front().cloned();
        self.give_up();
    }

    /// Takes note of the page that was asked for first of those under way, and says where it leads. If some of the others
    /// are not under way any more afterwards, none is.
    pub(crate) fn accept(&mut self, page: Glimpse) -> Step {
        self.under_way.pop_front();
        let step = match page {
            Glimpse::Offset { limit, offset, total, received, ends } => {
                self.by_offset(limit, offset, (total, received, ends))
            }
            Glimpse::Marker { here, received, ends, next } => {
                self.by_marker(&here, next, ends.map(|ends| (received, ends)))
            }
        };
        if !matches!(step, Step::On) {
            self.give_up();
        }
        step
    }

    fn by_offset(&mut self, limit: Limit, offset: Offset, page: Face) -> Step {
        let (total, received) = (page.0, page.1 as u64);
        if received == 0 {
            return Step::End;
        }
        if self.last.as_ref() == Some(&page) {
            return Step::Repeated(Error::paging(format!(
                "the list does not advance: offset {} gave the page before it again",
                offset.get(),
            )));
        }
        self.last = Some(page);
        let reached = u64::from(offset.get()).saturating_add(received);
        let full = received >= u64::from(limit.get());
        if !full && total.is_some_and(|total| reached >= total) {
            return Step::End;
        }
        let Ok(behind) = Offset::try_from(reached) else {
            return Step::Stuck(Error::paging(format!(
                "the list goes on at offset {reached}, and the service lists none beyond {}; delete records \
                 that are done with to see the others",
                Offset::MAX.get(),
            )));
        };
        self.stride = behind.get().saturating_sub(offset.get());
        self.horizon = total.map_or(0, |total| u32::try_from(total).unwrap_or(u32::MAX));
        let goes_on = Position::Offset(behind);
        if self.under_way.front().is_none_or(|next| next.as_ref() != Some(&goes_on)) {
            self.under_way.clear();
            self.next = Next::At(goes_on);
        }
        Step::On
    }

    fn by_marker(
        &mut self,
        here: &str,
        next: Option<String>,
        page: Option<(usize, (String, String))>,
    ) -> Step {
        let empty = page.is_none();
        if !empty && !here.is_empty() && self.last_named == page {
            return Step::Repeated(Error::paging(format!(
                "the list does not advance: marker {} gave the page before it again",
                quoted(here),
            )));
        }
        if !empty {
            self.last_named = page;
        }
        let Some(next) = next else { return Step::End };
        self.remember(here);
        match self.seen.contains(&self.hasher.hash_one(&next)) {
            true if empty => return Step::End,
            true => {
                return Step::Stuck(Error::paging(format!(
                    "the list goes in circles: marker {} leads to a page that was read already",
                    quoted(&next),
                )));
            }
            false => {}
        }
        self.empty_pages = if empty { self.empty_pages + 1 } else { 0 };
        if self.empty_pages >= EMPTY_PAGES {
            return Step::Stuck(Error::paging(format!(
                "the list does not advance: {EMPTY_PAGES} pages in a row were empty, and marker {} would be next",
                quoted(&next),
            )));
        }
        self.next = Next::At(Position::Marker(next));
        Step::On
    }

    fn remember(&mut self, marker: &str) {
        if self.seen.len() >= MARKERS {
            self.seen.pop_front();
        }
        self.seen.push_back(self.hasher.hash_one(marker));
    }
}

/// A marker in an error: it is the service's, and may be of any length.
fn quoted(marker: &str) -> String {
    match marker.char_indices().nth(100) {
        Some((at, _)) => format!("{:?}…", marker.get(..at).unwrap_or_default()),
        None => format!("{marker:?}"),
    }
}

#[cfg(test)]
mod tests;
