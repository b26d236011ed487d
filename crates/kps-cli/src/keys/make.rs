//! Key pairs made on this machine, so that the private half never travels.

use clap::ValueEnum;
use getrandom::SysRng;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use ssh_key::private::{Ed25519Keypair, KeypairData};
use zeroize::Zeroizing;

use super::{DAMAGED, Fault, PrivateHalf, ec, rsa_numbers};

const NO_RANDOMNESS: Fault = "the system gives no randomness";

/// What is made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// The shortest and fastest
    Ed25519,
    /// For servers that know nothing newer; making it takes seconds
    #[value(name = "rsa-3072")]
    Rsa3072,
    /// For places where the curves of NIST are asked for
    #[value(name = "ecdsa-p256")]
    EcdsaP256,
}

impl PrivateHalf {
    /// Makes a key pair from the randomness of the system.
    pub(crate) fn make(kind: Kind) -> Result<Self, Fault> {
        Ok(Self(match kind {
            Kind::Ed25519 => Ed25519Keypair::from_seed(&*random()?).into(),
            Kind::EcdsaP256 => p256()?,
            Kind::Rsa3072 => rsa(3072)?,
        }))
    }
}

fn random() -> Result<Zeroizing<[u8; 32]>, Fault> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *bytes).map_err(|_| NO_RANDOMNESS)?;
    Ok(bytes)
}

fn p256() -> Result<KeypairData, Fault> {
    // Next to no 32 bytes are too great a number.
    for _ in 0..100 {
        let bytes = random()?;
        if let Ok(secret) = p256::SecretKey::from_slice(&*bytes) {
            let point = secret.public_key().to_encoded_point(false);
            return Ok(ec::pair(point.as_bytes(), &*bytes)?.into());
        }
    }
    Err(NO_RANDOMNESS)
}

fn rsa(bits: usize) -> Result<KeypairData, Fault> {
    rsa_numbers::of_key(&rsa::PrivateKey::new(&mut SysRng, bits).map_err(|_| DAMAGED)?)
}
