//! The request of a raw call, of JSON and of fields.

use std::path::Path;

use kps_ureq::Meta;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::input;
use crate::stop::Failure;

/// A batch of ten with a private key each has less.
const MOST: usize = 1 << 20;

/// Fields that are no texts.
const SCALARS: [&str; 4] = ["disable_password", "limit", "offset", "port"];

/// Fields that are never given as arguments, which other users of the machine can see.
const SECRETS: [&str; 2] = ["key", "private_key"];

/// A field of a request, such as `limit=10` or `keypair.name=ci`.
#[derive(Clone, Debug)]
pub(super) struct Field {
    path: Vec<String>,
    value: Value,
}

pub(super) fn field(text: &str) -> Result<Field, String> {
    let (path, value) = text.split_once('=').ok_or("it must be like `limit=10` or `keypair.name=ci`")?;
    let path: Vec<String> = path.split('.').map(str::to_owned).collect();
    let Some(name) = path.last().filter(|_| !path.iter().any(String::is_empty)) else {
        return Err("it must be like `limit=10` or `keypair.name=ci`".to_owned());
    };
    if SECRETS.contains(&name.as_str()) {
        return Err(format!(
            "{name} is a secret, which an argument would show to others; give it with --json"
        ));
    }
    let value = match SCALARS.contains(&name.as_str()) {
        true => serde_json::from_str(value).unwrap_or_else(|_| value.into()),
        false => value.into(),
    };
    Ok(Field { path, value })
}

/// The request as JSON: that of the file, with the fields put in.
pub(super) fn json(meta: &Meta, file: Option<&Path>, fields: &[Field]) -> Result<Zeroizing<String>, Failure> {
    let text = match file {
        Some(path) => {
            let text = input::text(path, "the request", MOST)?;
            if text.trim().is_empty() {
                return Err(Failure::usage(format_args!("the request of {} is empty", meta.name))
                    .with_cure(shape(meta)));
            }
            text
        }
        None => Zeroizing::new("{}".to_owned()),
    };
    if fields.is_empty() {
        return Ok(text);
    }
    let mut request: Value = serde_json::from_str(&text).map_err(|fault| {
        // Its text may quote a secret.
        let (line, column) = (fault.line(), fault.column());
        Failure::usage(format_args!(
            "the request of {} is no JSON at line {line}, column {column}",
            meta.name
        ))
    })?;
    for Field { path, value } in fields {
        put(&mut request, path, value).map_err(|()| {
            Failure::usage(format_args!("the request of {} has no place for {}", meta.name, path.join(".")))
                .with_cure(shape(meta))
        })?;
    }
    Ok(Zeroizing::new(request.to_string()))
}

/// Where to see what a request may hold.
pub(super) fn shape(meta: &Meta) -> String {
    format!("`kps call {} --skeleton` shows its shape", meta.name)
}

fn put(json: &mut Value, path: &[String], value: &Value) -> Result<(), ()> {
    let Some((name, rest)) = path.split_first() else {
        *json = value.clone();
        return Ok(());
    };
    let fields = json.as_object_mut().ok_or(())?;
    put(fields.entry(name).or_insert_with(|| Map::new().into()), rest, value)
}

#[cfg(test)]
mod tests {
    use kps_ureq::{AssociateKeypair, Operation as _};

    use super::*;

    fn made(fields: &[&str]) -> Result<String, String> {
        let fields: Result<Vec<Field>, String> = fields.iter().map(|text| field(text)).collect();
        json(&AssociateKeypair::META, None, &fields?)
            .map(|text| text.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn fields_make_an_object() {
        for (fields, json) in [
            (&[][..], "{}"),
            (&["limit=10", "marker=10"], r#"{"limit":10,"marker":"10"}"#),
            (&["keypair.name=a=b", "keypair.scope=user"], r#"{"keypair":{"name":"a=b","scope":"user"}}"#),
            (
                &["server.port=no", "server.disable_password=true"],
                r#"{"server":{"port":"no","disable_password":true}}"#,
            ),
        ] {
            assert_eq!(made(fields).unwrap(), json);
        }
        for (fields, reason) in [
            (&["limit"][..], "it must be like"),
            (&["=1"], "it must be like"),
            (&["a..b=1"], "it must be like"),
            (&["server.auth.key=hunter2"], "key is a secret"),
            (
                &["server=1", "server.id=2"],
                "has no place for server.id; `kps call AssociateKeypair --skeleton`",
            ),
        ] {
            let error = made(fields).unwrap_err();
            assert!(error.contains(reason) && !error.contains("hunter2"), "{error}");
        }
    }
}
