//! The headers a client acts upon: when to come again, what time it is, what the call is called. The time is one that
//! passes only while somebody waits. The first byte picks the answer, the second one how many are like it, and the rest
//! is its headers and its message, a line each.
#![no_main]

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use kps_core::{
    Credentials, DeleteFailedTask, Environment, Failure, FailureKind, Prepared, ProjectId, Region, Retries,
    Sent, TaskId, Transport, blocking,
};
use kps_fuzz::{check, now};
use libfuzzer_sys::fuzz_target;

/// What a call may take.
const TIMEOUT: Duration = Duration::from_secs(60);
const ATTEMPTS: u32 = 4;

const STATUSES: [u16; 4] = [401, 429, 503, 400];
const CODES: [&str; 4] = ["APIGW.0301", "APIGW.0308", "APIGW.0307", "KPS.0004"];
const HEADERS: [&str; 3] = ["retry-after", "date", "x-request-id"];

#[derive(Clone)]
struct World(Arc<Mutex<State>>);

struct State {
    passed: Duration,
    sent: u32,
    failures: u32,
    answer: Response<Bytes>,
    takes: Duration,
}

impl Transport for World {
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        let mut state = self.0.lock().unwrap();
        state.sent += 1;
        let limit = request.time_limit().unwrap();
        if state.takes >= limit {
            state.passed += limit;
            return Err(Failure::new(FailureKind::Timeout, Sent::Maybe, "as the test wants it"));
        }
        let takes = state.takes;
        state.passed += takes;
        if state.failures == 0 {
            return Ok(Response::default());
        }
        state.failures -= 1;
        Ok(state.answer.clone())
    }

    fn sleep(&self, time: Duration) {
        let mut state = self.0.lock().unwrap();
        state.passed = state.passed.checked_add(time).unwrap();
    }

    fn now(&self) -> SystemTime {
        now() + self.0.lock().unwrap().passed
    }

    fn ticks(&self) -> Duration {
        self.0.lock().unwrap().passed
    }
}

fuzz_target!(|data: &[u8]| {
    let [first, second, rest @ ..] = data else { return };
    let (first, second) = (usize::from(*first), u32::from(*second));
    let mut lines = rest.splitn(4, |byte| *byte == b'\n');
    let headers: Vec<_> = HEADERS.into_iter().zip(lines.by_ref()).collect();
    let message = String::from_utf8_lossy(lines.next().unwrap_or_default());

    let body = serde_json::json!({ "error_code": CODES[first / 4 % 4], "error_msg": message });
    let mut answer = Response::new(Bytes::from(body.to_string()));
    *answer.status_mut() = StatusCode::from_u16(STATUSES[first % 4]).unwrap();
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            answer.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    let takes = Duration::from_millis(u64::from(second / 8) * 700);
    let state = State { passed: Duration::ZERO, sent: 0, failures: second % 8, answer, takes };
    let world = World(Arc::new(Mutex::new(state)));

    let credentials = match first & 16 {
        0 => Credentials::access_key("AK", "SK"),
        _ => Credentials::token("a-token"),
    };
    let kps = blocking::Client::builder(world.clone())
        .environment(Environment::from([("NO_PROXY", "*")]))
        .region(Region::CN_NORTH_4)
        .credentials(credentials)
        .project_id(ProjectId::new("0a1b").unwrap())
        .retries(Retries::new().with_attempts(ATTEMPTS).with_seed(7))
        .timeout(TIMEOUT)
        .build()
        .unwrap();
    // The second call finds what the first one learnt.
    for _ in 0..2 {
        let (before, sent) = (world.ticks(), world.0.lock().unwrap().sent);
        let outcome = kps.send(DeleteFailedTask::new(TaskId::new("t").unwrap()));
        assert!(world.ticks() - before <= TIMEOUT, "it took {:?}", world.ticks() - before);
        // An attempt is two requests where the clock was wrong.
        assert!(world.0.lock().unwrap().sent - sent <= 2 * ATTEMPTS);
        if let Err(error) = outcome {
            check(&error);
            assert!(error.attempts() <= ATTEMPTS);
        }
    }
});
