//! Batches of any size, split into calls of up to ten, with an outcome for each item.

mod associate;
mod export;
mod import;
mod options;
mod outcome;
mod run;
mod sheet;

pub(crate) use associate::associated_alone;
pub use options::{BatchOptions, ItemReport};
pub use outcome::{Outcome, Outcomes};
