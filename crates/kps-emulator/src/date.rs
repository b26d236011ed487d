//! The time as answers tell it.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::DATE;
use http::{HeaderValue, Response};

/// The first second of the year 10000, which has no date in HTTP.
const END_OF_DATES: Duration = Duration::from_secs(253_402_300_800);

/// Writes the time into an answer.
pub(crate) fn tell(answer: &mut Response<Bytes>, now: SystemTime) {
    // Nor has a time before 1970.
    let has_date = now.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since < END_OF_DATES);
    if has_date && let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(now)) {
        answer.headers_mut().insert(DATE, date);
    }
}

/// The time by a clock that is off by so many seconds, which has a date however far that is.
pub(crate) fn shifted(now: SystemTime, seconds: i64) -> SystemTime {
    if seconds == 0 {
        return now;
    }
    let (first, last) =
        (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + END_OF_DATES - Duration::from_secs(1));
    let by = Duration::from_secs(seconds.unsigned_abs());
    let shifted = if seconds < 0 { now.checked_sub(by) } else { now.checked_add(by) };
    shifted.unwrap_or(if seconds < 0 { first } else { last }).clamp(first, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_where_it_has_a_date() {
        let epoch = SystemTime::UNIX_EPOCH;
        let second = Duration::from_secs(1);
        for (now, expected) in [
            (epoch - second, None),
            (epoch, Some("Thu, 01 Jan 1970 00:00:00 GMT")),
            (epoch + END_OF_DATES - second, Some("Fri, 31 Dec 9999 23:59:59 GMT")),
            (epoch + END_OF_DATES, None),
        ] {
            let mut answer = Response::default();
            tell(&mut answer, now);
            let told = answer.headers().get(DATE).map(|date| date.to_str().unwrap());
            assert_eq!(told, expected);
        }
    }

    #[test]
    fn a_clock_that_is_right_is_left_alone() {
        let early = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(shifted(early, 0), early);
    }
}
