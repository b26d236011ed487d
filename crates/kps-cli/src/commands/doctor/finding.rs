//! What an examination finds.

use kps_ureq::Error;
use serde::Serialize;

use crate::output::{Cell, Row};
use crate::stop::Exit;
use crate::words;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Ok,
    /// It works, and may not for long or not everywhere.
    Warn,
    Failed,
    /// It could not be looked at, or need not be.
    Skipped,
}

/// What was looked at, and what came of it.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) check: String,
    pub(super) state: State,
    pub(super) found: String,
    /// What to do.
    pub(super) cure: Option<String>,
    /// The exit code that it leads to.
    #[serde(skip)]
    pub(super) exit: Option<Exit>,
}

impl Finding {
    fn new(check: impl Into<String>, state: State, found: impl Into<String>) -> Self {
        Self { check: check.into(), state, found: found.into(), cure: None, exit: None }
    }

    pub(super) fn ok(check: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(check, State::Ok, found)
    }

    pub(super) fn warn(check: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(check, State::Warn, found)
    }

    pub(super) fn skipped(check: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(check, State::Skipped, found)
    }

    pub(super) fn failed(check: impl Into<String>, exit: Exit, found: impl Into<String>) -> Self {
        Self { exit: Some(exit), ..Self::new(check, State::Failed, found) }
    }

    /// A call that came to nothing. A missing permission may be meant.
    pub(super) fn error(check: impl Into<String>, error: &Error) -> Self {
        let found = words::told(error);
        let finding = match error.is_forbidden() {
            true => Self::warn(check, found),
            false => Self::failed(check, Exit::of(error), found),
        };
        let cure = error.cure().map(|cure| words::of_the_command_line(cure).into_owned());
        Self { cure, ..finding }
    }

    #[must_use]
    pub(super) fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure.get_or_insert(cure.into());
        self
    }
}

/// Takes out of a finding what others need not see: the home directory, and the middle of the project's id.
pub(super) fn mask(finding: &mut Finding, home: Option<&str>, project_id: Option<&str>) {
    let texts = [Some(&mut finding.found), finding.cure.as_mut()];
    for text in texts.into_iter().flatten() {
        if let Some(home) = home.filter(|home| home.len() > 1) {
            *text = text.replace(home, "~");
        }
        if let Some(id) = project_id {
            *text = text.replace(id, &ends(id));
        }
    }
}

fn ends(id: &str) -> String {
    match (id.get(..4), id.len().checked_sub(4).and_then(|at| id.get(at..))) {
        (Some(first), Some(last)) if id.len() >= 16 => format!("{first}…{last}"),
        _ => "…".to_owned(),
    }
}

impl Finding {
    fn state(&self) -> Cell {
        match self.state {
            State::Ok => Cell::Text("ok".into()),
            State::Warn => Cell::Bad("warn".into()),
            State::Failed => Cell::Bad("failed".into()),
            State::Skipped => Cell::Text("–".into()),
        }
    }
}

impl Row for Finding {
    const COLUMNS: &'static [&'static str] = &["CHECK", "STATE", "FOUND"];
    const FIELDS: &'static [&'static str] = &["check", "state", "found", "cure"];
    const IS_CUT: bool = false;

    fn cells(&self) -> Vec<Cell> {
        let text = match &self.cure {
            Some(cure) => format!("{}; {cure}", self.found),
            None => self.found.clone(),
        };
        vec![Cell::of(Some(&self.check)), self.state(), Cell::of(Some(&text))]
    }

    fn values(&self) -> Vec<Cell> {
        vec![
            Cell::of(Some(&self.check)),
            self.state(),
            Cell::of(Some(&self.found)),
            Cell::of(self.cure.as_ref()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_can_be_pasted() {
        let mut finding = Finding::ok("file", "/home/ann/.huaweicloud of 0a1b2c3d4e5f60718293a4b5c6d7e8f9");
        mask(&mut finding, Some("/home/ann"), Some("0a1b2c3d4e5f60718293a4b5c6d7e8f9"));
        assert_eq!(finding.found, "~/.huaweicloud of 0a1b…e8f9");
        assert_eq!(ends("0a1b"), "…");
    }
}
