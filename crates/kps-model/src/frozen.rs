use core::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Text;

/// Why a key pair is frozen: flags in a number, 0 where it is not.
///
/// Documented as a string in the list and as a number in the detail, and a number in a sample of
/// either. It remembers the form it came in and is written back in the same; a text that is no number is kept.
///
/// ```
/// use kps_model::FrozenState;
///
/// let state: FrozenState = kps_model::from_json(b"\"5\"")?;
/// assert!(state.is_frozen() && state.has(FrozenState::ORDINARY) && state.has(FrozenState::VIOLATION));
/// assert!(!state.has(FrozenState::POLICE));
/// assert_eq!(kps_model::to_json(&state)?, b"\"5\"");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct FrozenState(Repr);

#[derive(Clone)]
enum Repr {
    Number(i64),
    Digits(i64),
    Text(Text),
}

impl FrozenState {
    /// Frozen in the ordinary way.
    pub const ORDINARY: u32 = 1;
    /// Frozen by the police.
    pub const POLICE: u32 = 2;
    /// Frozen for a violation.
    pub const VIOLATION: u32 = 4;
    /// Frozen because the real name of its owner was not verified.
    pub const UNVERIFIED: u32 = 8;

    /// The state made of these flags, as a number.
    pub fn from_bits(bits: u32) -> Self {
        Self(Repr::Number(bits.into()))
    }

    /// The same, written as a text, as lists are documented to have it.
    ///
    /// ```
    /// use kps_model::FrozenState;
    ///
    /// assert_eq!(kps_model::to_json(&FrozenState::from_bits(0).as_text())?, b"\"0\"");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_text(self) -> Self {
        match self.0 {
            Repr::Number(number) => Self(Repr::Digits(number)),
            other => Self(other),
        }
    }

    /// All flags, also those this version has no name for; `None` if the service sent no such number.
    pub fn bits(&self) -> Option<u32> {
        match self.0 {
            Repr::Number(number) | Repr::Digits(number) => u32::try_from(number).ok(),
            Repr::Text(_) => None,
        }
    }

    /// Whether any of these flags is set.
    pub fn has(&self, flags: u32) -> bool {
        self.bits().is_some_and(|bits| bits & flags != 0)
    }

    /// Whether the key pair is frozen: any state but 0, also one that is not understood.
    pub fn is_frozen(&self) -> bool {
        self.bits() != Some(0)
    }
}

impl FrozenState {
    /// In an answer an empty text says no more than an absent one.
    pub(crate) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let state: Option<Self> = Option::deserialize(deserializer)?;
        Ok(state.filter(|state| !matches!(&state.0, Repr::Text(text) if text.is_empty())))
    }
}

impl PartialEq for FrozenState {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Text(text), Repr::Text(other)) => text == other,
            (Repr::Number(number) | Repr::Digits(number), Repr::Number(other) | Repr::Digits(other)) => {
                number == other
            }
            _ => false,
        }
    }
}

impl Eq for FrozenState {}

impl fmt::Display for FrozenState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Number(number) | Repr::Digits(number) => number.fmt(f),
            Repr::Text(text) => f.pad(text),
        }
    }
}

impl fmt::Debug for FrozenState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrozenState({self})")
    }
}

impl Serialize for FrozenState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::Number(number) => serializer.serialize_i64(*number),
            Repr::Digits(number) => serializer.collect_str(number),
            Repr::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for FrozenState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FrozenStateVisitor)
    }
}

struct FrozenStateVisitor;

impl Visitor<'_> for FrozenStateVisitor {
    type Value = FrozenState;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a frozen state")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<FrozenState, E> {
        Ok(FrozenState(Repr::Number(number)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<FrozenState, E> {
        let signed =
            i64::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))?;
        self.visit_i64(signed)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<FrozenState, E> {
        // Only digits that are written back as they came.
        let plain = text == "0" || text.bytes().next().is_some_and(|first| matches!(first, b'1'..=b'9'));
        Ok(FrozenState(match text.parse() {
            Ok(number) if plain => Repr::Digits(number),
            _ => Repr::Text(text.into()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{from_json, to_json};
    use alloc::vec::Vec;

    #[test]
    fn every_form_is_read_and_written_back() {
        for (json, bits, frozen) in [
            ("0", Some(0), false),
            ("\"0\"", Some(0), false),
            ("7", Some(7), true),
            ("\"10\"", Some(10), true),
            ("64", Some(64), true),
            ("-1", None, true),
            ("\"-1\"", None, true),
            ("\"007\"", None, true),
            ("\"normal\"", None, true),
            ("99999999999", None, true),
        ] {
            let state: FrozenState = from_json(json.as_bytes()).unwrap();
            assert_eq!((state.bits(), state.is_frozen()), (bits, frozen), "{json}");
            assert_eq!(to_json(&state).unwrap(), json.as_bytes());
        }
        for json in ["true", "[]", "{}", "1.5", "18446744073709551615"] {
            assert!(from_json::<FrozenState>(json.as_bytes()).is_err(), "{json}");
        }
    }

    #[test]
    fn the_documented_numbers_are_made_of_flags() {
        use FrozenState as F;
        for (number, flags) in [
            (0, &[][..]),
            (1, &[F::ORDINARY]),
            (2, &[F::POLICE]),
            (3, &[F::ORDINARY, F::POLICE]),
            (4, &[F::VIOLATION]),
            (5, &[F::ORDINARY, F::VIOLATION]),
            (6, &[F::POLICE, F::VIOLATION]),
            (7, &[F::ORDINARY, F::POLICE, F::VIOLATION]),
            (8, &[F::UNVERIFIED]),
            (9, &[F::ORDINARY, F::UNVERIFIED]),
            (10, &[F::POLICE, F::UNVERIFIED]),
        ] {
            let all = [F::ORDINARY, F::POLICE, F::VIOLATION, F::UNVERIFIED];
            let found: Vec<u32> = all.into_iter().filter(|flag| F::from_bits(number).has(*flag)).collect();
            assert_eq!(found, flags, "{number}");
        }
    }

    #[test]
    fn the_form_makes_no_difference() {
        let read = |json: &str| from_json::<FrozenState>(json.as_bytes()).unwrap();
        assert_eq!(read("5"), read("\"5\""));
        assert_eq!(read("5"), FrozenState::from_bits(FrozenState::ORDINARY | FrozenState::VIOLATION));
        assert_ne!(read("5"), read("\"05\""));
    }
}
