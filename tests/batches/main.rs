//! Batches of any size against the emulator, in both colours: whatever breaks, and wherever a run ends, each item is told
//! the truth of, and another run completes it.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod bind;
mod crash;
mod export;
mod import;
mod line;
mod lost;
mod site;
