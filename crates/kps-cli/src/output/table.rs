//! Tables for people, and plain columns for pipes.

use std::io::{self, Write};
use std::time::SystemTime;

use comfy_table::{Attribute, Color, ContentArrangement};
use serde_json::Value;

use crate::machine;
use crate::output::{Cell, Tint, escape};

pub(super) struct Table {
    table: comfy_table::Table,
    tint: Tint,
    now: Option<SystemTime>,
}

impl Table {
    pub(super) fn new(columns: &[&str], tint: Tint, now: Option<SystemTime>) -> Self {
        let mut table = Self::without_header(tint, now);
        let header = columns.iter().map(|name| table.paint(&Cell::Text((*name).to_owned()), true));
        let header: Vec<comfy_table::Cell> = header.collect();
        table.table.set_header(header);
        table
    }

    pub(super) fn without_header(tint: Tint, now: Option<SystemTime>) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        if let Some(width) = now.and_then(|_| machine::width()) {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        if tint == Tint::Colors {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        Self { table, tint, now }
    }

    pub(super) fn add(&mut self, cells: &[Cell]) {
        let row: Vec<comfy_table::Cell> = cells.iter().map(|cell| self.paint(cell, false)).collect();
        self.table.add_row(row);
    }

    fn paint(&self, cell: &Cell, header: bool) -> comfy_table::Cell {
        let painted = comfy_table::Cell::new(cell.text(self.now));
        if self.tint == Tint::Plain {
            return painted;
        }
        match cell {
            _ if header => painted.add_attribute(Attribute::Bold),
            Cell::Name(_) => painted.add_attribute(Attribute::Dim),
            Cell::Bad(_) => painted.fg(Color::Red),
            _ => painted,
        }
    }

    pub(super) fn print(self, out: &mut impl Write) -> io::Result<()> {
        self.table.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end().trim_start_matches(' ')))
    }
}

/// What a query found: a text as it is, a list of texts one on each line, objects as a table.
pub(super) fn print_value(out: &mut impl Write, value: &Value, tint: Tint) -> io::Result<()> {
    match value {
        Value::Array(values) if !values.iter().any(Value::is_object) => {
            values.iter().try_for_each(|value| writeln!(out, "{}", plain(value)))
        }
        Value::Array(values) => {
            let columns: Vec<&str> = names(values);
            let mut table = Table::new(&columns, tint, None);
            for value in values {
                let cells = columns.iter().map(|name| Cell::of(value.get(name).map(plain)));
                table.add(&cells.collect::<Vec<_>>());
            }
            table.print(out)
        }
        Value::Object(fields) => {
            let mut table = Table::without_header(tint, None);
            fields
                .iter()
                .for_each(|(name, value)| table.add(&[Cell::Text(name.clone()), Cell::Text(plain(value))]));
            table.print(out)
        }
        scalar => writeln!(out, "{}", plain(scalar)),
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
        Value::String(text) => escape(text).into_owned(),
        other => escape(&other.to_string()).into_owned(),
    }
}
