//! The public half of a private key, in each of the forms private keys come in.

use pkcs8::der::Decode;
use pkcs8::{ObjectIdentifier, PrivateKeyInfo};
use sec1::{EcParameters, EcPrivateKey};
use ssh_key::private::Ed25519Keypair;
use ssh_key::public::{EcdsaPublicKey, KeyData, RsaPublicKey};
use ssh_key::{EcdsaCurve, Mpint};

use super::armor::Armor;
use super::rsa_parts::RsaParts;
use super::{KeyError, openssh};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// Derives or reads the public half.
pub(super) fn public_of(armor: Armor<'_>) -> Result<KeyData, KeyError> {
    if armor.is_encrypted() {
        return Err(KeyError::Encrypted);
    }
    match armor.label {
        "OPENSSH PRIVATE KEY" => openssh::public_of(&armor.bytes()?),
        "RSA PRIVATE KEY" => pkcs1(&armor.bytes()?),
        "EC PRIVATE KEY" => sec1(&armor.bytes()?, None),
        "PRIVATE KEY" => pkcs8(&armor.bytes()?),
        "ENCRYPTED PRIVATE KEY" => Err(KeyError::Encrypted),
        "DSA PRIVATE KEY" => Err(KeyError::DsaPrivate),
        label if label.ends_with("PRIVATE KEY") => Err(KeyError::Unsupported),
        label if label.ends_with("PUBLIC KEY") => Err(KeyError::PublicForPrivate),
        _ => Err(KeyError::NoKey),
    }
}

fn pkcs8(der: &[u8]) -> Result<KeyData, KeyError> {
    let info = PrivateKeyInfo::from_der(der).map_err(|_| KeyError::Damaged)?;
    match info.algorithm.oid {
        RSA => pkcs1(info.private_key),
        EC => sec1(info.private_key, info.algorithm.parameters_oid().ok()),
        ED25519 => ed25519(info.private_key),
        DSA => Err(KeyError::DsaPrivate),
        _ => Err(KeyError::Unsupported),
    }
}

fn pkcs1(der: &[u8]) -> Result<KeyData, KeyError> {
    let key = pkcs1::RsaPrivateKey::from_der(der).map_err(|_| KeyError::Damaged)?;
    let parts = RsaParts {
        n: key.modulus.as_bytes(),
        e: key.public_exponent.as_bytes(),
        d: key.private_exponent.as_bytes(),
        p: key.prime1.as_bytes(),
        q: key.prime2.as_bytes(),
    };
    if !parts.belong_together() {
        return Err(KeyError::Damaged);
    }
    let number = |bytes| Mpint::from_positive_bytes(bytes).map_err(|_| KeyError::Damaged);
    let (n, e) = (number(key.modulus.as_bytes())?, number(key.public_exponent.as_bytes())?);
    Ok(KeyData::Rsa(RsaPublicKey { e, n }))
}

/// The curve is named by the key, or by what is around it.
fn sec1(der: &[u8], curve: Option<ObjectIdentifier>) -> Result<KeyData, KeyError> {
    let key = EcPrivateKey::from_der(der).map_err(|_| KeyError::Damaged)?;
    let own_curve = key.parameters.and_then(EcParameters::named_curve);
    let curve = match curve.or(own_curve).ok_or(KeyError::Damaged)? {
        P256 => EcdsaCurve::NistP256,
        P384 => EcdsaCurve::NistP384,
        P521 => EcdsaCurve::NistP521,
        _ => return Err(KeyError::Unsupported),
    };
    let point = key.public_key.ok_or(KeyError::NoPublicHalf)?;
    let point = EcdsaPublicKey::from_sec1_bytes(point).map_err(|_| KeyError::Damaged)?;
    if point.curve() == curve { Ok(KeyData::Ecdsa(point)) } else { Err(KeyError::Damaged) }
}

fn ed25519(der: &[u8]) -> Result<KeyData, KeyError> {
    // An octet string of 32 bytes.
    let [0x04, 0x20, seed @ ..] = der else { return Err(KeyError::Damaged) };
    let seed = seed.try_into().map_err(|_| KeyError::Damaged)?;
    Ok(KeyData::Ed25519(Ed25519Keypair::from_seed(seed).public))
}
