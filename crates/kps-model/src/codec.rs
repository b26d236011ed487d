//! JSON in and out.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::one_line::OneLine;
use crate::{place, shorten};

/// Why bytes could not be decoded: where in the JSON, and what was wrong there. Of a long name or value that it
/// quotes, the middle is left out.
///
/// ```
/// use kps_model::ListFailedTaskResponse;
///
/// let body = br#"{"tasks":[{"task_id":"t-1"},{"task_id":"t-2","server_name":["a"]}]}"#;
/// let error = kps_model::from_json::<ListFailedTaskResponse>(body).unwrap_err();
/// assert_eq!(error.path(), "tasks[1].server_name");
/// assert_eq!(
///     error.to_string(),
///     "at `tasks[1].server_name`, line 1, column 60: invalid type: sequence, expected a text",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    path: String,
    line: usize,
    column: usize,
    reason: String,
}

impl DecodeError {
    /// An answer that does not fit as a whole: what an operation of one's own returns for one that is no JSON.
    ///
    /// ```
    /// let error = kps_model::DecodeError::new("it is no zip file");
    /// assert_eq!(error.to_string(), "at `$`, line 1, column 1: it is no zip file");
    /// ```
    pub fn new(reason: impl Into<String>) -> Self {
        Self { path: "$".into(), line: 1, column: 1, reason: shorten::middle(&reason.into()) }
    }

    /// The JSON path of the value, such as `tasks[3].task_id`; `$` is the whole text.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same error at this path, for who knows better: where a reader refuses a value that it has read whole, such as one
    /// with `#[serde(try_from)]`, the fault may be told of what holds the value.
    ///
    /// ```
    /// use kps_model::DecodeError;
    ///
    /// let error = DecodeError::new("it is no colour").with_path("stars[3].colour");
    /// assert_eq!(error.to_string(), "at `stars[3].colour`, line 1, column 1: it is no colour");
    /// ```
    #[must_use]
    pub fn with_path(mut self, path: impl AsRef<str>) -> Self {
        self.path = shorten::middle(path.as_ref());
        self
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column, from 1; 0 where the line has not begun.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The same error without its reason, which may quote a value: for JSON that holds a secret.
    ///
    /// ```
    /// use kps_model::ExportPrivateKeyResponse;
    ///
    /// let body = br#"{"keypair":{"name":"a","private_key":["TOP SECRET"]}}"#;
    /// let error = kps_model::from_json::<ExportPrivateKeyResponse>(body).unwrap_err().without_reason();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "at `keypair.private_key`, line 1, column 38: it does not fit (what it is instead is not shown, since \
    ///      the text holds secrets)",
    /// );
    /// ```
    #[must_use]
    pub fn without_reason(mut self) -> Self {
        self.reason =
            "it does not fit (what it is instead is not shown, since the text holds secrets)".into();
        self
    }

    fn not_utf8(bytes: &[u8], valid: usize) -> Self {
        let before = bytes.get(..valid).unwrap_or_default();
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        Self {
            path: "$".into(),
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            column: valid - line_start + 1,
            reason: "a byte that is not UTF-8".into(),
        }
    }

    fn locate(text: &str, fault: &serde_json::Error) -> Self {
        let (line, column) = (fault.line(), fault.column());
        let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let read = text.as_bytes().get(..before + column).unwrap_or(text.as_bytes());
        let reason = fault.to_string();
        let reason = reason.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&reason);
        let (path, reason) = (place::path(read), unquoted(reason));
        Self { path: shorten::middle(&path), line, column, reason: shorten::middle(&reason) }
    }
}

/// What serde says without the value that it quotes, which may be a secret in the wrong place.
fn unquoted(reason: &str) -> String {
    for beginning in ["invalid type: ", "invalid value: ", "unknown variant "] {
        let Some(found) = reason.strip_prefix(beginning) else { continue };
        let Some((value, expected)) = found.rsplit_once(", expected ") else { continue };
        let kind = value.split(['"', '`', '\'']).next().unwrap_or_default();
        return [format!("{beginning}{kind}").trim_end(), ", expected ", expected].concat();
    }
    reason.into()
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, column, reason } = self;
        // A path has the keys of whoever wrote the JSON, and a reason may quote a value.
        let (path, reason) = (OneLine(path), OneLine(reason));
        write!(f, "at `{path}`, line {line}, column {column}: {reason}")
    }
}

impl core::error::Error for DecodeError {}

/// Decodes a value of this crate from JSON.
///
/// ```
/// use kps_model::{ListFailedTaskResponse, from_json};
///
/// let page: ListFailedTaskResponse = from_json(br#"{"total":"1","tasks":[{"task_id":"t-1","something_new":[]}]}"#)?;
/// assert_eq!((page.total, page.tasks.len()), (Some(1), 1));
/// let error = from_json::<ListFailedTaskResponse>(br#"{"tasks":[{"server_id":"s-1"}]}"#).unwrap_err();
/// assert_eq!(error.path(), "tasks[0]"); // a task without its id
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
///
/// # Errors
///
/// [`DecodeError`] names the JSON path of what could not be read.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    // Checked once here: `serde_json::from_slice` would check every string again.
    let text =
        core::str::from_utf8(bytes).map_err(|error| DecodeError::not_utf8(bytes, error.valid_up_to()))?;
    serde_json::from_str(text).map_err(|fault| DecodeError::locate(text, &fault))
}

/// What [`to_json`] can write: whatever can be serialised, and the requests and answers of this crate that hold a
/// secret and therefore cannot.
///
/// ```
/// use kps_model::{EncodeError, ToJson};
///
/// /// Keeps any request of this crate for later.
/// fn queue(queue: &mut Vec<Vec<u8>>, request: &impl ToJson) -> Result<(), EncodeError> {
///     queue.push(kps_model::to_json(request)?);
///     Ok(())
/// }
/// let mut waiting = Vec::new();
/// queue(&mut waiting, &kps_model::ListFailedTask::new())?;
/// assert_eq!(waiting, [b"{}"]);
/// # Ok::<(), EncodeError>(())
/// ```
pub trait ToJson {
    #[doc(hidden)]
    fn json(&self) -> Result<Vec<u8>, EncodeError>;
}

impl<T: Serialize + ?Sized> ToJson for T {
    fn json(&self) -> Result<Vec<u8>, EncodeError> {
        serde_json::to_vec(self).map_err(|error| EncodeError(error.to_string()))
    }
}

/// Encodes a value of this crate as compact JSON.
///
/// It is the one way to the JSON of a request or an answer that holds a secret: those types are not
/// `Serialize`, so that no log, cache or dump writes them by accident. What comes out holds the secret in the
/// clear.
///
/// # Errors
///
/// [`EncodeError`] for a foreign type that JSON cannot hold, such as a map whose keys are no strings; never
/// for a type of this crate.
///
/// ```
/// use kps_model::ListFailedTask;
///
/// assert_eq!(kps_model::to_json(&ListFailedTask::new())?, b"{}");
/// # Ok::<(), kps_model::EncodeError>(())
/// ```
///
/// ```compile_fail,E0277
/// use kps_model::{CreateKeypair, KeypairName};
///
/// serde_json::to_vec(&CreateKeypair::new(KeypairName::new("deploy")?))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn to_json<T: ToJson + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    value.json()
}

/// Why a value could not be written as JSON.
///
/// ```
/// use std::collections::BTreeMap;
///
/// let keyed_by_lists = BTreeMap::from([(vec![1], "one")]);
/// assert!(kps_model::to_json(&keyed_by_lists).unwrap_err().to_string().starts_with("not to be written as JSON: "));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError(String);

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not to be written as JSON: {}", self.0)
    }
}

impl core::error::Error for EncodeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_not_quoted() {
        for (reason, expected) in [
            (r#"invalid type: string "hunter2", expected u64"#, "invalid type: string, expected u64"),
            (r#"invalid value: string "a, expected b", expected c"#, "invalid value: string, expected c"),
            ("invalid type: integer `7`, expected a string", "invalid type: integer, expected a string"),
            ("invalid type: null, expected a string", "invalid type: null, expected a string"),
            ("unknown variant `hunter2`, expected `a` or `b`", "unknown variant, expected `a` or `b`"),
            ("missing field `task_id`", "missing field `task_id`"),
            ("a name is empty", "a name is empty"),
        ] {
            assert_eq!(unquoted(reason), expected);
        }
    }
}
