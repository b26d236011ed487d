//! Lists of names, one on each line.

use std::path::Path;

use crate::input::bounded;
use crate::stop::Stop;

/// The longest list that is read, in bytes.
const MOST: usize = 1024 * 1024;

/// The names in a file, or in standard input if it is `-`. Empty lines and those that begin with `#` are passed over.
pub(crate) fn list(path: &Path, what: &str) -> Result<Vec<String>, Stop> {
    let text = bounded::text(path, what, MOST)?;
    Ok(of_lines(&text))
}

fn of_lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_a_name_on_each_line() {
        assert_eq!(of_lines("web-1\n\n # of the team\r\n  web-2 \r\nweb-3"), ["web-1", "web-2", "web-3"]);
        assert_eq!(of_lines("# none\n"), [""; 0]);
    }
}
