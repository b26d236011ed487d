//! Enumerations of the service. They are open: new values come before new releases of this crate.

use core::fmt;

use crate::Text;

/// The text of a value that this version does not know. It is made by `From<&str>` of its enumeration, which tells it
/// from the known ones, so that a value has one form.
///
/// ```
/// use kps_model::Scope;
///
/// let Scope::Unknown(text) = Scope::from("team") else { unreachable!() };
/// assert_eq!(text.as_str(), "team");
/// assert_eq!(Scope::from("domain"), Scope::Domain);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(Text);

impl UnknownValue {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The text as the service sent it.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// A type that is shown, written and read as its text.
macro_rules! as_text {
    ($name:ident, $what:literal) => {
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(Self::from(&*crate::scalar::text(deserializer, &crate::scalar::Rule($what, None))?))
            }
        }
    };
}

pub(crate) use as_text;

macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident, $what:literal, $($(#[$variant_doc:meta])* $variant:ident = $wire:literal;)+) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A value this version does not know, kept as it is.
            Unknown(UnknownValue),
        }

        impl $name {
            /// The text as the service writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)+
                    Self::Unknown(text) => text.as_str(),
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($wire => Self::$variant,)+
                    _ => Self::Unknown(UnknownValue::new(text)),
                }
            }
        }

        as_text!($name, $what);
    };
}

open_enum! {
    /// What sort of key pair it is. What the service takes when a request names none, its documents leave open.
    ///
    /// ```
    /// use kps_model::KeypairType;
    ///
    /// assert_eq!(KeypairType::from("ssh"), KeypairType::Ssh);
    /// assert_eq!(KeypairType::from("pgp").to_string(), "pgp");
    /// ```
    KeypairType, "a key pair type",
    /// `ssh`
    Ssh = "ssh";
    /// `x509`
    X509 = "x509";
}

open_enum! {
    /// Who sees a key pair.
    ///
    /// ```
    /// use kps_model::Scope;
    ///
    /// assert_eq!(Scope::Domain.as_str(), "domain");
    /// ```
    Scope, "a scope",
    /// `user`: the user who made it alone.
    User = "user";
    /// `domain`: the whole account. The first one of an account must be made by a tenant administrator.
    Domain = "domain";
}

open_enum! {
    /// How the service encrypts a private key it hosts, as an answer tells it; a request says it with
    /// [`Encryption`](crate::Encryption).
    ///
    /// ```
    /// use kps_model::EncryptionType;
    ///
    /// assert_eq!(EncryptionType::from("kms"), EncryptionType::Kms);
    /// ```
    EncryptionType, "an encryption type",
    /// `default`: with a key built into the service.
    Default = "default";
    /// `kms`: with a key of the Key Management Service.
    Kms = "kms";
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn the_documented_values_are_known() {
        assert_eq!(
            [KeypairType::from("ssh"), KeypairType::from("x509")],
            [KeypairType::Ssh, KeypairType::X509]
        );
        assert_eq!([Scope::from("user"), Scope::from("domain")], [Scope::User, Scope::Domain]);
        let encryptions = ["default", "kms"].map(EncryptionType::from);
        assert_eq!(encryptions, [EncryptionType::Default, EncryptionType::Kms]);
    }

    proptest! {
        #[test]
        fn any_text_comes_back_unchanged(text in "(user|domain|ssh|x509|kms|default|User)?\\PC{0,8}") {
            prop_assert_eq!(Scope::from(text.as_str()).to_string(), text.clone());
            prop_assert_eq!(KeypairType::from(text.as_str()).to_string(), text.clone());
            prop_assert_eq!(EncryptionType::from(text.as_str()).to_string(), text);
        }
    }
}
