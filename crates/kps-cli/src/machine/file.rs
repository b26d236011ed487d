//! New files: for their owner alone, whole or not there, and never over another one unasked.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::machine::fault::{cure_of_writing, reason};
use crate::output::quoted;
use crate::stop::{Failure, Stop};

/// Who may read a file, where the system knows of that.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Readers {
    Owner,
    All,
}

/// A file that is there, but not yet under its name; it goes away again unless it is [kept](Self::keep). It is made
/// before what will be in it, so that this is not lost where it cannot be.
#[derive(Debug)]
pub(crate) struct NewFile {
    beside: NamedTempFile,
    path: PathBuf,
    force: bool,
}

/// Why something is not in its file, and whether it is in another.
#[derive(Debug)]
pub(crate) struct Unsaved {
    path: PathBuf,
    error: io::Error,
    /// Where it is.
    pub(crate) elsewhere: Option<PathBuf>,
}

impl Unsaved {
    fn new(path: &Path, error: io::Error) -> Self {
        Self { path: path.to_owned(), error, elsewhere: None }
    }

    pub(crate) fn tell(&self) -> String {
        let told = format!("{} cannot be written: {}", self.path.display(), reason(&self.error));
        match &self.elsewhere {
            Some(elsewhere) => format!("{told}; it is in {} instead", elsewhere.display()),
            None => told,
        }
    }
}

impl From<Unsaved> for Failure {
    fn from(unsaved: Unsaved) -> Self {
        let failure = Self::usage(unsaved.tell());
        match unsaved.elsewhere {
            Some(_) => failure,
            None => failure.with_cure(cure_of_writing(&unsaved.error)),
        }
    }
}

impl From<Unsaved> for Stop {
    fn from(unsaved: Unsaved) -> Self {
        Failure::from(unsaved).into()
    }
}

impl NewFile {
    /// Looks whether a file can be written there, without writing anything: that takes a directory, and nothing of that
    /// name, or a file and `force`.
    pub(crate) fn check(path: &Path, force: bool) -> Result<(), Failure> {
        // A link that leads nowhere is there as well.
        match fs::symlink_metadata(path) {
            Ok(there) if !there.is_file() && !there.is_symlink() => {
                return Err(Failure::usage(format_args!("{} is there and no file", path.display()))
                    .with_cure("name a file"));
            }
            Ok(_) if !force => {
                return Err(Failure::usage(format_args!("{} is there already", path.display()))
                    .with_cure("name another file, or say --force"));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Unsaved::new(path, error).into()),
        }
        let directory = directory(path);
        if directory.is_dir() {
            return Ok(());
        }
        Err(no_directory(&format!("{} cannot be written", path.display()), directory))
    }

    /// Makes it, beside what may be there.
    pub(crate) fn create(path: &Path, force: bool, readers: Readers) -> Result<Self, Failure> {
        Self::check(path, force)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".kps-");
        let_read(&mut builder, readers);
        let beside = builder.tempfile_in(directory(path)).map_err(|error| Unsaved::new(path, error))?;
        Ok(Self { beside, path: path.to_owned(), force })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where it is until it has its name.
    pub(crate) fn unnamed(&self) -> &Path {
        self.beside.path()
    }

    /// Writes what is in it, not yet under its name.
    pub(crate) fn fill(&mut self, parts: &[&[u8]]) -> Result<(), Unsaved> {
        let written = parts.iter().try_for_each(|part| self.beside.write_all(part));
        let synced = written.and_then(|()| self.beside.as_file().sync_all());
        synced.map_err(|error| Unsaved::new(&self.path, error))
    }

    /// Gives it its name. What was under it is there until then, and only given up by `force`.
    pub(crate) fn keep(self) -> Result<(), Unsaved> {
        let Self { beside, path, force } = self;
        let kept = if force { beside.persist(&path) } else { beside.persist_noclobber(&path) };
        kept.map_err(|failed| Unsaved {
            // What is in it may be nowhere else.
            elsewhere: failed.file.keep().ok().map(|(_, kept)| kept),
            ..Unsaved::new(&path, failed.error)
        })?;
        // Where a directory cannot be opened, that is of the system, and the file is there.
        if let Ok(directory) = File::open(directory(&path)) {
            drop(directory.sync_all());
        }
        Ok(())
    }

    /// Writes it, all at once.
    pub(crate) fn write(mut self, bytes: &[u8]) -> Result<(), Unsaved> {
        self.fill(&[bytes])?;
        self.keep()
    }
}

/// Takes files away, as far as that can be done: it is for an end in which nothing else is.
pub(crate) fn remove(paths: &[PathBuf]) {
    paths.iter().for_each(|path| drop(fs::remove_file(path)));
}

/// A directory that something is to be written to is none.
pub(crate) fn no_directory(what: &str, directory: &Path) -> Failure {
    let (told, word) = (directory.display(), quoted(&directory.to_string_lossy()));
    if directory.exists() {
        return Failure::usage(format_args!("{what}: {told} is no directory"))
            .with_cure("name another place");
    }
    Failure::usage(format_args!("{what}: there is no directory {told}"))
        .with_cure(format!("make it with `mkdir -p {word}`, or name another place"))
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(unix)]
fn let_read(builder: &mut tempfile::Builder<'_, '_>, readers: Readers) {
    use std::os::unix::fs::PermissionsExt as _;

    builder.permissions(fs::Permissions::from_mode(match readers {
        Readers::Owner => 0o600,
        Readers::All => 0o644,
    }));
}

/// Elsewhere a file has the permissions of its directory.
#[cfg(not(unix))]
fn let_read(_: &mut tempfile::Builder<'_, '_>, _: Readers) {}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests look at what was written")]
mod tests {
    use super::*;

    fn create(path: &Path, force: bool) -> Result<NewFile, Failure> {
        NewFile::create(path, force, Readers::Owner)
    }

    #[test]
    fn a_file_is_for_its_owner_alone_and_over_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key.pem");
        create(&path, false).unwrap().write(b"one").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let refused = create(&path, false).unwrap_err().to_string();
        assert!(refused.ends_with("is there already; name another file, or say --force"), "{refused}");
        create(&path, true).unwrap().write(b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        let nowhere = create(&directory.path().join("no/key.pem"), false).unwrap_err().to_string();
        assert!(nowhere.contains("there is no directory "), "{nowhere}");
        for other in [directory.path(), Path::new("/dev/null")] {
            let told = create(other, true).unwrap_err().to_string();
            assert!(told.ends_with(" is there and no file; name a file"), "{told}");
        }
    }

    #[test]
    fn what_is_written_is_not_lost_to_a_file_that_came_between() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key.pem");
        let file = create(&path, false).unwrap();
        fs::write(&path, "another's").unwrap();
        let told = file.write(b"mine").unwrap_err().tell();
        let (_, kept) = told.split_once("; it is in ").unwrap();
        assert_eq!(fs::read(kept.strip_suffix(" instead").unwrap()).unwrap(), b"mine");
        assert_eq!(fs::read(&path).unwrap(), b"another's");
    }
}
