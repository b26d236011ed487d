//! OpenSSH's own file of a private key.
//!
//! Read here and not by the library, which wants the secret number of an ECDSA key at its full size, while
//! OpenSSH leaves out the zeros it begins with: one key of P-521 in four could not be read.

use ssh_key::private::Ed25519Keypair;
use ssh_key::public::KeyData;

use super::KeyError;
use super::material::from_blob;
use super::rsa_parts::RsaParts;

const MAGIC: &[u8] = b"openssh-key-v1\0";
/// What the private part is filled up to a multiple of, when nothing encrypts it.
const BLOCK: usize = 8;

/// The public half of the one key in a file.
pub(super) fn public_of(file: &[u8]) -> Result<KeyData, KeyError> {
    let file = File::read(file).ok_or(KeyError::Damaged)?;
    if file.cipher != b"none" {
        return Err(KeyError::Encrypted);
    }
    let data: KeyData = from_blob(file.public)?.into();
    match data {
        KeyData::Dsa(_) => Err(KeyError::DsaPrivate),
        KeyData::Rsa(_) | KeyData::Ecdsa(_) | KeyData::Ed25519(_) => {
            file.check(&data).map(|()| data).ok_or(KeyError::Damaged)
        }
        _ => Err(KeyError::Unsupported),
    }
}

struct File<'a> {
    cipher: &'a [u8],
    public: &'a [u8],
    private: &'a [u8],
}

impl<'a> File<'a> {
    fn read(file: &'a [u8]) -> Option<Self> {
        let rest = &mut file.strip_prefix(MAGIC)?;
        let cipher = field(rest)?;
        let [_derivation, _its_options] = [field(rest)?, field(rest)?];
        if number(rest)? != 1 {
            return None;
        }
        Some(Self { cipher, public: field(rest)?, private: field(rest)? })
    }

    /// Checks that the private part is whole and repeats the public one.
    fn check(&self, public: &KeyData) -> Option<()> {
        let rest = &mut &*self.private;
        // The same random number twice, which shows a wrong passphrase.
        same(&number(rest)?, &number(rest)?)?;
        match public {
            KeyData::Rsa(key) => {
                same(field(rest)?, b"ssh-rsa")?;
                same(field(rest)?, key.n.as_bytes())?;
                same(field(rest)?, key.e.as_bytes())?;
                let [d, _inverse, p, q] = [field(rest)?, field(rest)?, field(rest)?, field(rest)?];
                let parts = RsaParts { n: key.n.as_bytes(), e: key.e.as_bytes(), d, p, q };
                same(&parts.belong_together(), &true)?;
            }
            KeyData::Ed25519(key) => {
                *rest = rest.strip_prefix(self.public)?;
                let pair = Ed25519Keypair::try_from(field(rest)?).ok()?;
                same(&pair.public, key)?;
            }
            _ => {
                *rest = rest.strip_prefix(self.public)?;
                let _secret = field(rest)?;
            }
        }
        let _comment = field(rest)?;
        (rest.len() < BLOCK && rest.iter().zip(1..).all(|(byte, place)| *byte == place)).then_some(())
    }
}

fn same<T: PartialEq + ?Sized>(one: &T, other: &T) -> Option<()> {
    (one == other).then_some(())
}

/// Takes a number off the front.
fn number(rest: &mut &[u8]) -> Option<u32> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_be_bytes(*number))
}

/// Takes bytes with their length before them off the front.
fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(number(rest)?).ok()?;
    let (field, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(field)
}
