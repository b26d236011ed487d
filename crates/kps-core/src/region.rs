use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::Error;

/// A region of the cloud. Key pairs are regional.
///
/// The 30 regions that have the service are constants. The type is open, since new ones appear: any id can be
/// made, and one that is not known needs an endpoint.
///
/// ```
/// use kps_core::Region;
///
/// assert_eq!(Region::new("cn-north-4")?, Region::CN_NORTH_4);
/// assert!(Region::CN_NORTH_4.is_known());
/// assert!(!Region::new("eu-west-101")?.is_known());
/// assert!(Region::new("CN North 4").is_err());
/// # Ok::<(), kps_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Cow<'static, str>);

macro_rules! regions {
    ($($name:ident = $id:literal,)*) => {
        impl Region {
            $(
                #[doc = concat!("`", $id, "`")]
                pub const $name: Self = Self(Cow::Borrowed($id));
            )*

            /// The regions that have the service.
            pub const KNOWN: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

regions! {
    AF_NORTH_1 = "af-north-1",
    AF_SOUTH_1 = "af-south-1",
    AP_SOUTHEAST_1 = "ap-southeast-1",
    AP_SOUTHEAST_2 = "ap-southeast-2",
    AP_SOUTHEAST_3 = "ap-southeast-3",
    AP_SOUTHEAST_4 = "ap-southeast-4",
    AP_SOUTHEAST_5 = "ap-southeast-5",
    CN_EAST_2 = "cn-east-2",
    CN_EAST_3 = "cn-east-3",
    CN_EAST_4 = "cn-east-4",
    CN_EAST_5 = "cn-east-5",
    CN_NORTH_1 = "cn-north-1",
    CN_NORTH_2 = "cn-north-2",
    CN_NORTH_4 = "cn-north-4",
    CN_NORTH_9 = "cn-north-9",
    CN_NORTH_11 = "cn-north-11",
    CN_NORTH_12 = "cn-north-12",
    CN_SOUTH_1 = "cn-south-1",
    CN_SOUTH_2 = "cn-south-2",
    CN_SOUTH_4 = "cn-south-4",
    CN_SOUTHWEST_2 = "cn-southwest-2",
    CN_SOUTHWEST_3 = "cn-southwest-3",
    LA_NORTH_2 = "la-north-2",
    LA_SOUTH_2 = "la-south-2",
    ME_EAST_1 = "me-east-1",
    MY_KUALALUMPUR_1 = "my-kualalumpur-1",
    NA_MEXICO_1 = "na-mexico-1",
    RU_MOSCOW_1 = "ru-moscow-1",
    SA_BRAZIL_1 = "sa-brazil-1",
    TR_WEST_1 = "tr-west-1",
}

impl Region {
    /// The region with this id, known or not.
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) if it is no id at all: those consist of lower-case
    /// letters, digits and hyphens.
    pub fn new(id: impl AsRef<str>) -> Result<Self, Error> {
        let id = id.as_ref();
        if let Some(known) = Self::KNOWN.iter().find(|region| region.id() == id) {
            return Ok(known.clone());
        }
        let in_form = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if id.is_empty() || !id.bytes().all(in_form) {
            let meant = near(&id.to_ascii_lowercase().replace(['_', ' '], "-"));
            let example = meant.first().unwrap_or(&"cn-north-4");
            return Err(Error::config(format!(
                "{id:?} is no region: a region's id is of lower-case letters, digits and hyphens, such as {example}",
            )));
        }
        Ok(Self(Cow::Owned(id.to_owned())))
    }

    /// The id, such as `cn-north-4`.
    pub fn id(&self) -> &str {
        &self.0
    }

    /// The known regions whose ids are nearly the same.
    pub(crate) fn near(&self) -> Vec<&'static str> {
        near(self.id())
    }

    /// Whether it is one of [`KNOWN`](Self::KNOWN), so that its endpoint is known too.
    pub fn is_known(&self) -> bool {
        Self::KNOWN.contains(self)
    }
}

/// Two slips away at the most, the nearest first.
fn near(id: &str) -> Vec<&'static str> {
    let distance = |region: &Region| strsim::damerau_levenshtein(region.id(), id);
    let all = Region::KNOWN.iter().map(|region| (distance(region), region.id()));
    let mut near: Vec<(usize, &str)> = all.filter(|(slips, _)| *slips <= 2).collect();
    near.sort_unstable();
    let nearest = near.first().map_or(0, |(slips, _)| *slips);
    near.into_iter().filter(|(slips, _)| *slips == nearest).map(|(_, id)| id).take(3).collect()
}

impl FromStr for Region {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        Self::new(id)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_lead_to_what_was_meant() {
        for (id, meant) in [
            ("cn-noth-4", &["cn-north-4"][..]),
            ("cn-nroth-4", &["cn-north-4"]),
            ("cn-north4", &["cn-north-4"]),
            ("ap-southeast-6", &["ap-southeast-1", "ap-southeast-2", "ap-southeast-3"]),
            ("eu-west-101", &[]),
        ] {
            assert_eq!(Region::new(id).unwrap().near(), meant, "{id}");
        }
        let error = Region::new("CN_NORTH_9").unwrap_err().to_string();
        assert!(error.ends_with("such as cn-north-9"), "{error}");
    }

    #[test]
    fn thirty_regions_are_known() {
        assert_eq!(Region::KNOWN.len(), 30);
        assert!(Region::KNOWN.is_sorted_by_key(|region| {
            let (name, number) = region.id().rsplit_once('-').unwrap();
            (name, number.parse::<u32>().unwrap())
        }));
    }
}
