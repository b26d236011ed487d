//! What is told of the calls on standard error, and what should be mended.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kps_ureq::{AttemptReport, CallReport, Observer};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::output::escape;

/// How much is told of the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Calls,
    /// Their attempts and pauses too.
    All,
}

impl Told {
    pub(crate) const fn of(verbose: bool, trace: bool) -> Option<Self> {
        match (verbose, trace) {
            (_, true) => Some(Self::All),
            (true, false) => Some(Self::Calls),
            (false, false) => None,
        }
    }
}

/// Tells each call on a line of standard error.
pub(crate) struct Talk {
    told: Told,
    as_json: bool,
}

impl Talk {
    pub(crate) const fn new(told: Told, as_json: bool) -> Self {
        Self { told, as_json }
    }

    /// From now on tells what the library finds that works and should be mended.
    pub(crate) fn warnings(as_json: bool) {
        // There is another one only in a test of several contexts.
        let _ = tracing::subscriber::set_global_default(Warnings { as_json, told: Mutex::default() });
    }

    fn say(&self, text: &str, what: &str, json: &Value) {
        say(self.as_json, text, what, json);
    }
}

fn say(as_json: bool, text: &str, what: &str, json: &Value) {
    let text = if as_json { json!({ what: json }).to_string() } else { format!("kps: {text}") };
    // If nobody can be told, the call goes on.
    drop(writeln!(io::stderr(), "{}", escape(&text)));
}

impl Observer for Talk {
    fn attempt(&self, attempt: &AttemptReport<'_>) {
        if self.told != Told::All {
            return;
        }
        let error = attempt.error.map(|kind| format!("{kind:?}").to_lowercase());
        let outcome = Outcome {
            status: attempt.status,
            code: attempt.code,
            error: error.as_deref(),
            request_id: attempt.request_id,
        };
        let (operation, number, took) = (attempt.operation, attempt.attempt, Time(attempt.took));
        self.say(
            &format!("{operation}, attempt {number}: {outcome}, {took}"),
            "attempt",
            &outcome.json(json!({"operation": operation, "attempt": number, "seconds": took.seconds()})),
        );
    }

    fn wait(&self, operation: &'static str, time: Duration) {
        if self.told == Told::All {
            let time = Time(time);
            let json = json!({"operation": operation, "seconds": time.seconds()});
            self.say(&format!("{operation} waits {time}"), "wait", &json);
        }
    }

    fn call(&self, call: &CallReport<'_>) {
        let outcome = Outcome {
            status: call.status,
            code: call.error.and_then(kps_ureq::Error::code),
            error: call.error.map(kps_ureq::Error::id),
            request_id: call.request_id,
        };
        let (operation, attempts, took) = (call.operation, call.attempts, Time(call.took));
        let plural = if attempts == 1 { "" } else { "s" };
        self.say(
            &format!("{operation}: {outcome}, {attempts} attempt{plural}, {took}"),
            "call",
            &outcome.json(json!({"operation": operation, "attempts": attempts, "seconds": took.seconds()})),
        );
    }
}

/// How a call or an attempt ended: in no more than what the service's support asks for.
struct Outcome<'a> {
    status: Option<u16>,
    code: Option<&'a str>,
    error: Option<&'a str>,
    request_id: Option<&'a str>,
}

impl Outcome<'_> {
    fn json(&self, mut json: Value) -> Value {
        if let Some(fields) = json.as_object_mut() {
            fields.insert("status".into(), self.status.into());
            fields.insert("code".into(), self.code.into());
            fields.insert("error".into(), self.error.into());
            fields.insert("request_id".into(), self.request_id.into());
        }
        json
    }
}

impl fmt::Display for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "status {status}")?,
            None => f.write_str(self.error.unwrap_or("no answer"))?,
        }
        if let Some(code) = self.code {
            write!(f, ", code {code}")?;
        }
        match self.request_id {
            Some(id) => write!(f, ", request id {id}"),
            None => Ok(()),
        }
    }
}

struct Time(Duration);

impl Time {
    fn seconds(&self) -> f64 {
        self.0.as_secs_f64()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            millis @ 0..1000 => write!(f, "{millis} ms"),
            _ => write!(f, "{:.1} s", self.seconds()),
        }
    }
}

/// The events of the library, of which it has only warnings; its spans are not looked at. Each is told once.
struct Warnings {
    as_json: bool,
    told: Mutex<BTreeSet<String>>,
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::WARN && metadata.target().starts_with("kps_")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::WARN)
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        // The error of the call says the same.
        if text.0.starts_with("renewing credentials failed") {
            return;
        }
        if self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(text.0.clone()) {
            say(self.as_json, &format!("warning: {}", text.0), "warning", &text.0.as_str().into());
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            // A string takes all.
            let _ = write!(self.0, "{value:?}");
        }
    }
}
