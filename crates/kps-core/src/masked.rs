//! A request as it may be shown. It is a list of what is known to be harmless; all else is masked.

use std::fmt;

use http::HeaderMap;
use kps_model::from_json;
use serde::ser::{SerializeMap as _, SerializeStruct as _};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::Prepared;

const MASK: &str = "***";

/// Headers whose values are shown, unless they are marked as sensitive.
const HEADERS: [&str; 8] = [
    "accept",
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "x-language",
    "x-project-id",
    "x-sdk-date",
];

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

/// A request as it may be shown: the values of headers and the fields of the body are masked unless they are known to be
/// harmless. It is made by [`Prepared::masked`]; its `Display` has several lines, and it is
/// [`Serialize`](serde::Serialize).
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::default());
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let shown = kps.prepare(ListKeypairs::new())?.masked();
/// let json = serde_json::to_value(&shown)?;
/// assert_eq!(json["url"], "https://kms.cn-north-4.myhuaweicloud.com/v3/0a1b/keypairs");
/// assert_eq!((&json["headers"]["X-Project-Id"], &json["headers"]["Authorization"]), (&"0a1b".into(), &"***".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct MaskedRequest {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Value>,
}

impl Prepared {
    /// The request as it may be shown and logged, for a dry run, say.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::default());
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let server = Server::running(ServerId::new("s-1")?, Login::password("hunter2"));
    /// let bind = AssociateKeypair::new(KeypairName::new("deploy")?, server);
    /// let shown = kps.prepare(bind)?.masked().to_string();
    /// assert!(shown.starts_with("POST https://kms.cn-north-4.myhuaweicloud.com/v3/0a1b/keypairs/associate\n"));
    /// assert!(shown.contains("Authorization: ***\n"));
    /// assert!(shown.contains(r#""key": "***""#) && !shown.contains("hunter2"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn masked(&self) -> MaskedRequest {
        let request = self.as_http();
        let body = match from_json::<Value>(request.body()) {
            _ if request.body().is_empty() => None,
            Ok(mut json) => {
                mask(&mut json);
                Some(json)
            }
            Err(_) => Some(MASK.into()),
        };
        MaskedRequest {
            method: request.method().to_string(),
            url: request.uri().to_string(),
            headers: masked_headers(request.headers()),
            body,
        }
    }
}

fn masked_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let harmless = HEADERS.contains(&name.as_str()) && !value.is_sensitive();
        let value =
            if harmless { String::from_utf8_lossy(value.as_bytes()).into_owned() } else { MASK.into() };
        (capitalized(name.as_str()), value)
    };
    headers.iter().map(shown).collect()
}

/// As the names of headers are usually written.
fn capitalized(name: &str) -> String {
    let mut begins = true;
    let letter = |letter: char| {
        let written = if begins { letter.to_ascii_uppercase() } else { letter };
        begins = letter == '-';
        written
    };
    name.chars().map(letter).collect()
}

fn mask(json: &mut Value) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_scalar = !value.is_array() && !value.is_object();
                if is_scalar && FIELDS.contains(&name.as_str()) {
                    continue;
                }
                if !is_scalar && GROUPS.contains(&name.as_str()) { mask(value) } else { *value = MASK.into() }
            }
        }
        scalar => *scalar = MASK.into(),
    }
}

impl fmt::Display for MaskedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)?;
        self.headers.iter().try_for_each(|(name, value)| write!(f, "\n{name}: {value}"))?;
        match &self.body {
            Some(Value::String(text)) => write!(f, "\n\n{text}"),
            Some(json) => write!(f, "\n\n{json:#}"),
            None => Ok(()),
        }
    }
}

impl Serialize for MaskedRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut request = serializer.serialize_struct("MaskedRequest", 4)?;
        request.serialize_field("method", &self.method)?;
        request.serialize_field("url", &self.url)?;
        request.serialize_field("headers", &AsMap(&self.headers))?;
        request.serialize_field("body", &self.body)?;
        request.end()
    }
}

struct AsMap<'a>(&'a [(String, String)]);

impl Serialize for AsMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_known_to_be_harmless_is_masked() {
        for (json, shown) in [
            (
                json!({"keypair": {"name": "a", "private_key": "hunter2"}}),
                json!({"keypair": {"name": "a", "private_key": "***"}}),
            ),
            (
                json!({"server": {"id": "s", "auth": {"type": "password", "key": "hunter2"}}}),
                json!({"server": {"id": "s", "auth": {"type": "password", "key": "***"}}}),
            ),
            (
                json!({"keypairs": [{"keypair_name": "a", "port": 22}]}),
                json!({"keypairs": [{"keypair_name": "a", "port": 22}]}),
            ),
            // A secret where a harmless value belongs.
            (json!({"name": {"a": "hunter2"}}), json!({"name": "***"})),
            (
                json!({"keypairs": ["hunter2"], "new": {"name": "hunter2"}}),
                json!({"keypairs": ["***"], "new": "***"}),
            ),
            (json!("hunter2"), json!("***")),
        ] {
            let mut masked = json;
            mask(&mut masked);
            assert_eq!(masked, shown);
        }
    }

    #[test]
    fn headers_are_shown_by_a_list_and_never_if_sensitive() {
        let mut headers = HeaderMap::new();
        headers.insert("x-sdk-date", "20260401T083000Z".parse().unwrap());
        headers.insert("x-security-token", "hunter2".parse().unwrap());
        let mut host: http::HeaderValue = "hunter2".parse().unwrap();
        host.set_sensitive(true);
        headers.insert("host", host);
        let mut shown = masked_headers(&headers);
        shown.sort();
        let shown: Vec<_> = shown.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(shown, [("Host", "***"), ("X-Sdk-Date", "20260401T083000Z"), ("X-Security-Token", "***")]);
    }
}
