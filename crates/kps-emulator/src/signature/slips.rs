//! The slips that clients are known to make, as a table.

use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode_str;

use super::Mistake;
use super::signing::{Hash, Signing, joined, pairs, sha256, strict, text};

/// What comes of a slip. Where a request gives no occasion for it, that is what is right.
type Make = fn(&Request<Bytes>, &Signing) -> Vec<Signing>;

pub(super) struct Slip {
    pub(super) mistake: Mistake,
    pub(super) make: Make,
}

const fn slip(what: &'static str, cure: &'static str, make: Make) -> Slip {
    Slip { mistake: Mistake { what, cure }, make }
}

/// In the order in which they are tried: the likely ones first.
pub(super) static SLIPS: [Slip; 25] = [
    slip(
        "the path was signed without its last slash",
        "end the canonical path with `/`; the path that is sent stays as it is",
        |_, right| {
            let path = right.path.strip_suffix('/').unwrap_or(&right.path).to_owned();
            vec![Signing { path, ..right.clone() }]
        },
    ),
    slip(
        "`host` was signed without its port, or with another",
        "sign the Host header as it is sent, with the port if the endpoint has one",
        |_, right| {
            let host = |value: &str| match value.rsplit_once(':') {
                Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => {
                    vec![host.to_owned()]
                }
                _ => vec![format!("{value}:80"), format!("{value}:443")],
            };
            with_header(right, "host", host)
        },
    ),
    slip(
        "`content-type` was signed with another charset than is sent, or without one",
        "sign the Content-Type header as it is sent",
        |_, right| {
            let media = |value: &str| {
                let media = value.split(';').next().unwrap_or_default().trim().to_owned();
                let charsets = [";charset=UTF-8", "; charset=UTF-8", ";charset=utf-8", "; charset=utf-8"];
                let mut all: Vec<String> =
                    charsets.iter().map(|charset| format!("{media}{charset}")).collect();
                all.push(media);
                all
            };
            with_header(right, "content-type", media)
        },
    ),
    slip("the body was not signed", "sign the SHA-256 of the body as it is sent", |_, right| {
        vec![Signing { payload: sha256(b""), ..right.clone() }]
    }),
    slip(
        "another body was signed than was sent",
        "write the body once, and sign and send the same bytes",
        |request, right| {
            let body = request.body();
            let trimmed = body.trim_ascii();
            let others = [
                [body, &b"\n"[..]].concat(),
                trimmed.to_vec(),
                if body.is_empty() { b"{}".to_vec() } else { trimmed.to_vec() },
                if body.is_empty() { b"null".to_vec() } else { trimmed.to_vec() },
            ];
            others.iter().map(|other| Signing { payload: sha256(other), ..right.clone() }).collect()
        },
    ),
    slip(
        "the body was signed as `UNSIGNED-PAYLOAD` without saying so",
        "send and sign the header `X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD`, or hash the body",
        |_, right| vec![Signing { payload: "UNSIGNED-PAYLOAD".into(), ..right.clone() }],
    ),
    slip("nothing stands for the body", "sign the SHA-256 of the body, of an empty one too", |_, right| {
        vec![Signing { payload: String::new(), ..right.clone() }]
    }),
    slip(
        "the query was signed in the order in which it is sent",
        "sort the parameters by their names, and those of one name by their values",
        |request, right| {
            let query = joined(&pairs(request.uri().query().unwrap_or_default()));
            vec![Signing { query, ..right.clone() }]
        },
    ),
    slip(
        "the query was signed as it is sent",
        "decode the parameters, sort them, and encode all but letters, digits, `-`, `.`, `_` and `~`",
        |request, right| {
            vec![Signing { query: request.uri().query().unwrap_or_default().into(), ..right.clone() }]
        },
    ),
    slip(
        "the query was signed encoded like a form",
        "encode a space as `%20` and `*` as `%2A`, and leave `~`",
        |_, right| {
            let query = right.query.replace("%20", "+").replace("%2A", "*").replace('~', "%7E");
            vec![Signing { query, ..right.clone() }]
        },
    ),
    slip(
        "the query was signed decoded",
        "encode all but letters, digits, `-`, `.`, `_` and `~`",
        |_, right| vec![Signing { query: decoded(&right.query), ..right.clone() }],
    ),
    slip(
        "the query was signed with lower-case escapes",
        "write escapes in upper case, such as `%2F`",
        |_, right| vec![Signing { query: lower_escapes(&right.query), ..right.clone() }],
    ),
    slip(
        "the query was not signed",
        "sign the query on a line of its own, even if it is empty",
        |_, right| vec![Signing { query: String::new(), ..right.clone() }],
    ),
    slip(
        "the path was signed as it is sent",
        "decode the path once and encode each of its parts, and end it with `/`",
        |request, right| {
            let path = request.uri().path();
            vec![
                Signing { path: format!("{path}/"), ..right.clone() },
                Signing { path: path.into(), ..right.clone() },
            ]
        },
    ),
    slip(
        "the path was encoded twice",
        "decode the path once, and encode each of its parts once",
        |request, right| {
            let path = strict(request.uri().path().as_bytes(), true);
            vec![Signing { path: format!("{path}/"), ..right.clone() }]
        },
    ),
    slip(
        "the path was signed decoded",
        "encode each of its parts: all but letters, digits, `-`, `.`, `_` and `~`",
        |_, right| vec![Signing { path: decoded(&right.path), ..right.clone() }],
    ),
    slip("the method was signed in lower case", "sign the method in upper case", |_, right| {
        vec![Signing { method: right.method.to_ascii_lowercase(), ..right.clone() }]
    }),
    slip("the names of headers were signed with capital letters", "sign them in lower case", |_, right| {
        let signed_headers = titled(&right.signed_headers);
        let headers = right.headers.iter().map(|(name, value)| (titled(name), value.clone())).collect();
        let lines = Signing { headers, ..right.clone() };
        vec![Signing { signed_headers, ..lines.clone() }, lines]
    }),
    slip(
        "a space was signed between the name of a header and its value",
        "put `:` alone between them",
        |_, right| vec![Signing { colon: ": ", ..right.clone() }],
    ),
    slip(
        "the values of headers were signed with their runs of spaces shortened",
        "trim them at both ends, and leave what is within",
        |_, right| {
            let shortened = |value: &str| value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
            let headers =
                right.headers.iter().map(|(name, value)| (name.clone(), shortened(value))).collect();
            vec![Signing { headers, ..right.clone() }]
        },
    ),
    slip(
        "the empty line behind the headers was not signed",
        "end each header with a line feed, and put one more behind them",
        |_, right| vec![Signing { gap: "", ..right.clone() }],
    ),
    slip(
        "a line feed was signed behind the last line",
        "end the canonical request with the hash of the body",
        |_, right| vec![Signing { end: "\n", ..right.clone() }],
    ),
    slip(
        "another date was signed than that of `X-Sdk-Date`",
        "use the text of the X-Sdk-Date header in the second line of what is signed",
        |request, right| {
            let other = text(request.headers(), "date").unwrap_or_default();
            let day = right.date.get(..8).unwrap_or_default().to_owned();
            [other, day].into_iter().map(|date| Signing { date, ..right.clone() }).collect()
        },
    ),
    slip(
        "the canonical request is not in what was signed as its SHA-256 in lower-case digits",
        "put the hash in the third line, in lower-case hexadecimal digits",
        |_, right| {
            [Hash::UpperHex, Hash::Whole].into_iter().map(|hash| Signing { hash, ..right.clone() }).collect()
        },
    ),
    slip(
        "the secret key was used with white space behind it",
        "trim the secret key where it is read",
        |_, right| {
            ["\n", " ", "\r\n", "\r"]
                .into_iter()
                .map(|key_end| Signing { key_end, ..right.clone() })
                .collect()
        },
    ),
];

fn with_header(right: &Signing, name: &str, others: impl Fn(&str) -> Vec<String>) -> Vec<Signing> {
    let Some(at) = right.headers.iter().position(|(own, _)| own == name) else { return Vec::new() };
    let values = right.headers.get(at).map(|(_, value)| others(value)).unwrap_or_default();
    let with = |value| {
        let mut other = right.clone();
        other.headers.get_mut(at).into_iter().for_each(|header| header.1.clone_from(&value));
        other
    };
    values.into_iter().map(with).collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn lower_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        format!("{text}%{}{rest}", digits.to_ascii_lowercase())
    })
}

/// Each word with a capital letter, as headers are often written.
fn titled(name: &str) -> String {
    let mut is_first = true;
    let titled = |letter: char| {
        let own = if is_first { letter.to_ascii_uppercase() } else { letter };
        is_first = matches!(letter, '-' | ';');
        own
    };
    name.chars().map(titled).collect()
}
