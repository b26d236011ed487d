//! Keys of Ed25519, of which PKCS#8 holds the seed.

use pkcs8::{AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfo};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use zeroize::Zeroizing;

use super::{DAMAGED, Fault, to_pkcs8 as write};

pub(super) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// How an octet string of 32 bytes begins.
const HEAD: [u8; 2] = [0x04, 0x20];

/// What PKCS#8 holds: the seed, as an octet string in itself.
pub(super) fn of_seed(der: &[u8]) -> Result<KeypairData, Fault> {
    let seed = der.strip_prefix(&HEAD).and_then(|seed| seed.try_into().ok()).ok_or(DAMAGED)?;
    Ok(Ed25519Keypair::from_seed(seed).into())
}

pub(super) fn to_pkcs8(key: &Ed25519Keypair) -> Result<Zeroizing<String>, Fault> {
    let mut der = Zeroizing::new(Vec::with_capacity(34));
    der.extend(HEAD);
    der.extend_from_slice(key.private.as_ref());
    write(PrivateKeyInfo::new(AlgorithmIdentifierRef { oid: OID, parameters: None }, &der))
}
