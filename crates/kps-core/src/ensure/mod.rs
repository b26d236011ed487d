//! Verbs that come to the same however often and by however many they are called.

mod absent;
mod binding;
mod describe;
mod keypair;
mod look;
mod options;
mod wanted;

pub use binding::EnsuredBinding;
pub use describe::DescribedKeypair;
pub use keypair::EnsuredKeypair;
pub(crate) use look::{Look, Missed};
pub use options::BindingOptions;
pub(crate) use wanted::Wanted;
