//! What became of each of several key pairs.

use kps_ureq::KeypairName;
use serde::Serialize;

use crate::context::Context;
use crate::output::{Cell, Format, Row};
use crate::stop::{Failure, Stop};
use crate::waiting;

/// What became of one of several key pairs.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    name: KeypairName,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Row for Outcome {
    const COLUMNS: &'static [&'static str] = &["NAME", "OUTCOME", "ERROR"];
    const IS_CUT: bool = false;

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::of(Some(self.name.as_str())),
            match self.error {
                None => Cell::Text(self.outcome.into()),
                Some(_) => Cell::Bad(self.outcome.into()),
            },
            Cell::of(self.error.as_ref()),
        ]
    }
}

/// Prints what became of each, and fails if one did. One alone needs no list.
pub(super) fn tell(
    results: Vec<(KeypairName, Result<&'static str, Stop>)>,
    context: &Context,
) -> Result<(), Stop> {
    let count = results.len();
    let mut failures = Vec::new();
    let mut outcomes = Vec::with_capacity(count);
    for (name, result) in results {
        let (outcome, error) = match result {
            Ok(outcome) => (outcome, None),
            Err(stop @ (Stop::Done | Stop::Told(_))) => return Err(stop),
            Err(Stop::Failed(failure)) => {
                let text = failure.text();
                failures.push(*failure);
                ("failed", Some(text))
            }
        };
        outcomes.push(Outcome { name, outcome, error });
    }
    match outcomes.as_slice() {
        [_] if !failures.is_empty() => {}
        [one] if context.output.format() == Format::Table && context.globals.query.is_none() => {
            context.output.note(&format!("{}: {}", one.name, one.outcome))?;
        }
        _ => context.output.list(outcomes.into_iter().map(Ok))?,
    }
    end(failures, count)
}

/// Fails as the one that failed if it was alone, else as all that failed did.
pub(super) fn end(mut failures: Vec<Failure>, count: usize) -> Result<(), Stop> {
    match failures.pop() {
        Some(failure) if count == 1 => Err(failure.into()),
        last => {
            failures.extend(last);
            let exits: Vec<_> = failures.iter().map(Failure::exit).collect();
            waiting::sum(&exits, count, "key pairs")
        }
    }
}
