//! Events and spans of `tracing`, if that feature is on. None holds a secret, nor the body of anything.

use std::future::Future;
use std::time::Duration;

use kps_model::TaskHandle;
#[cfg(feature = "tracing")]
use tracing::field::Empty;

use crate::{AttemptReport, CallReport, Error, TaskState};

/// Something that works and should be mended. It never holds a secret.
#[cfg(feature = "tracing")]
pub(crate) fn warn(text: &str) {
    tracing::warn!("{text}");
}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn warn(_: &str) {}

/// A span: a call, one of its attempts, or a wait. Without `tracing` it is nothing.
#[derive(Clone)]
pub(crate) struct Span(#[cfg(feature = "tracing")] tracing::Span);

#[cfg(feature = "tracing")]
impl Span {
    pub(crate) fn call(operation: &'static str) -> Self {
        Self(tracing::info_span!("kps.call", operation, attempts = Empty, error = Empty, elapsed_ms = Empty))
    }

    pub(crate) fn attempt(attempt: u32) -> Self {
        Self(tracing::debug_span!(
            "kps.attempt",
            attempt,
            status = Empty,
            code = Empty,
            request_id = Empty,
            error = Empty,
            elapsed_ms = Empty,
        ))
    }

    pub(crate) fn wait(time: Duration) -> Self {
        Self(tracing::debug_span!("kps.wait", elapsed_ms = millis(time)))
    }

    /// The wait for a task.
    pub(crate) fn task(handle: &TaskHandle) -> Self {
        let task_id = handle.task_id.as_str();
        Self(tracing::info_span!(
            "kps.task",
            task_id,
            status = Empty,
            looks = Empty,
            error = Empty,
            elapsed_ms = Empty,
        ))
    }

    /// The wait for many.
    pub(crate) fn tasks(count: usize) -> Self {
        Self(tracing::info_span!("kps.tasks", count, errors = Empty))
    }

    pub(crate) async fn around<F: Future>(&self, future: F) -> F::Output {
        tracing::Instrument::instrument(future, self.0.clone()).await
    }

    pub(crate) fn within<T>(&self, steps: impl FnOnce() -> T) -> T {
        self.0.in_scope(steps)
    }

    pub(crate) fn is_on(&self) -> bool {
        !self.0.is_disabled()
    }

    pub(crate) fn end_attempt(&self, attempt: &AttemptReport<'_>) {
        let Self(span) = self;
        span.record("status", attempt.status);
        span.record("code", attempt.code);
        span.record("request_id", attempt.request_id);
        span.record("error", attempt.error.map(tracing::field::debug));
        span.record("elapsed_ms", millis(attempt.took));
    }

    pub(crate) fn end_call(&self, call: &CallReport<'_>) {
        let Self(span) = self;
        span.record("attempts", call.attempts);
        span.record("error", call.error.map(tracing::field::display));
        span.record("elapsed_ms", millis(call.took));
    }

    pub(crate) fn end_task(&self, state: &TaskState, error: Option<&Error>) {
        let Self(span) = self;
        span.record("status", state.status.as_ref().map(kps_model::TaskStatus::as_str));
        span.record("looks", state.looks);
        span.record("error", error.map(tracing::field::display));
        span.record("elapsed_ms", millis(state.elapsed));
    }

    pub(crate) fn end_tasks(&self, errors: usize) {
        self.0.record("errors", errors);
    }
}

#[cfg(feature = "tracing")]
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(not(feature = "tracing"))]
impl Span {
    pub(crate) const fn call(_: &'static str) -> Self {
        Self()
    }

    pub(crate) const fn attempt(_: u32) -> Self {
        Self()
    }

    pub(crate) const fn wait(_: Duration) -> Self {
        Self()
    }

    pub(crate) const fn task(_: &TaskHandle) -> Self {
        Self()
    }

    pub(crate) const fn tasks(_: usize) -> Self {
        Self()
    }

    pub(crate) fn around<F: Future>(&self, future: F) -> F {
        future
    }

    pub(crate) fn within<T>(&self, steps: impl FnOnce() -> T) -> T {
        steps()
    }

    pub(crate) const fn is_on(&self) -> bool {
        false
    }

    pub(crate) const fn end_attempt(&self, _: &AttemptReport<'_>) {}

    pub(crate) const fn end_call(&self, _: &CallReport<'_>) {}

    pub(crate) const fn end_task(&self, _: &TaskState, _: Option<&Error>) {}

    pub(crate) const fn end_tasks(&self, _: usize) {}
}

#[cfg(test)]
#[cfg(feature = "tracing")]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use crate::{
        CredentialsSource, Environment, ListKeypairs, Prepared, ProjectId, ProxyRules, Region, blocking,
    };

    /// Keeps the texts of events, and the names and values of spans.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<String>>>);

    impl Kept {
        fn keep(&self, text: String) {
            self.0.lock().unwrap().push(text);
        }
    }

    impl Visit for Kept {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            match field.name() {
                "message" => self.keep(format!("{value:?}")),
                // It is another each time.
                "elapsed_ms" => self.keep("elapsed_ms".to_owned()),
                name => self.keep(format!("{name}={value:?}")),
            }
        }
    }

    impl Subscriber for Kept {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, span: &Attributes<'_>) -> Id {
            self.keep(span.metadata().name().to_owned());
            span.record(&mut self.clone());
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, values: &Record<'_>) {
            values.record(&mut self.clone());
        }

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            event.record(&mut self.clone());
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    /// The events of one call with these credentials.
    fn events(source: CredentialsSource, environment: Environment) -> Vec<String> {
        let kept = Kept::default();
        tracing::subscriber::with_default(kept.clone(), || {
            let kps = blocking::Client::builder(|_: Prepared| Ok(http::Response::default()))
                .region(Region::CN_NORTH_4)
                .project_id(ProjectId::new("0a1b").unwrap())
                .credentials(source)
                .environment(environment)
                .build()
                .unwrap();
            let _ = kps.prepare(ListKeypairs::new());
        });
        let events = kept.0.lock().unwrap().clone();
        assert!(!events.concat().contains("hunter2"), "{events:?}");
        events
    }

    #[test]
    fn a_call_its_attempts_and_waits_are_spans() {
        let kept = Kept::default();
        tracing::subscriber::with_default(kept.clone(), || {
            let attempts = Mutex::new(0);
            let transport = move |_: Prepared| {
                let mut attempts = attempts.lock().unwrap();
                *attempts += 1;
                let answer = http::Response::builder().header("x-request-id", format!("r-{attempts}"));
                Ok(match *attempts {
                    1 => answer.status(429).body(r#"{"error_code":"APIGW.0308","error_msg":"x"}"#.into()),
                    _ => answer.body(r#"{"keypairs":[]}"#.into()),
                }
                .unwrap())
            };
            let kps = blocking::Client::builder(transport)
                .region(Region::CN_NORTH_4)
                .project_id(ProjectId::new("0a1b").unwrap())
                .credentials(crate::Credentials::access_key("AK", "hunter2"))
                .build()
                .unwrap();
            kps.send(ListKeypairs::new()).unwrap();
        });
        let told = kept.0.lock().unwrap().join(" ");
        let expected = [
            r#"kps.call operation="ListKeypairs""#,
            r#"kps.attempt attempt=1 status=429 code="APIGW.0308" request_id="r-1" error=Service elapsed_ms"#,
            "kps.wait elapsed_ms",
            r#"kps.attempt attempt=2 status=200 request_id="r-2" elapsed_ms"#,
            "attempts=2 elapsed_ms",
        ];
        assert_eq!(told, expected.join(" "));
    }

    #[test]
    fn a_wait_for_tasks_is_a_span_around_its_calls() {
        let kept = Kept::default();
        tracing::subscriber::with_default(kept.clone(), || {
            let transport = |request: Prepared| {
                Ok(http::Response::new(match request.uri().path().rsplit('/').next() {
                    Some("failed-tasks") => r#"{"tasks":[{"task_id":"t-1","task_error_msg":"why"}]}"#.into(),
                    Some("t-1") => r#"{"task_id":"t-1","task_status":"FAILED_BIND"}"#.into(),
                    _ => r#"{"task_id":"t-2","task_status":"SUCCESS_BIND"}"#.into(),
                }))
            };
            let kps = blocking::Client::builder(transport)
                .region(Region::CN_NORTH_4)
                .project_id(ProjectId::new("0a1b").unwrap())
                .credentials(crate::Credentials::access_key("AK", "hunter2"))
                .build()
                .unwrap();
            let (task, options) = (|id| crate::TaskId::new(id).unwrap(), crate::WaitOptions::new());
            kps.wait(task("t-1"), &options).unwrap_err();
            kps.wait_all([task("t-2"), task("t-1")], &options);
        });
        let told = kept.0.lock().unwrap().join(" ");
        assert!(told.starts_with(r#"kps.task task_id="t-1" kps.call operation="ListKeypairTask""#), "{told}");
        let end = r#"status="FAILED_BIND" looks=1 error=task t-1 failed (FAILED_BIND): why elapsed_ms"#;
        assert!(told.contains(&format!("{end} kps.tasks count=2 kps.call")), "{told}");
        assert!(told.ends_with("errors=1"), "{told}");
    }

    #[test]
    fn blanks_that_are_left_out_are_told() {
        let variables = Environment::from([("HUAWEICLOUD_SDK_AK", "AK "), ("HUAWEICLOUD_SDK_SK", "hunter2")]);
        assert_eq!(
            events(CredentialsSource::environment(), variables),
            ["the variable HUAWEICLOUD_SDK_AK has blanks at its ends, which were left out"],
        );
    }

    #[test]
    fn an_entry_of_no_proxy_that_is_passed_over_is_told_and_not_quoted() {
        let kept = Kept::default();
        let list = "a.example:8080, ,b.example:http,http://hunter2@proxy.example";
        tracing::subscriber::with_default(kept.clone(), || {
            ProxyRules::read(&Environment::from([("no_proxy", list)])).unwrap();
        });
        let told = |entry| {
            format!("entry {entry} of the variable no_proxy is passed over: behind its colon is no port")
        };
        assert_eq!(*kept.0.lock().unwrap(), [told(3), told(4)]);
    }

    #[test]
    fn a_file_that_others_can_read_is_told() {
        let kept = Environment::from([("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/keys")])
            .with_file("/keys", "[basic]\nak=AK\nsk=hunter2\n");
        let open = kept.clone().with_file_open_to_others("/keys");
        assert_eq!(events(CredentialsSource::file(), kept), Vec::<String>::new());
        assert_eq!(events(CredentialsSource::file(), open), ["/keys can be read by others; `chmod 600` it"],);
    }

    #[test]
    fn a_renewal_that_fails_is_told() {
        let nobody = Environment::from([("HOME", "/nowhere")]);
        let events = events(CredentialsSource::file(), nobody);
        assert_eq!(events.len(), 1);
        assert!(events.concat().starts_with("renewing credentials failed: no credentials: "), "{events:?}");
    }
}
