//! The answer of an export of several private keys: a zip file.

#[cfg(feature = "zip")]
mod error;
#[cfg(feature = "zip")]
mod index;
#[cfg(feature = "zip")]
mod name;
#[cfg(feature = "zip")]
mod read;
#[cfg(test)]
#[cfg(feature = "zip")]
mod tests;

use std::{fmt, mem};

use bytes::{Bytes, BytesMut};
use zeroize::Zeroize as _;

#[cfg(feature = "zip")]
pub use error::ArchiveError;
#[cfg(feature = "zip")]
pub use read::ExportedKey;

/// Private keys as the service exports several at once: a zip file, as it came.
///
/// It has no `Display`, and its `Debug` shows only its length. When it is dropped its memory is wiped, unless
/// other [`Bytes`] share it or it is static. [`into_bytes`](Self::into_bytes) hands the memory over unwiped.
///
/// ```
/// use kps_core::PrivateKeyArchive;
///
/// let archive = PrivateKeyArchive::new(vec![0; 4096]);
/// assert_eq!(format!("{archive:?}"), "PrivateKeyArchive(<4096 bytes>)");
/// ```
pub struct PrivateKeyArchive(Bytes);

impl PrivateKeyArchive {
    /// Takes the bytes over. Nothing is checked: what the service sent can always be written to a file.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }

    /// The bytes as they came.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as they came, to be written to a `.zip` file. To wipe them is up to the caller from here on.
    pub fn into_bytes(mut self) -> Bytes {
        mem::take(&mut self.0)
    }

    /// The private keys, in the order of the archive. Nothing is written anywhere.
    ///
    /// The service does not document how the archive is laid out, so any names are taken, and files that hold no
    /// private key are passed over. What no honest export holds is refused as a whole: see [`ArchiveError`]. The buffers
    /// of this crate are wiped; the inflater's own, which holds the text of a compressed key, is not.
    ///
    /// ```
    /// # use std::io::Write as _;
    /// # use kps_core::PrivateKeyArchive;
    /// # let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    /// # zip.start_file("build-agents.pem", zip::write::SimpleFileOptions::default())?;
    /// # zip.write_all(b"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n")?;
    /// # let archive = PrivateKeyArchive::new(zip.finish()?.into_inner());
    /// for key in archive.keys()? {
    ///     assert_eq!((key.name.as_str(), key.file_name.as_str()), ("build-agents", "build-agents.pem"));
    ///     assert!(key.private_key.expose().starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] says what is wrong and with which entry. It never holds a part of a key.
    #[cfg(feature = "zip")]
    pub fn keys(&self) -> Result<Vec<ExportedKey>, ArchiveError> {
        read::keys(&self.0)
    }
}

impl fmt::Debug for PrivateKeyArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKeyArchive(<{} bytes>)", self.0.len())
    }
}

impl Drop for PrivateKeyArchive {
    fn drop(&mut self) {
        wipe(mem::take(&mut self.0));
    }
}

/// The wiped memory, unless it is not ours alone.
fn wipe(bytes: Bytes) -> Option<BytesMut> {
    let mut memory = bytes.try_into_mut().ok()?;
    memory.as_mut().zeroize();
    Some(memory)
}

#[cfg(test)]
mod wiping {
    use super::*;

    #[test]
    fn memory_of_ones_own_is_wiped_and_other_memory_left_alone() {
        assert_eq!(wipe(Bytes::from(b"a key".to_vec())).unwrap(), [0; 5][..]);
        assert!(wipe(Bytes::from_static(b"a key")).is_none());

        let kept = Bytes::from(b"a key".to_vec());
        drop(PrivateKeyArchive::new(kept.clone()));
        assert_eq!(kept, "a key");
    }

    #[test]
    fn bytes_go_out_as_they_came() {
        let archive = PrivateKeyArchive::new("a key");
        assert_eq!(archive.as_bytes(), b"a key");
        assert_eq!(archive.into_bytes(), "a key");
    }
}
