//! The text around a key: PEM.
//!
//! Read here and not by a library, because those insist on the width of the lines and on their ends, while the service
//! gives back byte for byte what somebody once pasted.

use base64ct::{Base64, Encoding as _};
use zeroize::Zeroizing;

use crate::keys::{DAMAGED, Fault};

/// One block of PEM, which borrows from the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Armor<'a> {
    /// What it says it holds, such as `RSA PRIVATE KEY`.
    pub(super) label: &'a str,
    body: &'a str,
}

impl<'a> Armor<'a> {
    /// The first block that holds a key. OpenSSL writes the name of the curve as a block before some.
    pub(super) fn find(mut text: &'a str) -> Option<Self> {
        loop {
            let (_, begun) = text.split_once("-----BEGIN ")?;
            let (label, rest) = begun.split_once("-----")?;
            let (body, rest) = rest.split_once("-----END ")?;
            let rest = rest.strip_prefix(label)?;
            if label != "EC PARAMETERS" {
                return Some(Self { label, body });
            }
            text = rest;
        }
    }

    pub(super) fn bytes(self) -> Result<Zeroizing<Vec<u8>>, Fault> {
        // Of full size from the start, so that no copy is left behind when it grows.
        let mut text = Zeroizing::new(String::with_capacity(self.body.len()));
        text.extend(self.body.split_ascii_whitespace());
        Base64::decode_vec(&text).map(Zeroizing::new).map_err(|_| DAMAGED)
    }
}
