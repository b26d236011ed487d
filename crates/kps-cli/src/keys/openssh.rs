//! OpenSSH's own form of a private key.

use ssh_encoding::Decode;
use ssh_key::Algorithm;
use ssh_key::private::KeypairData;
use zeroize::Zeroizing;

use super::{DAMAGED, Fault, UNKNOWN, ec};

const MAGIC: &[u8] = b"openssh-key-v1\0";

pub(super) fn read(bytes: &[u8]) -> Result<KeypairData, Fault> {
    if let Some(key) = ecdsa(bytes) {
        return Ok(key?.into());
    }
    let key = ssh_key::PrivateKey::from_bytes(bytes).map_err(|_| DAMAGED)?;
    match key.algorithm() {
        _ if key.is_encrypted() => Err("it is encrypted"),
        Algorithm::Rsa { .. } | Algorithm::Ecdsa { .. } | Algorithm::Ed25519 => Ok(key.key_data().clone()),
        _ => Err(UNKNOWN),
    }
}

/// A key of ECDSA, if it is one. It is read here, since the library wants the private number at its full size, while OpenSSH
/// leaves out the zeros it begins with.
fn ecdsa(bytes: &[u8]) -> Option<Result<ssh_key::private::EcdsaKeypair, Fault>> {
    let rest = &mut bytes.strip_prefix(MAGIC)?;
    let [cipher, _derivation, _its_options] = [part(rest)?, part(rest)?, part(rest)?];
    let (count, public, private) = (u32::decode(rest).ok()?, part(rest)?, part(rest)?);
    if *cipher != b"none" || count != 1 || !public.get(4..)?.starts_with(b"ecdsa-sha2-") {
        return None;
    }
    Some(pair_of(&public, &private).ok_or(DAMAGED).and_then(|(point, number)| ec::pair(&point, &number)))
}

type Bytes = Zeroizing<Vec<u8>>;

/// The point and the private number. The public half comes again in the private one.
fn pair_of(public: &[u8], private: &[u8]) -> Option<(Bytes, Bytes)> {
    let rest = &mut &*private;
    // The same random number twice, which shows a wrong passphrase.
    if u32::decode(rest).ok()? != u32::decode(rest).ok()? {
        return None;
    }
    *rest = rest.strip_prefix(public)?;
    let rest_of_public = &mut &*public;
    let [_algorithm, _curve, point] = [part(rest_of_public)?, part(rest_of_public)?, part(rest_of_public)?];
    let number = part(rest)?;
    let _comment = part(rest)?;
    // A number whose first bit is set has a zero before it, as it would be negative else.
    let number = match number.as_slice() {
        [0, number @ ..] => Zeroizing::new(number.to_vec()),
        number => Zeroizing::new(number.to_vec()),
    };
    Some((point, number))
}

/// Takes bytes with their length before them off the front.
fn part(rest: &mut &[u8]) -> Option<Bytes> {
    Vec::decode(rest).ok().map(Zeroizing::new)
}
