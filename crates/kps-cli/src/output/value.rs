//! What a query found, where no other form is asked for.

use std::io::{self, Write};

use serde_json::Value;

use crate::output::table::Table;
use crate::output::{Cell, Reader, Tint, escape};

/// A text as it is, a list of texts one on each line, objects and lists of lists as tables; nothing if nothing was found.
pub(super) fn print(out: &mut impl Write, value: &Value, tint: Tint) -> io::Result<()> {
    let table = || Table::without_header(tint, Reader::Program, None);
    match value {
        Value::Null => Ok(()),
        Value::Array(values) if values.iter().any(Value::is_object) => {
            let columns: Vec<&str> = names(values);
            let mut table = Table::new(&columns, tint, Reader::Program, None);
            values
                .iter()
                .for_each(|value| table.add(columns.iter().map(|name| Cell::of(value.get(name).map(plain)))));
            table.print(out)
        }
        Value::Array(values) if values.iter().any(Value::is_array) => {
            let mut table = table();
            for value in values {
                match value {
                    Value::Array(cells) => table.add(cells.iter().map(|value| Cell::Text(plain(value)))),
                    other => table.add([Cell::Text(plain(other))]),
                }
            }
            table.print(out)
        }
        Value::Array(values) => {
            values.iter().try_for_each(|value| writeln!(out, "{}", escape(&plain(value))))
        }
        Value::Object(fields) => {
            let mut table = table();
            fields
                .iter()
                .for_each(|(name, value)| table.add([Cell::Text(name.clone()), Cell::Text(plain(value))]));
            table.print(out)
        }
        scalar => writeln!(out, "{}", escape(&plain(scalar))),
    }
}

/// The names of the fields, in the order in which they come.
fn names(values: &[Value]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for name in values.iter().filter_map(Value::as_object).flat_map(|fields| fields.keys()) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
