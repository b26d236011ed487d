//! The file in which all that is in an emulator outlives the program.

use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{LoadError, Snapshot};

pub(crate) struct Store {
    path: PathBuf,
    directory: PathBuf,
}

/// The file cannot be written.
#[derive(Debug)]
pub(crate) struct Unwritable {
    path: PathBuf,
    reason: io::Error,
}

impl Store {
    /// Looks whether a file can be written there, so that this is not learnt at the end.
    pub(crate) fn open(path: &Path) -> Result<Self, Unwritable> {
        let directory =
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let store = Self { path: path.into(), directory: directory.into() };
        if path.is_dir() {
            return Err(store.unwritable(io::ErrorKind::IsADirectory.into()));
        }
        store.beside().map(drop)?;
        Ok(store)
    }

    /// What was saved the last time, if there was one.
    pub(crate) fn load(&self) -> Result<Option<Snapshot>, LoadError> {
        match Snapshot::from_file(&self.path) {
            Err(LoadError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            outcome => outcome.map(Some),
        }
    }

    /// Puts the whole file in the place of the old one, for its owner alone to read.
    pub(crate) fn save(&self, snapshot: &Snapshot) -> Result<(), Unwritable> {
        let mut file = self.beside()?;
        let written = file.write_all(&snapshot.to_json()).and_then(|()| file.as_file().sync_all());
        written.map_err(|reason| self.unwritable(reason))?;
        file.persist(&self.path).map(drop).map_err(|error| self.unwritable(error.error))
    }

    /// A file with a name of its own, that goes when it is not persisted. On Unix its mode is 0600.
    fn beside(&self) -> Result<NamedTempFile, Unwritable> {
        NamedTempFile::new_in(&self.directory).map_err(|reason| self.unwritable(reason))
    }

    fn unwritable(&self, reason: io::Error) -> Unwritable {
        Unwritable { path: self.path.clone(), reason }
    }
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the file {} cannot be written: ", self.path.display())?;
        if self.reason.kind() == io::ErrorKind::NotFound {
            return f.write_str("its directory is not there");
        }
        // Behind that stands the name of a file that nobody knows of.
        let reason = self.reason.to_string();
        f.write_str(reason.split(" at path ").next().unwrap_or_default())
    }
}
