//! The same list of several projects and regions.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll};

use crate::flight::{Flight, Job};
use crate::{Client, Error, Items, Paged, Shifts};

/// How many lists are read at once, if nothing is said.
const AT_ONCE: usize = 4;

/// The same list of several clients, each of a project and region: one after the other, in the order of the clients, while
/// the next ones are read already.
///
/// One that cannot be read does not hide the others. To drop it is to give up what is under way.
///
/// ```
/// use kps_core::{ListFailedTask, Lists};
/// # use kps_core::*;
///
/// # let client = |endpoint: &str| {
/// #     let transport = |request: Prepared| async move {
/// #         let allowed = request.uri().host() == Some("kms.cn-north-4.myhuaweicloud.com");
/// #         let mut answer = http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into());
/// #         if !allowed { *answer.status_mut() = http::StatusCode::FORBIDDEN; }
/// #         Ok(answer)
/// #     };
/// #     Client::builder(transport).endpoint(endpoint)
/// #         .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap()
/// # };
/// # pollster::block_on(async {
/// # let beijing = client("https://kms.cn-north-4.myhuaweicloud.com");
/// # let hongkong = client("https://kms.ap-southeast-1.myhuaweicloud.com");
/// let clients = [("cn-north-4", beijing), ("ap-southeast-1", hongkong)];
/// let mut lists = Lists::new(clients, |kps| kps.items(ListFailedTask::new()));
/// while let Some(list) = lists.next().await {
///     match list.error {
///         None => assert_eq!((list.tag, list.items.len()), ("cn-north-4", 1)),
///         Some(error) => assert!(list.tag == "ap-southeast-1" && error.is_forbidden()),
///     }
/// }
/// # });
/// ```
#[must_use = "nothing is asked for before the first list is"]
pub struct Lists<T, O: Paged> {
    waiting: VecDeque<(T, Client, Items<O>)>,
    under_way: Flight<Listed<T, O::Item>>,
    at_once: usize,
}

/// A list of a project and region, as far as it could be read.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::builder().status(403).body("{}".into()).unwrap());
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let lists = blocking::Lists::new([("cn-north-4", kps)], |kps| kps.items(ListFailedTask::new()));
/// for list in lists {
///     let (tag, tasks) = (list.tag, list.items.len());
///     let error = list.whole().unwrap_err(); // what was read before the error does not pass for all
///     assert_eq!((tag, tasks, error.status()), ("cn-north-4", 0, Some(403)));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Listed<T, I> {
    /// What its client was marked with.
    pub tag: T,
    /// The items: all, or those before the error.
    pub items: Vec<I>,
    /// Why it could not be read to its end.
    pub error: Option<Error>,
    /// How it shifted while it was read.
    pub shifts: Shifts,
}

impl<T, I> Listed<T, I> {
    /// The items, if they are all.
    ///
    /// # Errors
    ///
    /// Why the list could not be read to its end.
    pub fn whole(self) -> Result<Vec<I>, Error> {
        match self.error {
            None => Ok(self.items),
            Some(error) => Err(error),
        }
    }
}

impl<T: Send + 'static, O: Paged<Item: 'static>> Lists<T, O> {
    /// The list of each client, which is marked to be told from the others: with a region's name, say.
    pub fn new(clients: impl IntoIterator<Item = (T, Client)>, list: impl Fn(&Client) -> Items<O>) -> Self {
        let with_list = |(tag, client)| {
            let items = list(&client);
            (tag, client, items)
        };
        let waiting = clients.into_iter().map(with_list).collect();
        Self { waiting, under_way: Flight::new(), at_once: AT_ONCE }
    }

    /// Reads so many lists at once, at least one; 4 if nothing is said.
    ///
    /// The blocking client reads each on a thread of its own.
    pub fn with_at_once(mut self, lists: usize) -> Self {
        self.at_once = lists.max(1);
        self
    }

    /// The next list, or `None` if there are no more.
    pub async fn next(&mut self) -> Option<Listed<T, O::Item>> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Listed<T, O::Item>>> {
        while self.under_way.len() < self.at_once {
            let Some((tag, client, items)) = self.waiting.pop_front() else { break };
            self.under_way.begin_beside(&client, read(tag, items), context);
        }
        self.under_way.poll(context)
    }
}

fn read<T: Send + 'static, O: Paged<Item: 'static>>(tag: T, mut list: Items<O>) -> Job<Listed<T, O::Item>> {
    Box::pin(async move {
        let (mut items, mut error) = (Vec::new(), None);
        while let Some(item) = list.next().await {
            match item {
                Ok(item) => items.push(item),
                Err(failed) => error = Some(failed),
            }
        }
        Listed { tag, items, error, shifts: list.shifts() }
    })
}

impl<T, O: Paged> fmt::Debug for Lists<T, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lists")
            .field("operation", &O::META.name)
            .field("waiting", &self.waiting.len())
            .field("under_way", &self.under_way)
            .finish_non_exhaustive()
    }
}

// Nothing in it is pinned.
impl<T, O: Paged> Unpin for Lists<T, O> {}

#[cfg(feature = "stream")]
impl<T: Send + 'static, O: Paged<Item: 'static>> futures_util::Stream for Lists<T, O> {
    type Item = Listed<T, O::Item>;

    fn poll_next(self: std::pin::Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use http::{Response, StatusCode};
    use kps_model::{Limit, ListFailedTask, ProjectId};

    use super::*;
    use crate::{Builder, Credentials, Prepared, Retries, blocking};

    fn of_region<C>(region: usize, builder: Builder<C>) -> Builder<C> {
        builder
            .endpoint(format!("https://region-{region}.example.com"))
            .credentials(Credentials::access_key("AK", "SK"))
            .project_id(ProjectId::new("0a1b").unwrap())
            .retries(Retries::none())
    }

    /// Region 3 breaks off after a page, region 5 is forbidden, each other one has as many tasks as its number.
    fn answer(region: usize, request: &Prepared) -> Response<bytes::Bytes> {
        let first = !request.uri().query().unwrap_or_default().contains("offset");
        let mut answer = Response::new(match (region, first) {
            (3, true) => r#"{"total":2,"tasks":[{"task_id":"3-0"}]}"#.into(),
            (3, false) | (5, _) => bytes::Bytes::new(),
            (_, true) => {
                let tasks: Vec<String> =
                    (0..region).map(|task| format!(r#"{{"task_id":"{region}-{task}"}}"#)).collect();
                format!(r#"{{"total":{region},"tasks":[{}]}}"#, tasks.join(",")).into()
            }
            (_, false) => format!(r#"{{"total":{region},"tasks":[]}}"#).into(),
        });
        if answer.body().is_empty() {
            *answer.status_mut() = StatusCode::FORBIDDEN;
        }
        answer
    }

    fn check<I>(lists: Vec<Listed<usize, I>>) {
        let told: Vec<_> =
            lists.iter().map(|list| (list.tag, list.items.len(), list.error.is_some())).collect();
        let expected = [
            (0, 0, false),
            (1, 1, false),
            (2, 2, false),
            (3, 1, true),
            (4, 4, false),
            (5, 0, true),
            (6, 6, false),
        ];
        assert_eq!(told, expected);
        let whole: Vec<bool> = lists.into_iter().map(|list| list.whole().is_ok()).collect();
        assert_eq!(whole, [true, true, true, false, true, false, true]);
    }

    fn request() -> ListFailedTask {
        ListFailedTask::new().with_limit(Limit::new(7).unwrap())
    }

    #[test]
    fn one_that_cannot_be_read_does_not_hide_the_others() {
        for at_once in [0, 1, 3, 100] {
            let client = |region| {
                let builder =
                    blocking::Client::builder(move |request: Prepared| Ok(answer(region, &request)));
                (region, of_region(region, builder).build().unwrap())
            };
            let lists = blocking::Lists::new((0..7).map(client), |kps| kps.items(request()).with_window(2));
            check(lists.with_at_once(at_once).collect());

            let client = |region| {
                let builder = Client::builder(move |request: Prepared| {
                    let answer = answer(region, &request);
                    async move { Ok(answer) }
                });
                (region, of_region(region, builder).build().unwrap())
            };
            let mut lists = Lists::new((0..7).map(client), |kps| kps.items(request())).with_at_once(at_once);
            check(std::iter::from_fn(|| pollster::block_on(lists.next())).collect());
        }
    }

    #[test]
    fn no_more_are_read_than_are_waited_for() {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let client = |region: usize| {
            let noted = asked.clone();
            let builder = Client::builder(move |request: Prepared| {
                noted.lock().unwrap().push(region);
                let answer = answer(region, &request);
                async move { Ok(answer) }
            });
            (region, of_region(region, builder).build().unwrap())
        };
        let mut lists = Lists::new((0..7).map(client), |kps| kps.items(request())).with_at_once(2);
        assert_eq!(*asked.lock().unwrap(), [0; 0]);
        assert_eq!(pollster::block_on(lists.next()).unwrap().tag, 0);
        assert_eq!(*asked.lock().unwrap(), [0, 1]);
    }
}
