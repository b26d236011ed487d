//! Words of command lines that are printed, to be copied into a shell of POSIX.

/// As one word, whatever is in it: what somebody else says must not become a command.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@%+,".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_quotes() {
        for (text, word) in [
            ("GET", "GET"),
            ("a-b_c.d:1", "a-b_c.d:1"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("a';reboot;'", r"'a'\'';reboot;'\'''"),
            ("$(id)`id`", "'$(id)`id`'"),
            ("~", "'~'"),
            ("a\\", "'a\\'"),
        ] {
            assert_eq!(quoted(text), word);
        }
    }
}
