//! Why a file cannot be read or written, in words that do without the numbers of the system, and what to do about it.

use std::borrow::Cow;
use std::io::{self, ErrorKind};

/// Why it does not go.
pub(crate) fn reason(error: &io::Error) -> Cow<'static, str> {
    match error.kind() {
        ErrorKind::NotFound => "it is not there".into(),
        ErrorKind::PermissionDenied => "it is not permitted".into(),
        ErrorKind::IsADirectory => "it is a directory".into(),
        ErrorKind::NotADirectory => "what should be a directory on its path is none".into(),
        ErrorKind::ReadOnlyFilesystem => "nothing can be written there".into(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "there is no room left".into(),
        ErrorKind::ConnectionRefused => "nobody listens there".into(),
        ErrorKind::AddrNotAvailable => "it is no address of this machine".into(),
        ErrorKind::UnexpectedEof => "it ended too early".into(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut => "it took too long".into(),
        _ => {
            let text = error.to_string();
            let words = text.split(" (os error ").next().unwrap_or_default();
            words.to_owned().into()
        }
    }
}

/// A text in which the system tells why, as in `Is a directory (os error 21)`, with the [`reason`] in its place.
pub(crate) fn in_words(text: &str) -> Cow<'_, str> {
    let numbers = text.split(" (os error ").skip(1).filter_map(|rest| rest.split_once(')')?.0.parse().ok());
    numbers.fold(text.into(), |text: Cow<'_, str>, number| {
        let error = io::Error::from_raw_os_error(number);
        text.replace(&error.to_string(), &reason(&error)).into()
    })
}

/// What to do about a file that cannot be read.
pub(crate) fn cure_of_reading(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => "see whether its path is right",
        ErrorKind::PermissionDenied => "let this user read it",
        ErrorKind::IsADirectory => "name a file in it",
        _ => "name another file",
    }
}

/// What to do about a file that cannot be written.
pub(crate) fn cure_of_writing(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::PermissionDenied => "let this user write there, or name another place",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room, or name another place",
        _ => "name another place",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_reason_has_the_number_of_an_error() {
        for number in 1..140 {
            let reason = reason(&io::Error::from_raw_os_error(number));
            assert!(!reason.contains("os error") && !reason.is_empty(), "{reason}");
        }
        assert_eq!(reason(&io::Error::other("it is odd")), "it is odd");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_numbers_of_errors_are_words_within_a_text_too() {
        for (text, told) in [
            ("/a cannot be read: Is a directory (os error 21)", "/a cannot be read: it is a directory"),
            (
                "io: Connection refused (os error 111); proxy: Connection refused (os error 111)",
                "io: nobody listens there; proxy: nobody listens there",
            ),
            (
                "Permission denied (os error 13): No route to host (os error 113)",
                "it is not permitted: No route to host",
            ),
            ("none (os error x)", "none (os error x)"),
            ("another's words (os error 21)", "another's words (os error 21)"),
        ] {
            assert_eq!(in_words(text), told);
        }
    }
}
