//! The time at which credentials end, as the services write it: RFC 3339, with or without a fraction.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `2020-01-08T03:50:07.574000Z`, `2020-01-08T03:50:07Z` or with a numeric offset. A time before 1970 is none.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let (date, time) = text.trim().split_once(['T', 't', ' '])?;
    let [year, month, day] = numbers(date, '-')?;
    let (time, offset) = offset(time)?;
    let (time, nanos) = fraction(time)?;
    let [hour, minute, second] = numbers(time, ':')?;
    let in_range = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour <= 23
        && minute <= 59
        && second <= 60
        && (1970..=9999).contains(&year);
    let days = in_range.then(|| days_since_1970(year, month, day))?;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset;
    let since = Duration::from_secs(u64::try_from(seconds).ok()?) + Duration::from_nanos(nanos);
    UNIX_EPOCH.checked_add(since)
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(number);
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

fn number(text: &str) -> Option<i64> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// The time without its offset, and that in seconds.
fn offset(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (time, offset) = time.split_at_checked(at)?;
    let (sign, offset) =
        if let Some(east) = offset.strip_prefix('+') { (1, east) } else { (-1, offset.get(1..)?) };
    let (hours, minutes) = offset.split_once(':').or_else(|| offset.split_at_checked(2))?;
    let seconds = (number(hours)? * 60 + number(minutes)?) * 60;
    (seconds < 24 * 3600).then_some((time, sign * seconds))
}

/// The time without its fraction, and that in nanoseconds.
fn fraction(time: &str) -> Option<(&str, u64)> {
    let Some((time, digits)) = time.split_once('.') else { return Some((time, 0)) };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos: String = digits.chars().chain("000000000".chars()).take(9).collect();
    Some((time, nanos.parse().ok()?))
}

/// The civil calendar, with years that begin in March.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn millis(text: &str) -> Option<u128> {
        Some(parse(text)?.duration_since(UNIX_EPOCH).ok()?.as_millis())
    }

    #[test]
    fn times_in_every_form() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2020-01-08T03:50:07.574000Z", Some(1_578_455_407_574)),
            ("2020-01-08T03:50:07Z", Some(1_578_455_407_000)),
            ("2020-01-08T11:50:07+08:00", Some(1_578_455_407_000)),
            ("2020-01-07T22:20:07-05:30", Some(1_578_455_407_000)),
            ("2020-01-08T11:50:07+0800", Some(1_578_455_407_000)),
            ("2000-02-29T12:00:00.5Z", Some(951_825_600_500)),
            ("9999-12-31T23:59:59.999999999Z", Some(253_402_300_799_999)),
            (" 2020-01-08 03:50:07Z ", Some(1_578_455_407_000)),
        ] {
            assert_eq!(millis(text), expected, "{text}");
        }
        for text in [
            "",
            "soon",
            "2020-01-08",
            "2020-01-08T03:50:07",
            "2020-13-08T03:50:07Z",
            "2020-01-08T24:00:00Z",
            "2020-01-08T03:50Z",
            "2020-01-08T03:50:07.Z",
            "2020-01-08T03:50:07.1x Z",
            "2020-01-08T03:50:07+8",
            "2020-01-08T03:50:07+99:00",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+08:00",
            "+020-01-08T03:50:07Z",
            "2020-01-08T03:50:07é+01:00",
        ] {
            assert_eq!(millis(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_undoes_the_timestamps_of_the_model(seconds in 0_i64..253_402_300_799) {
            let text = kps_model::Timestamp::from_millis(seconds * 1000).to_string();
            prop_assert_eq!(millis(&text), Some(u128::try_from(seconds * 1000).unwrap()));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9T:Z.+ é-]{0,30}") {
            parse(&text);
        }
    }
}
