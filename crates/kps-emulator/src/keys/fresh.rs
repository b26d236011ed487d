//! Key pairs made when they are asked for.

use std::mem;

use getrandom::SysRng;
use kps_model::Secret;
use rsa::PrivateKey;
use rsa::pkcs1::{EncodeRsaPrivateKey, LineEnding};

use super::KeySource;

const BITS: usize = 2048;

/// Key pairs that are new, made from the randomness of the system.
///
/// Each takes time: some tenths of a second, and on a slow machine seconds, most of all in a debug build.
/// Where any pair will do, [`MadeBefore`](crate::MadeBefore) takes next to none. In exchange, nobody else has
/// these. When the system gives no randomness, what is handed out is empty.
///
/// ```
/// use kps_emulator::{Fresh, KeySource};
///
/// let key = Fresh.make();
/// assert!(key.expose().starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Fresh;

impl KeySource for Fresh {
    fn make(&self) -> Secret {
        let key = PrivateKey::new(&mut SysRng, BITS).ok();
        let pem = key.and_then(|key| key.to_pkcs1_pem(LineEnding::LF).ok());
        Secret::new(pem.map(|mut pem| mem::take(&mut *pem)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::PublicHalf;

    #[test]
    fn each_is_new_and_of_2048_bits() {
        let [one, other] = [(); 2].map(|()| PublicHalf::of_private(Fresh.make().expose()).unwrap());
        assert_eq!(one.algorithm(), "SSH_RSA_2048");
        assert_ne!(one, other);
    }
}
