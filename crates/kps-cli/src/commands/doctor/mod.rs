//! `kps doctor`.

mod access;
mod finding;
mod network;
mod setup;

use std::time::Duration;

use kps_ureq::Client;

use crate::args;
use crate::commands::doctor::finding::{Finding, State, mask};
use crate::context::Context;
use crate::machine;
use crate::stop::{Exit, Failure, Stop};

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&["kps doctor --region cn-north-4 --timeout 30s"]))]
pub(crate) struct Args {}

/// An examination under way.
struct Doctor<'a> {
    context: &'a Context,
    found: Vec<Finding>,
    /// The project that a source of credentials tells.
    project_id: Option<String>,
}

pub(crate) fn run(_: &Args, context: &Context) -> Result<(), Stop> {
    machine::ticks();
    let mut doctor = Doctor { context, found: Vec::new(), project_id: None };
    doctor.examine();
    let Doctor { mut found, project_id, .. } = doctor;
    let home = context.environment().get("HOME").ok().flatten();
    found.iter_mut().for_each(|finding| mask(finding, home.as_deref(), project_id.as_deref()));
    let failed = found.iter().filter(|finding| finding.state == State::Failed).count();
    let exit = found.iter().find_map(|finding| finding.exit);
    let all = found.len();
    context.output.list(found.into_iter().map(Ok))?;
    match exit {
        Some(exit) => Err(Failure::new(exit, format_args!("{failed} of {all} checks failed")).into()),
        None => Ok(()),
    }
}

impl Doctor<'_> {
    fn examine(&mut self) {
        self.program();
        let has_credentials = self.credentials();
        let Some(kps) = self.client() else { return };
        let kps = kps.with_attempts(1);
        if let Some(id) = kps.project_id() {
            self.project_id = Some(id.to_string());
        }
        if !self.network(&kps) || !has_credentials {
            return;
        }
        if self.permissions(&kps) {
            self.project(&kps);
        }
    }

    /// The time that is left, if there is any.
    fn left(&mut self, check: &'static str) -> Option<Duration> {
        let left = self.context.globals.timeout.saturating_sub(machine::ticks());
        if left.is_zero() {
            let finding = Finding::failed(check, Exit::TimedOut, "no time was left to look");
            self.note(finding.cure("give it a longer --timeout"));
        }
        (!left.is_zero()).then_some(left)
    }

    /// The client with the time that is left, if there is any.
    fn in_time(&mut self, check: &'static str, kps: &Client) -> Option<Client> {
        self.left(check).map(|left| kps.with_timeout(left))
    }

    fn note(&mut self, finding: Finding) {
        self.found.push(finding);
    }
}
