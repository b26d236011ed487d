//! Whether what cannot be undone may be done.

use crate::input::ask;
use crate::machine;
use crate::output::escape;
use crate::stop::{Exit, Failure, Stop};

/// Goes on if `--yes` was said, or somebody at a terminal says so now. `deed` is what will be done, as in `delete the key pair ci`.
pub(crate) fn confirm(deed: &str, yes: bool) -> Result<(), Stop> {
    if yes {
        return Ok(());
    }
    if !machine::stdin_is_terminal() {
        return Err(Failure::usage(format_args!("nobody can be asked whether to {deed}"))
            .with_cure("say --yes")
            .into());
    }
    let answer = ask::line(&format!("{}? [y/N] ", capital(&escape(deed))))?;
    if is_yes(&answer) { Ok(()) } else { Err(Failure::new(Exit::Failed, "nothing was done").into()) }
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes"].iter().any(|yes| answer.trim().eq_ignore_ascii_case(yes))
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for (answer, yes) in
            [("y\n", true), ("YES\r\n", true), ("", false), ("\n", false), ("yo", false), ("n", false)]
        {
            assert_eq!(is_yes(answer), yes, "{answer:?}");
        }
        assert_eq!(capital("delete ci"), "Delete ci");
    }
}
