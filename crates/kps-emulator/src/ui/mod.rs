//! The page for people: its files, which are in the program.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response};

/// It loads and asks this server alone, is in no frame of another page, and runs no script but its own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of the page.
pub(crate) struct File {
    content_type: &'static str,
    text: &'static str,
}

pub(crate) static PAGE: File =
    File { content_type: "text/html; charset=utf-8", text: include_str!("page.html") };
pub(crate) static STYLE: File =
    File { content_type: "text/css; charset=utf-8", text: include_str!("page.css") };
pub(crate) static SCRIPT: File =
    File { content_type: "text/javascript; charset=utf-8", text: include_str!("page.js") };
pub(crate) static ICON: File = File { content_type: "image/svg+xml", text: include_str!("icon.svg") };

impl File {
    pub(crate) fn answer(&self) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::from_static(self.text.as_bytes()));
        for (name, value) in [
            (CONTENT_TYPE, self.content_type),
            (CONTENT_SECURITY_POLICY, POLICY),
            (REFERRER_POLICY, "no-referrer"),
            (CACHE_CONTROL, "no-store"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_loads_nothing_from_elsewhere_and_writes_no_html() {
        for file in [&PAGE, &STYLE, &SCRIPT] {
            // A name space is no address.
            for foreign in ["http://", "https://", "//cdn", "url("] {
                assert!(!file.text.contains(foreign), "{foreign}");
            }
        }
        for unsafe_way in
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "DOMParser"]
        {
            assert!(!SCRIPT.text.contains(unsafe_way), "{unsafe_way}");
        }
        // What the policy would keep from running.
        for inline in ["<style", " style=", "onclick=", "javascript:"] {
            assert!(!PAGE.text.contains(inline), "{inline}");
        }
    }

    #[test]
    fn what_the_script_names_is_on_the_page() {
        let names = SCRIPT.text.split("at(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let names: Vec<_> = names.collect();
        assert!(names.len() > 20);
        for name in names {
            assert!(PAGE.text.contains(&format!("id=\"{name}\"")), "{name}");
        }
    }
}
