//! All that could be seen, and whether a secret is in it.

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use kps_core::{AttemptReport, CallReport, Error, Observer};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// It stands in every secret.
pub(crate) const MARK: &str = "TOPSECRET";

/// All that could be seen so far.
static SEEN: Mutex<String> = Mutex::new(String::new());

pub(crate) fn see(text: &str) {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    seen.push_str(text);
    seen.push('\n');
}

/// What could be seen since this was last asked.
pub(crate) fn seen() -> String {
    std::mem::take(&mut *SEEN.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The beginnings of the lines with a secret in them.
pub(crate) fn leaks(seen: &str) -> Vec<String> {
    let shown = |line: &str| line.chars().take(300).collect();
    seen.lines().filter(|line| line.contains(MARK)).map(shown).collect()
}

#[track_caller]
pub(crate) fn assert_no_leak(seen: &str) {
    let leaks = leaks(seen);
    assert!(leaks.is_empty(), "{} leaks, such as {:#?}", leaks.len(), leaks.first());
}

/// Sees all spans and events, and what the HTTP clients log.
pub(crate) struct Everything;

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        see(&format!("{}={value:?}", field.name()));
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        see(span.metadata().name());
        span.record(&mut Self);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Self);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Self);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Whether the logger takes the bytes that ureq sends.
pub(crate) static WIRE_LOG: AtomicBool = AtomicBool::new(false);

impl log::Log for Everything {
    fn enabled(&self, record: &log::Metadata<'_>) -> bool {
        WIRE_LOG.load(Ordering::SeqCst) || !record.target().starts_with("ureq_proto")
    }

    fn log(&self, record: &log::Record<'_>) {
        if !log::Log::enabled(self, record.metadata()) {
            return;
        }
        see(&format!("{}: {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

impl Observer for Everything {
    fn attempt(&self, attempt: &AttemptReport<'_>) {
        see(&format!("{attempt:?}"));
    }

    fn call(&self, call: &CallReport<'_>) {
        see(&format!("{call:?}"));
    }
}

/// Nothing was seen before it. One test at a time, since what is logged is everybody's.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    static ONCE: Once = Once::new();
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    ONCE.call_once(|| {
        tracing::subscriber::set_global_default(Everything).unwrap();
        log::set_logger(&Everything).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            see(&panic.to_string());
            usual(panic);
        }));
    });
    seen();
    turn
}

pub(crate) fn see_error(error: &Error) {
    see(&format!("{error} {error:?} {} {:?}", error.report(), error.error_body()));
    see(&format!("{:?} {:?} {:?}", error.message(), error.code(), error.request_id()));
}
