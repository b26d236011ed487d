//! What stands in a place of a table.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kps_ureq::{OperateType, Phase, Timestamp};

use crate::output::escape;

/// What stands in a place of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    /// An id. Where a table is too wide for a terminal, its beginning has to do.
    Id(String),
    /// The name of a field.
    Name(&'static str),
    Time(Timestamp),
    /// What a task does, and how far it came.
    Operation(OperateType),
    Count(u64),
    /// So much of the most there is, as a bar that is as long as there is room for; of use to nobody but a person.
    Share {
        of: u64,
        most: u64,
    },
    /// Something that went wrong.
    Bad(String),
}

/// Who reads a table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reader {
    /// A person, to whom times are told from now.
    Person {
        now: SystemTime,
    },
    /// A person before whom the lines stay while time goes on.
    Onlooker,
    Program,
}

impl Cell {
    pub(crate) const fn name(name: &'static str) -> Self {
        Self::Name(name)
    }

    /// A text of the service's, if it is there.
    pub(crate) fn of(text: Option<impl AsRef<str>>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.as_ref().to_owned()))
    }

    pub(crate) fn id(id: impl AsRef<str>) -> Self {
        Self::Id(id.as_ref().to_owned())
    }

    pub(crate) fn bad(text: Option<impl AsRef<str>>) -> Self {
        text.map_or(Self::Empty, |text| Self::Bad(text.as_ref().to_owned()))
    }

    pub(crate) fn time(time: Option<&Timestamp>) -> Self {
        time.map_or(Self::Empty, |time| Self::Time(time.clone()))
    }

    pub(crate) fn operation(kind: Option<&OperateType>) -> Self {
        kind.map_or(Self::Empty, |kind| Self::Operation(kind.clone()))
    }

    pub(crate) const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// As text without control characters.
    pub(crate) fn text(&self, reader: Reader) -> Cow<'_, str> {
        match self {
            Self::Empty | Self::Share { .. } => "".into(),
            Self::Text(text) | Self::Id(text) | Self::Bad(text) => escape(text),
            Self::Name(name) => (*name).into(),
            Self::Count(count) => count.to_string().into(),
            Self::Time(time) => told(time, reader),
            Self::Operation(kind) => match reader {
                Reader::Program => escape(kind.as_str()),
                Reader::Person { .. } | Reader::Onlooker => in_words(kind),
            },
        }
    }
}

fn told(time: &Timestamp, reader: Reader) -> Cow<'_, str> {
    let text = match (reader, time.millis()) {
        (Reader::Person { now }, _) => ago(time, now).unwrap_or_else(|| time.to_string()),
        // Nobody follows what goes on by the millisecond.
        (Reader::Onlooker, Some(millis)) => {
            Timestamp::from_millis(millis.div_euclid(1000).saturating_mul(1000)).to_string()
        }
        _ => time.to_string(),
    };
    escape(&text).into_owned().into()
}

/// A task that failed is told by what it did, any other by how far it came too.
fn in_words(kind: &OperateType) -> Cow<'_, str> {
    if kind.action().is_none() {
        return escape(kind.as_str());
    }
    let words = kind.as_str().replace('_', " ").to_lowercase();
    match words.strip_prefix("failed ") {
        Some(action) if kind.phase() == Some(Phase::Failed) => action.to_owned().into(),
        _ => words.into(),
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
            let time = Timestamp::from_millis((1_775_032_200 - seconds) * 1000);
            Cell::Time(time).text(Reader::Person { now }).into_owned()
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

    #[test]
    fn a_program_gets_the_values_of_the_service() {
        let person = Reader::Person { now: UNIX_EPOCH };
        for (kind, words) in [
            ("FAILED_BIND", "bind"),
            ("RUNNING_RESET", "running reset"),
            ("READY_BIND", "ready bind"),
            ("RUNNING", "RUNNING"),
            ("FAILED_MIGRATE", "FAILED_MIGRATE"),
            ("a\u{1b}", "a\\u{1b}"),
        ] {
            let cell = Cell::Operation(OperateType::from(kind));
            assert_eq!(cell.text(person), words);
            assert_eq!(cell.text(Reader::Program), escape(kind));
        }
        let time = Cell::Time(Timestamp::from_millis(1_775_032_200_250));
        assert_eq!(time.text(Reader::Program), "2026-04-01T08:30:00.250Z");
        assert_eq!(time.text(Reader::Onlooker), "2026-04-01T08:30:00Z");
    }
}
