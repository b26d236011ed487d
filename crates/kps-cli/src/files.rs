//! Files for secrets: for their owner alone, whole or not there, and never over another one unasked.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::stop::{Exit, Failure};

/// A file that is not there yet. It is made before what will be in it, so that this is not lost where it cannot be.
#[derive(Debug)]
pub(crate) struct NewFile {
    beside: NamedTempFile,
    path: PathBuf,
    force: bool,
}

impl NewFile {
    /// Looks whether a file can be written there: that takes a directory, and no file of that name, or `force`.
    pub(crate) fn create(path: &Path, force: bool) -> Result<Self, Failure> {
        let fault = |error: &io::Error| unwritable(path, error);
        if path.is_dir() {
            return Err(fault(&io::ErrorKind::IsADirectory.into()));
        }
        // One that leads nowhere is there as well.
        if !force && path.symlink_metadata().is_ok() {
            return Err(Failure::usage(format_args!("{} is there already", path.display()))
                .with_cure("name another file, or say --force"));
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        if let Some(parent) = parent.filter(|parent| !parent.is_dir()) {
            return Err(Failure::usage(format_args!("there is no directory {}", parent.display())));
        }
        // On Unix its mode is 0600.
        let beside =
            NamedTempFile::new_in(parent.unwrap_or(Path::new("."))).map_err(|error| fault(&error))?;
        Ok(Self { beside, path: path.to_owned(), force })
    }

    /// Writes it, all at once.
    pub(crate) fn write(mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.beside.write_all(bytes).and_then(|()| self.beside.as_file().sync_all());
        written.map_err(|error| unwritable(&self.path, &error))?;
        let placed = match self.force {
            true => self.beside.persist(&self.path),
            false => self.beside.persist_noclobber(&self.path),
        };
        let Err(error) = placed else { return Ok(()) };
        let failure = unwritable(&self.path, &error.error);
        // What is in it may be nowhere else.
        Err(match error.file.keep() {
            Ok((_, kept)) => failure.with_cure(format!("it is in {} instead", kept.display())),
            Err(_) => failure,
        })
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Usage, format_args!("{} cannot be written: {}", path.display(), error.kind()))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests look at what was written")]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_for_its_owner_alone_and_over_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key.pem");
        NewFile::create(&path, false).unwrap().write(b"one").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let refused = NewFile::create(&path, false).unwrap_err().to_string();
        assert!(refused.ends_with("is there already; name another file, or say --force"), "{refused}");
        NewFile::create(&path, true).unwrap().write(b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        let nowhere = NewFile::create(&directory.path().join("no/key.pem"), false).unwrap_err().to_string();
        assert!(nowhere.contains("there is no directory "), "{nowhere}");
        assert!(NewFile::create(directory.path(), true).is_err());
    }

    #[test]
    fn what_is_written_is_not_lost_to_a_file_that_came_between() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key.pem");
        let file = NewFile::create(&path, false).unwrap();
        fs::write(&path, "another's").unwrap();
        let told = file.write(b"mine").unwrap_err().to_string();
        let (_, kept) = told.split_once("; it is in ").unwrap();
        assert_eq!(fs::read(kept.strip_suffix(" instead").unwrap()).unwrap(), b"mine");
        assert_eq!(fs::read(&path).unwrap(), b"another's");
    }
}
