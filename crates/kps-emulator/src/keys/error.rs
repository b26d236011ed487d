//! Why a key cannot be used.

/// Why a text is not the half of a key pair it should be. The texts never quote the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("the private key is encrypted")]
    Encrypted,
    #[error("the private key is in the format of PuTTY")]
    Putty,
    #[error("the private key is a DSA key")]
    DsaPrivate,
    #[error("the private key does not hold its public half")]
    NoPublicHalf,
    #[error("a public key is in place of the private key")]
    PublicForPrivate,
    #[error("a private key is in place of the public key")]
    PrivateForPublic,
    #[error("the public key is not in the one-line form of OpenSSH")]
    NotOneLine,
    #[error("the key is of a kind that is not supported")]
    Unsupported,
    #[error("the key's point on the curve is compressed")]
    CompressedPoint,
    #[error("the key is damaged")]
    Damaged,
    #[error("the text is no key")]
    NoKey,
}
