//! Walks along lists that are long, that shift, and that break off.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use bytes::Bytes;
use http::{Response, StatusCode};
use kps_model::{Limit, ListFailedTask, ListKeypairs, ProjectId, from_json, to_json};
use proptest::prelude::*;

use crate::{
    Bookmark, Builder, Client, Credentials, Error, ErrorKind, Failure, Items, Paged, Prepared, Retries,
    Shifts, blocking,
};

/// What the total of a list by offset counts.
#[derive(Clone, Copy, Debug)]
enum Total {
    All,
    Page,
    Nothing,
}

/// A list, and what happens to it.
#[derive(Clone, Debug)]
struct List {
    ids: Vec<u32>,
    total: Total,
    /// The most items the service puts on a page.
    most: usize,
    /// Calls are refused from this one on.
    refused_from: usize,
    /// What is taken off the list, as places, one before each call.
    taken: Vec<usize>,
    /// How many items come to the front of the list, one before each call.
    added: usize,
    /// How many calls were made, and how many were answered.
    made: usize,
    calls: usize,
}

fn list(count: u32, total: Total, most: usize) -> List {
    let (refused_from, taken, added) = (usize::MAX, Vec::new(), 0);
    List { ids: (0..count).collect(), total, most, refused_from, taken, added, made: 0, calls: 0 }
}

fn parameter(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}

fn number(query: &str, name: &str, default: usize) -> usize {
    parameter(query, name).map_or(default, |value| value.parse().unwrap())
}

impl List {
    fn answer(&mut self, request: &Prepared) -> Response<Bytes> {
        self.calls += 1;
        if self.calls > self.refused_from {
            let mut refusal = Response::new(r#"{"error_code":"KPS.9003","error_msg":"no"}"#.into());
            *refusal.status_mut() = StatusCode::FORBIDDEN;
            return refusal;
        }
        if let Some(place) = self.taken.pop()
            && !self.ids.is_empty()
        {
            self.ids.remove(place % self.ids.len());
        }
        if self.added > 0 {
            self.added -= 1;
            self.ids.insert(0, 1_000_000 + u32::try_from(self.added).unwrap());
        }
        let query = request.uri().query().unwrap_or_default();
        let page = if request.uri().path().ends_with("failed-tasks") {
            self.by_offset(query)
        } else {
            self.by_marker(query)
        };
        Response::new(page.into())
    }

    fn by_offset(&self, query: &str) -> String {
        let limit = number(query, "limit", 1000).min(self.most);
        let offset = number(query, "offset", 0).min(self.ids.len());
        let ids = &self.ids[offset..(offset + limit).min(self.ids.len())];
        let tasks: Vec<String> = ids.iter().map(|id| format!(r#"{{"task_id":"t-{id}"}}"#)).collect();
        let total = match self.total {
            Total::All => self.ids.len().to_string(),
            Total::Page => ids.len().to_string(),
            Total::Nothing => "null".to_owned(),
        };
        format!(r#"{{"total":{total},"tasks":[{}]}}"#, tasks.join(","))
    }

    /// Sorted by name; a marker is the name of the last item of the page before.
    fn by_marker(&self, query: &str) -> String {
        let mut names: Vec<String> = self.ids.iter().map(|id| format!("t-{id:08}")).collect();
        names.sort_unstable();
        let marker = parameter(query, "marker").unwrap_or_default();
        let behind: Vec<&String> = names.iter().filter(|name| **name > marker).collect();
        let page = &behind[..behind.len().min(self.most)];
        let next = if behind.len() > page.len() { page.last().unwrap().as_str() } else { "" };
        let items: Vec<String> =
            page.iter().map(|name| format!(r#"{{"keypair":{{"name":"{name}"}}}}"#)).collect();
        format!(r#"{{"keypairs":[{}],"page_info":{{"next_marker":"{next}"}}}}"#, items.join(","))
    }
}

fn on_site<C>(builder: Builder<C>) -> Builder<C> {
    builder
        .endpoint("https://kms.example.com")
        .credentials(Credentials::access_key("AK", "SK"))
        .project_id(ProjectId::new("0a1b").unwrap())
        .retries(Retries::none())
}

#[derive(Clone, Copy, Debug)]
enum Colour {
    Blocking,
    Awaited,
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Failure>> + Send>>;

/// A client of the list. Of those that are awaited, answers come in another order than they are asked for.
fn client(list: &Arc<Mutex<List>>, colour: Colour) -> Client {
    let list = list.clone();
    match colour {
        Colour::Blocking => {
            let transport = move |request: Prepared| {
                let mut list = list.lock().unwrap();
                list.made += 1;
                Ok(list.answer(&request))
            };
            on_site(blocking::Client::builder(transport)).build().unwrap().into_inner()
        }
        Colour::Awaited => {
            let calls = AtomicUsize::new(0);
            let transport = move |request: Prepared| -> Answer {
                let mut naps = calls.fetch_add(1, Ordering::SeqCst) * 7 % 5;
                let list = list.clone();
                list.lock().unwrap().made += 1;
                Box::pin(async move {
                    poll_fn(|context| {
                        naps = naps.saturating_sub(1);
                        context.waker().wake_by_ref();
                        if naps == 0 { Poll::Ready(()) } else { Poll::Pending }
                    })
                    .await;
                    Ok(list.lock().unwrap().answer(&request))
                })
            };
            on_site(Client::builder(transport)).build().unwrap()
        }
    }
}

/// What came of a walk.
struct Walk {
    ids: Vec<String>,
    error: Option<Error>,
    /// Where one goes on, as it was stored.
    bookmark: Option<Vec<u8>>,
    shifts: Shifts,
}

/// Walks along a list, up to so many items, from a bookmark if there is one.
fn walk<O: Paged>(items: Items<O>, most: usize, from: Option<&[u8]>) -> Walk {
    let mut items = match from {
        Some(stored) => items.resume(&from_json::<Bookmark>(stored).unwrap()).unwrap(),
        None => items,
    };
    let (mut ids, mut error) = (Vec::new(), None);
    while ids.len() < most {
        match pollster::block_on(items.next()) {
            Some(Ok(item)) => ids.push(O::id(&item).to_owned()),
            Some(Err(one)) => error = Some(one),
            None => break,
        }
    }
    let ended = ids.len() < most;
    if ended {
        assert!(pollster::block_on(items.next()).is_none(), "it stays at its end");
    }
    let bookmark = items.bookmark().map(|bookmark| to_json(&bookmark).unwrap());
    Walk { ids, error, bookmark, shifts: items.shifts() }
}

fn by_offset(client: &Client, limit: u32, window: usize) -> Items<ListFailedTask> {
    client.items(ListFailedTask::new().with_limit(Limit::new(limit).unwrap())).with_window(window)
}

fn by_marker(client: &Client) -> Items<ListKeypairs> {
    client.items(ListKeypairs::new())
}

fn ids(ids: impl IntoIterator<Item = u32>) -> Vec<String> {
    ids.into_iter().map(|id| format!("t-{id}")).collect()
}

fn names(ids: impl IntoIterator<Item = u32>) -> Vec<String> {
    ids.into_iter().map(|id| format!("t-{id:08}")).collect()
}

fn colours() -> impl Strategy<Value = Colour> {
    prop_oneof![Just(Colour::Blocking), Just(Colour::Awaited)]
}

fn totals() -> impl Strategy<Value = Total> {
    prop_oneof![3 => Just(Total::All), 1 => Just(Total::Page), 1 => Just(Total::Nothing)]
}

/// Takes out what is there twice, but for the first time.
fn once(ids: &[String]) -> Vec<String> {
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

/// Takes so many items of a list that stands still, and tells how many calls that took.
fn calls_for(
    count: u32,
    items: impl FnOnce(&Client) -> Items<ListFailedTask>,
    most: usize,
    colour: Colour,
) -> usize {
    let list = Arc::new(Mutex::new(list(count, Total::All, 1000)));
    let walk = walk(items(&client(&list, colour)), most, None);
    assert_eq!(walk.ids, ids(0..count.min(u32::try_from(most).unwrap())));
    list.lock().unwrap().made
}

#[test]
fn no_more_pages_are_asked_for_than_there_is_room_for() {
    // The first page is alone; the others follow so many at once, and the next one when the first of them is taken.
    for (taken, window, calls) in [(10, 8, 1), (11, 8, 9), (20, 8, 9), (21, 8, 10), (11, 1, 2), (11, 99, 17)]
    {
        let taking = |client: &Client| by_offset(client, 10, window);
        assert_eq!(calls_for(1000, taking, taken, Colour::Awaited), calls, "{taken} items, window {window}");
        // A thread that has not begun yet does nothing.
        assert!(calls_for(1000, taking, taken, Colour::Blocking) <= calls, "{taken} items, window {window}");
    }
}

#[test]
fn who_says_how_many_are_wanted_gets_no_more_and_pays_for_no_more() {
    for colour in [Colour::Awaited, Colour::Blocking] {
        for (wanted, calls) in [(0, 0), (1, 1), (10, 1), (11, 2), (35, 4), (100, 10)] {
            let list = Arc::new(Mutex::new(list(1000, Total::All, 1000)));
            let items = by_offset(&client(&list, colour), 10, 8).with_max_items(wanted);
            let walk = walk(items, usize::MAX, None);
            assert_eq!(walk.ids, ids(0..u32::try_from(wanted).unwrap()));
            assert_eq!(list.lock().unwrap().made, calls, "{wanted} of 1000");
            let bookmark = walk.bookmark.expect("the list goes on");
            let rest = self::walk(by_offset(&client(&list, colour), 10, 1), 3, Some(&bookmark));
            let wanted = u32::try_from(wanted).unwrap();
            assert_eq!(rest.ids, ids(wanted..wanted + 3));
        }
    }
}

#[test]
fn a_filter_is_asked_before_items_are_counted() {
    let list = Arc::new(Mutex::new(list(1000, Total::All, 1000)));
    let client = client(&list, Colour::Blocking);
    let every_hundredth = |task: &kps_model::FailedTask| task.task_id.as_str().ends_with("00");
    let items = by_offset(&client, 10, 4).with_filter(every_hundredth).with_max_items(3);
    let first = walk(items, usize::MAX, None);
    assert_eq!(first.ids, ids([100, 200, 300]));
    let items = by_offset(&client, 10, 4).with_filter(every_hundredth);
    let second = walk(items, usize::MAX, first.bookmark.as_deref());
    assert_eq!(second.ids, ids([400, 500, 600, 700, 800, 900]));
}

#[test]
fn to_drop_a_reader_is_to_give_up_the_pages_under_way() {
    let dropped = Arc::new(AtomicUsize::new(0));
    struct Guard(Arc<AtomicUsize>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let (noted, calls) = (dropped.clone(), AtomicUsize::new(0));
    let transport = move |_: Prepared| -> Answer {
        let (first, guard) = (calls.fetch_add(1, Ordering::SeqCst) == 0, Guard(noted.clone()));
        Box::pin(async move {
            if !first {
                std::future::pending::<()>().await;
            }
            drop(guard);
            Ok(Response::new(r#"{"total":90,"tasks":[{"task_id":"t-0"}]}"#.into()))
        })
    };
    let client = on_site(Client::builder(transport)).build().unwrap();
    let mut items = by_offset(&client, 1, 8);
    assert!(pollster::block_on(items.next()).unwrap().is_ok());
    assert!(poll_once(items.next()).is_none(), "the others never come");
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    drop(items);
    assert_eq!(dropped.load(Ordering::SeqCst), 9);
}

fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

#[test]
fn while_the_service_throttles_pages_are_asked_for_one_by_one() {
    let under_way = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(Mutex::new(Vec::new()));
    let (counted, noted, calls) = (under_way, most.clone(), AtomicUsize::new(0));
    let pages = Arc::new(Mutex::new(list(200, Total::All, 1000)));
    let transport = move |request: Prepared| -> Answer {
        let call = calls.fetch_add(1, Ordering::SeqCst);
        let beside = counted.fetch_add(1, Ordering::SeqCst);
        noted.lock().unwrap().push(beside);
        let (counted, pages, mut naps) = (counted.clone(), pages.clone(), 3);
        Box::pin(async move {
            poll_fn(|context| {
                naps -= 1;
                context.waker().wake_by_ref();
                if naps == 0 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            counted.fetch_sub(1, Ordering::SeqCst);
            if call == 9 {
                let mut refusal = Response::new(r#"{"error_code":"APIGW.0308","error_msg":"slow"}"#.into());
                *refusal.status_mut() = StatusCode::TOO_MANY_REQUESTS;
                return Ok(refusal);
            }
            Ok(pages.lock().unwrap().answer(&request))
        })
    };
    // The clock stands still, so the throttling does not pass.
    let clock = || std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_775_032_200);
    let client = on_site(Client::builder((transport, clock))).retries(Retries::default()).build().unwrap();
    let walk = walk(by_offset(&client, 5, 4), usize::MAX, None);
    assert_eq!(walk.ids, ids(0..200), "{:?}", walk.error);
    let beside = most.lock().unwrap().clone();
    assert_eq!(beside[1..9].iter().max(), Some(&3), "{beside:?}");
    assert_eq!(beside[14..].iter().max(), Some(&0), "{beside:?}");
}

#[test]
fn a_bookmark_of_another_list_is_refused() {
    let list = Arc::new(Mutex::new(list(9, Total::All, 1000)));
    let client = client(&list, Colour::Blocking);
    let bookmark = by_marker(&client).bookmark().unwrap();
    let error = by_offset(&client, 5, 1).resume(&bookmark).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(error.to_string(), "ListFailedTask: the bookmark is of ListKeypairs");
    let mut items = by_offset(&client, 5, 1);
    assert!(pollster::block_on(items.next()).unwrap().is_ok());
    let bookmark = items.bookmark().unwrap();
    assert_eq!(
        String::from_utf8(to_json(&bookmark).unwrap()).unwrap(),
        r#"{"list":"ListFailedTask","page":{"offset":0},"item":{"before":"t-1"}}"#,
    );
    let error = client.pages(ListFailedTask::new()).resume(&bookmark).unwrap_err();
    assert!(error.to_string().contains("lies within a page"), "{error}");
}

#[test]
fn pages_too_go_on_where_they_were() {
    for colour in [Colour::Blocking, Colour::Awaited] {
        let list = Arc::new(Mutex::new(list(95, Total::All, 1000)));
        let client = client(&list, colour);
        let pages = || client.pages(ListFailedTask::new().with_limit(Limit::new(10).unwrap())).with_window(3);
        let (mut came, mut bookmark) = (Vec::new(), pages().bookmark());
        while let Some(from) = bookmark {
            let mut pages = pages().resume(&from).unwrap();
            let Some(page) = pollster::block_on(pages.next()) else { break };
            came.extend(page.unwrap().tasks.into_iter().map(|task| task.task_id.to_string()));
            bookmark = pages.bookmark();
        }
        assert_eq!(came, ids(0..95));
    }
}

#[cfg(feature = "stream")]
#[test]
fn lists_are_streams() {
    use futures_util::{StreamExt as _, TryStreamExt as _};

    let list = Arc::new(Mutex::new(list(95, Total::All, 1000)));
    let client = client(&list, Colour::Awaited);
    let items =
        by_offset(&client, 10, 3).map_ok(|task| task.task_id.to_string()).take(50).try_collect::<Vec<_>>();
    assert_eq!(pollster::block_on(items).unwrap(), ids(0..50));
    let pages = client.pages(ListFailedTask::new().with_limit(Limit::new(10).unwrap()));
    assert_eq!(pollster::block_on(pages.count()), 10);
}

#[test]
fn a_page_that_is_alone_is_asked_for_on_the_thread_that_waits_for_it() {
    for (count, alone, beside) in [(3, 1, 0), (10, 2, 0), (25, 1, 2), (30, 1, 3)] {
        let (state, threads) = (Mutex::new(list(count, Total::All, 10)), Arc::new(Mutex::new(Vec::new())));
        let noted = threads.clone();
        let builder = blocking::Client::builder(move |request: Prepared| {
            noted.lock().unwrap().push(std::thread::current().id());
            Ok(state.lock().unwrap().answer(&request))
        });
        let kps = builder
            .endpoint("https://kms.example.com")
            .credentials(Credentials::access_key("AK", "SK"))
            .project_id(ProjectId::new("0a1b").unwrap())
            .build()
            .unwrap();
        let request = ListFailedTask::new().with_limit(Limit::new(10).unwrap());
        assert_eq!(kps.items(request).with_window(4).map(Result::unwrap).count(), count as usize);
        let here = std::thread::current().id();
        let threads = threads.lock().unwrap();
        let of_here = threads.iter().filter(|thread| **thread == here).count();
        assert_eq!((of_here, threads.len() - of_here), (alone, beside), "{count}");
    }
}
