//! Where in a JSON text a fault lies: the path, from how far the text had been read.
//!
//! The reader of JSON tells a line and a column. To have it keep the path as well, every type would have to be read by
//! code that is compiled a second time; walking over what was read does without.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A value that was begun and not ended.
enum Within<'a> {
    /// An array, at the item of this index.
    Array(usize),
    /// An object, at the member of this name; at none before its name has been read.
    Object(Option<&'a [u8]>),
}

/// The path of the innermost value that the last byte of this belongs to, such as `tasks[3].task_id`; `$` for the whole
/// text. `read` is the beginning of a JSON text, up to a fault.
pub(crate) fn path(read: &[u8]) -> String {
    let mut within = Vec::new();
    let mut rest = read;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let is_last = rest.is_empty();
        match (byte, within.last_mut()) {
            (b'"', last) => {
                let string;
                (string, rest) = after.split_at(end_of_string(after));
                if let Some(Within::Object(name @ None)) = last {
                    *name = Some(string);
                }
            }
            (b'}' | b']', _) => drop(within.pop()),
            (b',', Some(Within::Object(name))) => *name = None,
            // A fault of an item is told with the comma behind it, and one of what begins here is not yet one within.
            (b',' | b'{' | b'[', _) if is_last => {}
            (b',', Some(Within::Array(index))) => *index += 1,
            (b'{', _) => within.push(Within::Object(None)),
            (b'[', _) => within.push(Within::Array(0)),
            _ => {}
        }
    }
    written(&within)
}

/// How many bytes of what follows a quotation mark belong to the string, with the mark that ends it.
fn end_of_string(after: &[u8]) -> usize {
    let mut escaped = false;
    let end = after.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(after.len(), |end| end + 1)
}

fn written(within: &[Within<'_>]) -> String {
    let mut path = String::new();
    for part in within {
        match part {
            Within::Array(index) => path.push_str(&format!("[{index}]")),
            Within::Object(None) => {}
            Within::Object(Some(name)) => {
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(&unescaped(name));
            }
        }
    }
    if path.is_empty() { "$".to_owned() } else { path }
}

/// A name as it is meant, of its JSON without the mark it begins with.
fn unescaped(name: &[u8]) -> String {
    let quoted = [b"\"", name].concat();
    serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn the_last_byte_tells_the_value() {
        for (read, expected) in [
            ("", "$"),
            ("{", "$"),
            ("[", "$"),
            (r#"{"a"#, "a"),
            (r#"{"a":"#, "a"),
            (r#"{"a":["#, "a"),
            (r#"{"a":[1"#, "a[0]"),
            (r#"{"a":[1,"#, "a[0]"),
            (r#"{"a":[1,2"#, "a[1]"),
            (r#"{"a":[1,2]"#, "a"),
            (r#"{"a":[1,2],"#, "$"),
            (r#"{"a":[1,2],"b"#, "b"),
            (r#"{"a":{"b":{}}"#, "a"),
            (r#"{"a":{"b":{}}}"#, "$"),
            (r#"[{"a":"x\"],\\"},{"b":"#, "[1].b"),
            (r#"{"\u0061\"":[[],[{"":7"#, r#"a"[1][0]."#),
            (r#"{"a\u00"#, r"a\u00"),
            ("]}[1", "[0]"),
        ] {
            assert_eq!(path(read.as_bytes()), expected, "{read}");
        }
    }
}
