//! Moments as people name them: so long ago, a day, or a time.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, SpanRelativeTo, Timestamp};

/// A moment, or how long it is ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Ago(Duration),
    At(SystemTime),
}

impl When {
    /// The moment; there is none before 1970.
    pub(super) fn moment(self, now: SystemTime) -> SystemTime {
        match self {
            Self::Ago(time) => {
                now.checked_sub(time).unwrap_or(SystemTime::UNIX_EPOCH).max(SystemTime::UNIX_EPOCH)
            }
            Self::At(moment) => moment,
        }
    }

    fn of_moment(moment: Timestamp) -> Option<Self> {
        SystemTime::try_from(moment).ok().map(Self::At)
    }

    fn of_civil(time: DateTime) -> Option<Self> {
        Self::of_moment(TimeZone::UTC.to_timestamp(time).ok()?)
    }

    fn of_span(span: Span) -> Option<Self> {
        let time = span.abs().to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
        Some(Self::Ago(time.unsigned_abs()))
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let moment = || text.parse::<Timestamp>().ok().and_then(Self::of_moment);
        // With a zone it is no civil time; whoever writes one means it.
        let civil = || {
            text.parse::<DateTime>()
                .ok()
                .filter(|_| !text.contains(['Z', 'z', '+', '[']))
                .and_then(Self::of_civil)
        };
        let date = || text.parse::<Date>().ok().and_then(|date| Self::of_civil(date.into()));
        let span = || text.parse::<Span>().ok().and_then(Self::of_span);
        moment().or_else(civil).or_else(date).or_else(span).ok_or_else(|| {
            "expected how long ago (90m, 2h, 7d), a day (2026-03-30) or a time (2026-03-30T08:00Z), in UTC if no zone is named"
                .into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_name_them() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_775_032_200);
        for (text, moment) in [
            ("90s", Some("2026-04-01T08:28:30Z")),
            ("2h", Some("2026-04-01T06:30:00Z")),
            ("1h30m", Some("2026-04-01T07:00:00Z")),
            ("7d", Some("2026-03-25T08:30:00Z")),
            ("2 weeks", Some("2026-03-18T08:30:00Z")),
            ("3 days ago", Some("2026-03-29T08:30:00Z")),
            ("0s", Some("2026-04-01T08:30:00Z")),
            (" 2026-03-30 ", Some("2026-03-30T00:00:00Z")),
            ("2026-03-30T08:00", Some("2026-03-30T08:00:00Z")),
            ("2026-03-30 08:00:01", Some("2026-03-30T08:00:01Z")),
            ("2026-03-30T08:00:00Z", Some("2026-03-30T08:00:00Z")),
            ("2026-03-30T08:00:00.5+08:00", Some("2026-03-30T00:00:00.5Z")),
            ("2000000d", Some("1970-01-01T00:00:00Z")),
            ("", None),
            ("2", None),
            ("1mo", None),
            ("yesterday", None),
            ("2026-02-30", None),
            ("30.3.2026", None),
        ] {
            let read = text.parse::<When>().ok().map(|when| Timestamp::try_from(when.moment(now)).unwrap());
            assert_eq!(read.map(|moment| moment.to_string()).as_deref(), moment, "{text}");
        }
    }
}
