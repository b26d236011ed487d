//! Keys of RSA: the numbers that SSH keeps, and those that PKCS#1 keeps.

use pkcs8::ObjectIdentifier;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _};
use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BoxedUint, PrivateKey};
use ssh_key::Mpint;
use ssh_key::private::{KeypairData, RsaKeypair, RsaPrivateKey};
use ssh_key::public::RsaPublicKey;
use zeroize::Zeroizing;

use super::{DAMAGED, Fault};

pub(super) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

pub(super) fn of_pkcs1(der: &[u8]) -> Result<KeypairData, Fault> {
    of_key(&PrivateKey::from_pkcs1_der(der).map_err(|_| DAMAGED)?)
}

pub(super) fn of_key(key: &PrivateKey) -> Result<KeypairData, Fault> {
    let [p, q] = key.primes() else { return Err("it has more than two primes") };
    let inverse = key.crt_coefficient().ok_or(DAMAGED)?;
    let public = RsaPublicKey { e: mpint(key.e())?, n: mpint(key.n())? };
    let private = RsaPrivateKey { d: mpint(key.d())?, iqmp: mpint(&inverse)?, p: mpint(p)?, q: mpint(q)? };
    Ok(RsaKeypair { public, private }.into())
}

pub(super) fn to_pkcs1(key: &RsaKeypair) -> Result<Zeroizing<String>, Fault> {
    to_key(key)?.to_pkcs1_pem(LineEnding::LF).map_err(|_| DAMAGED)
}

pub(super) fn to_pkcs8(key: &RsaKeypair) -> Result<Zeroizing<String>, Fault> {
    to_key(key)?.to_pkcs8_pem(LineEnding::LF).map_err(|_| DAMAGED)
}

/// The key with all that follows from its numbers, which are checked.
fn to_key(key: &RsaKeypair) -> Result<PrivateKey, Fault> {
    let RsaKeypair { public, private } = key;
    let bits = u32::try_from(number(&public.n)?.len() * 8).map_err(|_| DAMAGED)?;
    let sized = |from: &Mpint| BoxedUint::from_be_slice(number(from)?, bits).map_err(|_| DAMAGED);
    let primes = vec![sized(&private.p)?, sized(&private.q)?];
    let e = BoxedUint::from_be_slice_vartime(number(&public.e)?);
    PrivateKey::from_components(sized(&public.n)?, e, sized(&private.d)?, primes).map_err(|_| DAMAGED)
}

fn mpint(number: &BoxedUint) -> Result<Mpint, Fault> {
    Mpint::from_positive_bytes(&Zeroizing::new(number.to_be_bytes())).map_err(|_| DAMAGED)
}

fn number(number: &Mpint) -> Result<&[u8], Fault> {
    number.as_positive_bytes().ok_or(DAMAGED)
}
