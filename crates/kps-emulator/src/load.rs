//! Files that an emulator starts from.

use std::path::{Path, PathBuf};

use kps_model::{DecodeError, from_json};
use serde::de::DeserializeOwned;

/// Why a seed, a list of faults or a snapshot cannot be read: which it is, the file if there is one, the JSON path and
/// what was expected there. It quotes no value, since those may be secrets.
///
/// ```
/// use kps_emulator::Seed;
///
/// let error = Seed::from_json(br#"{"projects": {"p": {"servers": [{"id": "s"}]}}}"#).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the seed cannot be read: at `projects.p.servers[0]`, line 1, column 43: missing field `status`",
/// );
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The text does not fit.
    #[error("the {what} cannot be read: {source}")]
    Json {
        /// What was to be read, such as `seed`.
        what: &'static str,
        /// Where in it, and why.
        source: DecodeError,
    },
    /// What the file holds does not fit.
    #[error("the {what} in {} cannot be read: {source}", path.display())]
    JsonFile {
        /// What was to be read, such as `seed`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Where in it, and why.
        source: DecodeError,
    },
    /// The file cannot be read.
    #[error("the {what} file {} cannot be read: {source}", path.display())]
    File {
        /// What was to be read, such as `seed`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

pub(crate) fn json<T: DeserializeOwned>(what: &'static str, json: &[u8]) -> Result<T, LoadError> {
    object(json).map_err(|source| LoadError::Json { what, source })
}

#[expect(clippy::disallowed_methods, reason = "the one place where this crate reads files")]
pub(crate) fn file<T: DeserializeOwned>(what: &'static str, path: &Path) -> Result<T, LoadError> {
    let json = std::fs::read(path).map_err(|source| LoadError::File { what, path: path.into(), source })?;
    object(&json).map_err(|source| LoadError::JsonFile { what, path: path.into(), source })
}

/// The readers would take an array for an object, field by field.
pub(crate) fn object<T: DeserializeOwned>(json: &[u8]) -> Result<T, DecodeError> {
    if json.trim_ascii_start().first() == Some(&b'[') {
        return Err(DecodeError::new("an array, expected an object"));
    }
    from_json(json).map_err(|fault| fault.with_path(path_of_fault::<T>(json)))
}

/// What is read has scalars of its own, which are refused once they are read: then the path is that of what holds them.
fn path_of_fault<T: DeserializeOwned>(json: &[u8]) -> String {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let fault = serde_path_to_error::deserialize::<_, T>(&mut reader).err();
    let path = fault.map(|fault| fault.path().to_string()).unwrap_or_default();
    // It writes `?` for a key that was not read whole, and `.` for the whole text.
    match path.trim_end_matches('?').trim_end_matches('.') {
        "" => "$".to_owned(),
        path => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_ends_within_a_name_is_told_as_a_whole() {
        let fault = object::<std::collections::BTreeMap<String, u8>>(br#"{"a"#).unwrap_err();
        assert_eq!(fault.path(), "$");
    }
}
