//! A section of the credentials file, written without changing anything else in it.

use zeroize::Zeroizing;

/// Who is meant by a section. What another key had is taken out.
const IDENTITY: [&str; 5] = ["ak", "sk", "security_token", "idp_id", "id_token_file"];

/// Whether there is such a section.
pub(super) fn is_there(text: &str, section: &str) -> bool {
    text.lines().any(|line| header(line) == Some(section))
}

/// The text with these entries in the section. All that stands elsewhere is kept as it is, comments too.
pub(super) fn write(text: &str, section: &str, entries: &[(&str, &str)]) -> Zeroizing<String> {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<&str> = Vec::new();
    let mut inside = false;
    let mut last = None;
    for line in text.split_inclusive('\n') {
        if let Some(name) = header(line) {
            inside = name == section;
        }
        if inside {
            // Where more is put in: behind the last line of the section that says something.
            let key = key(line);
            let replaced = key
                .as_deref()
                .is_some_and(|key| IDENTITY.contains(&key) || entries.iter().any(|(name, _)| *name == key));
            if replaced {
                continue;
            }
            if !line.trim().is_empty() {
                last = Some(lines.len());
            }
        }
        lines.push(line);
    }

    // Room for all, so that it does not grow and leave a copy behind.
    let room = text.len() + entries.iter().map(|(key, value)| key.len() + value.len() + 8).sum::<usize>();
    let mut out = Zeroizing::new(String::with_capacity(room + section.len() + 16));
    let put = |out: &mut String| {
        for (key, value) in entries {
            for part in [key, " = ", value, end] {
                out.push_str(part);
            }
        }
    };
    for (at, line) in lines.iter().enumerate() {
        out.push_str(line);
        if Some(at) == last {
            if !line.ends_with('\n') {
                out.push_str(end);
            }
            put(&mut out);
        }
    }
    if last.is_none() {
        if !out.is_empty() {
            if !out.ends_with('\n') {
                out.push_str(end);
            }
            out.push_str(end);
        }
        for part in ["[", section, "]", end] {
            out.push_str(part);
        }
        put(&mut out);
    }
    out
}

fn header(line: &str) -> Option<&str> {
    let line = line.trim_start_matches('\u{feff}').trim();
    Some(line.strip_prefix('[')?.strip_suffix(']')?.trim())
}

fn key(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with(['#', ';', '[']) {
        return None;
    }
    Some(line.split_once(['=', ':'])?.0.trim().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRIES: [(&str, &str); 2] = [("ak", "AK"), ("sk", "SK")];

    #[test]
    fn a_section_is_written_and_all_else_kept() {
        for (before, after) in [
            ("", "[team]\nak = AK\nsk = SK\n"),
            ("# mine\n[basic]\nak=a\nsk=b", "# mine\n[basic]\nak=a\nsk=b\n\n[team]\nak = AK\nsk = SK\n"),
            ("[basic]\r\nak=a\r\n", "[basic]\r\nak=a\r\n\r\n[team]\r\nak = AK\r\nsk = SK\r\n"),
            ("[team]", "[team]\nak = AK\nsk = SK\n"),
            (
                "[team]\nAK: old\n# kept\nproject_id = 0a1b\nsecurity_token=old\n\n[basic]\nak=a\n",
                "[team]\n# kept\nproject_id = 0a1b\nak = AK\nsk = SK\n\n[basic]\nak=a\n",
            ),
            // In two parts, of which the last counts.
            (
                "[team]\nak=1\n[a]\nak=2\n[ team ]\nsk=3\nidp_id=4\n; end\n",
                "[team]\n[a]\nak=2\n[ team ]\n; end\nak = AK\nsk = SK\n",
            ),
            ("\u{feff}[team]\nak=1\n", "\u{feff}[team]\nak = AK\nsk = SK\n"),
        ] {
            let written = write(before, "team", &ENTRIES);
            assert_eq!(*written, after, "{before:?}");
            assert_eq!(*write(&written, "team", &ENTRIES), after, "twice is as once");
        }
    }

    #[test]
    fn a_section_is_known_by_its_name_alone() {
        assert!(is_there("a=1\n [ team ] \n", "team"));
        assert!(!is_there("[teams]\n# [team]\nteam=1\n", "team"));
    }
}
