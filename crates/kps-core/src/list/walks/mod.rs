//! Walks along lists that are long, that shift, and that break off.

mod calls;
mod random;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use bytes::Bytes;
use http::{Response, StatusCode};
use kps_model::{Limit, ListFailedTask, ListKeypairs, ProjectId, from_json, to_json};

use crate::{
    Bookmark, Builder, Client, Credentials, Error, Failure, Items, Paged, Prepared, Retries, Shifts, blocking,
};

/// What the total of a list by offset counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Total {
    All,
    Page,
    Nothing,
}

/// A list, and what happens to it.
#[derive(Clone, Debug)]
pub(crate) struct List {
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

pub(crate) fn list(count: u32, total: Total, most: usize) -> List {
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

pub(crate) fn on_site<C>(builder: Builder<C>) -> Builder<C> {
    builder
        .endpoint("https://kms.example.com")
        .credentials(Credentials::access_key("AK", "SK"))
        .project_id(ProjectId::new("0a1b").unwrap())
        .retries(Retries::none())
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Colour {
    Blocking,
    Awaited,
}

pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Failure>> + Send>>;

/// A client of the list. Of those that are awaited, answers come in another order than they are asked for.
pub(crate) fn client(list: &Arc<Mutex<List>>, colour: Colour) -> Client {
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
pub(crate) struct Walk {
    ids: Vec<String>,
    error: Option<Error>,
    /// Where one goes on, as it was stored.
    bookmark: Option<Vec<u8>>,
    shifts: Shifts,
}

/// Walks along a list, up to so many items, from a bookmark if there is one.
pub(crate) fn walk<O: Paged>(items: Items<O>, most: usize, from: Option<&[u8]>) -> Walk {
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

pub(crate) fn by_offset(client: &Client, limit: u32, window: usize) -> Items<ListFailedTask> {
    client.items(ListFailedTask::new().with_limit(Limit::new(limit).unwrap())).with_window(window)
}

pub(crate) fn by_marker(client: &Client) -> Items<ListKeypairs> {
    client.items(ListKeypairs::new())
}

pub(crate) fn ids(ids: impl IntoIterator<Item = u32>) -> Vec<String> {
    ids.into_iter().map(|id| format!("t-{id}")).collect()
}

pub(crate) fn names(ids: impl IntoIterator<Item = u32>) -> Vec<String> {
    ids.into_iter().map(|id| format!("t-{id:08}")).collect()
}
