//! The two halves of a key pair as text.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Secret;
use crate::scalar::{self, Rule, not_empty};

/// Why a text is not half of a key pair. It never quotes the text.
///
/// ```
/// use kps_model::PublicKey;
///
/// let error = PublicKey::new("-----BEGIN OPENSSH PRIVATE KEY-----").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "not a public key: it is a private key; the public half is in the file ending in `.pub`",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidKey {
    half: &'static str,
    reason: &'static str,
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a {} key: {}", self.half, self.reason)
    }
}

impl core::error::Error for InvalidKey {}

/// The public half of a key pair, as OpenSSH writes it: one line of algorithm, key and comment, at most 1024
/// characters. What the service makes ends in the comment `Generated-by-Nova` and a line feed.
///
/// Its form is checked, not the key itself; a [`Fingerprint`](crate::Fingerprint) of it reads that.
///
/// ```
/// use kps_model::PublicKey;
///
/// let key = PublicKey::new("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P laptop")?;
/// assert_eq!((key.algorithm(), key.comment()), (Some("ssh-ed25519"), Some("laptop")));
/// assert_eq!(
///     PublicKey::new("-----BEGIN OPENSSH PRIVATE KEY-----").unwrap_err().to_string(),
///     "not a public key: it is a private key; the public half is in the file ending in `.pub`",
/// );
/// # Ok::<(), kps_model::InvalidKey>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey(Box<str>);

impl PublicKey {
    /// The longest the service takes, in characters.
    pub const MAX_LEN: usize = 1024;

    /// Makes a public key of its line.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`] says what the text is instead.
    pub fn new(line: impl AsRef<str>) -> Result<Self, InvalidKey> {
        let line = line.as_ref();
        check_public(line).map_err(|reason| InvalidKey { half: "public", reason })?;
        Ok(Self(line.into()))
    }

    /// The line, as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first word, such as `ssh-rsa`.
    pub fn algorithm(&self) -> Option<&str> {
        self.0.split_whitespace().next()
    }

    /// The second word, the key in base64.
    pub fn base64(&self) -> Option<&str> {
        self.0.split_whitespace().nth(1)
    }

    /// What follows the key, such as `Generated-by-Nova`.
    pub fn comment(&self) -> Option<&str> {
        let behind_algorithm = self.0.trim().split_once(char::is_whitespace)?.1.trim_start();
        let comment = behind_algorithm.split_once(char::is_whitespace)?.1.trim_start();
        (!comment.is_empty()).then_some(comment)
    }

    /// The key itself.
    #[cfg(feature = "fingerprint")]
    pub(crate) fn bytes(&self) -> Result<alloc::vec::Vec<u8>, InvalidKey> {
        use base64ct::{Base64Unpadded, Encoding as _};
        let base64 = self.base64().unwrap_or_default().trim_end_matches('=');
        let bytes = Base64Unpadded::decode_vec(base64).ok().filter(|bytes| !bytes.is_empty());
        bytes.ok_or(InvalidKey { half: "public", reason: "its second word is not base64" })
    }

    /// In an answer any text is taken; an empty one says no more than an absent one.
    pub(crate) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let line = scalar::text_or_none(deserializer, &Rule("a public key", None), not_empty)?;
        Ok(line.map(|line| Self((*line).into())))
    }
}

fn check_public(line: &str) -> Result<(), &'static str> {
    if line.contains("PRIVATE KEY") || line.contains("PuTTY-User-Key-File") {
        return Err("it is a private key; the public half is in the file ending in `.pub`");
    }
    if line.starts_with("---- BEGIN SSH2 PUBLIC KEY") {
        return Err("it is in the form of RFC 4716; convert it with `ssh-keygen -i -f FILE`");
    }
    if line.starts_with("-----BEGIN ") {
        return Err("it is PEM; convert it with `ssh-keygen -i -m PKCS8 -f FILE`");
    }
    if line.trim_end().contains(['\n', '\r', '\0']) {
        return Err("it has several lines; OpenSSH writes one");
    }
    if line.chars().count() > PublicKey::MAX_LEN {
        return Err("it is longer than the 1024 characters the service takes");
    }
    match line.split_whitespace().count() {
        0 => Err("it is empty"),
        1 => Err("it has one word; OpenSSH writes the algorithm, then the key"),
        _ => Ok(()),
    }
}

impl AsRef<str> for PublicKey {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl core::str::FromStr for PublicKey {
    type Err = InvalidKey;

    fn from_str(line: &str) -> Result<Self, InvalidKey> {
        Self::new(line)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let line = scalar::text(deserializer, &Rule("a public key", Some(check_public)))?;
        Ok(Self((*line).into()))
    }
}

/// The private half of a key pair: unencrypted PEM, at most 65,535 characters.
///
/// Like a [`Secret`] it has no `Display` and cannot be serialised, its `Debug` shows no part of it, and its
/// memory is wiped when it is dropped. [`expose`](Self::expose) is the only way to the text.
///
/// ```
/// use kps_model::PrivateKey;
///
/// let key = PrivateKey::new("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n")?;
/// assert_eq!(format!("{key:?}"), "PrivateKey(<redacted>)");
/// assert!(key.expose().starts_with("-----BEGIN RSA"));
///
/// let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIF\n-----END ENCRYPTED PRIVATE KEY-----\n";
/// assert_eq!(
///     PrivateKey::new(encrypted).unwrap_err().to_string(),
///     "not a private key: it is encrypted, and the service takes none with a passphrase; remove it from a copy \
///      with `ssh-keygen -p -f FILE`",
/// );
/// # Ok::<(), kps_model::InvalidKey>(())
/// ```
///
/// ```compile_fail,E0277
/// # let key = kps_model::PrivateKey::new("-----BEGIN A-----").unwrap();
/// println!("{key}");
/// ```
///
/// ```compile_fail,E0277
/// # let key = kps_model::PrivateKey::new("-----BEGIN A-----").unwrap();
/// serde_json::to_string(&key);
/// ```
///
/// ```compile_fail,E0369
/// # let key = kps_model::PrivateKey::new("-----BEGIN A-----").unwrap();
/// key == key;
/// ```
#[derive(Clone)]
pub struct PrivateKey(Secret);

impl PrivateKey {
    /// The longest the service takes, in characters.
    pub const MAX_LEN: usize = 65_535;

    /// Makes a private key of its PEM text, which is taken over.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`] says what the text is instead, and does not quote it.
    pub fn new(pem: impl Into<String>) -> Result<Self, InvalidKey> {
        let pem = Secret::new(pem);
        check_private(pem.expose()).map_err(|reason| InvalidKey { half: "private", reason })?;
        Ok(Self(pem))
    }

    /// The PEM text.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// In an answer any text is taken; an empty one says no more than an absent one.
    pub(crate) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let pem = scalar::text_or_none(deserializer, &Rule("a private key", None), not_empty)?;
        Ok(pem.map(|pem| Self(Secret::new(&*pem))))
    }

    /// In an answer that is nothing without it.
    pub(crate) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pem = scalar::text(deserializer, &Rule("a private key", Some(not_empty)))?;
        Ok(Self(Secret::new(&*pem)))
    }
}

fn check_private(pem: &str) -> Result<(), &'static str> {
    let text = pem.trim_start();
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.starts_with("PuTTY-User-Key-File") {
        return Err("it is a PuTTY key; convert it with `puttygen FILE -O private-openssh -o NEW`");
    }
    if !text.starts_with("-----BEGIN ") {
        return Err("it is not PEM, which starts with `-----BEGIN `");
    }
    let label = text.lines().next().unwrap_or_default();
    if label.contains("PUBLIC KEY") {
        return Err("it is a public key");
    }
    if is_encrypted(text) {
        return Err(
            "it is encrypted, and the service takes none with a passphrase; remove it from a copy with \
                    `ssh-keygen -p -f FILE`",
        );
    }
    if pem.chars().count() > PrivateKey::MAX_LEN {
        return Err("it is longer than the 65535 characters the service takes");
    }
    Ok(())
}

fn is_encrypted(pem: &str) -> bool {
    /// The head of an OpenSSH key up to the name of its cipher, and that name, `none`, in base64.
    const PLAIN: &str = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU";
    let mut lines = pem.lines().map(str::trim).filter(|line| !line.is_empty());
    let label = lines.next().unwrap_or_default();
    if label.contains("BEGIN ENCRYPTED PRIVATE KEY") || pem.contains("Proc-Type: 4,ENCRYPTED") {
        return true;
    }
    label.contains("BEGIN OPENSSH PRIVATE KEY") && !lines.next().unwrap_or_default().starts_with(PLAIN)
}

impl core::str::FromStr for PrivateKey {
    type Err = InvalidKey;

    fn from_str(pem: &str) -> Result<Self, InvalidKey> {
        Self::new(pem)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(<redacted>)")
    }
}

impl<'de> Deserialize<'de> for PrivateKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pem = scalar::text(deserializer, &Rule("a private key", Some(check_private)))?;
        Ok(Self(Secret::new(&*pem)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    #[test]
    fn what_is_no_public_key_is_told_apart() {
        let long = format!("ssh-rsa {}", "A".repeat(1020));
        for (text, reason) in [
            ("", "it is empty"),
            (" \n", "it is empty"),
            ("ssh-rsa", "it has one word"),
            ("ssh-rsa AAAA\nssh-rsa AAAA", "several lines"),
            ("-----BEGIN RSA PRIVATE KEY-----\nMII", "it is a private key"),
            ("PuTTY-User-Key-File-3: ssh-rsa", "it is a private key"),
            ("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA", "RFC 4716"),
            ("-----BEGIN PUBLIC KEY-----\nMII", "it is PEM"),
            (&long, "longer than the 1024"),
        ] {
            let error = PublicKey::new(text).unwrap_err().to_string();
            assert!(error.starts_with("not a public key: ") && error.contains(reason), "{text:?}: {error}");
        }
    }

    #[test]
    fn the_words_of_a_public_key() {
        for (line, words) in [
            ("ssh-rsa AAAA", (Some("ssh-rsa"), Some("AAAA"), None)),
            ("ssh-rsa AAAA Generated-by-Nova\n", (Some("ssh-rsa"), Some("AAAA"), Some("Generated-by-Nova"))),
            (" ssh-rsa  AAAA  two words ", (Some("ssh-rsa"), Some("AAAA"), Some("two words"))),
        ] {
            let key = PublicKey::new(line).unwrap();
            assert_eq!((key.algorithm(), key.base64(), key.comment()), words);
            assert_eq!(key.as_str(), line);
        }
    }

    #[test]
    fn what_is_no_private_key_is_told_apart() {
        let aes = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI=";
        let legacy = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n";
        let long = format!("-----BEGIN A PRIVATE KEY-----\n{}", "A".repeat(65_535));
        for (text, reason) in [
            ("", "it is empty"),
            ("hunter2", "it is not PEM"),
            ("ssh-rsa AAAA", "it is not PEM"),
            ("PuTTY-User-Key-File-3: ssh-rsa", "puttygen"),
            ("-----BEGIN PUBLIC KEY-----\nMII", "it is a public key"),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII", "it is encrypted"),
            (aes, "it is encrypted"),
            (legacy, "it is encrypted"),
            (&long, "longer than the 65535"),
        ] {
            let error = PrivateKey::new(text).unwrap_err().to_string();
            assert!(error.starts_with("not a private key: ") && error.contains(reason), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn keys_may_be_as_long_as_is_documented() {
        let public = |length: usize| PublicKey::new(format!("ssh-rsa {}", "é".repeat(length - 8)));
        let private =
            |length: usize| PrivateKey::new(format!("-----BEGIN A-----{}", "é".repeat(length - 17)));
        assert!(public(1024).is_ok() && public(1025).is_err());
        assert!(private(65_535).is_ok() && private(65_536).is_err());
    }

    #[test]
    fn keys_in_the_clear_are_taken() {
        for pem in [
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n",
            "\n-----BEGIN PRIVATE KEY-----\r\nMIIE",
            "-----BEGIN OPENSSH PRIVATE KEY-----\n\n b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ==",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ==",
        ] {
            assert_eq!(PrivateKey::new(pem).unwrap().expose(), pem);
        }
    }
}
