//! The percent-encoding the signature demands: only the unreserved characters stay.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but `A-Z a-z 0-9 - . _ ~`.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same for a whole path, whose slashes stay.
pub(super) const PATH: &AsciiSet = &STRICT.remove(b'/');

/// The same for a name or a value of a query.
pub(super) const QUERY: &AsciiSet = STRICT;

/// Appends one part of a path or of a query.
pub(crate) fn push(wire: &mut String, raw: &str) {
    // Nearly every value is an id or a number; finding that out is cheaper than encoding it. All of it is looked at, which
    // many bytes at once can be.
    let stays = |byte: u8| byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'.' | b'_' | b'~');
    if raw.bytes().fold(true, |all_stay, byte| all_stay & stays(byte)) {
        wire.push_str(raw);
    } else {
        wire.extend(utf8_percent_encode(raw, STRICT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn only_unreserved_characters_stay_and_the_rest_comes_back(raw in "\\PC{0,20}") {
            let mut wire = String::new();
            push(&mut wire, &raw);
            prop_assert!(wire.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
            prop_assert_eq!(percent_decode_str(&wire).decode_utf8().unwrap(), raw);
        }
    }
}
