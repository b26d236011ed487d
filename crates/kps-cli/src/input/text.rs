//! Texts that may hold secrets.

use std::path::Path;

use zeroize::Zeroizing;

use crate::input::bounded;
use crate::stop::Failure;

/// A file, or standard input if it is `-`, of no more bytes than this. `what` names it in an error.
pub(crate) fn text(path: &Path, what: &str, most: usize) -> Result<Zeroizing<String>, Failure> {
    bounded::read_path(path, most)
        .map_err(|fault| Failure::usage(fault.tell(&format!("{what} in {}", path.display()), most)))
}
