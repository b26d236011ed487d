//! SSH keys: reading the halves of a pair, and the pairs the service makes itself.

mod armor;
mod error;
#[cfg(feature = "fresh-keys")]
mod fresh;
mod material;
mod openssh;
mod private;
mod source;
#[cfg(test)]
mod tests;

pub(crate) use error::KeyError;
#[cfg(feature = "fresh-keys")]
pub use fresh::Fresh;
pub(crate) use material::PublicHalf;
#[cfg_attr(not(test), expect(unused_imports, reason = "the operations on key pairs use it"))]
pub(crate) use source::generated_line;
pub use source::{KeySource, MadeBefore};
