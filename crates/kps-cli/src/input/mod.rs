//! What a command is told beside its arguments: passwords, keys in files, and whether it may.

mod bounded;
mod confirm;
mod key_file;
mod password;

pub(crate) use confirm::confirm;
pub(crate) use key_file::{private_key, public_key};
pub(crate) use password::PasswordArgs;

use std::path::Path;

use crate::stop::{Failure, Stop};

/// The longest list that is read, in bytes.
const MOST_OF_LIST: usize = 1024 * 1024;

/// Reads a text that is no secret from a file, or from standard input if it is `-`.
pub(crate) fn text(path: &Path, what: &str) -> Result<String, Stop> {
    let text = bounded::read_path(path, MOST_OF_LIST)
        .map_err(|fault| Failure::usage(fault.tell(&format!("{what} {}", path.display()), MOST_OF_LIST)))?;
    Ok(text.to_string())
}
