//! Passwords: from standard input, a file or the terminal, and never from an argument, which other users of the machine can see.

use std::io;
use std::path::PathBuf;

use kps_ureq::Secret;

use crate::input::ask;
use crate::input::bounded::{self, Fault};
use crate::machine;
use crate::stop::{Failure, Stop};

/// The longest password that is read, in bytes.
const MOST: usize = 1024;

// Where the password comes from.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct PasswordArgs {
    /// Take the password from standard input
    #[arg(long, conflicts_with = "password_file")]
    password_stdin: bool,
    /// Take the password from this file
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordArgs {
    /// Whether one of them is named.
    pub(crate) const fn is_given(&self) -> bool {
        self.password_stdin || self.password_file.is_some()
    }

    /// Whether it is read from standard input.
    pub(crate) fn takes_stdin(&self) -> bool {
        self.password_stdin || self.password_file.as_deref() == Some(std::path::Path::new("-"))
    }

    /// Reads the password, and asks for it on a terminal if no other place is named. `whose` says which, as in `root on web-1`.
    pub(crate) fn read(&self, whose: &str) -> Result<Secret, Stop> {
        let what = format!("the password of {whose}");
        if let Some(path) = &self.password_file {
            let read = bounded::read_path(path, MOST);
            return of_line(read, &bounded::placed(&what, path));
        }
        if self.password_stdin {
            return of_line(bounded::read(io::stdin().lock(), MOST), &format!("{what} on standard input"));
        }
        if !machine::stdin_is_terminal() {
            return Err(Failure::usage(format_args!("{what} is needed"))
                .with_cure("say --password-stdin or --password-file")
                .into());
        }
        let typed = ask::hidden(&format!("Password of {}: ", crate::output::escape(whose)));
        of_line(typed.map_err(Fault::Io), &what)
    }
}

/// A password is one line; the end of the line is not part of it.
fn of_line(text: Result<zeroize::Zeroizing<String>, Fault>, what: &str) -> Result<Secret, Stop> {
    let text = bounded::told(text, what, MOST)?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    let fault = match line {
        "" => "is empty",
        line if line.contains(['\n', '\r']) => "has more than one line",
        line if line.contains('\0') => "holds a zero byte",
        line => return Ok(Secret::new(line)),
    };
    Err(Failure::usage(format_args!("{what} {fault}")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Secret, String> {
        of_line(bounded::read(text.as_bytes(), MOST), "the password").map_err(|stop| format!("{stop:?}"))
    }

    #[test]
    fn a_password_is_one_line_without_its_end() {
        let longest = "x".repeat(MOST);
        for (text, password) in [
            ("hunter2", "hunter2"),
            ("hunter2\n", "hunter2"),
            ("hunter2\r\n", "hunter2"),
            (" two words \n", " two words "),
            ("Пароль密码", "Пароль密码"),
            (longest.as_str(), longest.as_str()),
        ] {
            assert_eq!(read(text).unwrap().expose(), password);
        }
    }

    #[test]
    fn what_is_no_password_is_refused_and_not_quoted() {
        let long = format!("hunter2{}", "x".repeat(MOST));
        for (text, reason) in [
            ("", "is empty"),
            ("\n", "is empty"),
            ("\r\n", "is empty"),
            ("hunter2\n\n", "more than one line"),
            ("hunter2\nhunter3\n", "more than one line"),
            ("hunter2\rhunter3", "more than one line"),
            ("hunter2\0", "a zero byte"),
            (long.as_str(), "more than 1024 bytes"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(reason) && error.contains("Usage"), "{error}");
            assert!(!error.contains("hunter"), "{error}");
        }
    }
}
