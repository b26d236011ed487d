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
            if let (Step::On, Some(Some(Position::Offset(next)))) = (&step, plan.ahead()) {
                self.2 = *next;
            }
            step
        }

        fn told(&mut self, page: Page) -> String {
            let step = self.accept(page);
            told(&mut self.0, step)
        }
    }

    /// `end`, the next position, or the beginning of the error.
    fn told(plan: &mut Plan, step: Step) -> String {
        match step {
            Step::On => match plan.ask(1).unwrap().unwrap() {
                Position::Offset(offset) => offset.get().to_string(),
                Position::Marker(marker) => marker,
            },
            Step::End => "end".into(),
            Step::Stuck(error) => error.to_string()[..27].into(),
            Step::Repeated(error) => error.to_string()[..26].into(),
        }
    }

    fn walk(plan: &mut Walk, pages: impl IntoIterator<Item = Page>) -> Vec<String> {
        pages.into_iter().map(|page| plan.told(page)).collect()
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
            let step = plan.accept(glimpse);
            led.push(told(&mut plan, step));
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
            let step = led_from(&mut plan, here, here + 1, false);
            assert_eq!(told(&mut plan, step), (here + 1).to_string());
        }
        assert_eq!(plan.seen.len(), MARKERS);
        assert!(plan.seen.capacity() <= 2 * MARKERS);
    }

    #[test]
    fn circles_of_up_to_as_many_pages_are_seen_at_once() {
        for length in [1, 2, 3, 10, MARKERS] {
            let mut plan = Plan::default();
            for here in 0..length {
                assert!(matches!(led_from(&mut plan, here, here + 1, false), Step::On), "{here}");
            }
            assert!(matches!(led_from(&mut plan, length, 1, false), Step::Stuck(_)), "{length}");
        }
    }

    #[test]
    fn empty_pages_end_a_list_only_in_a_row() {
        let mut plan = Plan::default();
        for here in 0..10 * EMPTY_PAGES {
            let empty = here % EMPTY_PAGES != 0;
            assert!(matches!(led_from(&mut plan, here, here + 1, empty), Step::On), "{here}");
        }
        let mut plan = Plan::default();
        for here in 1..EMPTY_PAGES {
            assert!(matches!(led_from(&mut plan, here, here + 1, true), Step::On), "{here}");
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
        let step = plan_of_two.0.accept(glimpse);
        assert_eq!(told(&mut plan_of_two.0, step), "4");
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
                    Step::On => {
                        prop_assert_eq!(plan.2.get() as usize, to);
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
