//! Readers of what a check may refuse. The check is made while the value is read, so that the fault is told of the value
//! itself and not of what holds it.

use alloc::string::String;
use core::fmt;
use core::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads a number that is not negative, and hands it to `make`.
pub(crate) fn number<'de, D, T, R>(deserializer: D, make: fn(u64) -> Result<T, R>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    R: fmt::Display,
{
    deserializer.deserialize_u64(Checked { expected: "a number", make, read: PhantomData })
}

/// Reads a string, and hands it to `make`.
pub(crate) fn string<'de, D, T, R>(
    deserializer: D,
    expected: &'static str,
    make: fn(String) -> Result<T, R>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    R: fmt::Display,
{
    deserializer.deserialize_string(Checked { expected, make, read: PhantomData })
}

/// Reads an object, and hands it to `make`.
pub(crate) fn object<'de, D, B, T, R>(
    deserializer: D,
    expected: &'static str,
    make: fn(B) -> Result<T, R>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    B: Deserialize<'de>,
    R: fmt::Display,
{
    deserializer.deserialize_any(Object(Checked { expected, make, read: PhantomData }))
}

struct Checked<B, T, R> {
    expected: &'static str,
    make: fn(B) -> Result<T, R>,
    read: PhantomData<B>,
}

impl<T, R: fmt::Display> Visitor<'_> for Checked<u64, T, R> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        (self.make)(number).map_err(E::custom)
    }
}

impl<T, R: fmt::Display> Visitor<'_> for Checked<String, T, R> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.make)(text.into()).map_err(E::custom)
    }
}

struct Object<B, T, R>(Checked<B, T, R>);

impl<'de, B: Deserialize<'de>, T, R: fmt::Display> Visitor<'de> for Object<B, T, R> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.expected)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        (self.0.make)(B::deserialize(MapAccessDeserializer::new(map))?).map_err(A::Error::custom)
    }
}
