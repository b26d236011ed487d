//! Where the pages of a list lie, and where it ends. Pure.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

use kps_model::{Limit, Offset, TaskId};

use crate::{Error, Operation};

/// An operation that lists page by page.
pub trait Paged: Operation + Clone {
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
}

/// Where a page of a list lies.
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

/// The walk along a list.
///
/// By offset, the next page starts behind the items received so far. The list ends at an empty page, or where a
/// page that is not full reaches `total`. A full page is always followed by one look more, since `total` may
/// count one page only.
///
/// By marker, the list ends where no next one is named; an empty page does not end it, but [`EMPTY_PAGES`] in a row
/// do. A marker that came before would lead in circles, but on an empty page it is an end told clumsily. It is known
/// again among the last [`MARKERS`]; a longer circle is an endless list, as that of a service that makes up items.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    last: Option<(usize, Option<(TaskId, TaskId)>)>,
    last_named: Option<(usize, (String, String))>,
    /// The markers of the last pages, hashed: a list may be long, and a marker too.
    seen: VecDeque<u64>,
    hasher: RandomState,
    empty_pages: usize,
}

/// How many pages in a row may be empty before the list is given up: without an item nobody gets to stop the walk.
const EMPTY_PAGES: usize = 100;

/// How many markers are known again.
const MARKERS: usize = 1024;

/// Where a page leads.
#[derive(Debug)]
pub(crate) enum Step {
    /// To the page that lies there.
    At(Position),
    /// It is the last one.
    End,
    /// It is the last one that can be read, though the list goes on.
    Stuck(Error),
    /// It is the page before it again, and its items are not to be handed out.
    Repeated(Error),
}

impl Plan {
    /// Takes note of a page, and says where it leads.
    pub(crate) fn accept(&mut self, page: Glimpse) -> Step {
        match page {
            Glimpse::Offset { limit, offset, total, received, ends } => {
                self.by_offset(limit, offset, total, (received, ends))
            }
            Glimpse::Marker { here, received, ends, next } => {
                self.by_marker(&here, next, ends.map(|ends| (received, ends)))
            }
        }
    }

    fn by_offset(
        &mut self,
        limit: Limit,
        offset: Offset,
        total: Option<u64>,
        page: (usize, Option<(TaskId, TaskId)>),
    ) -> Step {
        let received = page.0 as u64;
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
        match Offset::try_from(reached) {
            Ok(offset) => Step::At(Position::Offset(offset)),
            Err(_) => Step::Stuck(Error::paging(format!(
                "the list goes on at offset {reached}, and the service lists none beyond {}; delete records \
                 that are done with to see the others",
                Offset::MAX.get(),
            ))),
        }
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
        Step::At(Position::Marker(next))
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A page: the total it states, and the numbers of its items.
    type Page = (Option<u64>, std::ops::Range<usize>);

    fn page(total: Option<u64>, ids: std::ops::Range<usize>) -> Page {
        (total, ids)
    }

    /// A walk by offset, with its limit and where it is.
    struct Walk(Plan, Limit, Offset);

    fn plan(limit: u32, offset: u32) -> Walk {
        Walk(Plan::default(), Limit::new(limit).unwrap(), Offset::new(offset).unwrap())
    }

    impl Walk {
        fn accept(&mut self, (total, ids): Page) -> Step {
            let id = |n: usize| TaskId::new(format!("t-{n}")).unwrap();
            let ends = (!ids.is_empty()).then(|| (id(ids.start), id(ids.end - 1)));
            let Self(plan, limit, offset) = self;
            let glimpse =
                Glimpse::Offset { limit: *limit, offset: *offset, total, received: ids.len(), ends };
            let step = plan.accept(glimpse);
            if let Step::At(Position::Offset(next)) = &step {
                self.2 = *next;
            }
            step
        }
    }

    /// `end`, the next position, or the beginning of the error.
    fn told(step: Step) -> String {
        match step {
            Step::At(Position::Offset(offset)) => offset.get().to_string(),
            Step::At(Position::Marker(marker)) => marker,
            Step::End => "end".into(),
            Step::Stuck(error) => error.to_string()[..27].into(),
            Step::Repeated(error) => error.to_string()[..26].into(),
        }
    }

    fn walk(plan: &mut Walk, pages: impl IntoIterator<Item = Page>) -> Vec<String> {
        pages.into_iter().map(|page| told(plan.accept(page))).collect()
    }

    /// Where each page leads, of pages that name a next marker and hold the items between two letters.
    fn led(pages: &[(Option<&str>, &str)]) -> Vec<String> {
        let (mut plan, mut here) = (Plan::default(), String::new());
        let mut led = Vec::new();
        for (next, items) in pages {
            let next = next.map(str::to_owned);
            let ends = items.split_once('-').map(|(first, last)| (first.to_owned(), last.to_owned()));
            let received = items.len();
            let glimpse = Glimpse::Marker { here: here.clone(), received, ends, next: next.clone() };
            led.push(told(plan.accept(glimpse)));
            here = next.unwrap_or_default();
        }
        led
    }

    #[test]
    fn where_markers_lead() {
        let circle = "the list goes in circles: m";
        let again = "the list does not advance:";
        for (pages, expected) in [
            (&[(None, "a-b")][..], &["end"][..]),
            (&[(Some("b"), "a-b"), (Some("d"), "c-d"), (None, "e-e")], &["b", "d", "end"]),
            (&[(Some("b"), "a-b"), (Some("c"), ""), (None, "d-e")], &["b", "c", "end"]),
            (&[(Some("b"), ""), (None, "")], &["b", "end"]),
            (&[(Some("b"), "a-b"), (Some("b"), "")], &["b", "end"]),
            (&[(Some("b"), "a-b"), (Some("b"), "c-d")], &["b", circle]),
            (&[(Some("b"), "a-b"), (Some("b"), "a-b")], &["b", again]),
            (&[(Some("b"), "a-b"), (Some("d"), "c-d"), (Some("b"), "e-f")], &["b", "d", circle]),
        ] {
            assert_eq!(led(pages), expected, "{pages:?}");
        }
    }

    /// A page that leads from one marker to another, and holds an item of its own unless it is empty.
    fn led_from(plan: &mut Plan, here: usize, next: usize, empty: bool) -> Step {
        let marker = |n: usize| if n == 0 { String::new() } else { n.to_string() };
        let ends = (!empty).then(|| (format!("item-{here}"), format!("item-{here}")));
        let received = usize::from(!empty);
        plan.accept(Glimpse::Marker { here: marker(here), received, ends, next: Some(marker(next)) })
    }

    #[test]
    fn an_endless_list_takes_no_more_room_than_a_long_one() {
        let mut plan = Plan::default();
        for here in 0..10 * MARKERS {
            assert_eq!(told(led_from(&mut plan, here, here + 1, false)), (here + 1).to_string());
        }
        assert_eq!(plan.seen.len(), MARKERS);
        assert!(plan.seen.capacity() <= 2 * MARKERS);
    }

    #[test]
    fn circles_of_up_to_as_many_pages_are_seen_at_once() {
        for length in [1, 2, 3, 10, MARKERS] {
            let mut plan = Plan::default();
            for here in 0..length {
                assert!(matches!(led_from(&mut plan, here, here + 1, false), Step::At(_)), "{here}");
            }
            assert!(matches!(led_from(&mut plan, length, 1, false), Step::Stuck(_)), "{length}");
        }
    }

    #[test]
    fn empty_pages_end_a_list_only_in_a_row() {
        let mut plan = Plan::default();
        for here in 0..10 * EMPTY_PAGES {
            let empty = here % EMPTY_PAGES != 0;
            assert!(matches!(led_from(&mut plan, here, here + 1, empty), Step::At(_)), "{here}");
        }
        let mut plan = Plan::default();
        for here in 1..EMPTY_PAGES {
            assert!(matches!(led_from(&mut plan, here, here + 1, true), Step::At(_)), "{here}");
        }
        let Step::Stuck(error) = led_from(&mut plan, EMPTY_PAGES, EMPTY_PAGES + 1, true) else { panic!() };
        assert_eq!(
            error.to_string(),
            "the list does not advance: 100 pages in a row were empty, and marker \"101\" would be next",
        );
    }

    #[test]
    fn a_long_marker_is_quoted_in_part() {
        let long = "é".repeat(1_000_000);
        let mut plan = Plan::default();
        let ends = Some(("a".to_owned(), "a".to_owned()));
        let glimpse = Glimpse::Marker { here: long.clone(), received: 1, ends, next: Some(long) };
        let Step::Stuck(error) = plan.accept(glimpse) else { panic!() };
        assert!(error.to_string().len() < 400, "{error}");
    }

    #[test]
    fn where_a_list_ends() {
        let all = Some(25);
        for (what, limit, pages, expected) in [
            (
                "a short page reaches total",
                10,
                vec![page(all, 0..10), page(all, 10..20), page(all, 20..25)],
                vec!["10", "20", "end"],
            ),
            (
                "total is the page's own",
                10,
                vec![page(Some(10), 0..10), page(Some(10), 10..20), page(Some(5), 20..25)],
                vec!["10", "20", "end"],
            ),
            (
                "a full last page needs a look",
                5,
                vec![page(Some(10), 0..5), page(Some(10), 5..10), page(Some(10), 0..0)],
                vec!["5", "10", "end"],
            ),
            (
                "no total",
                10,
                vec![page(None, 0..10), page(None, 10..13), page(None, 0..0)],
                vec!["10", "13", "end"],
            ),
            (
                "a short page in the middle",
                10,
                vec![page(all, 0..10), page(all, 10..12), page(all, 12..22), page(all, 22..25)],
                vec!["10", "12", "22", "end"],
            ),
            ("total shrinks", 10, vec![page(all, 0..10), page(Some(15), 10..15)], vec!["10", "end"]),
            (
                "total grows",
                10,
                vec![
                    page(Some(12), 0..10),
                    page(Some(30), 10..20),
                    page(Some(30), 20..30),
                    page(Some(30), 0..0),
                ],
                vec!["10", "20", "30", "end"],
            ),
            ("more than asked for", 10, vec![page(Some(20), 0..20), page(Some(20), 0..0)], vec!["20", "end"]),
            ("nothing", 10, vec![page(Some(0), 0..0)], vec!["end"]),
        ] {
            assert_eq!(walk(&mut plan(limit, 0), pages), expected, "{what}");
        }
    }

    #[test]
    fn a_repeated_page_is_an_error() {
        let ignores_offset = [page(Some(3), 0..3), page(Some(3), 0..3)];
        assert_eq!(walk(&mut plan(3, 0), ignores_offset), ["3", "the list does not advance:"]);
        // A page that begins like the one before it may be another.
        let mut plan_of_two = plan(2, 0);
        assert_eq!(walk(&mut plan_of_two, [page(Some(9), 0..2)]), ["2"]);
        let id = |n: usize| TaskId::new(format!("t-{n}")).unwrap();
        let (limit, offset) = (Limit::new(2).unwrap(), Offset::new(2).unwrap());
        let shifted = Some((id(0), id(2)));
        let glimpse = Glimpse::Offset { limit, offset, total: Some(9), received: 2, ends: shifted };
        assert_eq!(told(plan_of_two.0.accept(glimpse)), "4");
        let one_by_one = [page(None, 0..1), page(None, 0..1)];
        assert_eq!(walk(&mut plan(1, 0), one_by_one), ["1", "the list does not advance:"]);
    }

    #[test]
    fn the_service_lists_no_further_than_its_greatest_offset() {
        let mut last_look = plan(1000, 99_000);
        assert_eq!(walk(&mut last_look, [page(None, 0..1000), page(None, 0..0)]), ["100000", "end"]);

        let mut beyond = plan(1000, 99_000);
        let pages = [page(None, 0..1000), page(None, 1000..2000)];
        assert_eq!(walk(&mut beyond, pages), ["100000", "the list goes on at offset "]);

        let mut ends_there = plan(1000, 100_000);
        assert_eq!(walk(&mut ends_there, [page(Some(100_500), 0..500)]), ["end"]);
    }

    proptest! {
        #[test]
        fn every_item_is_listed_once_and_the_walk_ends(
            count in 0_usize..400, limit in 1_u32..60, short in 1_usize..60, total_is in 0..3,
        ) {
            let mut plan = plan(limit, 0);
            let (mut at, mut calls) = (0, 0);
            loop {
                let to = count.min(at + short.min(limit as usize));
                let total = match total_is { 0 => None, 1 => Some(count as u64), _ => Some((to - at) as u64) };
                calls += 1;
                prop_assert!(calls <= count + 2);
                match plan.accept(page(total, at..to)) {
                    Step::At(Position::Offset(next)) => {
                        prop_assert_eq!(next.get() as usize, to);
                        at = to;
                    }
                    Step::End => {
                        // A total that counts a page that is not full says that the list ends there.
                        prop_assert!(to == count || total_is == 2);
                        break;
                    }
                    other => prop_assert!(false, "{:?}", other),
                }
            }
        }
    }
}
