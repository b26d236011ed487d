//! What lists do, whatever the service says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Response;
use kps_model::{Limit, ListFailedTask, ListKeypairs, ProjectId};

use crate::{Builder, Client, Credentials, Error, ErrorKind, Paged, Prepared, blocking};

/// What a service says to the call of this number with this query.
type Service = fn(usize, &str) -> String;

/// How many calls were made, how many items came, and the error at the end.
type Walk = (usize, usize, Option<Error>);

/// The same, with what the error says.
type Expected = (usize, usize, Option<&'static str>);

fn on_site<C>(builder: Builder<C>) -> Builder<C> {
    builder
        .endpoint("https://kms.example.com")
        .credentials(Credentials::access_key("AK", "SK"))
        .project_id(ProjectId::new("0a1b").unwrap())
}

fn answer(service: Service, calls: &AtomicUsize, request: &Prepared) -> Response<bytes::Bytes> {
    let call = calls.fetch_add(1, Ordering::SeqCst);
    Response::new(service(call, request.uri().query().unwrap_or_default()).into())
}

/// The first items of a list in both colours.
fn walks<O: Paged>(service: Service, operation: &O, most: usize) -> [Walk; 2] {
    let calls = Arc::new(AtomicUsize::new(0));
    let heard = calls.clone();
    let transport = move |request: Prepared| Ok(answer(service, &heard, &request));
    let client = on_site(blocking::Client::builder(transport)).build().unwrap();
    let taken = client.items(operation.clone()).take(most);
    let blocking = sum(&calls, taken.collect());

    let calls = Arc::new(AtomicUsize::new(0));
    let heard = calls.clone();
    let transport = move |request: Prepared| {
        let answer = answer(service, &heard, &request);
        async move { Ok(answer) }
    };
    let client = on_site(Client::builder(transport)).build().unwrap();
    let mut items = client.items(operation.clone());
    let taken = std::iter::from_fn(|| pollster::block_on(items.next())).take(most);
    let awaited = sum(&calls, taken.collect());
    [blocking, awaited]
}

fn sum<T>(calls: &AtomicUsize, items: Vec<Result<T, Error>>) -> Walk {
    let count = items.iter().filter(|item| item.is_ok()).count();
    (calls.load(Ordering::SeqCst), count, items.into_iter().find_map(Result::err))
}

fn assert_walk<O: Paged>(what: &str, walks: [Walk; 2], (calls, items, reason): Expected) {
    for (called, listed, error) in walks {
        assert_eq!((called, listed), (calls, items), "{what}: {error:?}");
        assert_eq!(error.is_some(), reason.is_some(), "{what}: {error:?}");
        let (Some(error), Some(reason)) = (error, reason) else { continue };
        assert_eq!(error.kind(), ErrorKind::Paging, "{what}");
        assert_eq!(error.operation(), Some(O::META.name), "{what}");
        let text = error.to_string();
        assert!(text.contains(reason) && text.len() < 500, "{what}: {text}");
    }
}

fn number(query: &str, name: &str) -> usize {
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    value.map_or(0, |value| value.parse().unwrap())
}

fn tasks(total: impl std::fmt::Display, ids: std::ops::Range<usize>) -> String {
    let tasks: Vec<String> = ids.map(|id| format!(r#"{{"task_id":"t-{id}"}}"#)).collect();
    format!(r#"{{"total":{total},"tasks":[{}]}}"#, tasks.join(","))
}

/// Of five tasks, those of a page of two.
fn of_five(total: impl std::fmt::Display, query: &str) -> String {
    let offset = number(query, "offset");
    tasks(total, offset.min(5)..(offset + 2).min(5))
}

const TOO_FAR: Option<&str> = Some("and the service lists none beyond 100000");
const AGAIN: Option<&str> = Some("gave the page before it again");
const CIRCLES: Option<&str> = Some("the list goes in circles");
const EMPTY: Option<&str> = Some("100 pages in a row were empty");

#[test]
fn a_list_by_offset_ends_whatever_the_service_says() {
    let cases: [(&str, Service, Expected); 9] = [
        ("total is 0", |_, query| of_five(0, query), (3, 5, None)),
        ("total is the greatest number", |_, query| of_five(u64::MAX, query), (4, 5, None)),
        ("total is beyond all numbers", |_, query| of_five("1180591620717411303424", query), (4, 5, None)),
        ("total is negative", |_, query| of_five(-1, query), (4, 5, None)),
        ("total is too small", |_, query| of_five(1, query), (3, 5, None)),
        (
            "the list and its total grow for ever, in pages far larger than asked for",
            |call, query| tasks(call + 1_000_000, number(query, "offset")..number(query, "offset") + 20_000),
            (6, 120_000, TOO_FAR),
        ),
        ("the offset is ignored", |_, _| tasks(9, 0..2), (2, 2, AGAIN)),
        ("the offset is ignored, and nothing is stated", |_, _| tasks("null", 0..2), (2, 2, AGAIN)),
        (
            "two pages in turns",
            |call, _| tasks("null", call % 2 * 20_000..(call % 2 + 1) * 20_000),
            (6, 120_000, TOO_FAR),
        ),
    ];
    let operation = ListFailedTask::new().with_limit(Limit::new(2).unwrap());
    for (what, service, expected) in cases {
        assert_walk::<ListFailedTask>(what, walks(service, &operation, usize::MAX), expected);
    }
}

fn page(item: Option<usize>, next: impl std::fmt::Display) -> String {
    let item = item.map(|item| format!(r#"{{"keypair":{{"name":"k-{item}"}}}}"#)).unwrap_or_default();
    format!(r#"{{"keypairs":[{item}],"page_info":{{"next_marker":"{next}"}}}}"#)
}

#[test]
fn a_list_by_markers_ends_whatever_the_service_says() {
    let cases: [(&str, Service, Expected); 10] = [
        ("the same marker for ever", |call, _| page(Some(call), 1), (2, 2, CIRCLES)),
        ("a circle of two", |call, _| page(Some(call), call % 2), (3, 3, CIRCLES)),
        ("a circle of three", |call, _| page(Some(call), call % 3), (4, 4, CIRCLES)),
        ("a circle of a thousand", |call, _| page(Some(call), call % 1000), (1001, 1001, CIRCLES)),
        ("the same page for ever", |call, _| page(Some(0), call), (2, 1, AGAIN)),
        ("the same marker on empty pages", |_, _| page(None, 1), (2, 0, None)),
        ("empty pages for ever", |call, _| page(None, call), (100, 0, EMPTY)),
        (
            "an item, and empty pages for ever",
            |call, _| page((call == 0).then_some(0), call),
            (101, 1, EMPTY),
        ),
        (
            "few items between many empty pages",
            |call, _| {
                let next = if call < 500 { call.to_string() } else { String::new() };
                page((call % 100 == 0).then_some(call), next)
            },
            (501, 6, None),
        ),
        ("a list without end, of which some is taken", |call, _| page(Some(call), call), (3000, 3000, None)),
    ];
    for (what, service, expected) in cases {
        assert_walk::<ListKeypairs>(what, walks(service, &ListKeypairs::new(), 3000), expected);
    }
}

#[test]
fn a_marker_that_no_address_holds_is_an_error() {
    let service: Service = |call, _| page(Some(call), "x".repeat(1_000_000));
    for (calls, items, error) in walks(service, &ListKeypairs::new(), usize::MAX) {
        let error = error.unwrap();
        assert_eq!((calls, items, error.kind()), (1, 1, ErrorKind::Input), "{error}");
        assert!(error.to_string().len() < 500);
    }
}
