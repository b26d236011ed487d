//! Texts that may hold secrets.

use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use crate::input::bounded::{self, Fault};
use crate::stop::Failure;

/// A file, or standard input if it is `-`, of no more bytes than this. `what` names it in an error.
pub(crate) fn text(path: &Path, what: &str, most: usize) -> Result<Zeroizing<String>, Failure> {
    bounded::text(path, what, most)
}

/// The same of a file that may not be there, which is as an empty one.
pub(crate) fn text_if_there(path: &Path, what: &str, most: usize) -> Result<Zeroizing<String>, Failure> {
    match bounded::read_path(path, most) {
        Err(Fault::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(Zeroizing::default()),
        read => bounded::told(read, &bounded::placed(what, path), most),
    }
}
