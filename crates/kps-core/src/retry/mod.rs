//! Whether a call is repeated, and when. Pure but for the counts that the calls of a client share.

mod backoff;
mod budget;
mod class;
mod options;
mod pace;
#[cfg(test)]
mod tests;

pub(crate) use backoff::Backoff;
pub(crate) use budget::Budget;
pub(crate) use class::Class;
pub use options::Retries;
pub(crate) use pace::{Pace, Rate};
