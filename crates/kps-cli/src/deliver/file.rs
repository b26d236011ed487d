//! A private key in a file, and the public half beside it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use kps_ureq::{PrivateKey, PublicKey};

use crate::machine::{NewFile, Readers, Unsaved};
use crate::stop::Failure;

/// A file for a private key, and one beside it for the public half. They are there, but not yet under their names.
#[derive(Debug)]
pub(crate) struct KeyFile {
    private: NewFile,
    public: NewFile,
}

impl KeyFile {
    /// Checks that the files may be written, without writing anything.
    pub(crate) fn check(path: &Path, force: bool) -> Result<(), Failure> {
        if path == Path::new("-") {
            return Err(Failure::usage("a private key is printed by --reveal, not by --save -"));
        }
        NewFile::check(path, force)?;
        NewFile::check(&public_path(path), force)
    }

    /// Makes the files, which go away again unless they are [kept](Self::keep).
    pub(crate) fn open(path: &Path, force: bool) -> Result<Self, Failure> {
        Self::check(path, force)?;
        Ok(Self {
            private: NewFile::create(path, force, Readers::Owner)?,
            public: NewFile::create(&public_path(path), force, Readers::All)?,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        self.private.path()
    }

    /// The files of the private key and of the public half, which do not have their names yet.
    pub(crate) fn unnamed(&self) -> Vec<PathBuf> {
        vec![self.private.unnamed().to_owned(), self.public.unnamed().to_owned()]
    }

    /// Writes the halves, not yet under their names.
    pub(crate) fn fill(&mut self, private: &PrivateKey, public: Option<&PublicKey>) -> Result<(), Unsaved> {
        fill(&mut self.private, private.expose())?;
        public.map_or(Ok(()), |public| fill(&mut self.public, public.as_str()))
    }

    /// Gives the private key its name, and then the public half, if it is there.
    pub(crate) fn keep(self, with_public: bool) -> Result<(), NotKept> {
        self.private.keep().map_err(NotKept::Private)?;
        if with_public {
            self.public.keep().map_err(NotKept::Public)?;
        }
        Ok(())
    }
}

/// The half that is not where it is meant to be.
#[derive(Debug)]
pub(crate) enum NotKept {
    Private(Unsaved),
    /// The private key is in its file.
    Public(Unsaved),
}

fn fill(file: &mut NewFile, text: &str) -> Result<(), Unsaved> {
    // Some programs do not read a key whose last line has no end.
    let end: &[u8] = if text.ends_with('\n') { b"" } else { b"\n" };
    file.fill(&[text.as_bytes(), end])
}

/// Where the public half lies.
pub(crate) fn public_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".pub");
    name.into()
}

#[cfg(test)]
mod tests {
    use std::fs;

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
        let there: Vec<_> =
            files(directory.path()).iter().map(|name| mode(&directory.path().join(name))).collect();
        assert!(there.contains(&0o600) && there.len() == 2, "{there:?}");
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
        let NotKept::Private(unsaved) = file.keep(true).unwrap_err() else { panic!() };
        assert_eq!(text(&path), "of another");
        assert_eq!(text(&unsaved.elsewhere.unwrap()), format!("{}\n", private.expose()));
    }

    #[test]
    fn a_public_half_that_has_no_place_leaves_the_private_key_in_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ci");
        let (private, public) = halves();
        let mut file = KeyFile::open(&path, false).unwrap();
        file.fill(&private, Some(&public)).unwrap();
        fs::write(public_path(&path), "of another").unwrap();
        let NotKept::Public(unsaved) = file.keep(true).unwrap_err() else { panic!() };
        assert!(unsaved.tell().contains("ci.pub cannot be written: "), "{unsaved:?}");
        assert_eq!(text(&path), format!("{}\n", private.expose()));
        assert_eq!(text(&public_path(&path)), "of another");
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
