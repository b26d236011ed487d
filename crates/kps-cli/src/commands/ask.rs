//! Questions to a person. Where there is none, the error says which option answers.

use std::io::{self, BufRead as _, Write as _};

use crate::machine;
use crate::stop::{Exit, Failure, Stop};

/// Goes on if the person says so.
pub(crate) fn confirm(question: &str) -> Result<(), Stop> {
    if !machine::stdin_is_terminal() {
        return Err(Failure::usage(format_args!("nobody can be asked: {question}"))
            .with_cure("say --yes to do it without a question")
            .into());
    }
    let mut answer = String::new();
    write!(io::stderr(), "{} [y/N] ", crate::output::escape(question))?;
    io::stdin().lock().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new(Exit::Failed, "nothing was changed").into()),
    }
}
