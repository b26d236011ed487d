//! Signing a request as it is given: a URL, headers and a body of anybody's.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use percent_encoding::{percent_decode_str, percent_encode};

use super::encode::{PATH, QUERY};
use super::{Date, Hex, Parts, Signer, payload_hash};
use crate::Error;

const AUTHORIZATION: &str = "authorization";
const CONTENT_SHA256: &str = "x-sdk-content-sha256";
const CONTENT_TYPE: &str = "content-type";
const HOST: &str = "host";
const X_SDK_DATE: &str = "x-sdk-date";

impl Signer {
    /// Signs a request as it is given, and returns the headers to send with it.
    ///
    /// - `url` is absolute, and its path and query are sent as they stand.
    /// - `headers` are those the caller wants sent, trimmed at both ends. All are signed, but for names with an underscore and
    ///   names that come twice, which go unsigned. `Host` and `X-Sdk-Date` are added unless given, and
    ///   `X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD` where the content type is neither JSON nor BSON. A token of
    ///   a temporary key is the caller's `X-Security-Token`.
    /// - `body` is what is sent, to the byte.
    ///
    /// The signature is good for 15 minutes around `now`.
    ///
    /// # Errors
    ///
    /// An [input error](crate::ErrorKind::Input) if the URL is not absolute or names a user, an `Authorization` is among the
    /// headers, or a given `X-Sdk-Date` is not like `20260401T083000Z`.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use kps_core::{Secret, sign::Signer};
    ///
    /// let signer = Signer::new("AKFAKEEXAMPLE0000001", &Secret::new("SKfakeExampleSecretKey0123456789abcdefgh"))?;
    /// let signed = signer.sign(
    ///     "GET",
    ///     "https://kms.cn-north-4.myhuaweicloud.com/v3/0a1b2c3d4e5f60718293a4b5c6d7e8f9/keypairs?limit=10&marker=team%20a%2B1",
    ///     &[("Content-Type", "application/json"), ("X-Project-Id", "0a1b2c3d4e5f60718293a4b5c6d7e8f9")],
    ///     b"",
    ///     UNIX_EPOCH + Duration::from_secs(1_775_032_200),
    /// )?;
    /// assert_eq!(signed.signature(), "474cbcdc72d7f842aa9d83a82266cce1ddb4586bc3349251d8f0e94f3c9a734e");
    /// assert_eq!(signed.signed_headers(), "content-type;host;x-project-id;x-sdk-date");
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    pub fn sign(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        now: SystemTime,
    ) -> Result<Signed, Error> {
        let url = Url::split(url)?;
        let (sent, date) = with_added(headers, url.authority, now)?;

        let lower = signed_headers(&sent);
        let signed: Vec<(&str, &[u8])> =
            lower.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        // Who verifies takes the caller's word for it only where that is signed.
        let stated = lower.iter().find(|(name, _)| name == CONTENT_SHA256);
        let hashed = payload_hash(body);
        let payload_hash = match stated {
            Some((_, given)) if !body.is_empty() => given.as_bytes(),
            _ => hashed.as_bytes(),
        };
        let parts = Parts {
            method: &method.to_ascii_uppercase(),
            path: &canonical_path(url.path),
            query: &canonical_query(url.query),
            headers: &signed,
            payload_hash,
            date,
        };
        let canonical = parts.canonical();
        let hash = Hex::digest(&canonical.text);
        let to_sign = parts.to_sign(&hash);
        let signature = self.signature(&to_sign);
        Ok(Signed {
            signed_headers: text(canonical.signed_headers()),
            signature: text(signature.as_bytes()),
            canonical_request: text(&canonical.text),
            string_to_sign: text(&to_sign.concat()),
            authorization: text(&self.header(canonical.signed_headers(), &signature)),
            headers: sent,
        })
    }
}

/// The headers to send, those among them that are added, and the moment of the signature.
fn with_added(
    headers: &[(&str, &str)],
    authority: &str,
    now: SystemTime,
) -> Result<(Vec<(String, String)>, Date), Error> {
    let mut sent: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), value.trim().to_owned())).collect();
    if find(&sent, AUTHORIZATION).is_some() {
        return Err(Error::input("the request has an `Authorization` header already"));
    }
    if find(&sent, CONTENT_SHA256).is_none() && find(&sent, CONTENT_TYPE).is_some_and(goes_unhashed) {
        sent.push(("X-Sdk-Content-Sha256".into(), "UNSIGNED-PAYLOAD".into()));
    }
    let date = match find(&sent, X_SDK_DATE) {
        Some(given) => Date::parse(given)
            .ok_or_else(|| Error::input("the `X-Sdk-Date` header must be like 20260401T083000Z"))?,
        None => {
            let date = Date::new(now)?;
            sent.push(("X-Sdk-Date".into(), date.as_str().into()));
            date
        }
    };
    if find(&sent, HOST).is_none() {
        sent.push(("Host".into(), authority.into()));
    }
    Ok((sent, date))
}

/// What was put together from texts.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What [`Signer::sign`] made. Its `Debug` shows the names of the headers and no value, since a token of a
/// temporary key is one of them.
///
/// ```
/// use std::time::SystemTime;
/// use kps_core::{Secret, sign::Signer};
///
/// let url = "https://kms.cn-north-4.myhuaweicloud.com/v3/0a1b/keypairs";
/// let signed = Signer::new("AKEXAMPLE", &Secret::new("SKexample"))?.sign("GET", url, &[], b"", SystemTime::now())?;
///
/// let mut request = http::Request::get(url).header("Authorization", signed.authorization());
/// for (name, value) in signed.headers() {
///     request = request.header(name, value);
/// }
/// let request = request.body(())?;
/// assert!(["authorization", "host", "x-sdk-date"].iter().all(|name| request.headers().contains_key(*name)));
/// // Of a signature that is refused, the service tells what it would have signed.
/// assert!(signed.canonical_request().starts_with("GET\n/v3/0a1b/keypairs/\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Signed {
    headers: Vec<(String, String)>,
    authorization: String,
    signed_headers: String,
    signature: String,
    canonical_request: String,
    string_to_sign: String,
}

impl Signed {
    /// The headers to send besides [`authorization`](Self::authorization): those given and those added.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The value of the `Authorization` header to send.
    pub fn authorization(&self) -> &str {
        &self.authorization
    }

    /// The names of the signed headers, in order, joined by `;`.
    pub fn signed_headers(&self) -> &str {
        &self.signed_headers
    }

    /// The signature: 64 lower-case hexadecimal digits.
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// The text whose hash is signed, to compare with the one in the service's refusal. It holds the values
    /// of the signed headers, a security token among them.
    pub fn canonical_request(&self) -> &str {
        &self.canonical_request
    }

    /// The text that is signed.
    pub fn string_to_sign(&self) -> &str {
        &self.string_to_sign
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").field("signed_headers", &self.signed_headers).finish_non_exhaustive()
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn goes_unhashed(content_type: &str) -> bool {
    let content_type = content_type.to_ascii_lowercase();
    !content_type.starts_with("application/json") && !content_type.starts_with("application/bson")
}

/// The headers that are signed, sorted by their lower-case names.
fn signed_headers(sent: &[(String, String)]) -> Vec<(String, &str)> {
    let mut signed: Vec<(String, &str)> = sent
        .iter()
        .filter(|(name, _)| !name.contains('_'))
        .filter(|(name, _)| sent.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).count() == 1)
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
        .collect();
    signed.sort_unstable();
    signed
}

/// A URL in the pieces that are signed, each as it stands: a URL type would change them.
struct Url<'a> {
    authority: &'a str,
    path: &'a str,
    query: &'a str,
}

impl<'a> Url<'a> {
    fn split(url: &'a str) -> Result<Self, Error> {
        let not_absolute =
            || Error::input("the URL must be like https://host/path?query, without a fragment");
        let (_, rest) = url.split_once("://").ok_or_else(not_absolute)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.is_empty() || url.contains('#') {
            return Err(not_absolute());
        }
        if authority.contains('@') {
            return Err(Error::input("the URL must not hold a user name or a password"));
        }
        Ok(Self { authority, path: if path.is_empty() { "/" } else { path }, query })
    }
}

fn canonical_path(path: &str) -> String {
    let raw: Cow<'_, [u8]> = percent_decode_str(path).into();
    percent_encode(&raw, PATH).to_string()
}

fn canonical_query(query: &str) -> String {
    let raw = |text| Cow::<[u8]>::from(percent_decode_str(text));
    let mut pairs: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (raw(name), raw(value)))
        .collect();
    pairs.sort_unstable();
    let encoded: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name, QUERY), percent_encode(value, QUERY)))
        .collect();
    encoded.join("&")
}
