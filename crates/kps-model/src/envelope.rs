//! The object `{"keypair": …}` that the service puts around every key pair.

use alloc::vec::Vec;

use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// In an answer: what else is in it is passed over.
#[derive(Serialize, Deserialize)]
pub(crate) struct Envelope<T> {
    pub(crate) keypair: T,
}

/// In a request: what else is in it is an error.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StrictEnvelope<T> {
    pub(crate) keypair: T,
}

/// Reads a list of envelopes, `null` as an empty one.
pub(crate) fn open_all<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let envelopes: Option<Vec<Envelope<T>>> = Option::deserialize(deserializer)?;
    Ok(envelopes.unwrap_or_default().into_iter().map(|envelope| envelope.keypair).collect())
}

/// Writes a list, each of its items in an envelope.
pub(crate) fn close_all<S: Serializer, T: Serialize>(items: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(items.len()))?;
    for keypair in items {
        list.serialize_element(&Envelope { keypair })?;
    }
    list.end()
}
