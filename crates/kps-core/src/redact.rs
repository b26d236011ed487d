//! Taking secrets out of texts that are not ours: a refusal may quote the request.

use bytes::Bytes;
use kps_model::{ErrorBody, Secret, to_json};
use serde_json::Value;

const MARK: &str = "<redacted>";

/// Lines shorter than this tell nothing of a key, and occur anywhere.
const SHORT: usize = 8;

/// Takes a secret out of a text.
pub(crate) fn one(text: &mut String, secret: &str) {
    if !secret.trim().is_empty() && text.contains(secret) {
        *text = text.replace(secret, MARK);
    }
}

/// Takes secrets out of a text, whole and line by line, plain and as JSON writes them, also in a string within a
/// string.
pub(crate) fn all(text: &mut String, secrets: &[Secret]) {
    for secret in secrets {
        every_form(text, secret.expose());
        if secret.expose().contains('\n') {
            let lines = secret.expose().lines().map(str::trim);
            let telling = lines.filter(|line| line.len() >= SHORT && !line.starts_with("-----"));
            telling.for_each(|line| every_form(text, line));
        }
    }
}

/// A refusal, redacted before it is taken apart, and once more for what was escaped.
pub(crate) fn error_body(body: &[u8], redact: &dyn Fn(&mut String)) -> ErrorBody {
    let mut text = String::from_utf8_lossy(body).into_owned();
    redact(&mut text);
    ErrorBody::parse_with(text.as_bytes(), redact)
}

/// An answer that quotes a secret of its request, redacted. Where answers hold private keys by right, those are left.
pub(crate) fn answer(body: &[u8], holds_keys: bool, redact: &dyn Fn(&mut String)) -> Option<Bytes> {
    let text = str::from_utf8(body).ok()?;
    let mut redacted = text.to_owned();
    redact(&mut redacted);
    if redacted == text {
        return None;
    }
    if !holds_keys {
        return Some(redacted.into());
    }
    let mut json: Value = serde_json::from_str(text).ok()?;
    each_text_but_keys(&mut json, redact);
    to_json(&json).ok().map(Bytes::from)
}

fn each_text_but_keys(json: &mut Value, redact: &dyn Fn(&mut String)) {
    match json {
        Value::String(text) => redact(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text_but_keys(item, redact)),
        Value::Object(fields) => {
            let others = fields.iter_mut().filter(|(name, _)| *name != "private_key");
            others.for_each(|(_, value)| each_text_but_keys(value, redact));
        }
        _ => {}
    }
}

fn every_form(text: &mut String, secret: &str) {
    one(text, secret);
    let once = escaped(secret);
    one(text, &escaped(&once));
    one(text, &once);
    // Some writers of JSON escape what need not be.
    one(text, &once.replace('/', "\\/"));
    one(text, &once.replace('=', "\\u003d"));
    one(text, &once.replace('/', "\\/").replace('=', "\\u003d"));
}

/// As it stands between the quotes of a string in JSON.
fn escaped(text: &str) -> String {
    let json = to_json(text).ok().and_then(|json| String::from_utf8(json).ok()).unwrap_or_default();
    json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_the_keys_it_is_asked_for() {
        let redact = |text: &mut String| one(text, "hunter2");
        let json = r#"{"failed":[{"reason":"not hunter2"}],"made":{"private_key":"hunter2"}}"#;
        let redacted = |holds_keys| {
            let redacted = answer(json.as_bytes(), holds_keys, &redact).unwrap();
            String::from_utf8(redacted.to_vec()).unwrap()
        };
        assert_eq!(redacted(false), json.replace("hunter2", MARK));
        assert_eq!(redacted(true), json.replace("not hunter2", "not <redacted>"));
        assert_eq!(answer(b"{}", true, &redact), None);
    }

    #[test]
    fn secrets_are_found_whole_and_line_by_line() {
        let secrets = [
            Secret::new("-----BEGIN A-----\nline/number1\r\nline-number2==\n \n-----END A-----\n"),
            Secret::new("hunter2"),
            Secret::new(r#"pass"wo\rd"#),
            Secret::new(""),
            Secret::new(" "),
        ];
        for (text, redacted) in [
            ("wrong: hunter2, hunter22", "wrong: <redacted>, <redacted>2"),
            ("-----BEGIN A-----\nline/number1\r\nline-number2==\n \n-----END A-----\n!", "<redacted>!"),
            (
                r#"{"key":"-----BEGIN A-----\nline/number1\r\nline-number2==\n"}"#,
                r#"{"key":"-----BEGIN A-----\n<redacted>\r\n<redacted>\n"}"#,
            ),
            (r"a line\/number1 and line-number2\u003d\u003d", "a <redacted> and <redacted>"),
            (r#"{"key":"pass\"wo\\rd"}"#, r#"{"key":"<redacted>"}"#),
            (r#"{"m":"{\"key\":\"pass\\\"wo\\\\rd\"}"}"#, r#"{"m":"{\"key\":\"<redacted>\"}"}"#),
            ("the key does not fit", "the key does not fit"),
        ] {
            let mut found = text.to_owned();
            all(&mut found, &secrets);
            assert_eq!(found, redacted);
        }
    }
}
