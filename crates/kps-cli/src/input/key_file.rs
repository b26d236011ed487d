//! The halves of a key pair, from files.

use std::path::Path;

use kps_ureq::{PrivateKey, PublicKey};

use crate::input::bounded;
use crate::stop::{Failure, Stop};

/// The longest file that is read: as long as the longest private key the service takes can be, in bytes.
const MOST: usize = 4 * PrivateKey::MAX_LEN;

/// Reads a private key from a file, or from standard input if it is `-`.
pub(crate) fn private_key(path: &Path) -> Result<PrivateKey, Stop> {
    let mut text = bounded::text(path, "the private key", MOST)?;
    let key = PrivateKey::new(std::mem::take(&mut *text));
    Ok(key.map_err(|error| wrong(path, &error))?)
}

/// Reads a public key from a file, or from standard input if it is `-`.
pub(crate) fn public_key(path: &Path) -> Result<PublicKey, Stop> {
    // It may be the private key by mistake.
    let text = bounded::text(path, "the public key", MOST)?;
    let key = PublicKey::new(text.trim());
    Ok(key.map_err(|error| wrong(path, &error))?)
}

fn wrong(path: &Path, fault: &dyn std::fmt::Display) -> Failure {
    let place = if path == Path::new("-") { "standard input".into() } else { path.display().to_string() };
    Failure::usage(format_args!("{place}: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_the_other_half_is_told_by_its_name() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n")
            .unwrap();
        let told = format!("{:?}", public_key(file.path()).unwrap_err());
        assert!(
            told.contains(&*file.path().to_string_lossy()) && told.contains("it is a private key"),
            "{told}"
        );
        assert!(!told.contains("hunter2"), "{told}");
        assert!(private_key(file.path()).unwrap().expose().contains("hunter2"));

        std::fs::write(file.path(), "ssh-ed25519 AAAA hunter2\n").unwrap();
        let told = format!("{:?}", private_key(file.path()).unwrap_err());
        assert!(told.contains("it is not PEM") && !told.contains("hunter2"), "{told}");
        assert_eq!(public_key(file.path()).unwrap().as_str(), "ssh-ed25519 AAAA hunter2");
    }
}
