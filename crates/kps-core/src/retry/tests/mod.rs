//! Calls on a clock that passes only when somebody sleeps or a server dawdles.

mod limits;
mod repeats;
mod resolve;
mod scripted;
mod time;
