//! Lines that come as time goes on, without an end.

use std::io::Write as _;
use std::marker::PhantomData;

use crate::output::lines::JsonLines;
use crate::output::table::Table;
use crate::output::{Format, Output, Reader, Row, csv_line, of_csv, stdout};
use crate::stop::{Failure, Stop};

/// Lines that come as time goes on. What has been added is printed by [`flush`](Self::flush).
pub(crate) struct Stream<R> {
    form: Form,
    rows: PhantomData<fn(R)>,
}

enum Form {
    Table(Box<Table>),
    Ndjson(JsonLines),
    /// Lines that are not printed yet.
    Csv(Vec<u8>),
}

impl Output {
    /// For a list without an end; only some forms can be printed line by line.
    pub(crate) fn stream<R: Row>(&self) -> Result<Stream<R>, Stop> {
        if self.query.is_some() {
            let failure = Failure::usage("--query does not go with --watch");
            return Err(failure.with_cure("filter the lines of --output ndjson").into());
        }
        let form = match self.format {
            Format::Table => {
                let mut table = self.table::<R>();
                if self.is_for_a_person() {
                    table.set_reader(Reader::Onlooker);
                }
                Form::Table(Box::new(table))
            }
            Format::Ndjson => Form::Ndjson(JsonLines::default()),
            Format::Csv => {
                let mut lines = Vec::new();
                csv::Writer::from_writer(&mut lines).write_record(R::fields()).map_err(of_csv)?;
                Form::Csv(lines)
            }
            Format::Json | Format::Yaml | Format::Curl => {
                let failure = Failure::usage("--watch has no end, and a document has one");
                return Err(failure.with_cure("take --output ndjson, csv or table").into());
            }
        };
        Ok(Stream { form, rows: PhantomData })
    }
}

impl<R: Row> Stream<R> {
    pub(crate) fn add(&mut self, row: &R) -> Result<(), Stop> {
        match &mut self.form {
            Form::Table(table) => table.add(row.cells()),
            Form::Ndjson(lines) => lines.add(row)?,
            Form::Csv(lines) => csv_line(&mut csv::Writer::from_writer(lines), &row.values())?,
        }
        Ok(())
    }

    pub(crate) fn flush(&mut self) -> Result<(), Stop> {
        let mut out = stdout();
        match &mut self.form {
            Form::Table(table) => table.print(&mut out)?,
            Form::Ndjson(lines) => lines.print(&mut out)?,
            Form::Csv(lines) => {
                out.write_all(lines)?;
                lines.clear();
            }
        }
        Ok(out.flush()?)
    }
}
