//! What can be printed, and the lines of a list up to an error.

use serde::Serialize;

use crate::output::Cell;
use crate::stop::Stop;

/// A line of a list: JSON by `Serialize`, and cells for a table or CSV.
pub(crate) trait Row: Serialize {
    /// What the lines are, such as `failed tasks`, to say that there are none.
    const NAME: &'static str = "entries";
    /// What stands above the columns of a table.
    const COLUMNS: &'static [&'static str];
    /// Whether the places of a table are cut to fit a terminal. What became of a command, and names to be copied, are there
    /// to be read as a whole.
    const IS_CUT: bool = true;
    /// What stands above the values of CSV, if that is something else.
    const FIELDS: &'static [&'static str] = &[];

    /// The places of a table.
    fn cells(&self) -> Vec<Cell>;

    /// The values of CSV.
    fn values(&self) -> Vec<Cell> {
        self.cells()
    }

    fn columns() -> Vec<&'static str> {
        Self::COLUMNS.to_vec()
    }

    fn fields() -> Vec<String> {
        if Self::FIELDS.is_empty() {
            return Self::COLUMNS.iter().map(field).collect();
        }
        Self::FIELDS.iter().map(|name| (*name).to_owned()).collect()
    }
}

/// A single thing: JSON by `Serialize`, and named cells, of which those that are empty are left out of a table.
pub(crate) trait Record: Serialize {
    fn fields(&self) -> Vec<(&'static str, Cell)>;
}

/// What stands above a column, as programs like to have it.
pub(super) fn field(name: impl AsRef<str>) -> String {
    name.as_ref().to_lowercase().replace(' ', "_")
}

/// The rows up to the first error, which is told at the end.
pub(super) struct Rows<I> {
    rows: I,
    error: Option<Stop>,
}

impl<I> Rows<I> {
    pub(super) fn new(rows: impl IntoIterator<IntoIter = I>) -> Self {
        Self { rows: rows.into_iter(), error: None }
    }

    /// Whether no error came.
    pub(super) const fn are_all(&self) -> bool {
        self.error.is_none()
    }

    pub(super) fn end(self) -> Result<(), Stop> {
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
