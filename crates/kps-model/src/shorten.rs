//! Texts of somebody else's in errors, cut to a size: a server may send any amount, and errors are kept and logged.

use alloc::format;
use alloc::string::String;

/// What is kept of a text whose end tells as much as its beginning.
const START: usize = 320;
const END: usize = 160;

/// Room for the mark that tells how long a text was.
const MARK: usize = 40;

/// A text of at most so many bytes; one that is longer says how long it was.
pub(crate) fn to(most: usize, text: String) -> String {
    if text.len() <= most {
        return text;
    }
    format!("{}… ({} bytes in all)", start(&text, most.saturating_sub(MARK)), text.len())
}

/// A text without its middle, if it is long.
pub(crate) fn middle(text: &str) -> String {
    if text.len() <= START + END {
        return text.into();
    }
    format!("{}…{}", start(text, START), end(text, END))
}

/// As many whole characters of the beginning as go into so many bytes.
fn start(text: &str, most: usize) -> &str {
    let at = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    at.and_then(|at| text.get(..at)).unwrap_or_default()
}

/// As many whole characters of the end as go into so many bytes.
fn end(text: &str, most: usize) -> &str {
    let at = (text.len().saturating_sub(most)..=text.len()).find(|at| text.is_char_boundary(*at));
    at.and_then(|at| text.get(at..)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_is_short_or_as_it_was(text in "(a|é|…|🦀){0,700}", most in 60_usize..1000) {
            let cut = to(most, text.clone());
            prop_assert!(cut.len() <= most);
            prop_assert_eq!(cut == text, text.len() <= most);
            // What was cut is not cut again.
            prop_assert_eq!(to(most, cut.clone()), cut);
            let cut = middle(&text);
            prop_assert!(cut == text || cut.len() <= START + END + '…'.len_utf8());
        }
    }

    #[test]
    fn both_ends_of_a_long_text_are_kept() {
        let text = format!("began {} ended", "é".repeat(1000));
        let cut = middle(&text);
        assert!(cut.starts_with("began é") && cut.ends_with("é ended"), "{cut}");
    }
}
