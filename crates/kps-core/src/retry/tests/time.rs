//! When attempts are made, and when calls end.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;
use kps_model::{ListKeypairs, ProjectId};

use super::scripted::{START, Scripted, status};
use crate::{
    AsyncTransport, BoxFuture, Client, Credentials, ErrorKind, Failure, HttpOptions, Prepared, Retries,
    Transport, blocking,
};

#[test]
fn pauses_double_and_every_attempt_is_signed_anew() {
    let world = Scripted::new([status(503).after(1000)]);
    let kps = world.builder().retries(Retries::new().with_seed(7).with_attempts(6)).build().unwrap();
    assert_eq!(kps.send(ListKeypairs::new()).unwrap_err().attempts(), 6);
    let world = world.0.lock().unwrap();
    for (pause, most) in world.slept.iter().zip([100, 200, 400, 800, 1600]) {
        assert!(*pause <= most, "{pause} of {most}");
    }
    assert_eq!(world.slept.len(), 5);
    let mut dates = world.dates.clone();
    dates.dedup();
    assert_eq!(dates.len(), 6, "{dates:?}");
}

#[test]
fn the_service_may_ask_for_a_longer_pause() {
    let date = |seconds: u64| httpdate::fmt_http_date(UNIX_EPOCH + START + Duration::from_secs(seconds));
    for (header, paused) in [
        ("7".to_owned(), 7000),
        (" 7 ".to_owned(), 7000),
        (date(9), 9000),
        (date(0), 0),
        ("-1".to_owned(), 0),
        ("soon".to_owned(), 0),
    ] {
        let world = Scripted::new([status(503).header("retry-after", &*header), status(200)]);
        world.client().send(ListKeypairs::new()).unwrap();
        let slept: u64 = world.0.lock().unwrap().slept.iter().sum();
        assert!((paused..=paused.max(100)).contains(&slept), "{header}: {slept}");
    }
}

#[test]
fn what_cannot_be_done_in_time_is_not_begun() {
    for header in ["121", "18446744073709551615"] {
        let world = Scripted::new([status(503).header("retry-after", header)]);
        let error = world.client().send(ListKeypairs::new()).unwrap_err();
        assert_eq!((world.count(), world.ticks()), (1, Duration::ZERO));
        assert_eq!(error.retry_after().unwrap().as_secs(), header.parse::<u64>().unwrap());
        let end = "status 503 (no time for another attempt)";
        assert!(error.to_string().ends_with(end), "{error}");
    }
}

#[test]
fn attempts_and_calls_end_in_time() {
    // A server that never answers in time.
    let world = Scripted::new([status(200).after(10_000_000)]);
    let error = world.client().send(ListKeypairs::new()).unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(world.ticks(), Duration::from_secs(120));
    let sent = world.sent();
    assert_eq!(sent[0], (0, Some(60_000)));
    assert!(sent[1].0 < 60_200 && sent[1].1 == Some(120_000 - sent[1].0), "{sent:?}");
    assert_eq!(sent.len(), 2);

    let seconds = Duration::from_secs;
    let builder = world.builder().timeout(seconds(50));
    let kps = builder.http(HttpOptions::new().with_attempt_timeout(seconds(10))).build().unwrap();
    let limits = |kps: &blocking::Client| {
        kps.send(ListKeypairs::new()).unwrap_err();
        world.sent().iter().map(|(_, limit)| limit.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(limits(&kps), [10_000; 3]);
    assert_eq!(limits(&kps.with_attempts(1)), [10_000]);
    assert_eq!(limits(&kps.with_attempt_timeout(seconds(5)).with_attempts(2)), [5000; 2]);
    assert_eq!(limits(&kps.with_timeout(seconds(3))), [3000]);
    assert_eq!(limits(&kps.with_attempts(0)), [10_000], "one at least");
    let error = kps.with_timeout(Duration::ZERO).send(ListKeypairs::new()).unwrap_err();
    assert!(world.sent().is_empty() && error.attempts() == 0, "{error}");
    assert_eq!(error.to_string(), "ListKeypairs: not sent within 0.0 s");
}

#[test]
fn an_endpoint_can_be_another_for_some_calls() {
    let hosts = Arc::new(Mutex::new(Vec::new()));
    let noted = hosts.clone();
    let transport = move |request: Prepared| {
        noted.lock().unwrap().push(request.uri().host().unwrap().to_owned());
        Ok(Response::new(r#"{"keypairs":[]}"#.into()))
    };
    let kps = blocking::Client::builder(transport)
        .endpoint("https://a.example")
        .credentials(Credentials::access_key("AK", "SK"))
        .project_id(ProjectId::new("0a1b").unwrap())
        .build()
        .unwrap();
    kps.with_endpoint("b.example").unwrap().send(ListKeypairs::new()).unwrap();
    kps.send(ListKeypairs::new()).unwrap();
    assert_eq!(*hosts.lock().unwrap(), ["b.example", "a.example"]);
    assert_eq!(kps.with_endpoint("http://").unwrap_err().kind(), ErrorKind::Config);
}

/// The same world for the client that is awaited, in which nobody wakes up again.
struct Asleep(Scripted);

impl AsyncTransport for Asleep {
    fn send(&self, request: Prepared) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        Box::pin(async move { Transport::send(&self.0, request) })
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    fn ticks(&self) -> Duration {
        Transport::ticks(&self.0)
    }
}

#[test]
fn dropping_a_call_ends_it() {
    let world = Scripted::new([status(429), status(200)]);
    let kps = Client::builder(Asleep(world.clone()))
        .endpoint("https://kms.example.com")
        .credentials(Credentials::access_key("AK", "SK"))
        .project_id(ProjectId::new("0a1b").unwrap())
        .build()
        .unwrap();
    let mut context = Context::from_waker(Waker::noop());
    let mut call = Box::pin(kps.send(ListKeypairs::new()));
    assert!(call.as_mut().poll(&mut context).is_pending());
    assert_eq!(world.count(), 1);
    drop(call);
    world.pass(20_000);
    let mut call = Box::pin(kps.send(ListKeypairs::new()));
    assert!(matches!(call.as_mut().poll(&mut context), Poll::Ready(Ok(_))));
    assert_eq!(world.count(), 1);
}
