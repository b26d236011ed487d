//! A few things in order. The sorts of the standard library are made for many: they take two thousand lines of LLVM's code,
//! compiled anew for each type that is sorted.

/// Puts one among those that are in order.
pub(crate) fn insert<T: Ord>(sorted: &mut Vec<T>, one: T) {
    let at = sorted.partition_point(|other| *other < one);
    sorted.insert(at, one);
}

pub(crate) fn collect<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut sorted = Vec::new();
    all.for_each(|one| insert(&mut sorted, one));
    sorted
}
