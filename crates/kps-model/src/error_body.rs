//! What stands in the body of a refusal. The service, its gateway, the identity service and the proxies in
//! between each have a shape of their own.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::shorten;

/// How much of a text is kept, be it a message or a body in no known shape.
const TEXT_BYTES: usize = 2048;

/// How long an encoded message may be. It cannot be decoded in part, so that a longer one is left out.
const ENCODED_BYTES: usize = 16 << 10;

/// How many errors are kept, those within others included.
const ERRORS: usize = 32;

/// How large a body may be to be read as JSON: in memory, JSON may take thirty times its size.
const JSON_BYTES: usize = 1 << 20;

/// The names under which a code and its message come, in the order in which they are looked for.
const PAIRS: [(&str, &str); 3] =
    [("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")];

/// The contents of an error body, whatever its shape.
///
/// [`parse`](Self::parse) never fails: of a body in no known shape (HTML of a proxy, no body at all) the
/// text itself is the message. However large the body is, it keeps little: of each text the first 2 KiB, and 32 errors
/// in all.
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
        Self::parse_with(body, &|_| ())
    }

    /// As [`parse`](Self::parse), with a function that each text goes through before it is cut: it may take out what
    /// must not be shown, and would not find it in part.
    ///
    /// ```
    /// use kps_model::ErrorBody;
    ///
    /// let hide = |text: &mut String| *text = text.replace("hunter2", "***");
    /// let read = ErrorBody::parse_with(br#"{"code":"A","message":"not the password: hunter\u0032"}"#, &hide);
    /// assert_eq!(read.message.as_deref(), Some("not the password: ***"));
    /// ```
    pub fn parse_with(body: &[u8], edit: &dyn Fn(&mut String)) -> Self {
        let text = String::from_utf8_lossy(body);
        let reader = Reader { edit, left: Cell::new(ERRORS) };
        let json = if text.len() <= JSON_BYTES { serde_json::from_str(&text).ok() } else { None };
        let read = match json {
            Some(Value::Object(object)) if object.is_empty() => return Self::default(),
            Some(Value::Object(object)) => reader.read(&object).unwrap_or_default(),
            _ => Self::default(),
        };
        if read.code.is_some() || read.message.is_some() {
            return read;
        }
        let raw = text.trim();
        Self { message: (!raw.is_empty()).then(|| reader.kept(raw.into())), ..read }
    }
}

/// What of the texts is kept, and of how many errors more.
struct Reader<'a> {
    edit: &'a dyn Fn(&mut String),
    left: Cell<usize>,
}

impl Reader<'_> {
    /// The error that an object tells of, unless there were too many before it.
    fn read(&self, object: &Map<String, Value>) -> Option<ErrorBody> {
        self.left.set(self.left.get().checked_sub(1)?);
        let (code, message) =
            find(object, &whole_pair).or_else(|| find(object, &any_half)).unwrap_or_default();
        let encoded = find(object, &|object| scalar(object, "encoded_authorization_message"));
        Some(ErrorBody {
            code: code.map(|code| self.kept(code)),
            message: message.map(|message| self.kept(message)),
            request_id: find(object, &|object| scalar(object, "request_id")).map(|id| self.kept(id)),
            encoded_authorization_message: encoded
                .map(|text| self.edited(text))
                .filter(|text| text.len() <= ENCODED_BYTES),
            details: find(object, &|object| self.details(object)).unwrap_or_default(),
        })
    }

    fn details(&self, object: &Map<String, Value>) -> Option<Vec<ErrorBody>> {
        let details = object.get("details")?.as_array()?;
        Some(details.iter().filter_map(Value::as_object).map_while(|detail| self.read(detail)).collect())
    }

    fn kept(&self, text: String) -> String {
        shorten::to(TEXT_BYTES, self.edited(text))
    }

    fn edited(&self, mut text: String) -> String {
        (self.edit)(&mut text);
        text
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

fn scalar(object: &Map<String, Value>, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
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
        assert!(message.len() <= TEXT_BYTES);
    }

    #[test]
    fn little_is_kept_of_much() {
        fn sizes(body: &ErrorBody) -> (usize, usize) {
            let texts = [&body.code, &body.message, &body.request_id, &body.encoded_authorization_message];
            let own = texts.into_iter().flatten().map(String::len).sum::<usize>();
            body.details.iter().map(sizes).fold((1, own), |sum, of| (sum.0 + of.0, sum.1 + of.1))
        }

        let long = "x".repeat(100_000);
        let fields = alloc::format!(
            r#""code":"{long}","message":"{long}","request_id":"{long}","encoded_authorization_message":"{long}""#
        );
        let detail = r#"{"code":"K","message":"k"}"#;
        let wide = alloc::format!(r#"{{{fields},"details":[{}]}}"#, [detail; 20_000].join(","));
        let open = r#"{"code":"K","message":"k","details":["#;
        let deep = alloc::format!("{}{}", open.repeat(50), "]}".repeat(50));
        let far_too_deep = open.repeat(20_000);
        let objects = alloc::format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
        let lists = "[".repeat(100_000);
        let larger = alloc::format!(r#"{{{fields},"x":"{}"}}"#, "x".repeat(JSON_BYTES));
        for (body, count) in
            [(wide, ERRORS), (deep, ERRORS), (far_too_deep, 1), (objects, 1), (lists, 1), (larger, 1)]
        {
            let read = ErrorBody::parse(body.as_bytes());
            let (found, size) = sizes(&read);
            assert_eq!(found, count);
            assert!(size <= 3 * TEXT_BYTES + 2 * ERRORS, "{size}");
            assert_eq!(ErrorBody::parse(&crate::to_json(&read).unwrap()), read);
        }
        let whole =
            alloc::format!(r#"{{"code":"A","encoded_authorization_message":"{}"}}"#, &long[..ENCODED_BYTES]);
        assert_eq!(
            ErrorBody::parse(whole.as_bytes()).encoded_authorization_message.unwrap().len(),
            ENCODED_BYTES
        );
    }

    #[test]
    fn what_is_to_be_hidden_is_not_cut_in_two() {
        let hide = |text: &mut String| *text = text.replace("hunter2", "***");
        for at in TEXT_BYTES - 60..TEXT_BYTES + 10 {
            let body = alloc::format!(r#"{{"message":"{}hunter\u0032{}"}}"#, "x".repeat(at), "y".repeat(100));
            let message = ErrorBody::parse_with(body.as_bytes(), &hide).message.unwrap();
            assert!(!message.contains('h') && message.len() <= TEXT_BYTES, "{message}");
        }
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
