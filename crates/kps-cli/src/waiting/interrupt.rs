//! SIGINT, or Ctrl-C: the task goes on in the service, so the last thing that is told is how to wait on.

use std::sync::{Arc, Mutex, PoisonError};

use indicatif::ProgressBar;

use crate::context::Context;
use crate::machine;
use crate::stop::{Exit, Failure, Stop};

/// What is told by whoever is interrupted.
pub(crate) struct Interrupt(Arc<Mutex<Told>>);

struct Told {
    /// The command line that waits on, once a task was accepted.
    resume: Option<String>,
    bar: Option<ProgressBar>,
    as_json: bool,
}

impl Interrupt {
    /// Has the program end by code 130 when it is interrupted from now on. It is made once.
    pub(crate) fn watch(context: &Context) -> Result<Self, Stop> {
        let as_json = context.output.format().is_json();
        let told = Arc::new(Mutex::new(Told { resume: None, bar: None, as_json }));
        let for_handler = Arc::clone(&told);
        let handler =
            move || machine::exit(for_handler.lock().unwrap_or_else(PoisonError::into_inner).tell());
        machine::on_interrupt(handler).map_err(|error| {
            Failure::new(Exit::Failed, format_args!("interrupts cannot be watched: {error}"))
        })?;
        Ok(Self(told))
    }

    pub(super) fn resume_by(&self, line: String) {
        self.told(|told| told.resume = Some(line));
    }

    pub(super) fn clear_first(&self, bar: Option<&ProgressBar>) {
        self.told(|told| told.bar = bar.cloned());
    }

    fn told(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Told {
    fn tell(&self) -> u8 {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let failure = match &self.resume {
            Some(line) => Failure::new(Exit::Interrupted, "interrupted; what was begun goes on")
                .with_cure(format!("`{line}` waits on")),
            None => Failure::new(Exit::Interrupted, "interrupted")
                .with_cure("`kps running` shows whether a task was accepted"),
        };
        let _ = failure.tell(self.as_json);
        Exit::Interrupted as u8
    }
}
