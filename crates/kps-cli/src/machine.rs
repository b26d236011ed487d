//! The one place where this program touches the machine: its clock, its variables, its terminal.
#![expect(clippy::disallowed_methods, reason = "this is the file the others are kept from it by")]

use std::io::IsTerminal as _;
use std::time::{Duration, SystemTime};

pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// Whether what is printed goes to a person.
pub(crate) fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// How many columns the terminal has, if there is one.
pub(crate) fn width() -> Option<u16> {
    terminal_size::terminal_size().map(|(width, _)| width.0)
}

/// Whether there is somebody to be asked.
pub(crate) fn stdin_is_terminal() -> bool {
    std::io::stdin().is_terminal()
}

/// Lets time pass, unless nobody reads the output any more: then it says so at once.
#[cfg(unix)]
pub(crate) fn sleep_while_read(time: Duration) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stdout = std::io::stdout();
    // Nothing is waited for but its end, which is always told.
    let mut output = [PollFd::new(&stdout, PollFlags::empty())];
    let polled = Timespec::try_from(time).map(|time| poll(&mut output, Some(&time)));
    match polled {
        Ok(Ok(0)) => true,
        Ok(Ok(_)) if output.iter().any(|one| one.revents().intersects(PollFlags::ERR | PollFlags::HUP)) => {
            false
        }
        // Some systems cannot tell of terminals.
        _ => {
            std::thread::sleep(time);
            true
        }
    }
}

#[cfg(not(unix))]
pub(crate) fn sleep_while_read(time: Duration) -> bool {
    std::thread::sleep(time);
    true
}

/// Ends the program quietly, with the code of one that was interrupted, as soon as it is.
pub(crate) fn end_when_interrupted() {
    // Without a handler it ends all the same, and less quietly.
    drop(ctrlc::set_handler(|| std::process::exit(130)));
}
