//! Texts of the service's, and of whoever names servers, made harmless to a terminal.

use std::borrow::Cow;

/// The text with what would steer a terminal, or turn the direction of writing, as `\u{1b}`.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if is_harmless(text) {
        return text.into();
    }
    replaced(text, steers, |code| format!("\\u{{{code:x}}}"))
}

/// The same for JSON that `serde_json` wrote. It has escaped the control characters of ASCII but for the last of them, and
/// broken lines between strings only.
pub(crate) fn in_json(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.as_bytes().contains(&DELETE) {
        return text.into();
    }
    replaced(text, steers_in_lines, |code| format!("\\u{code:04x}"))
}

/// Whether a text of several lines steers a terminal otherwise than by their ends.
pub(super) fn steers_in_lines(character: char) -> bool {
    steers(character) && character != '\n'
}

const DELETE: u8 = 0x7f;

/// Whether it is of printed ASCII alone. All of it is looked at, which many bytes at once can be.
fn is_harmless(text: &str) -> bool {
    text.bytes().fold(true, |is, byte| is & matches!(byte, b' '..=b'~'))
}

fn replaced(text: &str, bad: fn(char) -> bool, good: fn(u32) -> String) -> Cow<'_, str> {
    if !text.contains(bad) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if bad(character) { out.push_str(&good(character.into())) } else { out.push(character) }
    }
    out.into()
}

/// Control characters, and those that turn the direction of writing or are not seen.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(escape("web-1"), "web-1");
        assert_eq!(escape("a\u{1b}[2Jb\n\u{9b}31m\u{202e}c"), "a\\u{1b}[2Jb\\u{a}\\u{9b}31m\\u{202e}c");
        assert_eq!(escape("密钥对不存在"), "密钥对不存在");
        assert_eq!(in_json("{\n\"a\":\"\u{7f}\u{9b}\"}"), "{\n\"a\":\"\\u007f\\u009b\"}");
    }
}
