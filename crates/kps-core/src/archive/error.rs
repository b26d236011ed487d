use crate::archive::read::{MAX_FILES, MAX_KEY_BYTES};

/// Why the keys of an archive are not read.
///
/// The names of entries stand in it shortened, and are escaped in its text. Of what the entries hold, it has
/// nothing.
///
/// ```
/// use kps_core::{ArchiveError, PrivateKeyArchive};
///
/// let page_of_a_proxy = PrivateKeyArchive::new(r#"{"error":"who are you?"}"#);
/// let error = page_of_a_proxy.keys().unwrap_err();
/// assert!(matches!(error, ArchiveError::NotZip { .. }));
/// assert!(error.to_string().starts_with("not a zip file: it begins like JSON; export the keys again"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It is no zip file.
    #[error("not a zip file: it {found}; export the keys again, and look at what came if it comes again")]
    NotZip {
        /// What it is instead, in words.
        found: &'static str,
    },
    /// It is cut off, or its index contradicts itself.
    #[error("the zip file is damaged: its index is missing or does not add up; export the keys again")]
    Damaged,
    /// An entry cannot be read, or is not what the index says of it.
    #[error("entry {entry:?} of the zip file is damaged; export the keys again")]
    DamagedEntry {
        /// The name of the entry.
        entry: String,
    },
    /// It holds more files than the service exports at once.
    #[error(
        "the zip file holds {files} files, and an export some ten, {MAX_FILES} at the most; nothing of it is read"
    )]
    TooManyFiles {
        /// How many.
        files: usize,
    },
    /// An entry is larger than a private key can be.
    #[error(
        "entry {entry:?} of the zip file is larger than the {MAX_KEY_BYTES} bytes a private key may have"
    )]
    EntryTooLarge {
        /// The name of the entry.
        entry: String,
    },
    /// An entry would be unpacked to a place of somebody else's choice.
    #[error(
        "entry {entry:?} of the zip file is refused, its path {reason}; do not unpack the file otherwise"
    )]
    UnsafePath {
        /// The name of the entry.
        entry: String,
        /// What is wrong with it, in words.
        reason: &'static str,
    },
    /// An entry is a link or a device.
    #[error("entry {entry:?} of the zip file is no plain file; do not unpack it otherwise")]
    NotAFile {
        /// The name of the entry.
        entry: String,
    },
    /// Two entries claim the same name, so that neither can be told to be the key.
    #[error("two entries of the zip file are named {name:?}; export that key alone")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// An entry is encrypted.
    #[error(
        "entry {entry:?} of the zip file is encrypted; write the file out and unpack it with its password"
    )]
    Encrypted {
        /// The name of the entry.
        entry: String,
    },
    /// An entry is compressed in some other way than deflated.
    #[error("entry {entry:?} of the zip file is compressed as {method}; write the file out and unpack it")]
    Compression {
        /// The name of the entry.
        entry: String,
        /// The method, as far as it has a name.
        method: String,
    },
    /// An entry is no text.
    #[error("entry {entry:?} of the zip file is no UTF-8 text, so no private key; export that key alone")]
    NotText {
        /// The name of the entry.
        entry: String,
    },
}
