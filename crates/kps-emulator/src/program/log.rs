//! The log on standard error: one line for each request, and what the program does.

use std::io;

use crate::program::args::Form;

pub(super) fn start(form: Form) {
    let log = tracing_subscriber::fmt().with_writer(io::stderr).with_max_level(tracing::Level::INFO);
    // A program that has a log already keeps that.
    drop(match form {
        Form::Json => {
            log.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
        }
        Form::Text => log.with_ansi(false).try_init(),
    });
}
