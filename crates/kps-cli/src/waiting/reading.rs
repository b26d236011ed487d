//! How far a list is read: a line that moves on standard error, at a terminal where its rows are not seen to come.

use std::sync::{Arc, OnceLock};

use indicatif::ProgressBar;
use kps_ureq::{Items, ListProgress, Paged};

use crate::context::Context;
use crate::machine;
use crate::waiting::progress::spinner;

/// What is told of a list while it is read, if anything is.
#[derive(Clone)]
pub(crate) struct Reading {
    what: &'static str,
    /// Set where somebody sees it; the line begins when there is something to wait for.
    line: Option<Arc<OnceLock<ProgressBar>>>,
}

impl Reading {
    /// Of a list of these, such as `failed tasks`.
    pub(crate) fn new(context: &Context, what: &'static str) -> Self {
        let is_told = context.globals.verbose || context.globals.trace;
        let is_seen = !is_told
            && machine::stderr_is_terminal()
            // What goes into a pipe may come to the terminal at its other end.
            && (context.output.gathers() || machine::stdout_is_file());
        Self { what, line: is_seen.then(Arc::default) }
    }

    /// Tells of each page of the list, if there is more than one.
    pub(crate) fn of<O: Paged>(&self, items: Items<O>) -> Items<O> {
        if self.line.is_none() {
            return items;
        }
        let reading = self.clone();
        items.with_progress(move |read| {
            if goes_on(read) {
                reading.tell(&far(read, reading.what));
            }
        })
    }

    /// The rows of the list; when they end, so does the line.
    pub(crate) fn rows<I: Iterator>(&self, rows: I) -> Rows<I> {
        Rows { rows, reading: self.clone() }
    }

    pub(crate) fn tell(&self, text: &str) {
        let Some(line) = &self.line else { return };
        line.get_or_init(|| {
            let line = spinner(text.to_owned());
            let first = line.clone();
            // Who interrupts it leaves nothing of it behind; if that cannot be, it ends all the same.
            drop(machine::on_interrupt(move || {
                first.finish_and_clear();
                machine::end_interrupted();
            }));
            line
        })
        .set_message(text.to_owned());
    }

    /// Says something beside it, which stays.
    pub(crate) fn aside(&self, say: impl FnOnce()) {
        match self.line.as_ref().and_then(|line| line.get()) {
            Some(line) => line.suspend(say),
            None => say(),
        }
    }

    fn end(&self) {
        if let Some(line) = self.line.as_ref().and_then(|line| line.get()) {
            line.finish_and_clear();
        }
    }
}

/// Rows that are read.
pub(crate) struct Rows<I> {
    rows: I,
    reading: Reading,
}

impl<I: Iterator> Iterator for Rows<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let next = self.rows.next();
        if next.is_none() {
            self.reading.end();
        }
        next
    }
}

impl<I> Drop for Rows<I> {
    fn drop(&mut self) {
        self.reading.end();
    }
}

/// Whether a person waits for more than one page.
fn goes_on(read: ListProgress) -> bool {
    read.pages > 1 || read.total.is_some_and(|total| read.items < total)
}

fn far(read: ListProgress, what: &str) -> String {
    match read.total {
        Some(total) => format!("{} of {total} {what} read", read.items),
        None => format!("{} {what} read", read.items),
    }
}
