//! JSON, a value on each line.

use std::io::{self, Write};

use serde::Serialize;

use crate::output::{ROOM, in_json};

/// Lines that are gathered, since they are looked at faster many at once.
#[derive(Default)]
pub(super) struct JsonLines(Text);

/// Prints a line for each value.
pub(super) fn print<T: Serialize>(
    out: &mut impl Write,
    values: impl IntoIterator<Item = T>,
) -> io::Result<()> {
    // What has filled that is written as it is; the line behind has its place too.
    let mut lines = JsonLines(Text(Vec::with_capacity(ROOM + 1024)));
    for value in values {
        lines.add(&value)?;
        if lines.0.0.len() >= ROOM {
            lines.print(out)?;
        }
    }
    lines.print(out)
}

impl JsonLines {
    pub(super) fn add(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, value)?;
        self.0.write_all(b"\n")
    }

    /// Prints the lines, and forgets them.
    pub(super) fn print(&mut self, out: &mut impl Write) -> io::Result<()> {
        let lines = str::from_utf8(&self.0.0).map_err(io::Error::other)?;
        out.write_all(in_json(lines).as_bytes())?;
        self.0.0.clear();
        Ok(())
    }
}

#[derive(Default)]
struct Text(Vec<u8>);

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    // Each quote, colon and comma comes by itself, which this does not copy as if it were many bytes.
    #[inline(always)]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match bytes {
            [byte] => self.0.push(*byte),
            bytes => self.0.extend_from_slice(bytes),
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
