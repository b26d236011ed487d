//! The one place where this program touches the machine: its clock, its variables, its terminal.
#![expect(clippy::disallowed_methods, reason = "this is the file the others are kept from it by")]

use std::io::IsTerminal as _;
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

/// Whether what is told beside the output goes to a person.
pub(crate) fn stderr_is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// Ends the program at once, whatever it waits for.
pub(crate) fn exit(code: u8) -> ! {
    std::process::exit(code.into())
}
