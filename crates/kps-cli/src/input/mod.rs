//! What a command is told beside its arguments: passwords, keys in files, and whether it may.

mod ask;
mod bounded;
mod confirm;
mod key_file;
mod list;
mod password;
mod text;

pub(crate) use ask::{hidden, line};
pub(crate) use confirm::confirm;
pub(crate) use key_file::{private_key, public_key};
pub(crate) use list::list;
pub(crate) use password::PasswordArgs;
pub(crate) use text::{text, text_if_there};
