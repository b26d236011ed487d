//! Numbers with a range.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::checked;

/// A number outside the range the service documents.
///
/// ```
/// use kps_model::Port;
///
/// let error = Port::new(0).unwrap_err();
/// assert_eq!(error.to_string(), "a port must be 1 to 65535, not 0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfRange {
    what: &'static str,
    least: u32,
    most: u32,
    found: u64,
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, least, most, found } = self;
        write!(f, "{what} must be {least} to {most}, not {found}")
    }
}

impl core::error::Error for OutOfRange {}

macro_rules! range {
    ($(#[$doc:meta])* $name:ident, $what:literal, $least:literal ..= $most:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The greatest.
            pub const MAX: Self = Self($most);

            #[doc = concat!("Makes ", $what, " of a number.")]
            ///
            /// # Errors
            ///
            /// [`OutOfRange`], outside the range.
            pub const fn new(number: u32) -> Result<Self, OutOfRange> {
                match number {
                    $least..=$most => Ok(Self(number)),
                    _ => Err(OutOfRange { what: $what, least: $least, most: $most, found: number as u64 }),
                }
            }

            /// The number.
            pub const fn get(self) -> u32 {
                self.0
            }
        }

        impl TryFrom<u64> for $name {
            type Error = OutOfRange;

            fn try_from(found: u64) -> Result<Self, OutOfRange> {
                let out = OutOfRange { what: $what, least: $least, most: $most, found };
                u32::try_from(found).map_err(|_| out).and_then(Self::new)
            }
        }

        impl From<$name> for u32 {
            fn from(number: $name) -> u32 {
                number.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u32(self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                checked::number(deserializer, Self::try_from)
            }
        }
    };
}

range! {
    /// How many items a page may hold: 1 to 1000, as documented.
    ///
    /// ```
    /// use kps_model::Limit;
    ///
    /// assert_eq!(Limit::new(50)?.get(), 50);
    /// assert_eq!(Limit::DEFAULT.get(), 1000);
    /// assert_eq!(Limit::new(0).unwrap_err().to_string(), "a limit must be 1 to 1000, not 0");
    /// # Ok::<(), kps_model::OutOfRange>(())
    /// ```
    Limit, "a limit", 1..=1000
}

range! {
    /// The index in the list of a page's first item: 0 to 100,000, as documented.
    ///
    /// ```
    /// use kps_model::Offset;
    ///
    /// assert_eq!(Offset::new(100_000)?, Offset::MAX);
    /// assert!(Offset::new(100_001).is_err());
    /// # Ok::<(), kps_model::OutOfRange>(())
    /// ```
    Offset, "an offset", 0..=100_000
}

range! {
    /// The port SSH listens on: 1 to 65,535.
    ///
    /// ```
    /// use kps_model::Port;
    ///
    /// assert_eq!(Port::new(2222)?.get(), 2222);
    /// assert_eq!(Port::DEFAULT.get(), 22);
    /// assert_eq!(Port::new(0).unwrap_err().to_string(), "a port must be 1 to 65535, not 0");
    /// # Ok::<(), kps_model::OutOfRange>(())
    /// ```
    Port, "a port", 1..=65_535
}

impl Port {
    /// What the service takes when a request names no port: 22.
    pub const DEFAULT: Self = Self(22);
}

impl Limit {
    /// What the service takes when a request for tasks names no limit: 1000, as documented.
    pub const DEFAULT: Self = Self(1000);
}

impl Offset {
    /// Where a list starts, also when a request names no offset.
    pub const START: Self = Self(0);
}
