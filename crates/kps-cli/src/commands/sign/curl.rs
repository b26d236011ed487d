//! A signed request as a command of curl.

use std::path::Path;

use kps_ureq::sign::Signed;

use crate::output::quoted;

/// The command, for a shell of POSIX. It sends what was signed: curl is kept from changing the address and from adding a
/// content type.
pub(super) fn command(method: &str, url: &str, signed: &Signed, body: Option<&Path>) -> String {
    let mut parts = vec!["curl --globoff --path-as-is".to_owned()];
    // With another method than its own it would wait for the body of a HEAD.
    parts.push(if method == "HEAD" { "--head".to_owned() } else { format!("--request {}", quoted(method)) });
    let mut has_type = false;
    for (name, value) in signed.headers() {
        has_type |= name.eq_ignore_ascii_case("content-type");
        // Without a value and with a colon, curl would leave it out.
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        parts.push(format!("--header {}", quoted(&header)));
    }
    parts.push(format!("--header {}", quoted(&format!("Authorization: {}", signed.authorization()))));
    if let Some(path) = body {
        if !has_type {
            parts.push("--header 'Content-Type:'".to_owned());
        }
        let path = path.to_string_lossy();
        parts.push(format!("--data-binary {}", quoted(&format!("@{path}"))));
    }
    parts.push(quoted(url));
    parts.join(" ")
}
