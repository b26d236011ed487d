//! A service that answers by a script, on a clock that passes only when somebody sleeps or a server dawdles.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use kps_model::{CreateKeypair, DeleteKeypair, KeypairName, ProjectId};

use crate::{
    Builder, Credentials, Error, Failure, FailureKind, Operation, Prepared, Retries, Sent, Transport,
    blocking,
};

/// An answer, and after how many milliseconds it comes.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: &'static str,
    pub(crate) failure: Option<(FailureKind, Sent)>,
    pub(crate) takes: u64,
}

pub(crate) fn status(status: u16) -> Answer {
    let body = if status < 300 { r#"{"keypairs":[],"tasks":[]}"# } else { "" };
    Answer { status, headers: Vec::new(), body, failure: None, takes: 0 }
}

pub(crate) fn failure(kind: FailureKind, sent: Sent) -> Answer {
    Answer { failure: Some((kind, sent)), ..status(200) }
}

pub(crate) fn lost() -> Answer {
    failure(FailureKind::Interrupted, Sent::Maybe)
}

impl Answer {
    pub(crate) fn body(mut self, body: &'static str) -> Self {
        self.body = body;
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn after(mut self, millis: u64) -> Self {
        self.takes = millis;
        self
    }
}

/// What happened, and when.
#[derive(Default)]
pub(crate) struct World {
    millis: u64,
    answers: VecDeque<Answer>,
    /// When requests were sent, and their time limits, in milliseconds.
    sent: Vec<(u64, Option<u64>)>,
    pub(crate) dates: Vec<String>,
    pub(crate) slept: Vec<u64>,
}

/// The last answer is given again and again.
#[derive(Clone, Default)]
pub(crate) struct Scripted(pub(crate) Arc<Mutex<World>>);

impl Scripted {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let scripted = Self::default();
        scripted.script(answers);
        scripted
    }

    pub(crate) fn script(&self, answers: impl IntoIterator<Item = Answer>) {
        self.0.lock().unwrap().answers = answers.into_iter().collect();
    }

    pub(crate) fn pass(&self, millis: u64) {
        self.0.lock().unwrap().millis += millis;
    }

    pub(crate) fn sent(&self) -> Vec<(u64, Option<u64>)> {
        std::mem::take(&mut self.0.lock().unwrap().sent)
    }

    pub(crate) fn count(&self) -> usize {
        self.sent().len()
    }

    pub(crate) fn builder(&self) -> Builder<blocking::Client> {
        blocking::Client::builder(self.clone())
            .endpoint("https://kms.example.com")
            .credentials(Credentials::access_key("AK", "SK"))
            .project_id(ProjectId::new("0a1b").unwrap())
            .retries(Retries::new().with_seed(7))
    }

    pub(crate) fn client(&self) -> blocking::Client {
        self.builder().build().unwrap()
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}

/// 2027-01-15T08:00:00Z
pub(crate) const START: Duration = Duration::from_secs(1_800_000_000);

impl Transport for Scripted {
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        let mut world = self.0.lock().unwrap();
        let now = world.millis;
        world.sent.push((now, request.time_limit().map(millis)));
        let date = request.headers().get("x-sdk-date").map(|date| date.to_str().unwrap().to_owned());
        world.dates.extend(date);
        let answer = match world.answers.len() {
            0 => status(200),
            1 => world.answers[0].clone(),
            _ => world.answers.pop_front().unwrap(),
        };
        let limit = request.time_limit().map_or(u64::MAX, millis);
        world.millis += answer.takes.min(limit);
        if answer.takes > limit {
            return Err(Failure::new(FailureKind::Timeout, Sent::Maybe, "it takes too long"));
        }
        if let Some((kind, sent)) = answer.failure {
            return Err(Failure::new(kind, sent, "as scripted"));
        }
        let mut response = Response::builder().status(answer.status);
        for (name, value) in answer.headers {
            response = response.header(name, value);
        }
        Ok(response.body(answer.body.into()).unwrap())
    }

    fn sleep(&self, time: Duration) {
        let mut world = self.0.lock().unwrap();
        // Pauses are kept to the nanosecond, and the clock of this world to the millisecond.
        let time = millis(time + Duration::from_nanos(999_999));
        world.millis += time;
        world.slept.push(time);
    }

    fn now(&self) -> SystemTime {
        UNIX_EPOCH + START + self.ticks()
    }

    fn ticks(&self) -> Duration {
        Duration::from_millis(self.0.lock().unwrap().millis)
    }
}

pub(crate) fn name() -> KeypairName {
    KeypairName::new("deploy").unwrap()
}

pub(crate) fn create() -> CreateKeypair {
    CreateKeypair::new(name())
}

pub(crate) fn delete() -> DeleteKeypair {
    DeleteKeypair::new(name())
}

pub(crate) const THROTTLED: &str = r#"{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached: policy user over ratelimit,limit:20,time:10 second"}"#;

/// How many requests the call took, its error, and whether it may have been applied.
pub(crate) fn course<O: Operation>(operation: O, answers: &[Answer]) -> (usize, Option<Error>) {
    let world = Scripted::new(answers.iter().cloned());
    let error = world.client().send(operation).err();
    (world.count(), error)
}
