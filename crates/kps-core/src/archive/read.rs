//! How the keys are read out of an archive.

use std::collections::HashSet;
use std::io::{Cursor, Read as _};

use kps_model::PrivateKey;
use zeroize::Zeroizing;
use zip::read::{ArchiveOffset, Config, ZipFile};
use zip::{CompressionMethod, ZipArchive};

use crate::archive::{ArchiveError, index, name};

/// The service exports at most ten keys in a call; there may be something beside each.
pub(super) const MAX_FILES: usize = 32;

/// The greatest length of a private key the service documents. With [`MAX_FILES`] it bounds what is inflated.
pub(super) const MAX_KEY_BYTES: usize = 65_535;

/// The bits of a Unix mode that say what kind of file it is, and its value for a plain one.
const FILE_KIND: u32 = 0o170_000;
const PLAIN_FILE: u32 = 0o100_000;

/// A private key out of an archive.
///
/// ```
/// use std::path::Path;
/// use kps_core::PrivateKeyArchive;
///
/// # use std::io::Write as _;
/// # let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
/// # zip.start_file("build-agents.pem", zip::write::SimpleFileOptions::default())?;
/// # zip.write_all(b"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n")?;
/// # let archive = PrivateKeyArchive::new(zip.finish()?.into_inner());
/// let keys = archive.keys()?;
/// // A file name has no directories, so that it can be joined to a folder.
/// assert_eq!(Path::new("keys").join(&keys[0].file_name), Path::new("keys/build-agents.pem"));
/// assert_eq!(keys[0].name, "build-agents");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExportedKey {
    /// The name of the file, without directories: one part of a path, and neither `.` nor `..`.
    pub file_name: String,
    /// The name of the file without its last extension, which is the name of the key pair. No two keys of an
    /// archive have the same.
    pub name: String,
    /// The key.
    pub private_key: PrivateKey,
}

pub(super) type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

pub(super) fn keys(bytes: &[u8]) -> Result<Vec<ExportedKey>, ArchiveError> {
    if let Some(found) = instead_of_zip(bytes) {
        return Err(ArchiveError::NotZip { found });
    }
    let names = index::names(bytes).ok_or(ArchiveError::Damaged)?;
    few_and_different(&names)?;
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    let mut archive = Archive::with_config(config, Cursor::new(bytes)).map_err(|_| ArchiveError::Damaged)?;

    // It never grows: growing would leave a part of a key behind in the memory it outgrew.
    let mut buffer = Zeroizing::new(Vec::with_capacity(MAX_KEY_BYTES + 1));
    let mut keys: Vec<ExportedKey> = Vec::new();
    for (at, path) in names.into_iter().enumerate() {
        let path = checked(&mut archive, at, path)?;
        if path.ends_with('/') {
            continue;
        }
        buffer.clear();
        let Some(key) = key(path, text(&mut archive, at, path, &mut buffer)?) else { continue };
        if keys.iter().any(|other| other.name == key.name) {
            return Err(ArchiveError::Duplicate { name: name::shown(key.name.as_bytes()) });
        }
        keys.push(key);
    }
    Ok(keys)
}

/// What the bytes are, if they do not begin like a zip file.
fn instead_of_zip(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return None;
    }
    match bytes.trim_ascii_start().first() {
        None => Some("is empty"),
        Some(b'"' | b'{' | b'[') => Some("begins like JSON"),
        Some(_) => Some("begins otherwise"),
    }
}

fn few_and_different(names: &[&[u8]]) -> Result<(), ArchiveError> {
    let files = names.iter().filter(|name| !name.ends_with(b"/")).count();
    if files > MAX_FILES {
        return Err(ArchiveError::TooManyFiles { files });
    }
    let mut seen = HashSet::new();
    match names.iter().find(|name| !seen.insert(**name)) {
        Some(twice) => Err(ArchiveError::Duplicate { name: name::shown(twice) }),
        None => Ok(()),
    }
}

/// The path of an entry of which everything but the content has been checked.
fn checked<'n>(archive: &mut Archive<'_>, at: usize, path: &'n [u8]) -> Result<&'n str, ArchiveError> {
    let entry = || name::shown(path);
    let unsafe_path = |reason| ArchiveError::UnsafePath { entry: entry(), reason };
    let safe = name::safe(path).map_err(unsafe_path)?;
    let file = archive.by_index_raw(at).map_err(|_| ArchiveError::DamagedEntry { entry: entry() })?;
    if file.name_raw() != path {
        // An extra field of the entry can hold another name.
        return Err(unsafe_path("is given twice, with a difference"));
    }
    if file.encrypted() {
        return Err(ArchiveError::Encrypted { entry: entry() });
    }
    if safe.ends_with('/') {
        return Ok(safe);
    }
    if !is_plain(&file) {
        return Err(ArchiveError::NotAFile { entry: entry() });
    }
    match file.compression() {
        CompressionMethod::Stored | CompressionMethod::Deflated => Ok(safe),
        other => Err(ArchiveError::Compression { entry: entry(), method: other.to_string() }),
    }
}

fn is_plain(file: &ZipFile<'_, Cursor<&[u8]>>) -> bool {
    let kind = file.unix_mode().unwrap_or_default() & FILE_KIND;
    kind == PLAIN_FILE || kind == 0
}

/// What an entry holds. How large it is gets counted; what the archive says of that need only agree.
pub(super) fn text<'b>(
    archive: &mut Archive<'_>,
    at: usize,
    path: &str,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b str, ArchiveError> {
    let entry = || name::shown(path.as_bytes());
    let damaged = || ArchiveError::DamagedEntry { entry: entry() };
    let file = archive.by_index(at).map_err(|_| damaged())?;
    let stated = file.size();
    // At its end the checksum is compared.
    let length = file.take(MAX_KEY_BYTES as u64 + 1).read_to_end(buffer).map_err(|_| damaged())?;
    if length > MAX_KEY_BYTES {
        return Err(ArchiveError::EntryTooLarge { entry: entry() });
    }
    if stated != length as u64 {
        return Err(damaged());
    }
    str::from_utf8(buffer).map_err(|_| ArchiveError::NotText { entry: entry() })
}

/// The key in a file; none if it holds something else, such as a public key or a note.
fn key(path: &str, text: &str) -> Option<ExportedKey> {
    let private_key = PrivateKey::new(text).ok()?;
    let file = name::file(path);
    Some(ExportedKey { file_name: file.to_owned(), name: name::stem(file).to_owned(), private_key })
}
