//! What may be shown of a request. It is a list of what is known to be harmless; all else is not shown.

use std::borrow::Cow;

use http::HeaderMap;
use serde_json::{Map, Value};

use crate::keys::PublicHalf;

const MASK: &str = "***";

/// Longer values are cut.
const LONGEST_VALUE: usize = 200;
const LONGEST_PATH: usize = 1000;
const LONGEST_BODY: usize = 2000;
const MOST_HEADERS: usize = 50;
/// A body that is longer is not read a second time for the journal.
const LONGEST_READ: usize = 256 << 10;

/// Headers whose values are shown.
const HEADERS: [&str; 14] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "date",
    "host",
    "transfer-encoding",
    "user-agent",
    "x-domain-id",
    "x-idp-id",
    "x-language",
    "x-project-id",
    "x-sdk-date",
];

/// Parameters of a query whose values are shown.
const PARAMETERS: [&str; 4] = ["limit", "marker", "name", "offset"];

/// Fields of a body that hold others.
const GROUPS: [&str; 7] =
    ["auth", "batch_keypairs", "encryption", "key_protection", "keypair", "keypairs", "server"];

/// Fields of a body whose values are shown.
const FIELDS: [&str; 14] = [
    "description",
    "disable_password",
    "frozen_state",
    "id",
    "is_key_protection",
    "keypair_name",
    "kms_key_id",
    "kms_key_name",
    "name",
    "port",
    "public_key",
    "scope",
    "type",
    "user_id",
];

/// Fields of a body that are known to hold secrets, of which the name is shown.
const SECRETS: [&str; 2] = ["key", "private_key"];

/// A path has names and ids, unless somebody has put a key there.
pub(crate) fn path(path: &str) -> String {
    let segments: Vec<Cow<'_, str>> =
        path.split('/').map(|segment| if is_key(segment) { MASK.into() } else { cut(segment) }).collect();
    cut_to(&segments.join("/"), LONGEST_PATH).into_owned()
}

pub(super) fn query(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let shown = PARAMETERS.contains(&name);
        let value = if shown && !is_key(value) { cut(value) } else { MASK.into() };
        format!("{}={value}", if shown { name } else { MASK })
    });
    cut_to(&pairs.collect::<Vec<_>>().join("&"), LONGEST_PATH).into_owned()
}

/// The query of a canonical request, byte for byte where it is shown.
pub(crate) fn canonical_query(query: &str) -> String {
    let shown = |pair: &str| match pair.split_once('=') {
        _ if pair.is_empty() => String::new(),
        Some((name, value)) if PARAMETERS.contains(&name) && !is_key(value) => cut(pair).into_owned(),
        _ => format!("{MASK}={MASK}"),
    };
    cut_to(&query.split('&').map(shown).collect::<Vec<_>>().join("&"), LONGEST_PATH).into_owned()
}

/// The value of a header, by its name in any case.
pub(crate) fn header(name: &str, value: &str) -> String {
    let is_harmless = HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name));
    if is_harmless { cut(value).into_owned() } else { MASK.into() }
}

pub(super) fn headers(headers: &HeaderMap, is_key: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let shown = |name: &str, value: &[u8]| match name {
        "authorization" => authorization(value, &is_key),
        _ if HEADERS.contains(&name) => cut(&String::from_utf8_lossy(value)).into_owned(),
        _ => MASK.into(),
    };
    let pairs = headers.iter().take(MOST_HEADERS);
    pairs.map(|(name, value)| (cut(name.as_str()).into(), shown(name.as_str(), value.as_bytes()))).collect()
}

/// A signature without itself. The id is shown if there is such a key: somebody may have put the secret in its place.
fn authorization(value: &[u8], is_key: &impl Fn(&str) -> bool) -> String {
    let parts = || {
        let claim = str::from_utf8(value).ok()?.strip_prefix("SDK-HMAC-SHA256 Access=")?;
        let (access, rest) = claim.split_once(", SignedHeaders=")?;
        let (signed, _) = rest.split_once(", Signature=")?;
        Some((access, signed))
    };
    let Some((access, signed)) = parts() else { return MASK.into() };
    let access = if is_key(access) { access } else { MASK };
    format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders={}, Signature={MASK}", cut(signed))
}

pub(super) fn body(body: &[u8]) -> Option<String> {
    if body.len() > LONGEST_READ {
        return None;
    }
    let shown = masked(&serde_json::from_slice(body).ok()?);
    Some(cut_to(&shown.to_string(), LONGEST_BODY).into_owned())
}

fn masked(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(masked).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| field(name, value)).collect::<Map<_, _>>())
        }
        _ => MASK.into(),
    }
}

fn field(name: &str, value: &Value) -> (String, Value) {
    let is_group = GROUPS.contains(&name) && (value.is_object() || value.is_array());
    let shown = match value {
        _ if is_group => masked(value),
        Value::Null | Value::Bool(_) | Value::Number(_) if FIELDS.contains(&name) => value.clone(),
        Value::String(text) if FIELDS.contains(&name) && !hides_key(name, text) => cut(text).into(),
        _ => MASK.into(),
    };
    let is_known = is_group || FIELDS.contains(&name) || SECRETS.contains(&name);
    (if is_known { name } else { MASK }.into(), shown)
}

/// Whether a text holds a key that is not the public one it should be.
fn hides_key(name: &str, text: &str) -> bool {
    if name == "public_key" { PublicHalf::parse(text).is_err() } else { is_key(text) }
}

fn is_key(text: &str) -> bool {
    text.contains("PRIVATE") || text.contains("-----")
}

fn cut(text: &str) -> Cow<'_, str> {
    cut_to(text, LONGEST_VALUE)
}

fn cut_to(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return text.into();
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{}…", text.get(..end).unwrap_or_default()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeySource, MadeBefore};
    use proptest::prelude::*;

    #[test]
    fn of_a_body_only_what_is_harmless_is_shown() {
        let key = MadeBefore::new().make();
        let pem = Value::from(key.expose());
        let public =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P laptop";
        // In the order of the alphabet, which is kept whatever other crates have serde_json do.
        for (sent, shown) in [
            (r#"{"keypair":{"name":"a","type":"ssh"}}"#.to_owned(), Some(r#"{"keypair":{"name":"a","type":"ssh"}}"#.to_owned())),
            (format!(r#"{{"keypair":{{"public_key":"{public}"}}}}"#), Some(format!(r#"{{"keypair":{{"public_key":"{public}"}}}}"#))),
            (
                format!(r#"{{"keypair":{{"key_protection":{{"private_key":{pem}}}}}}}"#),
                Some(r#"{"keypair":{"key_protection":{"private_key":"***"}}}"#.into()),
            ),
            (
                r#"{"server":{"auth":{"key":"TOP SECRET","type":"password"},"disable_password":true,"id":"s","port":22}}"#.into(),
                Some(r#"{"server":{"auth":{"key":"***","type":"password"},"disable_password":true,"id":"s","port":22}}"#.into()),
            ),
            (format!(r#"{{"keypair":{{"description":{pem},"name":{pem},"public_key":{pem}}}}}"#), Some(r#"{"keypair":{"description":"***","name":"***","public_key":"***"}}"#.into())),
            (r#"{"keypair":"TOP SECRET","TOP SECRET":{"name":1}}"#.into(), Some(r#"{"***":"***"}"#.into())),
            (r#"[["TOP SECRET",{"keypair":[{"name":"a"}]}],7]"#.into(), Some(r#"[["***",{"keypair":[{"name":"a"}]}],"***"]"#.into())),
            (r#""TOP SECRET""#.into(), Some(r#""***""#.into())),
            (String::new(), None),
            ("TOP SECRET".into(), None),
            (format!("\"{}\"", " ".repeat(LONGEST_READ)), None),
        ] {
            assert_eq!(body(sent.as_bytes()), shown, "{sent}");
        }
    }

    #[test]
    fn of_the_other_parts_only_what_is_harmless_is_shown() {
        for (sent, shown) in [
            ("limit=1&marker=a&x=TOP&TOP=1&&SECRET", "limit=1&marker=a&***=***&***=***&***=***"),
            ("marker=-----BEGIN", "marker=***"),
            ("", ""),
        ] {
            assert_eq!(query(sent), shown);
        }
        assert_eq!(path("/v3/p/keypairs/-----BEGIN%20RSA/x"), "/v3/p/keypairs/***/x");
        assert_eq!(path("/v3/p%2Fq"), "/v3/p%2Fq");
        let good = "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-a, Signature=feed";
        for (name, value, expected) in [
            ("authorization", good, "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-a, Signature=***"),
            (
                "authorization",
                "SDK-HMAC-SHA256 Access=SK, SignedHeaders=host, Signature=feed",
                "SDK-HMAC-SHA256 Access=***, SignedHeaders=host, Signature=***",
            ),
            ("authorization", "Bearer TOP SECRET", "***"),
            ("x-auth-token", "TOP SECRET", "***"),
            ("x-security-token", "TOP SECRET", "***"),
            ("cookie", "TOP SECRET", "***"),
            ("user-agent", "curl/8", "curl/8"),
        ] {
            let sent = HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
            assert_eq!(headers(&sent, |id| id == "AK"), [(name.to_owned(), expected.to_owned())]);
        }
    }

    #[test]
    fn all_is_cut_to_a_length() {
        let long = "é".repeat(LONGEST_READ / 4);
        assert!(path(&long).len() <= LONGEST_PATH + 3);
        assert!(query(&format!("limit={long}")).len() <= LONGEST_VALUE + 10);
        let sent = format!(r#"{{"keypairs":[{}{{"name":"{long}"}}]}}"#, r#"{"name":"a"},"#.repeat(1000));
        assert!(body(sent.as_bytes()).unwrap().len() <= LONGEST_BODY + 3);
        let many = (0..200).map(|at| (format!("x-{at}").parse().unwrap(), "a".parse().unwrap()));
        assert_eq!(headers(&many.collect(), |_| false).len(), MOST_HEADERS);
    }

    proptest! {
        #[test]
        fn a_secret_is_nowhere(secret in "S[a-zA-Z0-9+/=]{12,40}", field in "(key|private_key|password|token|secret|[a-z_]{1,9})") {
            prop_assume!(!FIELDS.contains(&field.as_str()) && !PARAMETERS.contains(&field.as_str()));
            for sent in [
                format!(r#"{{"{field}":"{secret}"}}"#),
                format!(r#"{{"keypair":{{"{field}":["{secret}"]}}}}"#),
                format!(r#"[{{"{secret}":1}},"{secret}"]"#),
            ] {
                prop_assert!(!body(sent.as_bytes()).unwrap().contains(&secret));
            }
            let sent = format!("{field}={secret}&{secret}");
            prop_assert!(!query(&sent).contains(&secret));
        }
    }
}
