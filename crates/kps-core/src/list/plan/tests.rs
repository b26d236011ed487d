//! Where pages lead, whatever they hold.

use proptest::prelude::*;

use super::*;

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
        let glimpse = Glimpse::Offset { limit: *limit, offset: *offset, total, received: ids.len(), ends };
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
            vec![page(Some(12), 0..10), page(Some(30), 10..20), page(Some(30), 20..30), page(Some(30), 0..0)],
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
