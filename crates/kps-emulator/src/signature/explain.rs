use base64ct::{Base64, Encoding as _};
use bytes::Bytes;
use http::Request;

use super::signing::{Claim, Hash, Signing, text};
use super::slips::{SLIPS, Slip};
use super::{Difference, Mistake, WrongSignature};
use crate::Emulator;
use crate::journal::mask;
use crate::verify::Known;

const WRONG_KEY: Mistake = Mistake {
    what: "no slip that is known, nor two of them, leads to this signature: it was most likely made with another secret key than that of the access key",
    cure: "compare the secret key with the one of this access key, and what you sign with the lines that are computed here",
};

const KEY_OF_ANOTHER: Mistake = Mistake {
    what: "it was made with the secret key of another access key",
    cure: "use the secret key that belongs to the access key in `Access=`",
};

const UPPER_CASE: Mistake = Mistake {
    what: "the signature is written in upper case",
    cure: "write it in lower-case hexadecimal digits",
};

const BASE64: Mistake =
    Mistake { what: "the signature is written as base64", cure: "write it in lower-case hexadecimal digits" };

impl Emulator {
    /// Why the signature of a request does not fit; `None` if it does, or if there is none to be judged: no access key
    /// that is known, a header that is signed and not sent. The request is not handled, and its date may be any.
    ///
    /// Of a request that was handled, its [record](crate::CallRecord::signature) tells it.
    pub fn explain_signature(&self, request: &Request<Bytes>) -> Option<WrongSignature> {
        explain(&self.world().known_now(), request)
    }
}

/// Why the signature of a request does not fit, if that is so.
pub(crate) fn explain(known: &Known<'_>, request: &Request<Bytes>) -> Option<WrongSignature> {
    if request.headers().contains_key("x-auth-token") {
        return None;
    }
    let authorization = text(request.headers(), "authorization")?;
    let claim = Claim::parse(&authorization)?;
    let secret = known.key(claim.access)?.secret.expose().as_bytes();
    let names: Vec<&str> = claim.signed_headers.split(';').collect();
    let right = Signing::of(request, &names).ok()?;
    let given = Given::new(claim.signature);
    if given.form.is_none() && right.is_signed(secret, &given.bytes) {
        return None;
    }
    let (mut mistakes, signed) = found(&right, request, &|other| other.is_signed(secret, &given.bytes))
        .unwrap_or_else(|| {
            let mut others = known.secrets().filter(|other| *other != secret);
            let is_of_another = others.any(|other| right.is_signed(other, &given.bytes));
            (vec![if is_of_another { KEY_OF_ANOTHER } else { WRONG_KEY }], right.clone())
        });
    mistakes.extend(given.form);
    Some(WrongSignature { computed: right.shown(), mistakes, differences: right.differences(&signed) })
}

/// A signature, and what is wrong with the form it is in.
struct Given {
    bytes: Vec<u8>,
    form: Option<Mistake>,
}

impl Given {
    fn new(text: &str) -> Self {
        if let Ok(bytes) = hex::decode(text) {
            let form = text.contains(|digit: char| digit.is_ascii_uppercase()).then_some(UPPER_CASE);
            return Self { bytes, form };
        }
        match Base64::decode_vec(text) {
            Ok(bytes) => Self { bytes, form: Some(BASE64) },
            Err(_) => Self { bytes: Vec::new(), form: None },
        }
    }
}

/// The slips that lead to the signature, and what was signed: none, one, or two at once.
fn found(
    right: &Signing,
    request: &Request<Bytes>,
    fits: &dyn Fn(&Signing) -> bool,
) -> Option<(Vec<Mistake>, Signing)> {
    if fits(right) {
        return Some((Vec::new(), right.clone()));
    }
    let made = |slip: &'static Slip, from: &Signing| -> Vec<Signing> {
        (slip.make)(request, from).into_iter().filter(|other| other != from).collect()
    };
    let ones: Vec<(&Slip, Vec<Signing>)> = SLIPS.iter().map(|slip| (slip, made(slip, right))).collect();
    for (slip, signings) in &ones {
        if let Some(signed) = signings.iter().find(|signing| fits(signing)) {
            return Some((vec![slip.mistake.clone()], signed.clone()));
        }
    }
    for (at, (first, signings)) in ones.iter().enumerate() {
        for second in SLIPS.iter().skip(at + 1) {
            let both = signings.iter().flat_map(|signing| made(second, signing));
            if let Some(signed) = both.into_iter().find(|signing| fits(signing)) {
                return Some((vec![first.mistake.clone(), second.mistake.clone()], signed));
            }
        }
    }
    None
}

impl Signing {
    /// The lines of the canonical request, without a secret.
    fn shown(&self) -> Vec<String> {
        let shown = Self {
            path: mask::path(&self.path),
            query: mask::canonical_query(&self.query),
            headers: self
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), mask::header(name, value)))
                .collect(),
            ..self.clone()
        };
        shown.canonical().split('\n').map(ToOwned::to_owned).collect()
    }

    /// The parts of what is signed, without a secret.
    fn parts(&self) -> Vec<(String, String)> {
        let hash = match self.hash {
            Hash::LowerHex => "its SHA-256 in lower case",
            Hash::UpperHex => "its SHA-256 in upper case",
            Hash::Whole => "itself",
        };
        let part = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let mut parts = vec![
            part("the method", &self.method),
            part("the path", &mask::path(&self.path)),
            part("the query", &mask::canonical_query(&self.query)),
        ];
        for (name, value) in &self.headers {
            let line = format!("{name}{}{}", self.colon, mask::header(name, value));
            parts.push((format!("the header {}", name.to_ascii_lowercase()), line));
        }
        parts.extend([
            part("what is between the headers and their names", self.gap),
            part("the names of the headers", &self.signed_headers),
            part("the hash of the body", &self.payload),
            part("the end", self.end),
            part("the date in what is signed", &self.date),
            part("the canonical request in what is signed", hash),
        ]);
        parts
    }

    fn differences(&self, signed: &Self) -> Vec<Difference> {
        let pairs = self.parts().into_iter().zip(signed.parts());
        pairs
            .filter(|((_, computed), (_, signed))| computed != signed)
            .map(|((part, computed), (_, signed))| Difference { part, computed, signed })
            .collect()
    }
}
