//! The private half of a key pair: made here, or read, and written in the forms that other programs take.

mod armor;
mod ec;
mod ed25519;
mod make;
mod openssh;
mod rsa_numbers;
#[cfg(test)]
mod tests;

use std::mem;

use clap::ValueEnum;
use kps_ureq::{PrivateKey, PublicKey};
use ssh_encoding::Encode as _;
use ssh_key::LineEnding;
use ssh_key::private::KeypairData;
use zeroize::Zeroizing;

pub(crate) use make::Kind;

use crate::keys::armor::Armor;

/// The form of a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyFormat {
    /// OpenSSH's own
    Openssh,
    /// PKCS#8, as OpenSSL and most libraries read it
    Pkcs8,
    /// PKCS#1, the old form of OpenSSL, of RSA keys alone
    Pkcs1,
}

/// Why a key cannot be read or written. It never quotes the key.
pub(crate) type Fault = &'static str;

const DAMAGED: Fault = "it is damaged";
const UNKNOWN: Fault = "it is of a kind that is not known here";

/// The private half of a key pair, from which the public half follows. Its memory is wiped when it is dropped.
#[derive(Debug)]
pub(crate) struct PrivateHalf(KeypairData);

impl PrivateHalf {
    /// Reads OpenSSH's own form, PKCS#8, PKCS#1 or SEC1.
    pub(crate) fn read(key: &PrivateKey) -> Result<Self, Fault> {
        let armor = Armor::find(key.expose()).ok_or(DAMAGED)?;
        let bytes = armor.bytes()?;
        Ok(Self(match armor.label {
            "OPENSSH PRIVATE KEY" => openssh::read(&bytes)?,
            "RSA PRIVATE KEY" => rsa_numbers::of_pkcs1(&bytes)?,
            "EC PRIVATE KEY" => ec::of_sec1(&bytes, None)?,
            "PRIVATE KEY" => pkcs8(&bytes)?,
            _ => return Err(UNKNOWN),
        }))
    }

    /// Writes it in that form, with the comment where the form has room for one.
    pub(crate) fn write(&self, format: KeyFormat, comment: &str) -> Result<PrivateKey, Fault> {
        let mut pem = match (format, &self.0) {
            (KeyFormat::Openssh, data) => {
                let key = ssh_key::PrivateKey::new(data.clone(), comment).map_err(|_| DAMAGED)?;
                key.to_openssh(LineEnding::LF).map_err(|_| DAMAGED)?
            }
            (KeyFormat::Pkcs8, KeypairData::Rsa(key)) => rsa_numbers::to_pkcs8(key)?,
            (KeyFormat::Pkcs8, KeypairData::Ecdsa(key)) => ec::to_pkcs8(key)?,
            (KeyFormat::Pkcs8, KeypairData::Ed25519(key)) => ed25519::to_pkcs8(key)?,
            (KeyFormat::Pkcs1, KeypairData::Rsa(key)) => rsa_numbers::to_pkcs1(key)?,
            (KeyFormat::Pkcs1, _) => return Err("PKCS#1 is a form of RSA keys alone; take openssh or pkcs8"),
            _ => return Err(UNKNOWN),
        };
        PrivateKey::new(mem::take(&mut *pem)).map_err(|_| DAMAGED)
    }

    /// The public half, as OpenSSH writes it.
    pub(crate) fn public(&self, comment: &str) -> Result<PublicKey, Fault> {
        let data = ssh_key::public::KeyData::try_from(&self.0).map_err(|_| UNKNOWN)?;
        let line = ssh_key::PublicKey::new(data, comment).to_openssh().map_err(|_| DAMAGED)?;
        PublicKey::new(line).map_err(|_| "its public half is longer than the service takes")
    }

    /// The private numbers, as they are sent to ssh-agent.
    pub(crate) fn to_agent(&self) -> Result<Zeroizing<Vec<u8>>, Fault> {
        // Of full size from the start, so that no copy is left behind when it grows.
        let size = self.0.encoded_len().map_err(|_| DAMAGED)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(size));
        self.0.encode(&mut *bytes).map_err(|_| DAMAGED)?;
        Ok(bytes)
    }
}

fn pkcs8(der: &[u8]) -> Result<KeypairData, Fault> {
    let info = pkcs8::PrivateKeyInfo::try_from(der).map_err(|_| DAMAGED)?;
    match info.algorithm.oid {
        rsa_numbers::OID => rsa_numbers::of_pkcs1(info.private_key),
        ec::OID => ec::of_sec1(info.private_key, info.algorithm.parameters_oid().ok()),
        ed25519::OID => ed25519::of_seed(info.private_key),
        _ => Err(UNKNOWN),
    }
}

/// A key in PKCS#8.
fn to_pkcs8(info: pkcs8::PrivateKeyInfo<'_>) -> Result<Zeroizing<String>, Fault> {
    let document = pkcs8::SecretDocument::try_from(info).map_err(|_| DAMAGED)?;
    document.to_pem("PRIVATE KEY", LineEnding::LF).map_err(|_| DAMAGED)
}
