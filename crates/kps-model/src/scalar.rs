//! Lenient readers of scalars: the service documents strings and sends numbers, or the other way round.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use serde::de::{DeserializeOwned, Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// Which texts are read: what they are, for an error, and what tells the fault of one; without it, any is taken.
pub(crate) struct Rule(pub(crate) &'static str, pub(crate) Option<Check>);

pub(crate) type Check = fn(&str) -> Result<(), &'static str>;

impl Rule {
    #[inline]
    fn checked<'a>(&self, text: &'a str) -> Result<&'a str, &'static str> {
        match self.1 {
            Some(check) => check(text).map(|()| text),
            None => Ok(text),
        }
    }
}

pub(crate) fn not_empty(text: &str) -> Result<(), &'static str> {
    if text.is_empty() { Err("it is empty") } else { Ok(()) }
}

/// Reads a string, or a number as its digits.
#[inline]
pub(crate) fn text<'de, D: Deserializer<'de>>(
    deserializer: D,
    rule: &'static Rule,
) -> Result<ReadText<'de>, D::Error> {
    deserializer.deserialize_any(rule)
}

/// Reads a string, or a number as its digits; `null` is none, as is what `check` refuses.
#[inline]
pub(crate) fn text_or_none<'de, D: Deserializer<'de>>(
    deserializer: D,
    rule: &'static Rule,
    check: Check,
) -> Result<Option<ReadText<'de>>, D::Error> {
    let text = deserializer.deserialize_option(OrNone(rule))?;
    Ok(text.filter(|text| check(text).is_ok()))
}

/// A text as it was read. What is made of it the reader does not know, so that it is compiled once for all, and not for each
/// type anew.
pub(crate) enum ReadText<'de> {
    Borrowed(&'de str),
    /// Wiped, since it may be a secret.
    Copied(Zeroizing<String>),
}

impl Deref for ReadText<'_> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Copied(text) => text,
        }
    }
}

impl<'de> Visitor<'de> for &Rule {
    type Value = ReadText<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    #[inline]
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<ReadText<'de>, E> {
        self.checked(text).map(ReadText::Borrowed).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ReadText<'de>, E> {
        let text = self.checked(text).map_err(E::custom)?;
        Ok(ReadText::Copied(Zeroizing::new(text.into())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<ReadText<'de>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<ReadText<'de>, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<ReadText<'de>, E> {
        self.visit_str(&number.to_string())
    }
}

/// Lets `null` be none, and leaves the rest to a visitor.
struct OrNone<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for OrNone<V> {
    type Value = Option<V::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    #[inline]
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self.0).map(Some)
    }
}

/// Reads a yes or no: a boolean, 0 or 1, or either as a string; `null` is none.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    struct FlagVisitor;

    impl Visitor<'_> for FlagVisitor {
        type Value = Option<bool>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true or false")
        }

        fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
            Ok(Some(flag))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
            match number {
                0 => Ok(Some(false)),
                1 => Ok(Some(true)),
                _ => Err(E::invalid_value(Unexpected::Unsigned(number), &self)),
            }
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            match text {
                "" => Ok(None),
                "0" => Ok(Some(false)),
                "1" => Ok(Some(true)),
                _ if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
                _ if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
                _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
            }
        }
    }

    deserializer.deserialize_option(OrNone(FlagVisitor)).map(Option::flatten)
}

/// Reads a value, or none if it cannot be read: for what must not keep the rest from being read.
pub(crate) fn if_readable<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    serde_json::Value::deserialize(deserializer).map(|value| T::deserialize(value).ok())
}

/// Reads a list; `null` is an empty one.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads a count: a number or its digits in a string; `null` is none, as is a number that counts nothing.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    struct CountVisitor;

    impl Visitor<'_> for CountVisitor {
        type Value = Option<u64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a count")
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Some(number))
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
            Ok(u64::try_from(number).ok())
        }

        fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(text.parse().ok())
        }
    }

    deserializer.deserialize_option(OrNone(CountVisitor)).map(Option::flatten)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use serde_json::{from_str, from_value, json};

    use crate::{Secret, TaskId};

    /// A reader hands out its text for good, or only for as long as it is looked at.
    #[test]
    fn a_text_is_read_however_it_comes() {
        for id in [from_str::<TaskId>(r#""t-1""#), from_str(r#""\u0074-1""#), from_value(json!("t-1"))] {
            assert_eq!(id.unwrap(), "t-1");
        }
        assert_eq!(from_str::<TaskId>("71").unwrap(), "71");
        assert_eq!(from_str::<Secret>(r#""hunter\u0032""#).unwrap().expose(), "hunter2");
        for none in [r#""\u002e""#, r#"".""#] {
            let error = from_str::<TaskId>(none).unwrap_err();
            assert!(error.to_string().starts_with("`.` and `..` change the path"), "{error}");
        }
    }
}
