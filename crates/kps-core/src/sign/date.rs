//! The moment of a signature.

use std::time::{SystemTime, UNIX_EPOCH};

use http::HeaderValue;
use kps_model::Timestamp;

use crate::Error;

/// A moment as `X-Sdk-Date` wants it: `20260401T083000Z`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Date([u8; 16]);

impl Date {
    pub(crate) fn new(time: SystemTime) -> Result<Self, Error> {
        let out_of_range = || Error::config("the clock is outside the years 1970 to 9999");
        let since_1970 = time.duration_since(UNIX_EPOCH).map_err(|_| out_of_range())?;
        let millis = i64::try_from(since_1970.as_millis()).map_err(|_| out_of_range())?;
        let utc = Timestamp::from_millis(millis).utc().ok_or_else(out_of_range)?;

        let (century, year) = (utc.year / 100, utc.year % 100);
        let [y1, y2] = digits(u8::try_from(century).unwrap_or_default());
        let [y3, y4] = digits(u8::try_from(year).unwrap_or_default());
        let [o1, o2] = digits(utc.month);
        let [d1, d2] = digits(utc.day);
        let [h1, h2] = digits(utc.hour);
        let [m1, m2] = digits(utc.minute);
        let [s1, s2] = digits(utc.second);
        Ok(Self([y1, y2, y3, y4, o1, o2, d1, d2, b'T', h1, h2, m1, m2, s1, s2, b'Z']))
    }

    /// A date a caller has set, if it is in the form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 16] = text.as_bytes().try_into().ok()?;
        let in_form = bytes.iter().enumerate().all(|(at, byte)| match at {
            8 => *byte == b'T',
            15 => *byte == b'Z',
            _ => byte.is_ascii_digit(),
        });
        in_form.then_some(Self(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The value of the header `X-Sdk-Date`.
    pub(crate) fn header(&self) -> Result<HeaderValue, Error> {
        HeaderValue::from_bytes(&self.0).map_err(|_| Error::config("the date cannot be sent in a header"))
    }

    pub(super) fn as_str(&self) -> &str {
        // All of it is ASCII, whichever way it was made.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn digits(number: u8) -> [u8; 2] {
    [b'0' + number / 10, b'0' + number % 10]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dates_are_written_in_utc_without_fractions() {
        for (seconds, text) in [
            (0, "19700101T000000Z"),
            (1_775_032_200, "20260401T083000Z"),
            (253_402_300_799, "99991231T235959Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_millis(999);
            assert_eq!(Date::new(time).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_clock_that_cannot_be_written_is_an_error() {
        assert!(Date::new(UNIX_EPOCH - Duration::from_secs(1)).is_err());
        assert!(Date::new(UNIX_EPOCH + Duration::from_secs(253_402_300_800)).is_err());
    }

    #[test]
    fn only_the_one_form_is_taken() {
        assert!(Date::parse("20260401T083000Z").is_some());
        for text in ["", "2026-04-01T08:30Z", "20260401T083000+", "20260401 083000Z", "20260401T08300éZ"] {
            assert!(Date::parse(text).is_none(), "{text}");
        }
    }
}
