//! How many calls a walk makes, and how it is given up and gone on with.

use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use http::{Response, StatusCode};
use kps_model::{Limit, ListFailedTask, ProjectId, to_json};

use super::{Answer, Colour, Total, by_marker, by_offset, client, ids, list, on_site, walk};
use crate::{Client, Credentials, ErrorKind, Items, Prepared, Retries, blocking};

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
