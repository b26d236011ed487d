//! Texts of a bounded size, from a file or standard input, of which no copy stays in memory.

use std::io::{self, Read};
use std::mem;
use std::path::Path;
use std::str;

use zeroize::Zeroizing;

use crate::machine;
use crate::stop::Failure;

/// Why a text cannot be had. It never quotes the text.
#[derive(Debug)]
pub(super) enum Fault {
    Io(io::Error),
    TooLong,
    NotUtf8,
}

impl Fault {
    /// Says it of a thing, such as `the password`.
    pub(super) fn tell(&self, what: &str, most: usize) -> String {
        match self {
            Self::Io(error) => format!("{what} cannot be read: {}", machine::reason(error)),
            Self::TooLong => format!("{what} has more than {most} bytes"),
            Self::NotUtf8 => format!("{what} is not UTF-8"),
        }
    }
}

/// Reads a file, or standard input if it is `-`.
pub(super) fn read_path(path: &Path, most: usize) -> Result<Zeroizing<String>, Fault> {
    read(machine::open(path).map_err(Fault::Io)?, most)
}

/// What is read, with its place: `the public key in key.pub`.
pub(super) fn placed(what: &str, path: &Path) -> String {
    if path == Path::new("-") {
        return format!("{what} on standard input");
    }
    format!("{what} in {}", path.display())
}

/// The same, where no text is an error that names the thing.
pub(super) fn text(path: &Path, what: &str, most: usize) -> Result<Zeroizing<String>, Failure> {
    told(read_path(path, most), &placed(what, path), most)
}

/// What was read, or an error that names the thing.
pub(super) fn told<T>(read: Result<T, Fault>, what: &str, most: usize) -> Result<T, Failure> {
    read.map_err(|fault| {
        let failure = Failure::usage(fault.tell(what, most));
        match &fault {
            Fault::Io(error) => failure.with_cure(machine::cure_of_reading(error)),
            Fault::TooLong | Fault::NotUtf8 => failure,
        }
    })
}

/// Reads to the end.
pub(super) fn read(input: impl Read, most: usize) -> Result<Zeroizing<String>, Fault> {
    // With room for one byte more than is allowed and one to see the end with, so that it never grows and leaves a copy.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most + 2));
    input.take(most as u64 + 1).read_to_end(&mut bytes).map_err(Fault::Io)?;
    if bytes.len() > most {
        return Err(Fault::TooLong);
    }
    if str::from_utf8(&bytes).is_err() {
        return Err(Fault::NotUtf8);
    }
    String::from_utf8(mem::take(&mut bytes)).map(Zeroizing::new).map_err(|_| Fault::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_up_to_its_bound_and_never_grows() {
        for (length, most, whole) in [(0, 4, true), (4, 4, true), (5, 4, false), (70_000, 65_536, false)] {
            let text = "a".repeat(length);
            match read(text.as_bytes(), most) {
                Ok(read) => assert!(whole && *read == text && read.capacity() == most + 2, "{length}"),
                Err(fault) => {
                    assert!(!whole, "{length}");
                    let told = format!("the key has more than {most} bytes");
                    assert_eq!(fault.tell("the key", most), told);
                }
            }
        }
    }

    #[test]
    fn what_is_no_text_is_not_quoted() {
        let fault = read(&b"hunter2\xff"[..], 100).unwrap_err();
        assert_eq!(fault.tell("the password", 100), "the password is not UTF-8");
        let missing = read_path(Path::new("no/such/file"), 100).unwrap_err();
        assert!(missing.tell("the key", 100).starts_with("the key cannot be read: "));
    }
}
