//! Every row of the tables of what goes before what, and every option of a connection, in both colours.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod endpoints;
mod given;
mod headers;
mod identity;
mod idle;
mod project;
mod proxies;
mod server;
