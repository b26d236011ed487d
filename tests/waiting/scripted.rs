//! A service that a test writes, on a clock that goes while somebody sleeps or an answer is slow, and both clients of it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use kps_core::{
    Builder, Client, Credentials, Error, Failure, FailureKind, Prepared, ProjectId, Ready, Retries, Sent,
    TaskHandle, TaskState, Transport, WaitOptions, blocking,
};

pub(crate) type Answer = Result<Response<Bytes>, Failure>;
type Serve = dyn Fn(Duration, &str) -> Answer + Send + Sync;

#[derive(Clone)]
pub(crate) struct Scripted {
    clock: Arc<Mutex<Duration>>,
    /// How long each answer takes.
    latency: Duration,
    calls: Arc<Mutex<Vec<(Duration, String)>>>,
    serve: Arc<Serve>,
}

impl Scripted {
    /// It answers a call by its time and the last part of its path: the id of a task, or the name of a list.
    pub(crate) fn new(serve: impl Fn(Duration, &str) -> Answer + Send + Sync + 'static) -> Self {
        let latency = Duration::ZERO;
        Self { clock: Arc::default(), latency, calls: Arc::default(), serve: Arc::new(serve) }
    }

    pub(crate) fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// When each call was made, and for what.
    pub(crate) fn calls(&self) -> Vec<(Duration, String)> {
        self.calls.lock().unwrap().clone()
    }

    /// The whole seconds at which each call for this was made.
    pub(crate) fn seconds_of(&self, what: &str) -> Vec<u64> {
        self.calls().iter().filter(|(_, called)| called == what).map(|(time, _)| time.as_secs()).collect()
    }

    pub(crate) fn time(&self) -> Duration {
        *self.clock.lock().unwrap()
    }

    fn pass(&self, time: Duration) {
        *self.clock.lock().unwrap() += time;
    }

    /// Both clients, each of a service in its first state.
    pub(crate) fn both(make: impl Fn() -> Self) -> [(Self, Kps); 2] {
        let (one, other) = (make(), make());
        let blocking = Kps::Blocking(on_site(blocking::Client::builder(one.clone())).build().unwrap());
        let awaited = Kps::Awaited(on_site(Client::builder(Ready(other.clone()))).build().unwrap());
        [(one, blocking), (other, awaited)]
    }
}

impl Transport for Scripted {
    fn send(&self, request: Prepared) -> Answer {
        let called = request.uri().path().rsplit('/').next().unwrap();
        self.calls.lock().unwrap().push((self.time(), called.to_owned()));
        let answer = (self.serve)(self.time(), called);
        let limit = request.time_limit().unwrap();
        self.pass(self.latency.min(limit));
        if self.latency >= limit {
            return Err(Failure::new(FailureKind::Timeout, Sent::Maybe, "too slow"));
        }
        answer
    }

    fn sleep(&self, time: Duration) {
        self.pass(time);
    }

    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_775_032_200) + self.time()
    }

    fn ticks(&self) -> Duration {
        self.time()
    }
}

pub(crate) fn on_site<C>(builder: Builder<C>) -> Builder<C> {
    builder
        .endpoint("http://kms.example.com")
        .credentials(Credentials::access_key("AK", "SK"))
        .project_id(ProjectId::new("0a1b").unwrap())
        // Throttled calls wait for a random time, which is to be the same for both colours.
        .retries(Retries::none().with_seed(1))
}

/// A client in either colour.
pub(crate) enum Kps {
    Blocking(blocking::Client),
    Awaited(Client),
}

impl Kps {
    pub(crate) fn wait(&self, handle: TaskHandle, options: &WaitOptions) -> Result<TaskState, Error> {
        match self {
            Self::Blocking(kps) => kps.wait(handle, options),
            Self::Awaited(kps) => pollster::block_on(kps.wait(handle, options)),
        }
    }

    /// The first states.
    pub(crate) fn watch(
        &self,
        handle: TaskHandle,
        options: &WaitOptions,
        most: usize,
    ) -> Vec<Result<TaskState, Error>> {
        match self {
            Self::Blocking(kps) => kps.watch(handle, options).take(most).collect(),
            Self::Awaited(kps) => {
                let mut watch = kps.watch(handle, options);
                std::iter::from_fn(|| pollster::block_on(watch.next())).take(most).collect()
            }
        }
    }

    pub(crate) fn wait_all(
        &self,
        handles: Vec<TaskHandle>,
        options: &WaitOptions,
    ) -> Vec<Result<TaskState, Error>> {
        match self {
            Self::Blocking(kps) => kps.wait_all(handles, options),
            Self::Awaited(kps) => pollster::block_on(kps.wait_all(handles, options)),
        }
    }
}

pub(crate) fn json(status: u16, body: impl Into<String>) -> Answer {
    Ok(Response::builder().status(status).body(body.into().into()).unwrap())
}

/// How far a task is.
pub(crate) fn state(id: &str, status: &str) -> Answer {
    json(200, format!(r#"{{"task_id":"{id}","server_id":"s-{id}","task_status":"{status}"}}"#))
}

pub(crate) fn refusal(status: u16, code: &str) -> Answer {
    json(status, format!(r#"{{"error_code":"{code}","error_msg":"不"}}"#))
}

/// A list of tasks, each of these fields.
pub(crate) fn list(tasks: &[String]) -> Answer {
    json(200, format!(r#"{{"total":{},"tasks":[{}]}}"#, tasks.len(), tasks.join(",")))
}
