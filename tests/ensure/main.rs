//! Verbs that can be repeated, against the emulator, in both colours: by one or by many at once, whatever is lost, they end
//! in the same state.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod binding;
mod keypair;
mod many;
mod site;
