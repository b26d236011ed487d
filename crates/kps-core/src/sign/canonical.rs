//! The text that is signed.

use std::ops::Range;

use super::{ALGORITHM, Date, Hex};

/// The SHA-256 of nothing.
const EMPTY: Hex = Hex(*b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

pub(crate) fn payload_hash(body: &[u8]) -> Hex {
    if body.is_empty() { EMPTY } else { Hex::digest(body) }
}

/// A request in the form in which it is signed: path and query encoded strictly, the query sorted, the
/// headers sorted by their lower-case names.
pub(crate) struct Parts<'a> {
    pub(crate) method: &'a str,
    /// Without the `/` that is appended to it.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a [u8])],
    /// 64 digits, or what stands for them.
    pub(crate) payload_hash: &'a [u8],
    pub(crate) date: Date,
}

pub(crate) struct Canonical {
    pub(crate) text: Vec<u8>,
    signed_headers: Range<usize>,
}

impl Canonical {
    pub(crate) fn signed_headers(&self) -> &[u8] {
        self.text.get(self.signed_headers.clone()).unwrap_or_default()
    }
}

impl Parts<'_> {
    pub(crate) fn canonical(&self) -> Canonical {
        let mut text = Vec::with_capacity(512);
        let mut push = |part: &[u8]| text.extend_from_slice(part);

        push(self.method.as_bytes());
        push(b"\n");
        push(self.path.as_bytes());
        push(if self.path.ends_with('/') { b"\n" } else { b"/\n" });
        push(self.query.as_bytes());
        push(b"\n");
        for (name, value) in self.headers {
            push(name.as_bytes());
            push(b":");
            push(value);
            push(b"\n");
        }
        push(b"\n");

        let start = text.len();
        for (name, _) in self.headers {
            if text.len() > start {
                text.push(b';');
            }
            text.extend_from_slice(name.as_bytes());
        }
        let signed_headers = start..text.len();
        text.push(b'\n');
        text.extend_from_slice(self.payload_hash);
        Canonical { text, signed_headers }
    }

    /// The text that is signed, in its pieces.
    pub(crate) fn to_sign<'a>(&'a self, canonical: &'a Hex) -> [&'a [u8]; 5] {
        [ALGORITHM.as_bytes(), b"\n", self.date.as_bytes(), b"\n", canonical.as_bytes()]
    }
}
