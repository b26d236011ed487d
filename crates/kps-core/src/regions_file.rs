//! The regions file, which names endpoints for regions, known or not.

use std::path::{Path, PathBuf};

use crate::yaml::{self, Node};
use crate::{Environment, Error, Region};

const FILE: &str = "HUAWEICLOUD_SDK_REGIONS_FILE";
/// The name of this service in the files of the official clients, in any case of letters.
const SERVICE: &str = "KPS";
const LIST: &str = "`endpoints` must be a list of texts";

/// The file, and the endpoints it names for a region, in their order. A file that was chosen must be there.
pub(crate) fn endpoints(
    environment: &Environment,
    region: &Region,
) -> Result<Option<(PathBuf, Vec<String>)>, Error> {
    let chosen = environment.trimmed(FILE)?;
    let path = match &chosen {
        Some(path) => PathBuf::from(path),
        None => match environment.home()? {
            Some(home) => Path::new(&home).join(".huaweicloud").join("regions.yaml"),
            None => return Ok(None),
        },
    };
    let file = match environment.read_file(&path) {
        // Nobody chose it, and it may be in the home of somebody else.
        Err(_) if chosen.is_none() => None,
        file => file?,
    };
    let Some(file) = file else {
        return match chosen {
            Some(_) => Err(Error::config(format!("{} does not exist, which {FILE} names", path.display()))),
            None => Ok(None),
        };
    };
    let found =
        named(&file.text, region).map_err(|fault| Error::config(format!("{}: {fault}", path.display())))?;
    Ok((!found.is_empty()).then_some((path, found)))
}

/// Entries of other services, and entries without an id or an endpoint, are passed over. An endpoint that is not in form is
/// not: calls would go to the region's own instead, which somebody meant to keep them from.
fn named(text: &str, region: &Region) -> Result<Vec<String>, String> {
    let document = yaml::load(text)?;
    if *document == Node::Null {
        return Ok(Vec::new());
    }
    let services = document.map().ok_or("expected the names of services, such as `KPS:`")?;
    let ours = services
        .iter()
        .filter(|(name, _)| name.text().is_some_and(|name| name.eq_ignore_ascii_case(SERVICE)));
    let mut endpoints = Vec::new();
    for (_, entries) in ours {
        let entries = entries.list().ok_or("expected a list of regions under `KPS:`")?;
        for entry in entries.iter().filter(|entry| is_of(entry, region)) {
            if let Some(one) = entry.get("endpoint") {
                endpoints.push(one.text().ok_or("`endpoint` must be a text")?);
            }
            let several = entry.get("endpoints").map(|list| list.list().ok_or(LIST)).transpose()?;
            for one in several.into_iter().flatten() {
                endpoints.push(one.text().ok_or(LIST)?);
            }
        }
    }
    let endpoints = endpoints.into_iter().map(str::trim).filter(|endpoint| !endpoint.is_empty());
    Ok(endpoints.map(str::to_owned).collect())
}

fn is_of(entry: &Node, region: &Region) -> bool {
    entry.get("id").and_then(Node::text).is_some_and(|id| id.trim() == region.id())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str = "
# endpoints of our own
KMS:
  - id: 'cn-north-4'
    endpoint: 'https://other.example.com'
kps:
  - id: 'cn-north-4'
    endpoint: 'https://one.example.com'
  - id: 'cn-north-9'
    endpoint: 'https://a.example.com'
    endpoints:
      - 'https://b.example.com'
      - c.example.com
  - id: 'cn-north-1'
  - endpoint: 'https://nobody.example.com'
";

    #[test]
    fn both_styles_are_read() {
        let of = |region: Region| named(BOTH, &region).unwrap();
        assert_eq!(of(Region::CN_NORTH_4), ["https://one.example.com"]);
        assert_eq!(
            of(Region::CN_NORTH_9),
            ["https://a.example.com", "https://b.example.com", "c.example.com"]
        );
        assert!(of(Region::CN_NORTH_1).is_empty() && of(Region::CN_EAST_3).is_empty());
        let blanks = "KPS:\n- {id: cn-north-4, endpoint: , endpoints: [' a.example ', '']}\n";
        assert_eq!(named(blanks, &Region::CN_NORTH_4).unwrap(), ["a.example"]);
        for nothing in ["", "# nothing\n", "KMS: []\n", "KPS: []\n", "---\n"] {
            assert!(named(nothing, &Region::CN_NORTH_4).unwrap().is_empty(), "{nothing:?}");
        }
    }

    #[test]
    fn a_file_with_a_fault_is_told_with_its_place() {
        for (text, reason) in [
            ("KPS:\n  - id: 'a\n", "line "),
            ("- a\n", "expected the names of services"),
            ("KPS: a\n", "expected a list of regions under `KPS:`"),
            ("a: b: c\n", "line 1"),
            ("KPS:\n- {id: cn-north-4, endpoints: a.example}\n", "`endpoints` must be a list"),
            ("KPS:\n- {id: cn-north-4, endpoints: [1]}\n", "`endpoints` must be a list"),
            ("KPS:\n- {id: cn-north-4, endpoint: [a.example]}\n", "`endpoint` must be a text"),
        ] {
            let fault = named(text, &Region::CN_NORTH_4).unwrap_err();
            assert!(fault.contains(reason), "{text:?}: {fault}");
        }
    }

    #[test]
    fn the_file_is_looked_for_where_the_official_clients_look() {
        let found = |environment: &Environment| endpoints(environment, &Region::CN_NORTH_4);
        let home = Environment::from([("HOME", "/h")]);
        assert_eq!(found(&home).unwrap(), None);
        let (path, named) = found(&home.with_file("/h/.huaweicloud/regions.yaml", BOTH)).unwrap().unwrap();
        assert_eq!((path.to_str().unwrap(), named.len()), ("/h/.huaweicloud/regions.yaml", 1));
        let chosen = Environment::from([(FILE, "/etc/regions")]);
        let missing = found(&chosen).unwrap_err().to_string();
        assert_eq!(missing, "/etc/regions does not exist, which HUAWEICLOUD_SDK_REGIONS_FILE names");
        assert!(found(&chosen.clone().with_file("/etc/regions", BOTH)).unwrap().is_some());
        let fault = found(&chosen.with_file("/etc/regions", "- a")).unwrap_err().to_string();
        assert!(fault.starts_with("/etc/regions: expected"), "{fault}");
    }
}
