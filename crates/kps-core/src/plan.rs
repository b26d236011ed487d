//! Where the pages of an offset list lie, and where it ends. Pure.

use kps_model::{Limit, Offset, TaskId};

use crate::{Error, Operation};

/// An operation that lists by limit and offset, page by page.
pub trait Paged: Operation + Clone {
    /// What is listed.
    type Item: Send;

    /// How many items a page of this request may hold.
    fn limit(&self) -> Limit;

    /// Where the first page of this request starts.
    fn offset(&self) -> Offset;

    /// This request for the page that starts there: a clone, so that nothing else of it can get lost.
    #[must_use]
    fn at(&self, offset: Offset) -> Self;

    /// What of a page decides where the list goes on.
    fn glimpse(page: &Self::Output) -> Glimpse;

    /// The items of a page.
    fn items(page: Self::Output) -> Vec<Self::Item>;
}

/// What of a page decides where the list goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "programs write it out for lists of their own")]
pub struct Glimpse {
    /// The total the service states. It may count the whole list or this page.
    pub total: Option<u64>,
    /// How many items the page holds.
    pub received: usize,
    /// The ids of its first and its last item: a page with both of the one before it is that page again.
    pub ends: Option<(TaskId, TaskId)>,
}

/// The walk along an offset list.
///
/// The next page starts behind the items received so far. The list ends at an empty page, or where a page
/// that is not full reaches `total`. A full page is always followed by one look more, since `total` may count
/// one page only.
#[derive(Debug)]
pub(crate) struct Plan {
    limit: Limit,
    offset: Offset,
    last: Option<Glimpse>,
}

/// Where a page leads.
#[derive(Debug)]
pub(crate) enum Step {
    /// To the page that starts there.
    At(Offset),
    /// It is the last one.
    End,
    /// It is the last one that can be read, though the list goes on.
    Beyond(Error),
    /// It is the page before it again, and its items are not to be handed out.
    Repeated(Error),
}

impl Plan {
    pub(crate) fn new(limit: Limit, offset: Offset) -> Self {
        Self { limit, offset, last: None }
    }

    /// Takes note of a page, and says where it leads.
    pub(crate) fn accept(&mut self, page: Glimpse) -> Step {
        if page.received == 0 {
            return Step::End;
        }
        if self.last.as_ref().is_some_and(|last| last.ends == page.ends && last.received == page.received) {
            return Step::Repeated(Error::paging(format!(
                "the list does not advance: offset {} gave the page before it again",
                self.offset.get(),
            )));
        }
        let reached = u64::from(self.offset.get()).saturating_add(page.received as u64);
        let full = page.received as u64 >= u64::from(self.limit.get());
        let total_reached = page.total.is_some_and(|total| reached >= total);
        self.last = Some(page);
        if total_reached && !full {
            return Step::End;
        }
        match Offset::try_from(reached) {
            Ok(offset) => {
                self.offset = offset;
                Step::At(offset)
            }
            Err(_) => Step::Beyond(Error::paging(format!(
                "the list goes on at offset {reached}, and the service lists none beyond {}; delete records \
                 that are done with to see the others",
                Offset::MAX.get(),
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(total: Option<u64>, ids: std::ops::Range<usize>) -> Glimpse {
        let id = |n: usize| TaskId::new(format!("t-{n}")).unwrap();
        let ends = (!ids.is_empty()).then(|| (id(ids.start), id(ids.end - 1)));
        Glimpse { total, received: ids.len(), ends }
    }

    fn plan(limit: u32, offset: u32) -> Plan {
        Plan::new(Limit::new(limit).unwrap(), Offset::new(offset).unwrap())
    }

    /// `end`, the next offset, or the beginning of the error.
    fn walk(plan: &mut Plan, pages: impl IntoIterator<Item = Glimpse>) -> Vec<String> {
        pages
            .into_iter()
            .map(|page| match plan.accept(page) {
                Step::At(offset) => offset.get().to_string(),
                Step::End => "end".into(),
                Step::Beyond(error) => error.to_string()[..27].into(),
                Step::Repeated(error) => error.to_string()[..26].into(),
            })
            .collect()
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
                    Step::At(next) => {
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
