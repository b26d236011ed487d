//! The items of a batch before anything is sent.

use std::collections::HashMap;
use std::hash::Hash;

use crate::Error;

/// An item, and where among all it stands.
pub(super) type Placed<I> = (usize, I);

/// The items of a batch: those to be sent, and those that cannot be.
pub(super) struct Sheet<K, I> {
    /// What the items are called, in their order.
    pub(super) names: Vec<K>,
    pub(super) items: Vec<Placed<I>>,
    pub(super) unsendable: Vec<Placed<Error>>,
}

impl<K: Clone + Eq + Hash + AsRef<str>, I> Sheet<K, I> {
    /// Of two items of the same name the first is sent: which was meant is not known, and the service would refuse or
    /// repeat the second.
    pub(super) fn new(inputs: impl Iterator<Item = (K, Result<I, Error>)>) -> Self {
        let (mut names, mut items, mut unsendable) = (Vec::new(), Vec::new(), Vec::new());
        let mut seen = HashMap::new();
        for (at, (name, item)) in inputs.enumerate() {
            names.push(name.clone());
            let first = *seen.entry(name.clone()).or_insert(at);
            match item {
                _ if first != at => unsendable.push((at, twice(name.as_ref(), first))),
                Ok(item) => items.push((at, item)),
                Err(error) => unsendable.push((at, error)),
            }
        }
        Self { names, items, unsendable }
    }
}

fn twice(name: &str, first: usize) -> Error {
    Error::input(format!("`{name}` is item {} of the batch already", first + 1))
}

/// Splits items into lots of up to so many, in their order.
pub(super) fn lots<I>(items: Vec<Placed<I>>, most: usize) -> Vec<Vec<Placed<I>>> {
    let mut lots: Vec<Vec<Placed<I>>> = Vec::new();
    for item in items {
        match lots.last_mut().filter(|lot| lot.len() < most) {
            Some(lot) => lot.push(item),
            None => lots.push(vec![item]),
        }
    }
    lots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_with_the_same_name_the_first_is_sent() {
        let bad = Err(Error::input("bad"));
        let sheet =
            Sheet::new([("a", Ok(1)), ("b", bad), ("a", Ok(3)), ("b", Ok(4)), ("c", Ok(5))].into_iter());
        assert_eq!(sheet.names, ["a", "b", "a", "b", "c"]);
        assert_eq!(sheet.items, [(0, 1), (4, 5)]);
        let told: Vec<_> = sheet.unsendable.iter().map(|(at, error)| (*at, error.to_string())).collect();
        let expected = [
            (1, "bad"),
            (2, "`a` is item 1 of the batch already"),
            (3, "`b` is item 2 of the batch already"),
        ];
        assert_eq!(told, expected.map(|(at, text)| (at, text.to_owned())));
    }

    #[test]
    fn lots_are_as_large_as_they_may_be() {
        for (items, expected) in
            [(0, vec![]), (1, vec![1]), (10, vec![10]), (11, vec![10, 1]), (250, vec![10; 25])]
        {
            let lots = lots((0..items).map(|at| (at, ())).collect(), 10);
            assert_eq!(lots.iter().map(Vec::len).collect::<Vec<_>>(), expected);
            let order: Vec<usize> = lots.concat().into_iter().map(|(at, ())| at).collect();
            assert_eq!(order, (0..items).collect::<Vec<_>>());
        }
    }
}
