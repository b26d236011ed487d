//! Identifiers that end up in a path, a header or a body. None can be empty: an empty task id would turn
//! "delete one" into "delete all".

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::inline::Inline;
use crate::scalar;

/// Why a text is not an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a {what}: {reason}")]
pub struct InvalidId {
    what: &'static str,
    reason: &'static str,
}

fn not_empty(text: &str) -> Result<(), &'static str> {
    if text.is_empty() { Err("it is empty") } else { Ok(()) }
}

/// URL types collapse the segments `.` and `..`, even when they are percent-encoded, so a request for such
/// an id would go to another resource.
fn one_path_segment(text: &str) -> Result<(), &'static str> {
    not_empty(text)?;
    if matches!(text, "." | "..") { Err("`.` and `..` change the path of a request") } else { Ok(()) }
}

fn header_and_path(text: &str) -> Result<(), &'static str> {
    one_path_segment(text)?;
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err("only visible ASCII characters can be sent in a header")
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Inline<36>);

        impl $name {
            #[doc = concat!("Makes a ", $what, " of a text.")]
            ///
            /// # Errors
            ///
            /// [`InvalidId`] says what is wrong with the text.
            pub fn new(id: impl AsRef<str>) -> Result<Self, InvalidId> {
                let id = id.as_ref();
                $check(id).map_err(|reason| InvalidId { what: $what, reason })?;
                Ok(Self(Inline::new(id)))
            }

            /// The id as the service writes it.
            #[inline]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(id: String) -> Result<Self, InvalidId> {
                Self::new(id)
            }
        }

        impl core::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(id: &str) -> Result<Self, InvalidId> {
                Self::new(id)
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                scalar::text(deserializer, concat!("a ", $what), |id| {
                    $check(id)?;
                    Ok(Self(Inline::new(id)))
                })
            }
        }
    };
}

id! {
    /// The id of a task. The service sends UUIDs of 36 characters; its documents state no rule, so any text
    /// is taken that is neither empty nor `.` nor `..`.
    ///
    /// ```
    /// use kps_model::TaskId;
    ///
    /// let id = TaskId::new("aee8d2fe-5484-4753-9177-5a38dc15546c")?;
    /// assert_eq!(id.to_string(), "aee8d2fe-5484-4753-9177-5a38dc15546c");
    /// assert!(TaskId::new("").is_err());
    /// # Ok::<(), kps_model::InvalidId>(())
    /// ```
    TaskId, "task id", one_path_segment
}

id! {
    /// The id of a project, which every path of the service contains and the `X-Project-Id` header repeats.
    /// Documented as 32 to 64 characters, newer pages say exactly 32; the length is left to the service.
    ///
    /// ```
    /// use kps_model::ProjectId;
    ///
    /// assert!(ProjectId::new("0a1b2c3d4e5f60718293a4b5c6d7e8f9").is_ok());
    /// assert!(ProjectId::new("..").is_err());
    /// assert!(ProjectId::new("two words").is_err());
    /// ```
    ProjectId, "project id", header_and_path
}

id! {
    /// The id of a cloud server (ECS). Never empty; 36 characters in the task lists.
    ///
    /// ```
    /// use kps_model::ServerId;
    ///
    /// assert!(ServerId::new("c9aa197b-a6b6-4c33-b3a6-fa0b4ec50006").is_ok());
    /// assert!(ServerId::new("").is_err());
    /// ```
    ServerId, "server id", not_empty
}

impl ServerId {
    /// In an answer an empty id says no more than an absent one.
    #[inline]
    pub(crate) fn or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let id = Option::<Lenient>::deserialize(deserializer)?;
        Ok(id.and_then(|Lenient(id)| id))
    }
}

struct Lenient(Option<ServerId>);

impl<'de> Deserialize<'de> for Lenient {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar::text(deserializer, "a server id", |id| {
            Ok(Self((!id.is_empty()).then(|| ServerId(Inline::new(id)))))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn ids_that_would_change_a_path_are_refused() {
        for text in ["", ".", ".."] {
            assert!(TaskId::new(text).is_err(), "{text:?}");
            assert!(ProjectId::new(text).is_err(), "{text:?}");
        }
        for text in ["...", "a/b", "é", "../x", "a b"] {
            assert_eq!(TaskId::new(text).unwrap(), text);
        }
    }

    #[test]
    fn a_project_id_fits_a_header() {
        for text in ["a b", "a\nb", "é", "\u{7f}"] {
            assert!(ProjectId::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_error_says_what_and_why() {
        assert_eq!(TaskId::new("").unwrap_err().to_string(), "not a task id: it is empty");
        assert!(serde_json::from_str::<TaskId>("\"\"").unwrap_err().to_string().starts_with("it is empty"));
    }
}
