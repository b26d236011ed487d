//! Lists of any length that stand still, shift or break off.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::{Colour, Total, by_marker, by_offset, client, ids, list, names, walk};
use crate::ErrorKind;

fn colours() -> impl Strategy<Value = Colour> {
    prop_oneof![Just(Colour::Blocking), Just(Colour::Awaited)]
}

fn totals() -> impl Strategy<Value = Total> {
    prop_oneof![3 => Just(Total::All), 1 => Just(Total::Page), 1 => Just(Total::Nothing)]
}

/// Takes out what is there twice, but for the first time.
pub(crate) fn once(ids: &[String]) -> Vec<String> {
    let mut once = Vec::new();
    for id in ids {
        if !once.contains(id) {
            once.push(id.clone());
        }
    }
    once
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_list_that_stands_still_is_read_whole_and_in_order(
        count in 0_u32..300, total in totals(), most in 1_usize..60, limit in 1_u32..60, window in 0_usize..20,
        colour in colours(),
    ) {
        // A page that is not full and counts itself says that the list ends there.
        prop_assume!(!matches!(total, Total::Page) || most >= limit as usize);
        let list = Arc::new(Mutex::new(list(count, total, most)));
        let walk = walk(by_offset(&client(&list, colour), limit, window), usize::MAX, None);
        prop_assert!(walk.error.is_none(), "{:?}", walk.error);
        prop_assert_eq!(walk.ids, ids(0..count));
        prop_assert!(walk.shifts.is_none() && walk.bookmark.is_none());
        // Besides the pages there are a look more, and those that were asked for at once behind the last.
        let pages = (count as usize).div_ceil(most.min(limit as usize)) + 1;
        prop_assert!(list.lock().unwrap().made <= pages + window);
    }

    #[test]
    fn where_a_list_breaks_off_all_before_was_handed_out_and_a_bookmark_leads_on(
        count in 1_u32..300, limit in 1_u32..60, window in 1_usize..17, good in 0_usize..8, colour in colours(),
    ) {
        let mut broken = list(count, Total::All, 1000);
        broken.refused_from = good;
        let list = Arc::new(Mutex::new(broken));
        let client = client(&list, colour);
        let first = walk(by_offset(&client, limit, window), usize::MAX, None);
        list.lock().unwrap().refused_from = usize::MAX;
        let Some(error) = first.error else {
            prop_assert_eq!(first.ids, ids(0..count));
            return Ok(());
        };
        prop_assert_eq!(error.kind(), ErrorKind::Service);
        // Answers come in any order, so which page was refused nobody knows; none behind it was handed out.
        prop_assert_eq!(first.ids.len() % limit as usize, 0);
        let second = walk(by_offset(&client, limit, window), usize::MAX, first.bookmark.as_deref());
        prop_assert_eq!([first.ids, second.ids].concat(), ids(0..count));
    }

    #[test]
    fn a_reader_goes_on_where_another_was(
        count in 1_u32..200, limit in 1_u32..40, window in 1_usize..17, cut in 0_usize..220, colour in colours(),
    ) {
        let list = Arc::new(Mutex::new(list(count, Total::All, limit as usize)));
        let client = client(&list, colour);
        let first = walk(by_offset(&client, limit, window), cut, None);
        let second = first.bookmark.map(|from| walk(by_offset(&client, limit, window), usize::MAX, Some(&from)));
        let rest = second.map(|walk| walk.ids).unwrap_or_default();
        prop_assert_eq!([first.ids, rest].concat(), ids(0..count));

        let first = walk(by_marker(&client), cut, None);
        let second = first.bookmark.map(|from| walk(by_marker(&client), usize::MAX, Some(&from)));
        let rest = second.map(|walk| walk.ids).unwrap_or_default();
        prop_assert_eq!([first.ids, rest].concat(), names(0..count));
    }

    #[test]
    fn a_reader_who_goes_on_passes_over_nothing_whatever_was_deleted_meanwhile(
        count in 1_u32..200, limit in 1_u32..40, window in 1_usize..17, cut in 0_usize..220, colour in colours(),
        deleted in proptest::collection::vec(0_usize..200, 0..150),
    ) {
        let list = Arc::new(Mutex::new(list(count, Total::All, limit as usize)));
        let client = client(&list, colour);
        let first = walk(by_offset(&client, limit, window), cut, None);
        let named = walk(by_marker(&client), cut, None);
        let there: Vec<u32> = {
            let mut list = list.lock().unwrap();
            for place in deleted {
                let length = list.ids.len();
                if length > 0 {
                    list.ids.remove(place % length);
                }
            }
            list.ids.clone()
        };
        let second = first.bookmark.map(|from| walk(by_offset(&client, limit, window), usize::MAX, Some(&from)));
        if let Some(second) = second {
            prop_assert_eq!(once(&second.ids), second.ids.clone());
            let came = once(&[first.ids, second.ids].concat());
            prop_assert!(ids(there.clone()).iter().all(|id| came.contains(id)), "{:?} of {:?}", came, there);
        }
        let second = named.bookmark.map(|from| walk(by_marker(&client), usize::MAX, Some(&from)));
        if let Some(second) = second {
            let came = once(&[named.ids, second.ids].concat());
            prop_assert!(names(there.clone()).iter().all(|id| came.contains(id)), "{:?} of {:?}", came, there);
        }
    }

    #[test]
    fn what_is_added_before_makes_nothing_come_twice(
        count in 0_u32..300, limit in 20_u32..60, window in 1_usize..17, added in 0_usize..20, colour in colours(),
    ) {
        let mut growing = list(count, Total::All, 1000);
        growing.added = added;
        let list = Arc::new(Mutex::new(growing));
        let walk = walk(by_offset(&client(&list, colour), limit, window), usize::MAX, None);
        prop_assert_eq!(once(&walk.ids), walk.ids.clone());
        let missed = ids(0..count).iter().filter(|id| !walk.ids.contains(id)).count();
        // Of pages asked for at once, a later one may be older, and its total is then smaller.
        prop_assert!(missed as u64 <= walk.shifts.passed_over, "{} of {:?}", missed, walk.shifts);
        prop_assert!(window > 1 || walk.shifts.passed_over == 0);
    }

    #[test]
    fn what_is_taken_off_is_reported(
        count in 1_u32..300, limit in 1_u32..60, window in 1_usize..17, colour in colours(),
        taken in proptest::collection::vec(0_usize..300, 0..12),
    ) {
        let mut shrinking = list(count, Total::All, 1000);
        shrinking.taken = taken;
        let list = Arc::new(Mutex::new(shrinking));
        let walk = walk(by_offset(&client(&list, colour), limit, window), usize::MAX, None);
        prop_assert!(walk.error.is_none(), "{:?}", walk.error);
        prop_assert_eq!(once(&walk.ids), walk.ids.clone());
        let there = ids(list.lock().unwrap().ids.clone());
        let missed = there.iter().filter(|id| !walk.ids.contains(id)).count();
        prop_assert!(missed as u64 <= walk.shifts.passed_over, "{} of {:?}", missed, walk.shifts);
    }
}
