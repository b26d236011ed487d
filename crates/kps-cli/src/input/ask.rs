//! Questions to somebody at a terminal, on standard error, and what is typed.

use std::io::{self, BufRead as _, Read as _, Write as _};

use zeroize::Zeroizing;

use crate::machine;

/// The longest answer that is read, in bytes.
const MOST: u64 = 1024;

/// Asks, and takes a line without the blanks around it.
pub(crate) fn line(question: &str) -> io::Result<String> {
    write!(io::stderr(), "{question}")?;
    let mut answer = String::new();
    if io::stdin().lock().take(MOST).read_line(&mut answer)? == 0 {
        // Who ends the input leaves the line of the question unended.
        writeln!(io::stderr())?;
    }
    Ok(answer.trim().to_owned())
}

/// Asks for a line that is not shown.
pub(crate) fn hidden(question: &str) -> io::Result<Zeroizing<String>> {
    machine::typed_unseen(question).map(Zeroizing::new)
}
