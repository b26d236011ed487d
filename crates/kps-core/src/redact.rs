//! Taking secrets out of texts that are not ours: a refusal may quote the request.

use kps_model::Secret;

const MARK: &str = "<redacted>";

/// Takes a secret out of a text.
pub(crate) fn one(text: &mut String, secret: &str) {
    if !secret.is_empty() && text.contains(secret) {
        *text = text.replace(secret, MARK);
    }
}

/// Takes secrets out of a text, whole and line by line: JSON quotes a key with its line feeds escaped.
pub(crate) fn all(text: &mut String, secrets: &[Secret]) {
    for secret in secrets {
        one(text, secret.expose());
        secret.expose().lines().filter(|line| !line.starts_with("-----")).for_each(|line| one(text, line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_whole_and_line_by_line() {
        let secrets = [
            Secret::new("-----BEGIN A-----\nline1\r\nline2==\n-----END A-----\n"),
            Secret::new("hunter2"),
            Secret::new(""),
        ];
        for (text, redacted) in [
            ("wrong: hunter2, hunter22", "wrong: <redacted>, <redacted>2"),
            ("-----BEGIN A-----\nline1\r\nline2==\n-----END A-----\n!", "<redacted>!"),
            (
                r#"{"key":"-----BEGIN A-----\nline1\r\nline2==\n-----END A-----"}"#,
                r#"{"key":"-----BEGIN A-----\n<redacted>\r\n<redacted>\n-----END A-----"}"#,
            ),
            ("nothing", "nothing"),
        ] {
            let mut found = text.to_owned();
            all(&mut found, &secrets);
            assert_eq!(found, redacted);
        }
    }
}
