//! The dialect of the credentials file: sections of keys and values, each on a line of its own. The official clients
//! read it differently from each other, so what they differ in is left out: no comments behind a value, no quotes,
//! no escapes, no interpolation.

/// The sections, in their order; a key is in small letters.
pub(crate) struct Ini<'a>(Vec<(&'a str, Vec<(String, &'a str)>)>);

/// The number, from 1, of a line that is neither a section nor a key with its value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadLine(pub(crate) usize);

impl<'a> Ini<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, BadLine> {
        let mut sections: Vec<(&str, Vec<(String, &str)>)> = Vec::new();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let bad = || BadLine(number + 1);
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(rest) = line.strip_prefix('[') {
                let name = rest.strip_suffix(']').ok_or_else(bad)?;
                sections.push((name.trim(), Vec::new()));
                continue;
            }
            let (key, value) = line.split_once(['=', ':']).ok_or_else(bad)?;
            let (_, keys) = sections.last_mut().ok_or_else(bad)?;
            keys.push((key.trim().to_lowercase(), value.trim()));
        }
        Ok(Self(sections))
    }

    /// The names of the sections.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|(name, _)| *name)
    }

    /// The value of a key in a section, which may be there in several parts. The last one counts, an empty one is none.
    pub(crate) fn get(&self, section: &str, key: &str) -> Option<&'a str> {
        let parts = self.0.iter().filter(|(name, _)| *name == section);
        let values = parts.flat_map(|(_, keys)| keys).filter(|(known, _)| known == key);
        values.map(|(_, value)| *value).next_back().filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_read_and_bad_lines_told() {
        let ini =
            Ini::parse("\u{feff}# c\n[a]\n Key = a=b;c #d \nk2: x:y\nempty=\n[b]\nkey=2\n[ a ]\nkey=3\n")
                .unwrap();
        assert_eq!(ini.names().collect::<Vec<_>>(), ["a", "b", "a"]);
        assert_eq!(
            (ini.get("a", "key"), ini.get("a", "k2"), ini.get("b", "key")),
            (Some("3"), Some("x:y"), Some("2"))
        );
        assert_eq!((ini.get("a", "empty"), ini.get("b", "k2"), ini.get("c", "key")), (None, None, None));
        for (text, line) in [("[a]\nkey\n", 2), ("[a\n", 1), ("key=1\n", 1), ("\n\n[a]\nk=v\n\nx", 6)] {
            assert_eq!(Ini::parse(text).err(), Some(BadLine(line)), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([\\[\\]=:#;\n ]|\\PC){0,60}") {
            let _ = Ini::parse(&text);
        }
    }
}
