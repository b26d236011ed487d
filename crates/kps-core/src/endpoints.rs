//! Where the service is, for one region.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::endpoint::Endpoint;
use crate::{Environment, Error, Region, Site, regions_file};

/// What is known of where the service is.
pub(crate) struct Clues<'a> {
    pub(crate) arguments: &'a [String],
    pub(crate) site: &'a Site,
    pub(crate) region: Option<&'a Region>,
    pub(crate) environment: Option<&'a Environment>,
}

/// Where the service is: one place, or several that are tried in their order.
#[derive(Debug)]
pub(crate) struct Endpoints {
    first: Endpoint,
    others: Vec<Endpoint>,
    /// The one that answered last. All calls of a client share it.
    current: AtomicUsize,
}

impl Endpoints {
    /// By argument, else by the variable of the region, else by the regions file, else by the table.
    pub(crate) fn find(clues: &Clues<'_>) -> Result<Self, Error> {
        if !clues.arguments.is_empty() {
            return Self::named("the endpoint", &mut clues.arguments.iter().map(String::as_str));
        }
        let Some(region) = clues.region else {
            return Err(Error::config(
                "no region: set one with `region`, such as `Region::CN_NORTH_4`, or an endpoint with `endpoint`",
            ));
        };
        if let Some(environment) = clues.environment {
            let variable = variable(region);
            if let Some(list) = environment.get(&variable)? {
                let mut list = list.split(',').map(str::trim).filter(|endpoint| !endpoint.is_empty());
                return Self::named(&format!("the variable {variable}"), &mut list);
            }
            if let Some((path, list)) = regions_file::endpoints(environment, region)? {
                let what = format!("the endpoint of {region} in {}", path.display());
                return Self::named(&what, &mut list.iter().map(String::as_str));
            }
        }
        if clues.site.is_huawei() && !region.is_known() {
            return Err(unknown(region));
        }
        let host = clues.site.host("kms", Some(region.id()));
        Self::named("the region's endpoint", &mut std::iter::once(host.as_str()))
    }

    pub(crate) fn named(what: &str, texts: &mut dyn Iterator<Item = &str>) -> Result<Self, Error> {
        let mut found = texts.map(|text| Endpoint::named(what, text));
        let first = found.next().ok_or_else(|| Error::config(format!("{what} names none")))??;
        Ok(Self { first, others: found.collect::<Result<_, _>>()?, current: AtomicUsize::new(0) })
    }

    pub(crate) const fn count(&self) -> usize {
        1 + self.others.len()
    }

    /// The one to try, and where in the list it is.
    pub(crate) fn current(&self) -> (usize, &Endpoint) {
        let at = self.current.load(Ordering::Relaxed);
        let other = at.checked_sub(1).and_then(|at| self.others.get(at));
        (at, other.unwrap_or(&self.first))
    }

    /// Goes on from one that could not be reached, unless somebody else has.
    pub(crate) fn leave(&self, at: usize) {
        let next = (at + 1) % self.count();
        let _ = self.current.compare_exchange(at, next, Ordering::Relaxed, Ordering::Relaxed);
    }
}

impl std::fmt::Display for Endpoints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.first)?;
        self.others.iter().try_for_each(|other| write!(f, ", {other}"))
    }
}

fn unknown(region: &Region) -> Error {
    let near = region.near();
    let near =
        if near.is_empty() { String::new() } else { format!(" (did you mean {}?)", near.join(" or ")) };
    let known: Vec<&str> = Region::KNOWN.iter().map(Region::id).collect();
    Error::config(format!(
        "the region {region} is not known{near}: name its endpoint with `endpoint` or the variable {}; known are {}",
        variable(region),
        known.join(", "),
    ))
}

/// The variable the official clients look in, for which this service is called KPS although its host is
/// called kms.
fn variable(region: &Region) -> String {
    format!("HUAWEICLOUD_SDK_REGION_KPS_{}", region.id().to_ascii_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(
        arguments: &[&str],
        site: &str,
        region: Option<&Region>,
        environment: Option<&Environment>,
    ) -> Result<String, Error> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let site = Site::new(site).unwrap();
        Endpoints::find(&Clues { arguments: &arguments, site: &site, region, environment })
            .map(|found| found.to_string())
    }

    const HUAWEI: &str = "myhuaweicloud.com";

    #[test]
    fn argument_wins_over_variable_over_file_over_table() {
        let region = Some(&Region::CN_NORTH_4);
        let file = Environment::from([("HOME", "/h")])
            .with_file("/h/.huaweicloud/regions.yaml", "KPS:\n- {id: cn-north-4, endpoint: file.example}\n");
        let set = Environment::from([
            ("HOME", "/h"),
            ("HUAWEICLOUD_SDK_REGION_KPS_CN_NORTH_4", " http://first.example:1 ,, second.example"),
        ])
        .with_file("/h/.huaweicloud/regions.yaml", "not read");
        let argued = find(&["http://argued.example", "b.example"], HUAWEI, region, Some(&set));
        assert_eq!(argued.unwrap(), "http://argued.example, https://b.example");
        assert_eq!(
            find(&[], HUAWEI, region, Some(&set)).unwrap(),
            "http://first.example:1, https://second.example"
        );
        assert_eq!(find(&[], HUAWEI, region, Some(&file)).unwrap(), "https://file.example");
        for region in Region::KNOWN {
            let expected = format!("https://kms.{}.myhuaweicloud.com", region.id());
            assert_eq!(find(&[], HUAWEI, Some(region), None).unwrap(), expected);
            assert_eq!(
                find(&[], HUAWEI, Some(region), Some(&Environment::from([("A", "b")]))).unwrap(),
                expected
            );
        }
        let eu = Region::new("eu-west-101").unwrap();
        let partner = find(&[], "myhuaweicloud.eu", Some(&eu), None);
        assert_eq!(partner.unwrap(), "https://kms.eu-west-101.myhuaweicloud.eu");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let new = |id: &str| Region::new(id).unwrap();
        let (unknown, typo) = (new("eu-west-101"), new("cn-noth-4"));
        let broken = Environment::from([("HUAWEICLOUD_SDK_REGION_KPS_EU_WEST_101", "http://a/b")]);
        let empty = Environment::from([("HUAWEICLOUD_SDK_REGION_KPS_EU_WEST_101", " , ")]);
        for (error, part) in [
            (find(&[], HUAWEI, None, None), "no region"),
            (find(&[], HUAWEI, Some(&unknown), None), "HUAWEICLOUD_SDK_REGION_KPS_EU_WEST_101"),
            (find(&[], HUAWEI, Some(&unknown), None), "known are af-north-1, af-south-1"),
            (find(&[], HUAWEI, Some(&typo), None), "did you mean cn-north-4"),
            (
                find(&[], HUAWEI, Some(&unknown), Some(&broken)),
                "_EU_WEST_101 is \"http://a/b\": it must be like",
            ),
            (find(&[], HUAWEI, Some(&unknown), Some(&empty)), "_EU_WEST_101 names none"),
            (find(&["ftp://a"], HUAWEI, None, None), "only http and https"),
        ] {
            let error = error.unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Config);
            assert!(error.to_string().contains(part), "{error}");
        }
        for no_domain in ["", "a b", "a/b", "a:b"] {
            assert!(Site::new(no_domain).is_err(), "{no_domain:?}");
        }
    }

    #[test]
    fn one_that_cannot_be_reached_is_left_once() {
        let list: Vec<String> = ["a.example", "b.example", "c.example"].map(str::to_owned).to_vec();
        let site = Site::default();
        let clues = Clues { arguments: &list, site: &site, region: None, environment: None };
        let endpoints = Endpoints::find(&clues).unwrap();
        endpoints.leave(0);
        endpoints.leave(0);
        assert_eq!(endpoints.current().0, 1);
        endpoints.leave(1);
        endpoints.leave(2);
        assert_eq!(endpoints.current().0, 0);
    }
}
