use alloc::boxed::Box;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment as the service sends it: documented as seconds, sent as milliseconds since 1970, as a string or
/// as a number.
///
/// It remembers the form it came in and is written back in the same. A number too small for milliseconds
/// (below 10¹¹, which would be early 1973) is read as the documented seconds. A text that is no number is
/// kept, and [`millis`](Self::millis) is then `None`.
///
/// Its `Display` is RFC 3339 in UTC.
///
/// ```
/// use kps_model::Timestamp;
///
/// let time: Timestamp = kps_model::from_json(br#""1523342130000""#)?;
/// assert_eq!(time.millis(), Some(1_523_342_130_000));
/// assert_eq!(time.to_string(), "2018-04-10T06:35:30Z");
/// # Ok::<(), kps_model::DecodeError>(())
/// ```
#[derive(Clone)]
pub struct Timestamp(Repr);

#[derive(Clone)]
enum Repr {
    Millis { millis: i64, wire: Wire },
    Text(Box<str>),
}

#[derive(Clone, Copy)]
enum Wire {
    Number,
    String,
    SecondsNumber,
    SecondsString,
}

/// The least number that is read as milliseconds.
const LEAST_MILLIS: u64 = 100_000_000_000;

impl Timestamp {
    /// The moment so many milliseconds after 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(Repr::Millis { millis, wire: Wire::Number })
    }

    /// The same moment, written as a string of digits, as the lists of tasks have it.
    ///
    /// ```
    /// use kps_model::Timestamp;
    ///
    /// let time = Timestamp::from_millis(1_523_342_130_000);
    /// assert_eq!(kps_model::to_json(&time)?, b"1523342130000");
    /// assert_eq!(kps_model::to_json(&time.as_text())?, b"\"1523342130000\"");
    /// # Ok::<(), kps_model::EncodeError>(())
    /// ```
    #[must_use]
    pub fn as_text(self) -> Self {
        let wire = match self.0 {
            Repr::Millis { wire: Wire::SecondsNumber | Wire::SecondsString, .. } => Wire::SecondsString,
            _ => Wire::String,
        };
        match self.0 {
            Repr::Millis { millis, .. } => Self(Repr::Millis { millis, wire }),
            text @ Repr::Text(_) => Self(text),
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z, or `None` if the service sent something else than a number.
    pub const fn millis(&self) -> Option<i64> {
        match self.0 {
            Repr::Millis { millis, .. } => Some(millis),
            Repr::Text(_) => None,
        }
    }

    /// The calendar fields in UTC, or `None` if this is no number or lies outside the years 0 to 9999, which
    /// is what RFC 3339 can write.
    pub fn utc(&self) -> Option<Utc> {
        self.millis().and_then(Utc::from_millis)
    }

    fn from_wire(number: i64, millis: Wire, seconds: Wire) -> Self {
        let repr = match number.checked_mul(1000) {
            Some(ms) if number != 0 && number.unsigned_abs() < LEAST_MILLIS => {
                Repr::Millis { millis: ms, wire: seconds }
            }
            _ => Repr::Millis { millis: number, wire: millis },
        };
        Self(repr)
    }

    fn from_text(text: &str) -> Self {
        match text.parse() {
            Ok(number) => Self::from_wire(number, Wire::String, Wire::SecondsString),
            Err(_) => Self(Repr::Text(text.into())),
        }
    }

    fn order(&self) -> (Option<i64>, &str) {
        match &self.0 {
            Repr::Millis { millis, .. } => (Some(*millis), ""),
            Repr::Text(text) => (None, text),
        }
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.order().hash(state);
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0, self.utc()) {
            (_, Some(utc)) => utc.fmt(f),
            (Repr::Millis { millis, .. }, None) => millis.fmt(f),
            (Repr::Text(text), None) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Text(text) => serializer.serialize_str(text),
            Repr::Millis { millis, wire: Wire::Number } => serializer.serialize_i64(*millis),
            Repr::Millis { millis, wire: Wire::String } => serializer.collect_str(millis),
            Repr::Millis { millis, wire: Wire::SecondsNumber } => serializer.serialize_i64(millis / 1000),
            Repr::Millis { millis, wire: Wire::SecondsString } => serializer.collect_str(&(millis / 1000)),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimestampVisitor)
    }
}

struct TimestampVisitor;

impl Visitor<'_> for TimestampVisitor {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("milliseconds since 1970")
    }

    #[inline]
    fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
        Ok(Timestamp::from_text(text))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Timestamp, E> {
        Ok(Timestamp::from_wire(number, Wire::Number, Wire::SecondsNumber))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Timestamp, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) => Ok(Timestamp(Repr::Text(alloc::format!("{number}").into()))),
        }
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Timestamp, E> {
        Ok(Timestamp::from_text(&alloc::format!("{number}")))
    }
}

/// The calendar fields of a [`Timestamp`], in UTC. Its `Display` is RFC 3339; milliseconds are left out when
/// they are zero.
///
/// ```
/// use kps_model::Timestamp;
///
/// let utc = Timestamp::from_millis(1_775_032_200_250).utc().unwrap();
/// assert_eq!((utc.year, utc.month, utc.day), (2026, 4, 1));
/// assert_eq!(utc.to_string(), "2026-04-01T08:30:00.250Z");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Utc {
    /// 0 to 9999.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59; Unix time has no leap seconds.
    pub second: u8,
    /// 0 to 999.
    pub millisecond: u16,
}

impl Utc {
    /// Civil date from a day count in the proleptic Gregorian calendar: years start in March, so that the
    /// leap day is the last of its year and the lengths of the months form a straight line.
    fn from_millis(millis: i64) -> Option<Self> {
        const DAY: i64 = 86_400_000;
        const DAYS_TO_1970: i64 = 719_468;

        let shifted = millis.div_euclid(DAY) + DAYS_TO_1970;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        if !(0..=9999).contains(&year) {
            return None;
        }

        let rest = millis.rem_euclid(DAY);
        Some(Self {
            year: u16::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day_of_year - (153 * march_month + 2) / 5 + 1).ok()?,
            hour: u8::try_from(rest / 3_600_000).ok()?,
            minute: u8::try_from(rest / 60_000 % 60).ok()?,
            second: u8::try_from(rest / 1000 % 60).ok()?,
            millisecond: u16::try_from(rest % 1000).ok()?,
        })
    }
}

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, millisecond } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match millisecond {
            0 => f.write_str("Z"),
            _ => write!(f, ".{millisecond:03}Z"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn decoded(json: &str) -> Timestamp {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn every_form_on_the_wire_is_read_and_written_back() {
        let same = 1_523_342_130_000;
        for (json, millis) in [
            ("\"1523342130000\"", Some(same)),
            ("1523342130000", Some(same)),
            ("\"1523342130\"", Some(same)),
            ("1523342130", Some(same)),
            ("99999999999", Some(99_999_999_999_000)),
            ("100000000000", Some(100_000_000_000)),
            ("0", Some(0)),
            ("\"0\"", Some(0)),
            ("-1523342130", Some(-same)),
            ("\"\"", None),
            ("\"yesterday\"", None),
            ("\"2018-04-10\"", None),
        ] {
            let time = decoded(json);
            assert_eq!(time.millis(), millis, "{json}");
            assert_eq!(serde_json::to_string(&time).unwrap(), json);
        }
    }

    #[test]
    fn numbers_beyond_i64_are_kept_as_text() {
        assert_eq!(decoded("18446744073709551615").to_string(), "18446744073709551615");
        assert_eq!(decoded("1.5").to_string(), "1.5");
    }

    #[test]
    fn the_edges_of_the_calendar() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "253402300800000"),
            (-62_167_219_200_000, "0000-01-01T00:00:00Z"),
            (-62_167_219_200_001, "-62167219200001"),
            (i64::MAX, "9223372036854775807"),
            (i64::MIN, "-9223372036854775808"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).to_string(), text);
        }
    }

    #[test]
    fn the_same_moment_is_equal_whatever_its_form() {
        assert_eq!(decoded("\"1523342130000\""), decoded("1523342130"));
        assert!(decoded("1523342130") < decoded("1523342131"));
    }

    proptest! {
        #[test]
        fn the_calendar_agrees_with_a_library(millis in -62_167_219_200_000_i64..253_402_207_200_000) {
            let theirs = jiff::Timestamp::from_millisecond(millis).unwrap();
            let expected = if millis % 1000 == 0 { theirs.to_string() } else { alloc::format!("{theirs:.3}") };
            prop_assert_eq!(Timestamp::from_millis(millis).to_string(), expected);
        }
    }
}
