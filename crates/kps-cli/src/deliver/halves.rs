//! The halves of a key pair on their way to where they are kept.

use kps_ureq::{PrivateKey, PublicKey};

use crate::keys::{Fault, KeyFormat, Kind, PrivateHalf};

/// The halves of a key pair.
pub(crate) struct Halves {
    /// The name, which is the comment of the key too.
    pub(super) name: String,
    /// The private half in the form that is wanted.
    pub(super) private: PrivateKey,
    pub(crate) public: Option<PublicKey>,
    /// What the private half says, if it can be read.
    pub(super) half: Result<PrivateHalf, Fault>,
    /// Why the form is not the one that is wanted.
    pub(super) fault: Option<String>,
}

impl Halves {
    /// A key pair made here.
    pub(crate) fn make(kind: Kind, format: Option<KeyFormat>, name: &str) -> Result<Self, Fault> {
        let half = PrivateHalf::make(kind)?;
        Ok(Self {
            private: half.write(format.unwrap_or(KeyFormat::Openssh), name)?,
            public: Some(half.public(name)?),
            half: Ok(half),
            name: name.to_owned(),
            fault: None,
        })
    }

    /// A key pair of the service's. If its form cannot be changed it stays as it is, since it may be the only copy.
    pub(crate) fn given(
        private: PrivateKey,
        public: Option<PublicKey>,
        format: Option<KeyFormat>,
        name: &str,
    ) -> Self {
        let half = PrivateHalf::read(&private);
        let public = public.or_else(|| half.as_ref().ok()?.public(name).ok());
        let written = format.map(|format| half.as_ref().map_err(|fault| *fault)?.write(format, name));
        let (private, fault) = match written {
            None => (private, None),
            Some(Ok(written)) => (written, None),
            Some(Err(fault)) => {
                (private, Some(format!("the private key of {name} is in its own form still: {fault}")))
            }
        };
        Self { name: name.to_owned(), private, public, half, fault }
    }
}
