//! What a command prints: lists, single things, requests; as a table, JSON, CSV or YAML.

mod cell;
mod escape;
mod lines;
mod query;
mod row;
mod shell;
mod stream;
mod table;
mod value;

use std::fmt;
use std::io::{self, BufWriter, Stdout, Write};
use std::time::SystemTime;

use clap::ValueEnum;
use kps_ureq::Prepared;
use serde::Serialize;
use serde_json::Value;

pub(crate) use cell::{Cell, Reader};
use escape::steers_in_lines;
pub(crate) use escape::{escape, in_json};
pub(crate) use row::{Record, Row};
pub(crate) use shell::quoted;

use crate::machine;
use crate::output::query::Query;
use crate::output::row::Rows;
use crate::output::table::Table;
use crate::stop::{Failure, Stop};

/// The form of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people; in a pipe without colours, and with whole times
    Table,
    /// One JSON document
    Json,
    /// JSON, one object on each line, as they come
    Ndjson,
    /// Comma-separated values, with a header
    Csv,
    /// YAML
    Yaml,
    /// A command of curl, of `kps sign` alone
    Curl,
}

impl Format {
    /// Whether errors are JSON too.
    pub(crate) const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Ndjson)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tint {
    Colors,
    Plain,
}

/// Where the output goes, and how.
pub(crate) struct Output {
    format: Format,
    query: Option<Query>,
    tint: Tint,
    reader: Reader,
}

impl Output {
    /// Tells times from `now`, if there is one, which is to a person at a terminal.
    pub(crate) fn new(
        format: Format,
        query: Option<&str>,
        tint: Tint,
        now: Option<SystemTime>,
    ) -> Result<Self, Failure> {
        let query = query.map(Query::new).transpose()?;
        if query.is_some() && format == Format::Csv {
            return Err(Failure::usage("--query does not go with --output csv")
                .with_cure("take json, ndjson or yaml"));
        }
        let reader = now.map_or(Reader::Program, |now| Reader::Person { now });
        Ok(Self { format, query, tint, reader })
    }

    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    pub(crate) const fn has_query(&self) -> bool {
        self.query.is_some()
    }

    /// Whether nothing of a list is printed before all of it is there.
    pub(crate) const fn gathers(&self) -> bool {
        self.query.is_some() || matches!(self.format, Format::Table | Format::Yaml)
    }

    /// Whether it goes to a person at a terminal.
    pub(crate) const fn is_for_a_person(&self) -> bool {
        !matches!(self.reader, Reader::Program)
    }

    /// Prints a list as it comes. What came before an error is printed too.
    pub(crate) fn list<R: Row>(&self, rows: impl IntoIterator<Item = Result<R, Stop>>) -> Result<(), Stop> {
        self.list_to(&mut stdout(), rows)
    }

    fn list_to<R: Row>(
        &self,
        out: &mut impl Write,
        rows: impl IntoIterator<Item = Result<R, Stop>>,
    ) -> Result<(), Stop> {
        self.check()?;
        // What has no beginning leaves nothing that looks like an empty list.
        let mut rows = rows.into_iter();
        let first = rows.next().map(|first| first.map(Ok)).transpose()?;
        let mut rows = Rows::new(first.into_iter().chain(rows));
        match (self.format, &self.query) {
            (Format::Ndjson, None) => lines::print(out, rows.by_ref())?,
            (Format::Json, None) => json_array(out, &mut rows)?,
            (Format::Csv, _) => {
                let mut csv = csv::Writer::from_writer(&mut *out);
                csv.write_record(R::fields()).map_err(of_csv)?;
                rows.try_for_each(|row| csv_line(&mut csv, &row.values()))?;
                csv.flush()?;
            }
            (Format::Table, None) => {
                let mut table = self.table::<R>();
                rows.by_ref().for_each(|row| table.add(row.cells()));
                if table.is_empty() && self.is_for_a_person() && rows.are_all() {
                    self.remark(format_args!("no {}", R::NAME));
                } else {
                    table.print(out)?;
                }
            }
            _ => {
                let all: Result<Vec<Value>, _> = rows.by_ref().map(serde_json::to_value).collect();
                self.value(out, all.map_err(io::Error::from)?.into())?;
            }
        }
        out.flush()?;
        rows.end()
    }

    /// Prints a single thing.
    pub(crate) fn one<R: Record>(&self, record: &R) -> Result<(), Stop> {
        self.check()?;
        let mut out = stdout();
        match (self.format, &self.query) {
            (Format::Table, None) => {
                // A value is never cut: it is there to be read.
                let mut table = Table::without_header(self.tint, self.reader, None);
                let fields = record.fields();
                let given = fields.into_iter().filter(|(_, cell)| !cell.is_empty());
                given.for_each(|(name, cell)| table.add([Cell::name(name), cell]));
                table.print(&mut out)?;
            }
            (Format::Csv, _) => {
                let (names, cells): (Vec<_>, Vec<_>) = record.fields().into_iter().unzip();
                let mut csv = csv::Writer::from_writer(&mut out);
                csv.write_record(names.into_iter().map(row::field)).map_err(of_csv)?;
                csv_line(&mut csv, &cells)?;
                csv.flush()?;
            }
            _ => self.value(&mut out, serde_json::to_value(record).map_err(io::Error::from)?)?,
        }
        Ok(out.flush()?)
    }

    /// Prints one line to a person, and nothing to a program, which has the exit code.
    pub(crate) fn note(&self, text: &str) -> Result<(), Stop> {
        if self.format == Format::Table && self.query.is_none() {
            writeln!(io::stdout(), "{}", escape(text))?;
        }
        Ok(())
    }

    /// Prints a text that is what was asked for, as it is.
    pub(crate) fn text(&self, text: &str) -> Result<(), Stop> {
        let mut out = stdout();
        writeln!(out, "{text}")?;
        Ok(out.flush()?)
    }

    /// Prints JSON of the service's, which has no other form; nothing is not printed to people.
    pub(crate) fn json(&self, value: Value) -> Result<(), Stop> {
        let mut out = stdout();
        match (self.format, &self.query) {
            (Format::Table, None) if value.is_null() => {}
            (Format::Table, None) => {
                let text = serde_json::to_string_pretty(&value).map_err(io::Error::from)?;
                writeln!(out, "{}", escape::in_json(&text))?;
            }
            _ => self.value(&mut out, value)?,
        }
        Ok(out.flush()?)
    }

    /// Prints bytes as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), Stop> {
        let mut out = stdout();
        out.write_all(bytes)?;
        Ok(out.flush()?)
    }

    /// Says something beside the output. If nobody can be told, that is no failure.
    pub(crate) fn remark(&self, text: impl fmt::Display) {
        let text = text.to_string();
        drop(if self.format.is_json() {
            writeln!(io::stderr(), "{}", in_json(&serde_json::json!({ "note": text }).to_string()))
        } else {
            writeln!(io::stderr(), "kps: {}", escape(&text))
        });
    }

    /// Prints a request that is not sent.
    pub(crate) fn request(&self, request: &Prepared) -> Result<(), Stop> {
        let request = request.masked();
        if self.format == Format::Table && self.query.is_none() {
            let lines: Vec<String> =
                request.to_string().lines().map(|line| escape(line).into_owned()).collect();
            return self.text(&lines.join("\n"));
        }
        let mut out = stdout();
        self.value(&mut out, serde_json::to_value(&request).map_err(io::Error::from)?)?;
        Ok(out.flush()?)
    }

    fn table<R: Row>(&self) -> Table {
        let room = if self.is_for_a_person() && R::IS_CUT { machine::width() } else { None };
        Table::new(&R::columns(), self.tint, self.reader, room)
    }

    fn check(&self) -> Result<(), Failure> {
        if self.format == Format::Curl {
            return Err(Failure::usage("--output curl is for `kps sign` alone"));
        }
        Ok(())
    }

    fn value(&self, out: &mut impl Write, value: Value) -> Result<(), Stop> {
        let value = match &self.query {
            Some(query) => query.of(value)?,
            None => value,
        };
        match (self.format, value) {
            (Format::Yaml, value) => {
                // In blocks, blanks and ends of lines at the edges of a text would be lost; in quotes they are kept.
                let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
                let yaml = serde_saphyr::to_string_with_options(&value, options);
                let mut yaml = yaml.map_err(|error| io::Error::other(error.to_string()))?;
                if yaml.contains(steers_in_lines) {
                    // Only the form that is JSON's escapes all that steers a terminal.
                    yaml = serde_json::to_string_pretty(&value).map_err(io::Error::from)? + "\n";
                }
                out.write_all(in_json(&yaml).as_bytes())?;
            }
            (Format::Ndjson, Value::Array(values)) => lines::print(out, values)?,
            (Format::Ndjson, value) => lines::print(out, [value])?,
            (Format::Table, value) => value::print(out, &value, self.tint)?,
            (_, value) => {
                let text = serde_json::to_string_pretty(&value).map_err(io::Error::from)?;
                writeln!(out, "{}", in_json(&text))?;
            }
        }
        Ok(())
    }
}

/// So many bytes are gathered before they are written.
const ROOM: usize = 64 * 1024;

fn stdout() -> BufWriter<Stdout> {
    BufWriter::with_capacity(ROOM, io::stdout())
}

/// An array as `serde_json` would write it, item by item.
fn json_array<R: Serialize>(out: &mut impl Write, rows: impl Iterator<Item = R>) -> io::Result<()> {
    let mut before = "[\n  ";
    for row in rows {
        // No line ends within a string.
        let text = serde_json::to_string_pretty(&row)?.replace('\n', "\n  ");
        write!(out, "{before}{}", in_json(&text))?;
        before = ",\n  ";
    }
    out.write_all(if before.starts_with('[') { b"[]\n" } else { b"\n]\n" })
}

fn csv_line<W: Write>(csv: &mut csv::Writer<W>, cells: &[Cell]) -> io::Result<()> {
    for cell in cells {
        csv.write_field(cell.text(Reader::Program).as_bytes()).map_err(of_csv)?;
    }
    csv.write_record(None::<&[u8]>).map_err(of_csv)
}

/// The error that lies below, by whose kind it is told that nobody reads any more.
fn of_csv(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests;
