//! `kps sign`.

mod curl;

use std::io::Read as _;
use std::path::PathBuf;

use kps_ureq::sign::Signed;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::args;
use crate::context::Context;
use crate::machine;
use crate::output::{Cell, Format, Record, escape};
use crate::stop::{Failure, Stop};

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps sign 'https://kms.cn-north-4.myhuaweicloud.com/v3/0a1b/keypairs?limit=10' --output curl",
    "kps sign https://a.example/b -X PUT -H 'Content-Type: application/json' --body-file body.json",
]))]
pub(crate) struct Args {
    /// The HTTP method
    #[arg(long, short = 'X', value_name = "METHOD", default_value = "GET", value_parser = method)]
    method: String,
    /// A header to send; it is signed, unless its name has an underscore
    #[arg(long, short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<Header>,
    /// A file that is the body, to the byte; - is standard input
    #[arg(long, value_name = "FILE")]
    body_file: Option<PathBuf>,
    /// The time of the signature [else: now]
    #[arg(long, value_name = "20260401T083000Z")]
    date: Option<String>,
    /// The address, with path and query as they will be sent
    #[arg(value_name = "URL", value_parser = url)]
    url: String,
}

#[derive(Clone, Debug)]
struct Header {
    name: String,
    value: String,
}

fn is_token(text: &str) -> bool {
    let in_token = |letter: u8| letter.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&letter);
    !text.is_empty() && text.bytes().all(in_token)
}

fn method(text: &str) -> Result<String, &'static str> {
    if is_token(text) { Ok(text.to_ascii_uppercase()) } else { Err("it must be like GET") }
}

fn header(text: &str) -> Result<Header, &'static str> {
    let (name, value) = text.split_once(':').ok_or("it must be like `Name: value`")?;
    if !is_token(name) {
        return Err("the name of a header has letters, digits and `-`");
    }
    let value = value.trim();
    if value.contains(|letter: char| letter.is_control() && letter != '\t') {
        return Err("the value of a header cannot hold control characters");
    }
    Ok(Header { name: name.to_owned(), value: value.to_owned() })
}

fn url(text: &str) -> Result<String, &'static str> {
    if text.contains(|letter: char| letter.is_control() || letter == ' ') {
        return Err("an address cannot hold blanks or control characters; write them as %20 and the like");
    }
    Ok(text.to_owned())
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let mut headers: Vec<(&str, &str)> =
        args.header.iter().map(|header| (header.name.as_str(), header.value.as_str())).collect();
    if let Some(date) = &args.date {
        if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("x-sdk-date")) {
            return Err(Failure::usage("the date is given twice, by --date and as a header").into());
        }
        headers.push(("X-Sdk-Date", date));
    }
    let mut body = Vec::new();
    if let Some(path) = &args.body_file {
        machine::open(path).and_then(|mut file| file.read_to_end(&mut body)).map_err(|error| {
            let reason = machine::reason(&error);
            Failure::usage(format_args!("the body {} cannot be read: {reason}", path.display()))
                .with_cure(machine::cure_of_reading(&error))
        })?;
    }
    let signed = context.signatory()?.sign(&args.method, &args.url, &headers, &body)?;
    match context.output.format() {
        Format::Curl => {
            let file = args.body_file.as_deref().filter(|_| !body.is_empty());
            context.output.text(&curl::command(&args.method, &args.url, &signed, file))
        }
        Format::Table if !context.output.has_query() => {
            let all = signed.headers().iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let all = all.chain([("Authorization", signed.authorization())]);
            let lines: Vec<String> =
                all.map(|(name, value)| escape(&format!("{name}: {value}")).into_owned()).collect();
            context.output.text(&lines.join("\n"))
        }
        _ => context.output.one(&Parts::new(&signed)),
    }
}

#[derive(Serialize)]
struct Parts<'a> {
    canonical_request: &'a str,
    string_to_sign: &'a str,
    signed_headers: &'a str,
    authorization: &'a str,
    /// What is sent besides `Authorization`; a name that comes twice has a list of values.
    headers: Map<String, Value>,
}

impl<'a> Parts<'a> {
    fn new(signed: &'a Signed) -> Self {
        let mut headers = Map::new();
        for (name, value) in signed.headers() {
            let value = Value::from(value.as_str());
            match headers.get_mut(name) {
                None => {
                    headers.insert(name.clone(), value);
                }
                Some(Value::Array(values)) => values.push(value),
                Some(one) => *one = Value::Array(vec![one.take(), value]),
            }
        }
        Self {
            canonical_request: signed.canonical_request(),
            string_to_sign: signed.string_to_sign(),
            signed_headers: signed.signed_headers(),
            authorization: signed.authorization(),
            headers,
        }
    }
}

impl Record for Parts<'_> {
    fn fields(&self) -> Vec<(&'static str, Cell)> {
        vec![
            ("canonical_request", Cell::of(Some(self.canonical_request))),
            ("string_to_sign", Cell::of(Some(self.string_to_sign))),
            ("signed_headers", Cell::of(Some(self.signed_headers))),
            ("authorization", Cell::of(Some(self.authorization))),
            ("headers", Cell::of(serde_json::to_string(&self.headers).ok())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_change_the_request_is_refused() {
        assert_eq!(method("patch"), Ok("PATCH".to_owned()));
        for bad in ["", "GET /", "GET\n", "Gé"] {
            assert!(method(bad).is_err(), "{bad:?}");
        }
        let parsed = |text| header(text).map(|Header { name, value }| (name, value));
        for (text, name, value) in
            [("A: b", "A", "b"), ("A:", "A", ""), ("a_b:  c: d ", "a_b", "c: d"), ("X: é", "X", "é")]
        {
            assert_eq!(parsed(text), Ok((name.to_owned(), value.to_owned())));
        }
        for bad in ["A", ": b", "A b: c", "A: b\nC: d", "A: b\rC", "A\n: b", "A: \u{9b}x"] {
            assert!(header(bad).is_err(), "{bad:?}");
        }
        for bad in ["https://a.example/a b", "https://a.example/\n"] {
            assert!(url(bad).is_err(), "{bad:?}");
        }
    }
}
