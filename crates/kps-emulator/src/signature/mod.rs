//! What a request is signed by, and why a signature does not fit.

mod explain;
mod signing;
mod slips;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::Serialize;

pub(crate) use explain::explain;
pub(crate) use signing::{Claim, Signing, text};

/// Why a signature does not fit, as far as it can be told: what is signed was put together in the ways in which clients
/// are known to slip, one slip and two at once, until the signature came out. Secrets are not in it, and of the values
/// of headers and of the query those alone that are known to hold none.
///
/// ```
/// use kps_emulator::Emulator;
///
/// let signed = http::Request::get("http://kms.example.com/v3/0a1b/keypairs")
///     .header("x-sdk-date", "20260401T083000Z")
///     .header(
///         "authorization",
///         "SDK-HMAC-SHA256 Access=AKEMULATOR0000000001, SignedHeaders=x-sdk-date, \
///          Signature=2d3a1fa7e3d1a3b41c59e5e1db6d64b4b0e9de6ba93e2f1c8c63dc0c7bd3d1ff",
///     )
///     .body(Default::default())?;
/// let why = Emulator::new().explain_signature(&signed).unwrap();
/// assert_eq!(why.computed[1], "/v3/0a1b/keypairs/");
/// assert!(why.mistakes[0].what.contains("another secret key"));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WrongSignature {
    /// The lines of the canonical request that the emulator has computed.
    pub computed: Vec<String>,
    /// The likely mistakes, at least one.
    pub mistakes: Vec<Mistake>,
    /// What the client has most likely signed in place of what it should have; nothing, if the mistake is not in what
    /// is signed.
    pub differences: Vec<Difference>,
}

/// A slip in signing.
///
/// ```
/// use std::time::SystemTime;
/// use kps_core::{Secret, sign::Signer};
/// use kps_emulator::Emulator;
///
/// let signer = Signer::new(Emulator::ACCESS_KEY_ID, &Secret::new(Emulator::SECRET_ACCESS_KEY))?;
/// let signed = signer.sign("GET", "http://kms.example.com/v3/0a1b/keypairs", &[], b"", SystemTime::now())?;
///
/// let mut request = http::Request::get("http://kms.example.com/v3/0a1b/keypairs?limit=10"); // which is not what was signed
/// for (name, value) in signed.headers() {
///     request = request.header(name, value);
/// }
/// let request = request.header("authorization", signed.authorization()).body(Default::default())?;
/// let why = Emulator::new().explain_signature(&request).unwrap();
/// assert_eq!(why.mistakes[0].what, "the query was not signed");
/// assert_eq!(why.mistakes[0].cure, "sign the query on a line of its own, even if it is empty");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mistake {
    /// What is wrong, in words.
    pub what: &'static str,
    /// What to do.
    #[serde(rename = "do")]
    pub cure: &'static str,
}

/// A part of what is signed that differs.
///
/// ```
/// use std::time::SystemTime;
/// use kps_core::{Secret, sign::Signer};
/// use kps_emulator::Emulator;
///
/// let signer = Signer::new(Emulator::ACCESS_KEY_ID, &Secret::new(Emulator::SECRET_ACCESS_KEY))?;
/// let signed = signer.sign("GET", "http://kms.example.com/v3/0a1b/keypairs", &[], b"", SystemTime::now())?;
///
/// let mut request = http::Request::get("http://kms.example.com/v3/0a1b/keypairs?limit=10"); // which is not what was signed
/// for (name, value) in signed.headers() {
///     request = request.header(name, value);
/// }
/// let request = request.header("authorization", signed.authorization()).body(Default::default())?;
/// let why = Emulator::new().explain_signature(&request).unwrap();
/// let difference = &why.differences[0];
/// assert_eq!(difference.part, "the query");
/// assert_eq!((difference.computed.as_str(), difference.signed.as_str()), ("limit=10", ""));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// Which part, such as `the path`.
    pub part: String,
    /// As the emulator has it.
    pub computed: String,
    /// As the client most likely had it.
    pub signed: String,
}

impl fmt::Display for WrongSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.mistakes.iter().enumerate() {
            write!(f, "{}{}: {}", if at == 0 { "" } else { "; " }, mistake.what, mistake.cure)?;
        }
        for difference in &self.differences {
            let Difference { part, computed, signed } = difference;
            write!(f, "; {part} is {computed:?}, not {signed:?}")?;
        }
        Ok(())
    }
}
