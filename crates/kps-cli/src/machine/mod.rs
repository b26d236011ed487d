//! The one place where this program touches the machine: its clock, its files, its terminal.
#![expect(clippy::disallowed_methods, reason = "this is the module the others are kept from it by")]

mod fault;
mod file;

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::net::ToSocketAddrs as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::sync::{OnceLock, mpsc};
use std::time::{Duration, Instant, SystemTime};

pub(crate) use fault::{cure_of_reading, in_words, reason};
pub(crate) use file::{NewFile, Readers, Unsaved, no_directory, remove};

pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// Whether what is printed goes to a person.
pub(crate) fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Whether what is printed goes to a file, and so to no terminal by way of another program.
#[cfg(unix)]
pub(crate) fn stdout_is_file() -> bool {
    use std::os::fd::AsFd as _;

    let file = std::io::stdout().as_fd().try_clone_to_owned().map(File::from);
    file.and_then(|file| file.metadata()).is_ok_and(|file| file.is_file())
}

#[cfg(not(unix))]
pub(crate) fn stdout_is_file() -> bool {
    false
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

/// A file, or standard input if it is `-`.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(File::open(path)?))
}

/// The time since this was first asked.
pub(crate) fn ticks() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// How many addresses a name with a port has, unless the resolver of the system takes longer than that.
pub(crate) fn resolve(authority: &str, limit: Duration) -> io::Result<usize> {
    let (tell, told) = mpsc::channel();
    let authority = authority.to_owned();
    // The resolver cannot be stopped; the end of the program does that.
    std::thread::Builder::new().spawn(move || {
        let found = authority.to_socket_addrs().map(Iterator::count);
        // Nobody waits any more if it took too long.
        drop(tell.send(found));
    })?;
    told.recv_timeout(limit).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// Makes a directory that is for its owner alone, if it is not there.
pub(crate) fn private_directory(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    if path.as_os_str().is_empty() || path.is_dir() { Ok(()) } else { builder.create(path) }
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
    drop(on_interrupt(|| end_interrupted()));
}

/// The same, and takes these files away first, of which nobody will make anything.
pub(crate) fn remove_when_interrupted(paths: Vec<PathBuf>) {
    drop(on_interrupt(move || {
        remove(&paths);
        end_interrupted();
    }));
}

/// The end of a program that was interrupted.
pub(crate) fn end_interrupted() -> ! {
    exit(130)
}

type Deed = Box<dyn Fn() + Send>;

/// A handler can be set once, and what it does changes.
static INTERRUPTED: Mutex<Option<Deed>> = Mutex::new(None);

fn deed() -> MutexGuard<'static, Option<Deed>> {
    INTERRUPTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has this done at an interrupt, in place of what was said before.
pub(crate) fn on_interrupt(new: impl Fn() + Send + 'static) -> Result<(), ctrlc::Error> {
    replace(new).map(drop)
}

/// The same, and returns what was said before.
fn replace(new: impl Fn() + Send + 'static) -> Result<Option<Deed>, ctrlc::Error> {
    let before = deed().replace(Box::new(new));
    if before.is_some() {
        return Ok(before);
    }
    let set = ctrlc::set_handler(|| {
        if let Some(deed) = deed().as_ref() {
            deed();
        }
    });
    if set.is_err() {
        // Who comes next is to hear of it too.
        *deed() = None;
    }
    set.map(|()| None)
}

/// What is typed without echo. Who interrupts it ends the program, once the terminal has its echo back: the library that
/// asks raises the signal before that, so meanwhile the signal ends nothing.
pub(crate) fn typed_unseen(prompt: &str) -> io::Result<String> {
    let before = replace(|| {}).unwrap_or_default();
    let typed = rpassword::prompt_password(prompt);
    *deed() = Some(before.unwrap_or_else(|| Box::new(|| end_interrupted())));
    if typed.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Interrupted) {
        end_interrupted();
    }
    typed
}
