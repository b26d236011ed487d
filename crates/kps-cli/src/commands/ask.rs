//! Questions to a person. Where there is none, the error says which option answers.

use std::io::{self, BufRead as _, Write as _};

use crate::machine;
use crate::output::escape;
use crate::stop::{Exit, Failure, Stop};

/// Goes on if the person says so. What is to be done is told as in `delete all of it`.
pub(crate) fn confirm(what: &str) -> Result<(), Stop> {
    if !machine::stdin_is_terminal() {
        return Err(Failure::usage(format_args!("nobody can be asked whether to {what}"))
            .with_cure("say --yes to do so without a question")
            .into());
    }
    let mut answer = String::new();
    write!(io::stderr(), "Really {}? [y/N] ", escape(what))?;
    io::stdin().lock().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new(Exit::Failed, "nothing was changed").into()),
    }
}
