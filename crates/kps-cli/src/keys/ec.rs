//! Keys of ECDSA, whose form in PKCS#8 is SEC1.

use pkcs8::der::Encode as _;
use pkcs8::der::asn1::AnyRef;
use pkcs8::{AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfo};
use sec1::der::Decode as _;
use sec1::{EcParameters, EcPrivateKey};
use ssh_encoding::{Decode as _, Encode as _};
use ssh_key::EcdsaCurve;
use ssh_key::private::{EcdsaKeypair, EcdsaPrivateKey, KeypairData};
use ssh_key::public::EcdsaPublicKey;
use zeroize::Zeroizing;

use super::{DAMAGED, Fault, UNKNOWN, to_pkcs8 as write};

pub(super) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// The curve is named by the key, or by what is around it.
pub(super) fn of_sec1(der: &[u8], curve: Option<ObjectIdentifier>) -> Result<KeypairData, Fault> {
    let key = EcPrivateKey::from_der(der).map_err(|_| DAMAGED)?;
    let own_curve = key.parameters.and_then(EcParameters::named_curve);
    let curve = match curve.or(own_curve).ok_or(DAMAGED)? {
        P256 => EcdsaCurve::NistP256,
        P384 => EcdsaCurve::NistP384,
        P521 => EcdsaCurve::NistP521,
        _ => return Err(UNKNOWN),
    };
    let point =
        key.public_key.ok_or("it holds no public half; write a copy anew with `ssh-keygen -p -f COPY`")?;
    let pair = pair(point, key.private_key)?;
    if pair.curve() == curve { Ok(pair.into()) } else { Err(DAMAGED) }
}

/// A pair of a point and the private number, which may lack zeros at its start.
pub(super) fn pair(point: &[u8], private: &[u8]) -> Result<EcdsaKeypair, Fault> {
    let public = EcdsaPublicKey::from_sec1_bytes(point).map_err(|_| DAMAGED)?;
    Ok(match public {
        EcdsaPublicKey::NistP256(public) => EcdsaKeypair::NistP256 { public, private: number(private)? },
        EcdsaPublicKey::NistP384(public) => EcdsaKeypair::NistP384 { public, private: number(private)? },
        EcdsaPublicKey::NistP521(public) => EcdsaKeypair::NistP521 { public, private: number(private)? },
    })
}

/// The library has no other way in than reading what SSH sends: the length, then the bytes.
fn number<const SIZE: usize>(bytes: &[u8]) -> Result<EcdsaPrivateKey<SIZE>, Fault> {
    let missing = SIZE.checked_sub(bytes.len()).ok_or(DAMAGED)?;
    let mut sent = Zeroizing::new(Vec::with_capacity(4 + SIZE));
    SIZE.encode(&mut *sent).map_err(|_| DAMAGED)?;
    sent.resize(4 + missing, 0);
    sent.extend_from_slice(bytes);
    EcdsaPrivateKey::decode(&mut sent.as_slice()).map_err(|_| DAMAGED)
}

pub(super) fn to_pkcs8(key: &EcdsaKeypair) -> Result<Zeroizing<String>, Fault> {
    let curve = match key.curve() {
        EcdsaCurve::NistP256 => P256,
        EcdsaCurve::NistP384 => P384,
        EcdsaCurve::NistP521 => P521,
    };
    let sec1 = EcPrivateKey {
        private_key: key.private_key_bytes(),
        parameters: None,
        public_key: Some(key.public_key_bytes()),
    };
    let der = sec1.to_der().map(Zeroizing::new).map_err(|_| DAMAGED)?;
    let algorithm = AlgorithmIdentifierRef { oid: OID, parameters: Some(AnyRef::from(&curve)) };
    write(PrivateKeyInfo::new(algorithm, &der))
}
