//! What the lists of tasks have in common: which tasks are wanted, of which regions, once or as they come.

mod follow;
mod group;
mod list;
mod regions;
mod rows;
mod wanted;
mod when;

pub(crate) use group::{GroupBy, group};
pub(crate) use list::run;
pub(crate) use wanted::{Selection, some};
