//! The names of entries.

/// More of a name is not shown in an error.
const SHOWN: usize = 64;

/// The path of an entry, once nothing in it can lead out of a directory it is unpacked into.
///
/// # Errors
///
/// What is wrong with it, in words.
pub(super) fn safe(path: &[u8]) -> Result<&str, &'static str> {
    let Ok(path) = str::from_utf8(path) else { return Err("is not UTF-8") };
    if path.chars().any(char::is_control) {
        return Err("holds a control character");
    }
    if path.contains('\\') {
        return Err("holds a backslash");
    }
    if path.contains(':') {
        return Err("holds a colon, as a drive letter does");
    }
    if path.starts_with('/') {
        return Err("is absolute");
    }
    let inner = path.strip_prefix("./").unwrap_or(path);
    plain_parts(inner.strip_suffix('/').unwrap_or(inner))?;
    Ok(path)
}

fn plain_parts(path: &str) -> Result<(), &'static str> {
    if path.split('/').any(str::is_empty) {
        return Err("is empty or has an empty part");
    }
    if path.split('/').any(|part| matches!(part, "." | "..")) {
        return Err("holds `.` or `..`");
    }
    // What is left of such a name without its extension would be `.` or `..`.
    if matches!(stem(file(path)), "." | "..") {
        return Err("holds `.` or `..`");
    }
    Ok(())
}

/// The last part of a path.
pub(super) fn file(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The name of a file without its last extension.
pub(super) fn stem(file: &str) -> &str {
    match file.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file,
    }
}

/// A name fit for an error: not longer than a name of a key pair may be.
pub(super) fn shown(path: &[u8]) -> String {
    let path = String::from_utf8_lossy(path);
    match path.char_indices().nth(SHOWN).and_then(|(end, _)| path.get(..end)) {
        Some(beginning) => format!("{beginning}…"),
        None => path.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_a_name_without_its_last_extension() {
        for (file, expected) in
            [("a.pem", "a"), ("a", "a"), ("a.b.key", "a.b"), (".pem", ".pem"), ("a.", "a")]
        {
            assert_eq!(stem(file), expected);
        }
    }

    #[test]
    fn a_long_name_is_shortened() {
        assert_eq!(shown("é".repeat(64).as_bytes()), "é".repeat(64));
        assert_eq!(shown("é".repeat(65).as_bytes()), format!("{}…", "é".repeat(64)));
        assert_eq!(shown(b"a\xff"), "a\u{fffd}");
    }
}
