//! Texts of somebody else's in texts of ours.

use core::fmt::{self, Write as _};

/// More characters of a text are not shown.
const SHOWN: usize = 1024;

/// A text on one line of a terminal or a log: control characters are escaped, and what is too long is cut.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, character) in self.0.chars().enumerate() {
            if at == SHOWN {
                return f.write_str("…");
            }
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{BatchExportPrivateKey, KeypairName, ListFailedTaskResponse, TaskReceipt, from_json};
    use alloc::format;
    use alloc::string::ToString;

    #[test]
    fn what_others_wrote_stays_on_one_line() {
        let error = from_json::<ListFailedTaskResponse>(b"{\"a\\n\\u001bb\":[}").unwrap_err();
        assert!(error.to_string().starts_with(r"at `a\n\u{1b}b"), "{error}");

        let receipt: TaskReceipt =
            from_json(br#"{"server_id":"s\n","error_code":"A\u0007","error_msg":"a\r\nb"}"#).unwrap();
        assert_eq!(
            receipt.accepted().unwrap_err().to_string(),
            r"the service did not accept the task for server s\n, code A\u{7}: a\r\nb",
        );

        let name = KeypairName::existing("a\nb").unwrap();
        let error = BatchExportPrivateKey::new([name.clone(), name]).unwrap_err();
        assert_eq!(error.to_string(), r"`a\nb` is twice in the batch");
    }

    #[test]
    fn what_others_wrote_is_not_shown_at_any_length() {
        let json = format!("{{\"{}\":[}}", "é".repeat(1_000_000));
        let error = from_json::<ListFailedTaskResponse>(json.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("at `éé") && error.contains("é…é"), "{error}");
        assert!(error.len() < 4096, "{}", error.len());
    }
}
