//! Lists, read to their end.

mod bookmark;
mod filter;
mod items;
mod lists;
mod paged;
mod pages;
mod plan;
mod progress;
mod shifts;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walks;

pub use bookmark::{Bookmark, ItemMark};
pub(crate) use filter::time_of;
pub use filter::{KeypairFilter, TaskFilter, TaskRecord};
pub use items::Items;
pub use lists::{Listed, Lists};
pub use paged::{Glimpse, Paged, Position};
pub use pages::Pages;
pub use progress::ListProgress;
pub use shifts::Shifts;
