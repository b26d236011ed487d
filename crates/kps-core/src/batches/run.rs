//! How the calls of a batch are made, and when no more are.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::batches::options::Progress;
use crate::batches::sheet::{Placed, Sheet};
use crate::batches::{BatchOptions, ItemReport, Outcomes};
use crate::flight::{Job, gather};
use crate::{Client, Error};

/// What a call, or a few that belong together, comes to for each of its items, in their order.
pub(super) type Lot<I, T> = fn(Client, Vec<I>) -> Job<Vec<Result<T, Error>>>;

/// Which items go together.
pub(super) type Split<I> = fn(Vec<Placed<I>>) -> Vec<Vec<Placed<I>>>;

/// Makes the calls of a batch, and gathers the outcomes in the order of its items.
pub(super) async fn run<K, I, T>(
    client: &Client,
    options: &BatchOptions,
    sheet: Sheet<K, I>,
    split: Split<I>,
    lot: Lot<I, T>,
) -> Outcomes<K, T>
where
    K: Clone + AsRef<str> + Send + Sync + 'static,
    I: Send + 'static,
    T: Send + 'static,
{
    let Sheet { names, items, unsendable } = sheet;
    let course = Arc::new(Course {
        client: client.clone(),
        names: names.clone(),
        end: OnceLock::new(),
        teller: options.progress.clone().map(|progress| Mutex::new(Teller { progress, done: 0 })),
    });
    unsendable.iter().for_each(|(at, error)| course.tell(*at, Some(error)));
    let jobs = split(items).into_iter().map(|items| -> Job<_> { Box::pin(course.clone().go(items, lot)) });
    let sent = gather(client, options.at_once, jobs).await.into_iter().flatten();
    let unsent = unsendable.into_iter().map(|(at, error)| (at, Err(error)));
    let mut results: Vec<Placed<Result<T, Error>>> = sent.chain(unsent).collect();
    results.sort_unstable_by_key(|(at, _)| *at);
    Outcomes::new(names.into_iter().zip(results.into_iter().map(|(_, result)| result)))
}

/// What the calls of a batch share.
struct Course<K> {
    client: Client,
    names: Vec<K>,
    /// Why no more calls are made.
    end: OnceLock<Error>,
    teller: Option<Mutex<Teller>>,
}

struct Teller {
    progress: Progress,
    done: usize,
}

impl<K: AsRef<str> + Send + Sync> Course<K> {
    async fn go<I: Send, T: Send>(
        self: Arc<Self>,
        items: Vec<Placed<I>>,
        lot: Lot<I, T>,
    ) -> Vec<Placed<Result<T, Error>>> {
        let (places, items): (Vec<usize>, Vec<I>) = items.into_iter().unzip();
        let results = match self.end.get() {
            Some(error) => items.iter().map(|_| Err(Error::not_tried(error))).collect(),
            None => lot(self.client.clone(), items).await,
        };
        let mut errors = results.iter().filter_map(|result| result.as_ref().err());
        if let Some(error) = errors.find(|error| error.is_about_all()) {
            self.end.get_or_init(|| error.for_item());
        }
        for (at, result) in places.iter().zip(&results) {
            self.tell(*at, result.as_ref().err());
        }
        places.into_iter().zip(results).collect()
    }

    fn tell(&self, at: usize, error: Option<&Error>) {
        let (Some(teller), Some(name)) = (&self.teller, self.names.get(at)) else { return };
        let mut teller = teller.lock().unwrap_or_else(PoisonError::into_inner);
        teller.done += 1;
        let total = self.names.len();
        (teller.progress)(&ItemReport { item: name.as_ref(), error, done: teller.done, total });
    }
}

/// Makes a call for each item by itself, one after the other, and no more once they would all come to the same.
pub(super) async fn one_by_one<I, T>(
    client: &Client,
    items: Vec<I>,
    call: fn(Client, I) -> Job<Result<T, Error>>,
) -> Vec<Result<T, Error>> {
    let mut end = None;
    let mut results = Vec::with_capacity(items.len());
    for item in items {
        let result = match &end {
            Some(error) => Err(Error::not_tried(error)),
            None => call(client.clone(), item).await,
        };
        if let Some(error) = result.as_ref().err().filter(|error| error.is_about_all()) {
            end.get_or_insert_with(|| error.for_item());
        }
        results.push(result);
    }
    results
}
