//! Identifiers that end up in a path, a header or a body. None can be empty: an empty task id would turn
//! "delete one" into "delete all".

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::inline::Inline;
use crate::scalar::{self, Rule, not_empty};

/// Why a text is not an identifier.
///
/// ```
/// use kps_model::KeypairName;
///
/// let error = KeypairName::new("team a").unwrap_err();
/// assert_eq!(error.to_string(), "not a key pair name: it may hold letters, digits, `_` and `-` only");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId {
    what: &'static str,
    reason: &'static str,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a {}: {}", self.what, self.reason)
    }
}

impl core::error::Error for InvalidId {}

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

fn user_id(text: &str) -> Result<(), &'static str> {
    match text.len() {
        0 => Err("it is empty"),
        1..=64 if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Ok(()),
        1..=64 => Err("it may hold letters and digits only"),
        _ => Err("it is longer than 64 characters"),
    }
}

fn uuid(text: &str) -> Result<(), &'static str> {
    let form = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || byte.is_ascii_lowercase(),
        });
    if form { Ok(()) } else { Err("it is not of the form 0b6f3c1e-9a47-4d52-8e13-7c25d9f0a864") }
}

fn kms_key_name(text: &str) -> Result<(), &'static str> {
    one_path_segment(text)?;
    if text.chars().count() <= 255 { Ok(()) } else { Err("it is longer than 255 characters") }
}

fn keypair_name(text: &str) -> Result<(), &'static str> {
    not_empty(text)?;
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return Err("it may hold letters, digits, `_` and `-` only");
    }
    if text.len() <= 255 { Ok(()) } else { Err("it is longer than 255 characters") }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:path) => {
        id! { $(#[$doc])* $name, $what, $check, read by $check }
    };
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:path, read by $read:path) => {
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
                let id = scalar::text(deserializer, &Rule(concat!("a ", $what), Some($read)))?;
                Ok(Self(Inline::new(&id)))
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
    /// The id of a cloud server (ECS). Never empty; 36 characters in the task lists, documented as up to 64.
    ///
    /// ```
    /// use kps_model::ServerId;
    ///
    /// assert!(ServerId::new("c9aa197b-a6b6-4c33-b3a6-fa0b4ec50006").is_ok());
    /// assert!(ServerId::new("").is_err());
    /// ```
    ServerId, "server id", one_path_segment
}

id! {
    /// The id of a user: 1 to 64 letters and digits, as documented.
    ///
    /// ```
    /// use kps_model::UserId;
    ///
    /// assert!(UserId::new("5f0c9d2e7a1b4836b94ec1d07f6a2358").is_ok());
    /// assert!(UserId::new("a user").is_err());
    /// ```
    UserId, "user id", user_id
}

id! {
    /// The id of a key of the Key Management Service, a UUID.
    ///
    /// ```
    /// use kps_model::KmsKeyId;
    ///
    /// assert!(KmsKeyId::new("0b6f3c1e-9a47-4d52-8e13-7c25d9f0a864").is_ok());
    /// assert!(KmsKeyId::new("kps/default").is_err());
    /// ```
    KmsKeyId, "KMS key id", uuid
}

id! {
    /// The name of a key of the Key Management Service, such as `kps/default`, which is the service's own;
    /// 1 to 255 characters.
    ///
    /// ```
    /// use kps_model::KmsKeyName;
    ///
    /// assert!(KmsKeyName::new("kps/default").is_ok());
    /// assert!(KmsKeyName::new("").is_err());
    /// ```
    KmsKeyName, "KMS key name", kms_key_name
}

id! {
    /// The name of a key pair, by which the service knows it: 1 to 255 letters, digits, `_` and `-`, as
    /// documented. (Older pages say 64; a name that is too long for the service is left to it.)
    ///
    /// The rule is for new key pairs. What the service lists, in whatever form, can be asked for and deleted: a name in
    /// an answer, and in a stored request for one that [exists](Self::existing), need only be no `.`, no `..` and
    /// not empty.
    ///
    /// ```
    /// use kps_model::KeypairName;
    ///
    /// let name = KeypairName::new("build-agents")?;
    /// assert_eq!(name, "build-agents");
    /// assert_eq!(
    ///     KeypairName::new("build agents").unwrap_err().to_string(),
    ///     "not a key pair name: it may hold letters, digits, `_` and `-` only",
    /// );
    /// # Ok::<(), kps_model::InvalidId>(())
    /// ```
    KeypairName, "key pair name", keypair_name, read by one_path_segment
}

impl KeypairName {
    /// The name of a key pair that exists, and may be older than the rule.
    ///
    /// # Errors
    ///
    /// [`InvalidId`], if it is empty, `.` or `..`.
    ///
    /// ```
    /// use kps_model::KeypairName;
    ///
    /// assert!(KeypairName::existing("my key.1").is_ok());
    /// assert!(KeypairName::existing("..").is_err());
    /// ```
    pub fn existing(name: impl AsRef<str>) -> Result<Self, InvalidId> {
        let name = name.as_ref();
        one_path_segment(name).map_err(|reason| InvalidId { what: "key pair name", reason })?;
        Ok(Self(Inline::new(name)))
    }

    /// The name of a key pair that is to be.
    pub(crate) fn of_new<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = scalar::text(deserializer, &Rule("a key pair name", Some(keypair_name)))?;
        Ok(Self(Inline::new(&name)))
    }
}

macro_rules! or_none {
    ($($name:ident, $expected:literal;)+) => {
        $(impl $name {
            /// In an answer an id that is none says no more than an absent one.
            #[inline]
            pub(crate) fn or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
                let id = scalar::text_or_none(deserializer, &Rule($expected, None), one_path_segment)?;
                Ok(id.map(|id| Self(Inline::new(&id))))
            }
        })+
    };
}

or_none! {
    ServerId, "a server id";
    TaskId, "a task id";
    UserId, "a user id";
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
    fn names_and_ids_keep_to_their_rules() {
        let long = "a".repeat(256);
        type Case<'a> = (&'a str, fn(&str) -> Result<(), InvalidId>, &'a [&'a str], &'a [&'a str]);
        let all: [Case<'_>; 4] = [
            (
                "key pair name",
                |text| KeypairName::new(text).map(drop),
                &["a", "A-1_z", &long[..255]],
                &["", ".", "..", "a.b", "a b", "a/b", "é", "a\n", &long],
            ),
            (
                "user id",
                |text| UserId::new(text).map(drop),
                &["5f0c9d2e7a1b4836b94ec1d07f6a2358", "Z", &long[..64]],
                &["", ".", "..", "a-b", "é", &long[..65]],
            ),
            (
                "KMS key id",
                |text| KmsKeyId::new(text).map(drop),
                &["0b6f3c1e-9a47-4d52-8e13-7c25d9f0a864", "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz"],
                &["", ".", "0B6F3C1E-9A47-4D52-8E13-7C25D9F0A864", "0b6f3c1e9a474d528e137c25d9f0a864"],
            ),
            (
                "KMS key name",
                |text| KmsKeyName::new(text).map(drop),
                &["kps/default", "é", &long[..255]],
                &["", ".", "..", &long],
            ),
        ];
        for (what, make, good, bad) in all {
            for text in good {
                assert!(make(text).is_ok(), "{what} {text:?}");
            }
            for text in bad {
                let error = make(text).unwrap_err().to_string();
                assert!(error.starts_with(&alloc::format!("not a {what}: ")), "{error}");
            }
        }
    }

    #[test]
    fn the_error_says_what_and_why() {
        assert_eq!(TaskId::new("").unwrap_err().to_string(), "not a task id: it is empty");
        assert!(serde_json::from_str::<TaskId>("\"\"").unwrap_err().to_string().starts_with("it is empty"));
    }
}
