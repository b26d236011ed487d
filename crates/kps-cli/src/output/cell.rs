//! What stands in a place of a table.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kps_ureq::Timestamp;

use crate::output::escape;

/// What stands in a place of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    /// The name of a field.
    Name(&'static str),
    Time(Timestamp),
    /// Something that went wrong.
    Bad(String),
}

impl Cell {
    pub(crate) const fn name(name: &'static str) -> Self {
        Self::Name(name)
    }

    /// A text of the service's, if it is there.
    pub(crate) fn of(text: Option<impl AsRef<str>>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.as_ref().to_owned()))
    }

    pub(crate) fn time(time: Option<&Timestamp>) -> Self {
        time.map_or(Self::Empty, |time| Self::Time(time.clone()))
    }

    pub(crate) const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// As text without control characters; times as so long ago if it is said what is now.
    pub(crate) fn text(&self, now: Option<SystemTime>) -> Cow<'_, str> {
        match self {
            Self::Empty => "".into(),
            Self::Text(text) | Self::Bad(text) => escape(text),
            Self::Name(name) => (*name).into(),
            Self::Time(time) => match now.and_then(|now| ago(time, now)) {
                Some(ago) => ago.into(),
                None => escape(&time.to_string()).into_owned().into(),
            },
        }
    }

    /// As a value of CSV.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.text(None).into_owned().into_bytes()
    }
}

/// How long ago that was, in the largest unit.
fn ago(time: &Timestamp, now: SystemTime) -> Option<String> {
    let since = UNIX_EPOCH + Duration::from_millis(u64::try_from(time.millis()?).ok()?);
    let seconds = now.duration_since(since).ok()?.as_secs();
    Some(match seconds {
        0..10 => "just now".into(),
        10..120 => format!("{seconds} s ago"),
        120..7_200 => format!("{} min ago", seconds / 60),
        7_200..172_800 => format!("{} h ago", seconds / 3_600),
        172_800..63_072_000 => format!("{} days ago", seconds / 86_400),
        _ => format!("{} years ago", seconds / 31_536_000),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_now_in_the_largest_unit() {
        let now = UNIX_EPOCH + Duration::from_secs(1_775_032_200);
        let before = |seconds: i64| {
            Cell::Time(Timestamp::from_millis((1_775_032_200 - seconds) * 1000)).text(Some(now)).into_owned()
        };
        for (seconds, text) in [
            (0, "just now"),
            (9, "just now"),
            (119, "119 s ago"),
            (120, "2 min ago"),
            (7_199, "119 min ago"),
            (7_200, "2 h ago"),
            (172_800, "2 days ago"),
            (63_072_000, "2 years ago"),
            // In the future, by a clock that is off.
            (-60, "2026-04-01T08:31:00Z"),
        ] {
            assert_eq!(before(seconds), text, "{seconds}");
        }
    }
}
