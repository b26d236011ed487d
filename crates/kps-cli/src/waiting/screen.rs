//! The terminal of standard error, as a line that moves is drawn on it.

use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use indicatif::TermLike;

use crate::machine;

/// What is drawn is written all at once, without the blanks at its end. The library fills the line with them, so that whatever
/// comes next begins below; if that is the `^C` by which a terminal shows an interrupt, it is `^C` that is cleared away, and
/// the line stays.
#[derive(Debug, Default)]
pub(super) struct Screen(Mutex<String>);

impl Screen {
    fn draw(&self, text: &str) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
        Ok(())
    }

    fn go(&self, places: usize, direction: char) -> io::Result<()> {
        if places == 0 { Ok(()) } else { self.draw(&format!("\u{1b}[{places}{direction}")) }
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        machine::width().unwrap_or(80)
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        self.go(lines, 'A')
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        self.go(lines, 'B')
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.go(columns, 'C')
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.go(columns, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.draw(text)?;
        self.draw("\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.draw(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.draw("\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        let drawn = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        io::stderr().write_all(drawn.trim_end_matches(' ').as_bytes())
    }
}
