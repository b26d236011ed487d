use kps_model::{PrivateKey, PublicKey};

use crate::KeySource;
use crate::keys::{KeyError, PublicHalf, generated_line};

/// The halves of a key pair that belong together.
#[derive(Clone, Debug)]
pub(crate) struct Halves {
    pub(crate) public_key: PublicKey,
    pub(crate) half: PublicHalf,
    pub(crate) private_key: Option<PrivateKey>,
}

/// Why two halves are not those of one key pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Mismatch {
    /// One of them cannot be read.
    #[error(transparent)]
    Unreadable(#[from] KeyError),
    /// They are halves of different ones.
    #[error("the private key does not match the public key")]
    Different,
}

impl Halves {
    /// A pair made by the service.
    pub(crate) fn made(keys: &dyn KeySource) -> Result<Self, KeyError> {
        let pem = keys.make();
        let half = PublicHalf::of_private(pem.expose())?;
        let public_key = PublicKey::new(generated_line(&half)).map_err(|_| KeyError::Damaged)?;
        let private_key = PrivateKey::new(pem.expose()).map_err(|_| KeyError::NoKey)?;
        Ok(Self { public_key, half, private_key: Some(private_key) })
    }

    /// A pair of which the public half is known.
    pub(crate) fn public(public_key: PublicKey) -> Result<Self, KeyError> {
        let half = PublicHalf::parse(public_key.as_str())?;
        Ok(Self { public_key, half, private_key: None })
    }

    /// A pair made elsewhere.
    pub(crate) fn both(public_key: PublicKey, private_key: PrivateKey) -> Result<Self, Mismatch> {
        let halves = Self::public(public_key)?;
        halves.half.check(&private_key)?;
        Ok(Self { private_key: Some(private_key), ..halves })
    }
}

impl PublicHalf {
    /// Whether this is the private half that belongs to it.
    pub(crate) fn check(&self, private_key: &PrivateKey) -> Result<(), Mismatch> {
        if Self::of_private(private_key.expose())? == *self { Ok(()) } else { Err(Mismatch::Different) }
    }
}
