//! What is signed, in its parts. It is put together by code of its own, written from the rules and not from the client's,
//! so that a slip in one of them is found by the other.

use std::fmt::Write as _;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Request};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

/// What is signed of a request. The parts that are the same in every right one are there for those that are not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signing {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    /// The names and values of the signed headers.
    pub(super) headers: Vec<(String, String)>,
    /// Between a name and its value.
    pub(super) colon: &'static str,
    /// Between the headers and their names.
    pub(super) gap: &'static str,
    pub(super) signed_headers: String,
    pub(super) payload: String,
    /// Behind the last line.
    pub(super) end: &'static str,
    pub(super) date: String,
    pub(super) hash: Hash,
    /// Behind the secret key.
    pub(super) key_end: &'static str,
}

/// How the canonical request stands in what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    LowerHex,
    UpperHex,
    /// The canonical request itself.
    Whole,
}

/// Who says to have signed a request, and how.
pub(crate) struct Claim<'a> {
    pub(crate) access: &'a str,
    pub(crate) signed_headers: &'a str,
    pub(crate) signature: &'a str,
}

impl<'a> Claim<'a> {
    pub(crate) fn parse(authorization: &'a str) -> Option<Self> {
        let mut parts = authorization.strip_prefix("SDK-HMAC-SHA256 ")?.split(", ");
        let claim = Self {
            access: parts.next()?.strip_prefix("Access=")?,
            signed_headers: parts.next()?.strip_prefix("SignedHeaders=")?,
            signature: parts.next()?.strip_prefix("Signature=")?,
        };
        parts.next().is_none().then_some(claim)
    }
}

impl Signing {
    /// What is to be signed of a request, if these headers are.
    pub(crate) fn of(request: &Request<Bytes>, names: &[&str]) -> Result<Self, String> {
        let headers = request.headers();
        let mut path = strict(&percent_decode_str(request.uri().path()).collect::<Vec<u8>>(), true);
        if !path.ends_with('/') {
            path.push('/');
        }
        let signed = names.iter().map(|name| Ok(((*name).to_owned(), value(request, name)?)));
        Ok(Self {
            method: request.method().to_string(),
            path,
            query: query(request.uri().query().unwrap_or_default()),
            headers: signed.collect::<Result<_, String>>()?,
            colon: ":",
            gap: "\n",
            signed_headers: names.join(";"),
            payload: payload(names, headers, request.body()),
            end: "",
            date: text(headers, "x-sdk-date").unwrap_or_default(),
            hash: Hash::LowerHex,
            key_end: "",
        })
    }

    pub(crate) fn canonical(&self) -> String {
        let Self { method, path, query, colon, gap, signed_headers, payload, end, .. } = self;
        let mut text = format!("{method}\n{path}\n{query}\n");
        for (name, value) in &self.headers {
            // `write!` to a String does not fail.
            let _ = writeln!(text, "{name}{colon}{value}");
        }
        let _ = write!(text, "{gap}{signed_headers}\n{payload}{end}");
        text
    }

    fn to_sign(&self) -> String {
        let canonical = self.canonical();
        let hash = match self.hash {
            Hash::LowerHex => sha256(canonical.as_bytes()),
            Hash::UpperHex => sha256(canonical.as_bytes()).to_ascii_uppercase(),
            Hash::Whole => canonical,
        };
        format!("SDK-HMAC-SHA256\n{}\n{hash}", self.date)
    }

    /// Whether the signature is made with this key.
    pub(crate) fn is_signed(&self, secret: &[u8], signature: &[u8]) -> bool {
        // A key of any length is taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&[secret, self.key_end.as_bytes()].concat()) else {
            return false;
        };
        mac.update(self.to_sign().as_bytes());
        mac.verify_slice(signature).is_ok()
    }
}

/// The value of a header that is signed.
fn value(request: &Request<Bytes>, name: &str) -> Result<String, String> {
    let headers = request.headers();
    let value = match name {
        "host" if !headers.contains_key("host") => request.uri().authority().map(ToString::to_string),
        // Of two values nobody knows which was signed.
        name if headers.get_all(name).iter().nth(1).is_some() => {
            return Err(format!("the signed header {name} is given twice"));
        }
        name => text(headers, name),
    };
    value.map(|value| value.trim().to_owned()).ok_or_else(|| format!("the signed header {name} is missing"))
}

/// A client may state the hash, or that there is none; it is the client's word only if it is signed.
fn payload(names: &[&str], headers: &HeaderMap, body: &Bytes) -> String {
    let stated = names.iter().find(|name| **name == "x-sdk-content-sha256");
    match stated.and_then(|name| text(headers, name)) {
        Some(stated) if !body.is_empty() => stated,
        _ => sha256(body),
    }
}

fn query(query: &str) -> String {
    let mut pairs = pairs(query);
    pairs.sort();
    joined(&pairs)
}

/// The names and values of a query, decoded.
pub(super) fn pairs(query: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

pub(super) fn joined(pairs: &[(Vec<u8>, Vec<u8>)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", strict(name, false), strict(value, false)))
        .collect();
    pairs.join("&")
}

pub(super) fn strict(raw: &[u8], is_path: bool) -> String {
    let mut text = String::with_capacity(raw.len());
    for byte in raw {
        match char::from(*byte) {
            kept @ ('A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '.' | '_' | '~') => text.push(kept),
            '/' if is_path => text.push('/'),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

/// A header's value as text; bytes that are not UTF-8 are no value at all.
pub(crate) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| String::from_utf8(value.as_bytes().to_vec()).ok())
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
