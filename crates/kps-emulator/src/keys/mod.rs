//! SSH keys: reading the halves of a pair, and the pairs the service makes itself.

mod armor;
mod error;
#[cfg(feature = "fresh-keys")]
mod fresh;
mod halves;
mod material;
mod openssh;
mod private;
mod rsa_parts;
mod source;
#[cfg(test)]
mod tests;

pub(crate) use error::KeyError;
#[cfg(feature = "fresh-keys")]
pub use fresh::Fresh;
pub(crate) use halves::{Halves, Mismatch};
pub(crate) use material::PublicHalf;
pub use source::{KeySource, MadeBefore};
pub(crate) use source::{Keys, generated_line};
