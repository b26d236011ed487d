//! All that is in an emulator, as a value and as JSON.

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::Path;

use kps_model::to_json;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};

use crate::callers::Callers;
use crate::identity::Issued;
use crate::{LoadError, load, service};

/// All that is in an [`Emulator`](crate::Emulator) at a moment: key pairs with their private halves, servers with what
/// they carry, tasks that are under way or have ended, failed tasks, the clock of the tasks, who may call, and the
/// credentials that were handed out.
///
/// Its JSON is another thing than that of a [`Seed`](crate::Seed): it says how far everything is, and is not meant to be
/// written by hand.
///
/// ```
/// use kps_emulator::{Emulator, Snapshot};
///
/// let json = Emulator::new().snapshot().to_json();
/// let other = Emulator::new();
/// other.restore(&Snapshot::from_json(&json)?);
/// assert_eq!(other.snapshot().to_json(), json);
/// # Ok::<(), kps_emulator::LoadError>(())
/// ```
#[derive(Clone)]
pub struct Snapshot(Form);

/// It is `Serialize` in here only, since it holds secrets.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    #[serde(rename = "kps_emulator_snapshot")]
    version: Version,
    callers: Callers,
    issued: Issued,
    service: service::Saved,
}

/// Which form it has; another will have another number.
#[derive(Clone, Serialize)]
struct Version(u64);

const CURRENT: u64 = 1;

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            CURRENT => Ok(Self(CURRENT)),
            other => Err(de::Error::custom(format!("version {other} is not known, expected {CURRENT}"))),
        }
    }
}

const WHAT: &str = "snapshot";

impl Snapshot {
    pub(crate) const fn new(callers: Callers, issued: Issued, service: service::Saved) -> Self {
        Self(Form { version: Version(CURRENT), callers, issued, service })
    }

    pub(crate) const fn of(form: Form) -> Self {
        Self(form)
    }

    pub(crate) const fn parts(&self) -> (&Callers, &Issued, &service::Saved) {
        (&self.0.callers, &self.0.issued, &self.0.service)
    }

    /// Writes it. What comes out holds private keys, passwords and secret keys in the clear.
    pub fn to_json(&self) -> Vec<u8> {
        // No value of it fails to be written.
        to_json(&self.0).unwrap_or_default()
    }

    /// Reads one that was [written](Self::to_json).
    ///
    /// # Errors
    ///
    /// [`LoadError`] names the JSON path of what cannot be read.
    pub fn from_json(json: &[u8]) -> Result<Self, LoadError> {
        load::json(WHAT, json).map(Self::of)
    }

    /// Reads one from a file.
    ///
    /// # Errors
    ///
    /// [`LoadError`] names the file, and the JSON path of what cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        load::file(WHAT, path.as_ref()).map(Self::of)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({} projects)", self.0.service.projects.len())
    }
}
