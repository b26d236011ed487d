use std::slice;
use std::vec;

use serde::{Serialize, Serializer};

use crate::Error;

/// What became of the items of a batch, in the order in which they were given: one outcome for each.
///
/// It is `Serialize` where nothing in it is a secret: a list of objects with the `item` and its `result` or `error`.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"succeeded_keypairs":[{"name":"ann"}],"failed_keypairs":[]}"#.into()));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build()?;
/// # let key = PublicKey::new("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P ann")?;
/// let ann = CreateKeypair::import(KeypairName::new("ann")?, key);
/// for outcome in kps.import_keypairs([ann], &BatchOptions::new()) {
///     match outcome.result {
///         Ok(keypair) => assert!(keypair.was_made()),
///         Err(error) => println!("{}: {}", outcome.item, error.report()),
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "items may have failed"]
pub struct Outcomes<K, T>(Vec<Outcome<K, T>>);

/// What became of an item of a batch.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::new(r#"{
/// #     "succeeded_keypairs": [{"keypair":{"name":"ann"}}],
/// #     "failed_keypairs": [{"keypair_name":"bob","failed_reason":"{\"error_code\":\"KPS.6011\",\"error_msg\":\"no match\"}"}]
/// # }"#.into()));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let key = PublicKey::new("ssh-ed25519 AAAA")?;
/// let import = |name| Ok::<_, InvalidId>(CreateKeypair::import(KeypairName::new(name)?, key.clone()));
/// for Outcome { item, result, .. } in kps.import_keypairs([import("ann")?, import("bob")?], &BatchOptions::new()) {
///     assert_eq!(result.err().as_ref().and_then(Error::code), (item == "bob").then_some("KPS.6011"));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome<K, T> {
    /// The name of the key pair, or the id of the server.
    pub item: K,
    /// What came of it, or why it failed.
    pub result: Result<T, Error>,
}

impl<K, T> Outcomes<K, T> {
    pub(super) fn new(outcomes: impl Iterator<Item = (K, Result<T, Error>)>) -> Self {
        Self(outcomes.map(|(item, result)| Outcome { item, result }).collect())
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there were no items.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether no item failed.
    pub fn is_complete(&self) -> bool {
        self.failed().next().is_none()
    }

    /// All outcomes, in the order of the items.
    pub fn iter(&self) -> slice::Iter<'_, Outcome<K, T>> {
        self.0.iter()
    }

    /// The items that did not fail, and what came of them.
    pub fn succeeded(&self) -> impl Iterator<Item = (&K, &T)> {
        self.iter().filter_map(|outcome| Some((&outcome.item, outcome.result.as_ref().ok()?)))
    }

    /// The items that failed, and why.
    pub fn failed(&self) -> impl Iterator<Item = (&K, &Error)> {
        self.iter().filter_map(|outcome| Some((&outcome.item, outcome.result.as_ref().err()?)))
    }
}

impl<K, T> IntoIterator for Outcomes<K, T> {
    type Item = Outcome<K, T>;
    type IntoIter = vec::IntoIter<Outcome<K, T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K, T> IntoIterator for &'a Outcomes<K, T> {
    type Item = &'a Outcome<K, T>;
    type IntoIter = slice::Iter<'a, Outcome<K, T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Serialize, T: Serialize> Serialize for Outcomes<K, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

#[derive(Serialize)]
struct Written<'a, K, T> {
    item: &'a K,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Error>,
}

impl<K: Serialize, T: Serialize> Serialize for Outcome<K, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (result, error) = (self.result.as_ref().ok(), self.result.as_ref().err());
        Written { item: &self.item, result, error }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_counted_and_written() {
        let outcomes = [("a", Ok(1)), ("b", Err(Error::input("no"))), ("c", Ok(3))];
        let outcomes = Outcomes::new(outcomes.into_iter());
        assert!(outcomes.len() == 3 && !outcomes.is_empty() && !outcomes.is_complete());
        assert_eq!(outcomes.succeeded().collect::<Vec<_>>(), [(&"a", &1), (&"c", &3)]);
        assert_eq!(outcomes.failed().map(|(item, _)| *item).collect::<Vec<_>>(), ["b"]);
        let error = serde_json::json!({"id": "input", "message": "no", "attempts": 0, "may_have_been_applied": false});
        assert_eq!(
            serde_json::to_value(&outcomes).unwrap(),
            serde_json::json!([{"item": "a", "result": 1}, {"item": "b", "error": error}, {"item": "c", "result": 3}]),
        );
        let nothing = Outcomes::<u8, u8>::new(std::iter::empty());
        assert!(nothing.is_empty() && nothing.is_complete());
    }
}
