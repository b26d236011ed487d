//! A private key in a file: whole or not at all, from its first byte for its owner alone, and never over another.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use kps_ureq::{PrivateKey, PublicKey};
use tempfile::NamedTempFile;

use crate::stop::Failure;

/// A file for a private key, and one beside it for the public half. They are there, but not yet under their names.
#[derive(Debug)]
pub(crate) struct KeyFile {
    private: Staged,
    public: Staged,
    force: bool,
}

/// Why a private key is not in its file, and whether it is in another.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unsaved {
    pub(crate) reason: String,
    /// Where it is.
    pub(crate) elsewhere: Option<PathBuf>,
}

impl Unsaved {
    pub(crate) fn tell(&self, path: &Path) -> String {
        let told = format!("{} is not saved: {}", path.display(), self.reason);
        match &self.elsewhere {
            Some(elsewhere) => format!("{told}; the private key is in {}", elsewhere.display()),
            None => told,
        }
    }
}

impl KeyFile {
    /// Checks that the files may be written, without writing anything.
    pub(crate) fn check(path: &Path, force: bool) -> Result<(), Failure> {
        if path == Path::new("-") {
            return Err(Failure::usage("a private key is printed by --reveal, not by --save -"));
        }
        for path in [path, &public_path(path)] {
            match fs::symlink_metadata(path) {
                Ok(there) if !there.is_file() && !there.is_symlink() => {
                    return Err(Failure::usage(format_args!("{} is there and no file", path.display())));
                }
                Ok(_) if !force => {
                    return Err(Failure::usage(format_args!("{} is there already", path.display()))
                        .with_cure("say another path, or --force to write over it"));
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(unwritable(path, &error)),
            }
        }
        match fs::metadata(directory(path)) {
            Ok(there) if there.is_dir() => Ok(()),
            Ok(_) => Err(Failure::usage(format_args!("{} is no directory", directory(path).display()))),
            Err(error) => Err(unwritable(path, &error)),
        }
    }

    /// Makes the files, which go away again unless they are [kept](Self::keep).
    pub(crate) fn open(path: &Path, force: bool) -> Result<Self, Failure> {
        Self::check(path, force)?;
        let public_path = public_path(path);
        Ok(Self {
            private: Staged::new(path, 0o600).map_err(|error| unwritable(path, &error))?,
            public: Staged::new(&public_path, 0o644).map_err(|error| unwritable(&public_path, &error))?,
            force,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.private.path
    }

    /// Writes the halves, not yet under their names.
    pub(crate) fn fill(&mut self, private: &PrivateKey, public: Option<&PublicKey>) -> Result<(), Unsaved> {
        let unsaved = |error: io::Error| Unsaved { reason: error.to_string(), elsewhere: None };
        self.private.write(private.expose()).map_err(unsaved)?;
        match public {
            Some(public) => self.public.write(public.as_str()).map_err(unsaved),
            None => Ok(()),
        }
    }

    /// Gives the files their names. What was under them is there until then, and only given up by `--force`.
    pub(crate) fn keep(self, with_public: bool) -> Result<(), Unsaved> {
        let path = self.private.path.clone();
        self.private.keep(self.force)?;
        if with_public {
            let public = self.public.keep(self.force);
            public.map_err(|public| Unsaved {
                reason: format!("{} for its public half", public.reason),
                elsewhere: Some(path.clone()),
            })?;
        }
        // Where a directory cannot be opened, that is of the system, and the files are there.
        if let Ok(directory) = File::open(directory(&path)) {
            drop(directory.sync_all());
        }
        Ok(())
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format_args!("{} cannot be written: {error}", path.display()))
}

/// Where the public half lies.
pub(crate) fn public_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".pub");
    name.into()
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

#[derive(Debug)]
struct Staged {
    path: PathBuf,
    file: NamedTempFile,
}

impl Staged {
    fn new(path: &Path, mode: u32) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".kps-");
        with_mode(&mut builder, mode);
        Ok(Self { path: path.to_owned(), file: builder.tempfile_in(directory(path))? })
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        // Some programs do not read a key whose last line has no end.
        if !text.ends_with('\n') {
            self.file.write_all(b"\n")?;
        }
        self.file.as_file().sync_all()
    }

    fn keep(self, force: bool) -> Result<(), Unsaved> {
        let kept =
            if force { self.file.persist(&self.path) } else { self.file.persist_noclobber(&self.path) };
        kept.map(drop).map_err(|failed| Unsaved {
            reason: failed.error.to_string(),
            elsewhere: failed.file.keep().ok().map(|(_, path)| path),
        })
    }
}

#[cfg(unix)]
fn with_mode(builder: &mut tempfile::Builder<'_, '_>, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;

    builder.permissions(fs::Permissions::from_mode(mode));
}

/// Elsewhere a file has the permissions of its directory.
#[cfg(not(unix))]
fn with_mode(_: &mut tempfile::Builder<'_, '_>, _: u32) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn halves() -> (PrivateKey, PublicKey) {
        let private = PrivateKey::new("-----BEGIN PRIVATE KEY-----\nnew\n-----END PRIVATE KEY-----").unwrap();
        (private, PublicKey::new("ssh-ed25519 AAAA ci").unwrap())
    }

    #[expect(clippy::disallowed_methods, reason = "the test looks at what was written")]
    fn text(path: &Path) -> String {
        fs::read_to_string(path).unwrap()
    }

    fn files(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_halves_are_written_whole_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ci");
        let (private, public) = halves();

        let mut file = KeyFile::open(&path, false).unwrap();
        file.fill(&private, Some(&public)).unwrap();
        assert!(!path.exists());
        drop(file);
        assert!(files(directory.path()).is_empty());

        let mut file = KeyFile::open(&path, false).unwrap();
        file.fill(&private, Some(&public)).unwrap();
        file.keep(true).unwrap();
        assert_eq!(files(directory.path()), ["ci", "ci.pub"]);
        assert_eq!(text(&path), format!("{}\n", private.expose()));
        assert_eq!(text(&public_path(&path)), "ssh-ed25519 AAAA ci\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_private_key_is_for_its_owner_alone_from_its_first_byte() {
        use std::os::unix::fs::PermissionsExt as _;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ci");
        let (private, public) = halves();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;

        let mut file = KeyFile::open(&path, false).unwrap();
        assert_eq!(mode(file.private.file.path()), 0o600);
        file.fill(&private, Some(&public)).unwrap();
        file.keep(true).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&public_path(&path)) & 0o600, 0o600);

        // A file that others could read becomes one that they cannot.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let mut file = KeyFile::open(&path, true).unwrap();
        file.fill(&private, None).unwrap();
        file.keep(false).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn what_is_there_stays_unless_forced() {
        for there in ["ci", "ci.pub"] {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("ci");
            fs::write(directory.path().join(there), "old").unwrap();
            let told = KeyFile::open(&path, false).unwrap_err().to_string();
            assert!(told.contains("is there already") && told.contains("--force"), "{told}");
            assert_eq!(files(directory.path()), [there]);
            assert_eq!(text(&directory.path().join(there)), "old");

            let (private, public) = halves();
            let mut file = KeyFile::open(&path, true).unwrap();
            file.fill(&private, Some(&public)).unwrap();
            assert_eq!(text(&directory.path().join(there)), "old");
            file.keep(true).unwrap();
            assert_ne!(text(&directory.path().join(there)), "old");
        }
    }

    #[test]
    fn a_file_that_appears_meanwhile_stays_and_the_key_is_told_of() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ci");
        let (private, public) = halves();
        let mut file = KeyFile::open(&path, false).unwrap();
        file.fill(&private, Some(&public)).unwrap();
        fs::write(&path, "of another").unwrap();
        let unsaved = file.keep(true).unwrap_err();
        assert_eq!(text(&path), "of another");
        assert_eq!(text(&unsaved.elsewhere.unwrap()), format!("{}\n", private.expose()));
    }

    #[test]
    fn what_cannot_be_a_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("file"), "").unwrap();
        fs::create_dir(directory.path().join("ci.pub")).unwrap();
        for (path, reason) in [
            (directory.path().join("none/ci"), "cannot be written"),
            (directory.path().join("file/ci"), "cannot be written"),
            (directory.path().join("ci"), "is there and no file"),
            (PathBuf::from("/dev/null"), "is there and no file"),
            (PathBuf::from("-"), "--reveal"),
        ] {
            let told = KeyFile::open(&path, true).unwrap_err().to_string();
            assert!(told.contains(reason), "{told}");
        }
    }
}
