//! The one place where this program touches the machine: its clock, its variables, its terminal.
#![expect(clippy::disallowed_methods, reason = "this is the file the others are kept from it by")]

use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;
use std::time::SystemTime;

pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// Whether what is printed goes to a person.
pub(crate) fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Whether somebody can be asked.
pub(crate) fn stdin_is_terminal() -> bool {
    std::io::stdin().is_terminal()
}

/// How many columns the terminal has, if there is one.
pub(crate) fn width() -> Option<u16> {
    terminal_size::terminal_size().map(|(width, _)| width.0)
}

/// A file, or standard input if it is `-`.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
