//! Calls that are made at the same time.

use std::collections::VecDeque;
use std::fmt;
use std::panic::resume_unwind;
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};

use futures_channel::oneshot;

use crate::blocking::run;
use crate::{BoxFuture, Client};

/// A call, or a few that follow each other.
pub(crate) type Job<T> = BoxFuture<'static, T>;

/// Calls under way, whose outcomes come in the order in which they began. To drop it is to give them up.
pub(crate) struct Flight<T> {
    under_way: VecDeque<Call<T>>,
}

enum Call<T> {
    Going(Job<T>),
    Done(T),
}

impl<T> Call<T> {
    fn go_on(&mut self, context: &mut Context<'_>) {
        if let Self::Going(job) = self
            && let Poll::Ready(outcome) = job.as_mut().poll(context)
        {
            *self = Self::Done(outcome);
        }
    }
}

impl<T: Send + 'static> Flight<T> {
    pub(crate) fn new() -> Self {
        Self { under_way: VecDeque::new() }
    }

    /// How many are under way, or done and not taken yet.
    pub(crate) fn len(&self) -> usize {
        self.under_way.len()
    }

    /// Begins one that is alone: nothing else has to go on meanwhile.
    pub(crate) fn begin(&mut self, job: Job<T>) {
        self.under_way.push_back(Call::Going(job));
    }

    /// Begins one that goes on beside others: at once, and not only when the outcomes of those before have been taken.
    pub(crate) fn begin_beside(&mut self, client: &Client, job: Job<T>, context: &mut Context<'_>) {
        let mut call = Call::Going(if client.inner().blocks { on_a_thread(job) } else { job });
        call.go_on(context);
        self.under_way.push_back(call);
    }

    /// The outcome of the one that began first, or `None` if none is under way. All of them go on: they are as few as may
    /// be made at once.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.under_way.iter_mut().for_each(|call| call.go_on(context));
        match self.under_way.pop_front() {
            None => Poll::Ready(None),
            Some(Call::Done(outcome)) => Poll::Ready(Some(outcome)),
            Some(going) => {
                self.under_way.push_front(going);
                Poll::Pending
            }
        }
    }
}

impl<T> fmt::Debug for Flight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flight").field("len", &self.under_way.len()).finish()
    }
}

/// The one thing that differs by colour: a job that blocks needs a thread to go on beside others.
fn on_a_thread<T: Send + 'static>(job: Job<T>) -> Job<T> {
    let (tell, told) = oneshot::channel();
    let began = begin_on_a_thread(Box::pin(async move {
        // Nobody waits for a job that was given up before it began.
        if !tell.is_canceled() {
            let _ = tell.send(job.await);
        }
    }));
    Box::pin(async move {
        let thread = match began {
            Ok(thread) => Some(thread),
            // The system gives no more threads: then one after the other.
            Err(work) => {
                work.await;
                None
            }
        };
        match told.await {
            Ok(output) => output,
            Err(_) => {
                let panic = thread.and_then(|thread| thread.join().err());
                resume_unwind(panic.unwrap_or_else(|| Box::new("a call was given up")))
            }
        }
    })
}

/// Begins it on a thread of its own, or hands it back if there is none. It tells nothing, so that it is compiled once.
fn begin_on_a_thread(work: Job<()>) -> Result<JoinHandle<()>, Job<()>> {
    let (hand_over, taken) = oneshot::channel::<Job<()>>();
    let thread = thread::Builder::new().name("kps".into()).spawn(move || {
        if let Ok(work) = run(taken) {
            run(work);
        }
    });
    let Ok(thread) = thread else { return Err(work) };
    let _ = hand_over.send(work);
    Ok(thread)
}

/// Makes jobs, at most so many at once, and gathers their outcomes in the order of the jobs.
pub(crate) async fn gather<T: Send + 'static>(
    client: &Client,
    at_once: usize,
    jobs: impl IntoIterator<Item = Job<T>, IntoIter: Send>,
) -> Vec<T> {
    let mut waiting = jobs.into_iter();
    let (mut flight, mut outcomes) = (Flight::new(), Vec::new());
    let mut next = |context: &mut Context<'_>| {
        while flight.len() < at_once.max(1) {
            let Some(job) = waiting.next() else { break };
            match at_once {
                0 | 1 => flight.begin(job),
                _ => flight.begin_beside(client, job, context),
            }
        }
        flight.poll(context)
    };
    while let Some(outcome) = std::future::poll_fn(&mut next).await {
        outcomes.push(outcome);
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::panic::catch_unwind;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Condvar, Mutex};
    use std::thread::ThreadId;
    use std::time::Duration;

    use kps_model::{KeypairName, ListKeypairDetail, ProjectId};

    use super::*;
    use crate::{Builder, Credentials, Error, Prepared, blocking};

    fn on_site<C>(builder: Builder<C>) -> Builder<C> {
        builder
            .endpoint("https://kms.example.com")
            .credentials(Credentials::access_key("AK", "SK"))
            .project_id(ProjectId::new("0a1b").unwrap())
    }

    fn look(client: &Client, number: usize) -> Job<Result<String, Error>> {
        let (client, name) = (client.clone(), KeypairName::new(format!("k-{number}")).unwrap());
        Box::pin(
            async move { Ok(client.call(&ListKeypairDetail::new(name)).await?.keypair.name.to_string()) },
        )
    }

    fn answer(request: &Prepared) -> http::Response<bytes::Bytes> {
        let name = request.uri().path().rsplit('/').next().unwrap();
        http::Response::new(format!(r#"{{"keypair":{{"name":"{name}"}}}}"#).into())
    }

    fn names(outcomes: Vec<Result<String, Error>>) -> Vec<String> {
        outcomes.into_iter().map(Result::unwrap).collect()
    }

    fn expected(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("k-{number}")).collect()
    }

    /// Where calls wait until so many are there.
    struct Meeting {
        there: Mutex<usize>,
        all: Condvar,
    }

    #[test]
    fn blocking_calls_go_side_by_side_and_come_in_order() {
        let meeting = Arc::new(Meeting { there: Mutex::new(0), all: Condvar::new() });
        let met = meeting.clone();
        let client = on_site(blocking::Client::builder(move |request: Prepared| {
            let mut there = met.there.lock().unwrap();
            *there += 1;
            met.all.notify_all();
            let patience = Duration::from_secs(60);
            let (_there, late) = met.all.wait_timeout_while(there, patience, |there| *there < 4).unwrap();
            assert!(!late.timed_out(), "four calls are made at once");
            Ok(answer(&request))
        }));
        let client = client.build().unwrap().into_inner();
        let jobs = (0..4).map(|number| look(&client, number));
        assert_eq!(names(run(gather(&client, 4, jobs))), expected(4));
    }

    #[test]
    fn no_more_go_at_once_than_allowed() {
        for at_once in [0, 1, 3] {
            let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let (counted, noted) = (now.clone(), most.clone());
            let client = on_site(blocking::Client::builder(move |request: Prepared| {
                noted.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::yield_now();
                counted.fetch_sub(1, Ordering::SeqCst);
                Ok(answer(&request))
            }));
            let client = client.build().unwrap().into_inner();
            let jobs = (0..40).map(|number| look(&client, number));
            assert_eq!(names(run(gather(&client, at_once, jobs))), expected(40));
            assert!(most.load(Ordering::SeqCst) <= at_once.max(1));
        }
    }

    #[test]
    fn what_is_awaited_needs_no_thread() {
        let threads = Arc::new(Mutex::new(BTreeSet::new()));
        let noted = threads.clone();
        let client = on_site(Client::builder(move |request: Prepared| {
            noted.lock().unwrap().insert(format!("{:?}", thread::current().id()));
            async move { Ok(answer(&request)) }
        }));
        let client = client.build().unwrap();
        let jobs = (0..10).map(|number| look(&client, number));
        assert_eq!(names(pollster::block_on(gather(&client, 4, jobs))), expected(10));
        let here: ThreadId = thread::current().id();
        assert_eq!(*threads.lock().unwrap(), BTreeSet::from([format!("{here:?}")]));
    }

    #[test]
    fn a_panic_on_a_thread_is_one_of_the_caller() {
        let client = on_site(blocking::Client::builder(|_: Prepared| panic!("the transport's own")));
        let client = client.build().unwrap().into_inner();
        let outcome = catch_unwind(std::panic::AssertUnwindSafe(|| {
            run(gather(&client, 2, (0..2).map(|number| look(&client, number))))
        }));
        assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"the transport's own"));
    }
}
