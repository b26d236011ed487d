//! What stands in the body of a refusal. The service, its gateway, the identity service and the proxies in
//! between each have a shape of their own.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use serde_json::{Map, Value};

/// How much of a body that is in no known shape is kept as the message.
const RAW_BYTES: usize = 2048;

/// The names under which a code and its message come, in the order in which they are looked for.
const PAIRS: [(&str, &str); 3] =
    [("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")];

/// The contents of an error body, whatever its shape.
///
/// [`parse`](Self::parse) never fails: of a body in no known shape (HTML of a proxy, no body at all) the
/// text itself is the message.
///
/// ```
/// use kps_model::ErrorBody;
///
/// let gateway = ErrorBody::parse(br#"{"error_code":"APIGW.0308","error_msg":"slow down","request_id":"3d9f"}"#);
/// assert_eq!(gateway.code.as_deref(), Some("APIGW.0308"));
/// assert_eq!(gateway.request_id.as_deref(), Some("3d9f"));
///
/// let identity = ErrorBody::parse(br#"{"error":{"code":401,"message":"who are you?","title":"Unauthorized"}}"#);
/// assert_eq!(identity.code.as_deref(), Some("401"));
///
/// let proxy = ErrorBody::parse(b"<h1>Bad Gateway</h1>");
/// assert_eq!((proxy.code.as_deref(), proxy.message.as_deref()), (None, Some("<h1>Bad Gateway</h1>")));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ErrorBody {
    /// A code such as `KPS.4016` or `APIGW.0301`; a number is kept as its digits.
    #[serde(rename = "error_code", skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The reason, often in Chinese: never decide by it.
    #[serde(rename = "error_msg", skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The gateway repeats the `X-Request-Id` header here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Why a permission was denied, encoded; an administrator can have it decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoded_authorization_message: Option<String>,
    /// Further errors, from services behind the one that answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<ErrorBody>,
}

impl ErrorBody {
    /// An error body with a code and a message.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: Some(code.into()), message: Some(message.into()), ..Self::default() }
    }

    /// Reads whatever a refusal brought.
    ///
    /// A pair of code and message beside each other wins over one in a nested object, and a whole pair wins
    /// over a code or a message alone.
    pub fn parse(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let read = match serde_json::from_str(&text) {
            Ok(Value::Object(object)) if object.is_empty() => return Self::default(),
            Ok(Value::Object(object)) => Self::of_object(&object),
            _ => Self::default(),
        };
        if read.code.is_some() || read.message.is_some() {
            return read;
        }
        Self { message: raw(&text), ..read }
    }

    fn of_object(object: &Map<String, Value>) -> Self {
        let (code, message) =
            find(object, &whole_pair).or_else(|| find(object, &any_half)).unwrap_or_default();
        Self {
            code,
            message,
            request_id: find(object, &|object| scalar(object, "request_id")),
            encoded_authorization_message: find(object, &|object| {
                scalar(object, "encoded_authorization_message")
            }),
            details: find(object, &details).unwrap_or_default(),
        }
    }
}

/// What `look` finds in the object itself, else in one of the objects within it.
fn find<T>(object: &Map<String, Value>, look: &dyn Fn(&Map<String, Value>) -> Option<T>) -> Option<T> {
    look(object).or_else(|| object.values().filter_map(Value::as_object).find_map(|inner| find(inner, look)))
}

type Pair = (Option<String>, Option<String>);

fn whole_pair(object: &Map<String, Value>) -> Option<Pair> {
    PAIRS
        .iter()
        .find_map(|(code, message)| Some((Some(scalar(object, code)?), Some(scalar(object, message)?))))
}

fn any_half(object: &Map<String, Value>) -> Option<Pair> {
    PAIRS
        .iter()
        .map(|(code, message)| (scalar(object, code), scalar(object, message)))
        .find(|pair| *pair != (None, None))
}

fn details(object: &Map<String, Value>) -> Option<Vec<ErrorBody>> {
    let details = object.get("details")?.as_array()?;
    Some(details.iter().filter_map(Value::as_object).map(ErrorBody::of_object).collect())
}

fn scalar(object: &Map<String, Value>, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn raw(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let cut = (0..=RAW_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let kept = text.get(..cut).unwrap_or_default();
    if kept.len() == text.len() {
        return Some(kept.into());
    }
    Some(alloc::format!("{kept}… ({} bytes in all)", text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pair(code: &str, message: &str) -> (Option<String>, Option<String>) {
        (Some(code.into()), Some(message.into()))
    }

    #[test]
    fn a_whole_pair_wins_over_half_a_one() {
        for (body, code, message) in [
            (r#"{"error_code":"A","error":{"code":"B","message":"b"}}"#, Some("B"), Some("b")),
            (r#"{"error_code":"A","error_msg":"","error":{"message":"b"}}"#, Some("A"), None),
            (r#"{"error_msg":"a"}"#, None, Some("a")),
            (r#"{"code":"A","message":"a","errorCode":"B","errorMsg":"b"}"#, Some("B"), Some("b")),
            (r#"{"itemNotFound":{"code":404,"message":"gone"}}"#, Some("404"), Some("gone")),
            (r#"{"a":{"b":{"code":"A","message":"a"}}}"#, Some("A"), Some("a")),
        ] {
            let read = ErrorBody::parse(body.as_bytes());
            assert_eq!((read.code.as_deref(), read.message.as_deref()), (code, message), "{body}");
        }
    }

    #[test]
    fn a_body_in_no_known_shape_is_the_message() {
        for body in ["<html>", "[1]", "\"text\"", "{\"reason\":\"x\"}", "{\"error_code\":null}", "{broken"] {
            assert_eq!(ErrorBody::parse(body.as_bytes()).message.as_deref(), Some(body));
        }
        for body in ["", "  \n", "{}"] {
            assert_eq!(ErrorBody::parse(body.as_bytes()), ErrorBody::default(), "{body:?}");
        }
        assert_eq!(ErrorBody::parse(b"\xff").message.as_deref(), Some("\u{fffd}"));
    }

    #[test]
    fn a_long_body_is_cut_at_a_character_and_says_so() {
        let long = "é".repeat(1_000_000);
        let message = ErrorBody::parse(long.as_bytes()).message.unwrap();
        assert!(message.ends_with("é… (2000000 bytes in all)"));
        assert!(message.len() < RAW_BYTES + 40);
    }

    #[test]
    fn details_are_read_with_the_same_rules() {
        let read = ErrorBody::parse(
            br#"{"code":"P","message":"p","details":[{"error_code":"K","error_msg":"k"},{"code":1,"message":"n"},3]}"#,
        );
        let found: Vec<_> = read.details.into_iter().map(|detail| (detail.code, detail.message)).collect();
        assert_eq!(found, [pair("K", "k"), pair("1", "n")]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_and_come_back_the_same(body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            "(\\{\"(error|error_code|error_msg|code|message|details|request_id|x)\":(\"a\"|null|7|\\{\\}|\\[\\]|\"\"),?\\}?){0,3}".prop_map(String::into_bytes),
            "\\{\"error\":\\{\"(code|message)\":(\"a\"|401)\\},\"(request_id|message|code)\":(\"b\"|null|2)\\}".prop_map(String::into_bytes),
        ]) {
            let read = ErrorBody::parse(&body);
            let again = ErrorBody::parse(&crate::to_json(&read).unwrap());
            prop_assert_eq!(again, read);
        }
    }
}
