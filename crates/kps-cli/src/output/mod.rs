//! What a command prints: lists, single things, requests; as a table, JSON, CSV or YAML.

mod cell;
mod escape;
mod query;
mod table;

use std::io::{self, BufWriter, Stdout, Write};
use std::time::SystemTime;

use clap::ValueEnum;
use kps_ureq::Prepared;
use serde::Serialize;
use serde_json::Value;

pub(crate) use cell::Cell;
pub(crate) use escape::escape;

use crate::output::query::Query;
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

/// A line of a list: JSON by `Serialize`, and cells for a table or CSV.
pub(crate) trait Row: Serialize {
    const COLUMNS: &'static [&'static str];

    fn cells(&self) -> Vec<Cell>;
}

/// A single thing: JSON by `Serialize`, and named cells, of which those that are empty are left out of a table.
pub(crate) trait Record: Serialize {
    fn fields(&self) -> Vec<(&'static str, Cell)>;
}

/// Where the output goes, and how.
pub(crate) struct Output {
    format: Format,
    query: Option<Query>,
    tint: Tint,
    /// What is now, if times are told from here.
    now: Option<SystemTime>,
}

impl Output {
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
        Ok(Self { format, query, tint, now })
    }

    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    pub(crate) const fn has_query(&self) -> bool {
        self.query.is_some()
    }

    /// Whether it goes to a person at a terminal.
    pub(crate) const fn is_for_a_person(&self) -> bool {
        self.now.is_some()
    }

    /// Prints a list as it comes. What came before an error is printed too.
    pub(crate) fn list<R: Row>(&self, rows: impl IntoIterator<Item = Result<R, Stop>>) -> Result<(), Stop> {
        let mut out = stdout();
        let mut rows = Rows::new(rows);
        match (self.format, &self.query) {
            (Format::Ndjson, None) => rows.try_for_each(|row| json_line(&mut out, &row))?,
            (Format::Csv, _) => {
                let mut csv = csv::Writer::from_writer(&mut out);
                csv.write_record(R::COLUMNS).map_err(io::Error::from)?;
                rows.try_for_each(|row| {
                    csv.write_record(row.cells().iter().map(Cell::bytes)).map_err(io::Error::from)
                })?;
                csv.flush()?;
            }
            (Format::Table, None) => {
                let mut table = Table::new(R::COLUMNS, self.tint, self.now);
                rows.by_ref().for_each(|row| table.add(&row.cells()));
                table.print(&mut out)?;
            }
            _ => {
                let all: Result<Vec<Value>, _> = rows.by_ref().map(serde_json::to_value).collect();
                self.value(&mut out, all.map_err(io::Error::from)?.into())?;
            }
        }
        out.flush()?;
        rows.end()
    }

    /// Prints a single thing.
    pub(crate) fn one<R: Record>(&self, record: &R) -> Result<(), Stop> {
        let mut out = stdout();
        match (self.format, &self.query) {
            (Format::Table, None) => {
                let mut table = Table::without_header(self.tint, self.now);
                let fields = record.fields();
                let given = fields.into_iter().filter(|(_, cell)| !cell.is_empty());
                given.for_each(|(name, cell)| table.add(&[Cell::name(name), cell]));
                table.print(&mut out)?;
            }
            (Format::Csv, _) => {
                let (names, cells): (Vec<_>, Vec<_>) = record.fields().into_iter().unzip();
                let mut csv = csv::Writer::from_writer(&mut out);
                csv.write_record(names).map_err(io::Error::from)?;
                csv.write_record(cells.iter().map(Cell::bytes)).map_err(io::Error::from)?;
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
            (Format::Csv, _) => {
                return Err(Failure::usage("--output csv does not go with this")
                    .with_cure("take json")
                    .into());
            }
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

    fn value(&self, out: &mut impl Write, value: Value) -> Result<(), Stop> {
        let value = match &self.query {
            Some(query) => query.of(value)?,
            None => value,
        };
        match (self.format, value) {
            (Format::Yaml, value) => {
                let yaml =
                    serde_saphyr::to_string(&value).map_err(|error| io::Error::other(error.to_string()))?;
                out.write_all(yaml.as_bytes())?;
            }
            (Format::Ndjson, Value::Array(values)) => {
                values.iter().try_for_each(|value| json_line(out, value))?;
            }
            (Format::Ndjson, value) => json_line(out, &value)?,
            (Format::Table, value) => table::print_value(out, &value, self.tint)?,
            (_, value) => {
                let text = serde_json::to_string_pretty(&value).map_err(io::Error::from)?;
                writeln!(out, "{}", escape::in_json(&text))?;
            }
        }
        Ok(())
    }
}

fn stdout() -> BufWriter<Stdout> {
    BufWriter::with_capacity(64 * 1024, io::stdout())
}

fn json_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(value)?;
    writeln!(out, "{}", escape::in_json(&text))
}

/// The rows up to the first error, which is told at the end.
struct Rows<I> {
    rows: I,
    error: Option<Stop>,
}

impl<I> Rows<I> {
    fn new(rows: impl IntoIterator<IntoIter = I>) -> Self {
        Self { rows: rows.into_iter(), error: None }
    }

    fn end(self) -> Result<(), Stop> {
        self.error.map_or(Ok(()), Err)
    }
}

impl<R, I: Iterator<Item = Result<R, Stop>>> Iterator for Rows<I> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        if self.error.is_some() {
            return None;
        }
        match self.rows.next()? {
            Ok(row) => Some(row),
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }
}
