//! Verbs that come to the same however often and by however many they are called.

mod absent;
mod describe;
mod keypair;
mod look;
mod wanted;

pub use describe::DescribedKeypair;
pub use keypair::EnsuredKeypair;
pub(crate) use look::{Look, Missed};
pub(crate) use wanted::Wanted;
