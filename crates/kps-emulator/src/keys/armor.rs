//! The text around a key: PEM.
//!
//! Read here and not by a library, because those insist on the width of the lines and on what may stand
//! around them, while keys arrive in JSON, pasted and wrapped again.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use super::KeyError;

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
            let (armor, rest) = Self::next(text)?;
            if armor.label != "EC PARAMETERS" {
                return Some(armor);
            }
            text = rest;
        }
    }

    fn next(text: &'a str) -> Option<(Self, &'a str)> {
        let (_, text) = text.split_once("-----BEGIN ")?;
        let (label, text) = text.split_once("-----")?;
        let (body, text) = text.split_once("-----END ")?;
        let rest = text.strip_prefix(label)?.strip_prefix("-----")?;
        Some((Self { label, body }, rest))
    }

    /// Whether a header says that the body is encrypted, as OpenSSL's old form has it.
    pub(super) fn is_encrypted(self) -> bool {
        self.body.lines().any(|line| line.starts_with("Proc-Type:") && line.contains("ENCRYPTED"))
    }

    pub(super) fn bytes(self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        // Of full size from the start, so that no copy is left behind when it grows.
        let mut text = Zeroizing::new(String::with_capacity(self.body.len()));
        text.extend(self.body.split_ascii_whitespace());
        Base64::decode_vec(&text).map(Zeroizing::new).map_err(|_| KeyError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_around_and_the_width_of_the_lines_do_not_matter() {
        for text in [
            "-----BEGIN A KEY-----\nAAEC\nAwQF\n-----END A KEY-----\n",
            "-----BEGIN A KEY-----\r\nAAECAwQF\r\n-----END A KEY-----",
            "a head\n-----BEGIN A KEY----- AAEC AwQF -----END A KEY----- a tail",
            "-----BEGIN EC PARAMETERS-----\nAAAA\n-----END EC PARAMETERS-----\n\
             -----BEGIN A KEY-----\nAAECAwQF\n-----END A KEY-----\n",
        ] {
            let armor = Armor::find(text).unwrap();
            assert_eq!(armor.label, "A KEY");
            assert_eq!(armor.bytes().unwrap().as_slice(), [0, 1, 2, 3, 4, 5]);
        }
    }

    #[test]
    fn what_does_not_end_as_it_began_is_no_block() {
        for text in [
            "",
            "-----BEGIN ",
            "-----BEGIN A KEY-----\nAAEC\n",
            "-----BEGIN A KEY-----\nAAEC\n-----END B KEY-----\n",
            "-----BEGIN EC PARAMETERS-----\nAAAA\n-----END EC PARAMETERS-----\n",
        ] {
            assert!(Armor::find(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_body_that_is_no_base64_is_damaged() {
        let armor = Armor::find("-----BEGIN A KEY-----\nAAE*\n-----END A KEY-----\n").unwrap();
        assert_eq!(armor.bytes().unwrap_err(), KeyError::Damaged);
    }
}
