//! Tables for people, and plain columns for pipes.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::output::{Cell, Reader, Tint};

/// Between two columns.
const GAP: usize = 2;
/// To so much a column of texts may be cut.
const LEAST: usize = 6;
/// What is left of an id where there is no room for all of it: enough to tell it from the others.
const ID: usize = 9;
/// The least room for bars, whatever the width.
const BAR: usize = 8;

/// Lines of cells, which are printed when all of them are there, or some by some.
pub(super) struct Table {
    tint: Tint,
    reader: Reader,
    /// The columns of the terminal, if there is one that lines are not to run over.
    room: Option<usize>,
    columns: Vec<Column>,
    /// The header first, if there is one.
    lines: Vec<Vec<Place>>,
    has_header: bool,
    /// The texts of all places, one behind the other.
    texts: String,
}

#[derive(Clone, Copy, Debug, Default)]
struct Column {
    /// How wide it would be, and at least is, if lines were printed before.
    width: usize,
    kind: Kind,
}

/// What there is in a column decides what may be done to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Text,
    Id,
    /// What means nothing if it is cut.
    Whole,
    Bar,
}

struct Place {
    start: usize,
    end: usize,
    width: usize,
    look: Look,
}

#[derive(Clone, Copy)]
enum Look {
    Plain,
    Header,
    Name,
    Bad,
    Number,
    Bar(u64, u64),
}

impl Table {
    pub(super) fn new(columns: &[&str], tint: Tint, reader: Reader, room: Option<u16>) -> Self {
        let mut table = Self::without_header(tint, reader, room);
        table.has_header = true;
        let header = columns.iter().map(|name| Cell::Text((*name).to_owned()));
        table.push(header, |_| Look::Header);
        table
    }

    pub(super) fn without_header(tint: Tint, reader: Reader, room: Option<u16>) -> Self {
        let room = room.map(usize::from);
        Self {
            tint,
            reader,
            room,
            columns: Vec::new(),
            lines: Vec::new(),
            has_header: false,
            texts: String::new(),
        }
    }

    pub(super) const fn set_reader(&mut self, reader: Reader) {
        self.reader = reader;
    }

    pub(super) fn add(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.push(cells.into_iter(), Look::of);
    }

    fn push(&mut self, cells: impl Iterator<Item = Cell>, look: impl Fn(&Cell) -> Look) {
        let mut line = Vec::with_capacity(self.columns.len());
        for (at, cell) in cells.enumerate() {
            let start = self.texts.len();
            let text = cell.text(self.reader);
            self.texts.push_str(&text);
            let place = Place { start, end: self.texts.len(), width: width(&text), look: look(&cell) };
            if self.columns.len() <= at {
                self.columns.push(Column::default());
            }
            if let Some(column) = self.columns.get_mut(at) {
                column.width = column.width.max(place.width);
                column.kind = Kind::of(&cell).unwrap_or(column.kind);
            }
            line.push(place);
        }
        self.lines.push(line);
    }

    /// Whether there is nothing in it but a header.
    pub(super) const fn is_empty(&self) -> bool {
        self.lines.len() <= self.has_header as usize
    }

    /// Prints the lines, and forgets them; those that come later go below.
    pub(super) fn print(&mut self, out: &mut impl Write) -> io::Result<()> {
        let widths = self.widths();
        for line in &self.lines {
            let mut gap = 0;
            for (place, room) in line.iter().zip(&widths) {
                let text = self.texts.get(place.start..place.end).unwrap_or_default();
                gap = self.place(out, place, text, *room, gap)?;
            }
            out.write_all(b"\n")?;
        }
        self.lines.clear();
        self.has_header = false;
        self.texts.clear();
        Ok(())
    }

    /// How wide each column is printed.
    fn widths(&mut self) -> Vec<usize> {
        let Some(room) = self.room else { return self.columns.iter().map(|column| column.width).collect() };
        let room = room.saturating_sub(GAP * self.columns.len().saturating_sub(1));
        let sum = |columns: &[Column]| columns.iter().map(|column| column.width).sum::<usize>();
        if sum(&self.columns) > room {
            let ids = self.columns.iter_mut().filter(|column| column.kind == Kind::Id);
            ids.for_each(|column| column.width = column.width.min(ID));
        }
        let (texts, others): (Vec<Column>, Vec<Column>) =
            self.columns.iter().partition(|column| column.kind == Kind::Text);
        let left = room.saturating_sub(sum(&others));
        let most = share(texts.iter().map(|column| column.width).collect(), left).max(LEAST);
        let bar = room.saturating_sub(sum(&self.columns)).max(BAR);
        let width = |column: &mut Column| match column.kind {
            Kind::Bar => bar,
            Kind::Text => {
                column.width = column.width.min(most);
                column.width
            }
            Kind::Id | Kind::Whole => column.width,
        };
        self.columns.iter_mut().map(width).collect()
    }

    /// Prints a place behind so many blanks, and tells how many are due before the next.
    fn place(
        &self,
        out: &mut impl Write,
        place: &Place,
        text: &str,
        room: usize,
        gap: usize,
    ) -> io::Result<usize> {
        let bar;
        let (text, wide) = match place.look {
            Look::Bar(of, most) if self.room.is_some() => {
                bar = drawn(of, most, room);
                (bar.as_str(), width(&bar))
            }
            _ => (text, place.width),
        };
        let (text, dots) = if wide > room { (cut(text, room), "…") } else { (text, "") };
        let wide = if dots.is_empty() { wide } else { width(text) + 1 };
        if text.is_empty() && dots.is_empty() {
            return Ok(gap + room + GAP);
        }
        let before = if matches!(place.look, Look::Number) { room.saturating_sub(wide) } else { 0 };
        blanks(out, gap + before)?;
        match self.style(place.look) {
            None => write!(out, "{text}{dots}")?,
            Some(style) => write!(out, "{style}{text}{dots}{style:#}")?,
        }
        Ok(room.saturating_sub(before + wide) + GAP)
    }

    fn style(&self, look: Look) -> Option<Style> {
        if self.tint == Tint::Plain {
            return None;
        }
        match look {
            Look::Plain | Look::Number => None,
            Look::Header => Some(Style::new().bold()),
            Look::Name => Some(Style::new().dimmed()),
            Look::Bad => Some(AnsiColor::Red.on_default()),
            Look::Bar(..) => Some(AnsiColor::Cyan.on_default()),
        }
    }
}

impl Look {
    const fn of(cell: &Cell) -> Self {
        match cell {
            Cell::Name(_) => Self::Name,
            Cell::Bad(_) => Self::Bad,
            Cell::Count(_) => Self::Number,
            Cell::Share { of, most } => Self::Bar(*of, *most),
            Cell::Empty | Cell::Text(_) | Cell::Id(_) | Cell::Time(_) | Cell::Operation(_) => Self::Plain,
        }
    }
}

impl Kind {
    /// Of a column with such a cell; one that is empty tells nothing.
    const fn of(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Empty => None,
            Cell::Text(_) | Cell::Bad(_) => Some(Self::Text),
            Cell::Id(_) => Some(Self::Id),
            Cell::Name(_) | Cell::Time(_) | Cell::Operation(_) | Cell::Count(_) => Some(Self::Whole),
            Cell::Share { .. } => Some(Self::Bar),
        }
    }
}

/// How wide each of these may be at most, so that together they fit.
fn share(mut widths: Vec<usize>, mut room: usize) -> usize {
    widths.sort_unstable();
    let mut count = widths.len();
    for width in widths {
        if width * count > room {
            return room / count;
        }
        room -= width;
        count -= 1;
    }
    usize::MAX
}

fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The beginning of a text that leaves one column of this room for the dots.
fn cut(text: &str, room: usize) -> &str {
    let mut left = room.saturating_sub(1);
    let fits = |character: char| match left.checked_sub(character.width().unwrap_or_default()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let mut fits = fits;
    let end = text.char_indices().find(|(_, character)| !fits(*character)).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default().trim_end()
}

fn blanks(out: &mut impl Write, count: usize) -> io::Result<()> {
    const BLANKS: &str = "                                                                ";
    let mut left = count;
    while left > 0 {
        let some = BLANKS.get(..left).unwrap_or(BLANKS);
        out.write_all(some.as_bytes())?;
        left -= some.len();
    }
    Ok(())
}

/// A bar for so much of the most, in eighths of a column; what is not nothing is seen.
fn drawn(of: u64, most: u64, room: usize) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let room = u128::try_from(room).unwrap_or_default() * 8;
    let eighths = u128::from(of) * room / u128::from(most.max(1));
    let eighths = usize::try_from(eighths.max(u128::from(of > 0))).unwrap_or_default();
    let mut bar = "█".repeat(eighths / 8);
    bar.extend(EIGHTHS.get(eighths % 8).filter(|eighth| **eighth != ' '));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(room: Option<u16>, columns: &[&str], rows: &[Vec<Cell>]) -> Vec<String> {
        let mut table = Table::new(columns, Tint::Plain, Reader::Program, room);
        rows.iter().for_each(|row| table.add(row.clone()));
        printed(&mut table)
    }

    fn printed(table: &mut Table) -> Vec<String> {
        let mut out = Vec::new();
        table.print(&mut out).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn columns_stand_below_each_other_whatever_the_characters() {
        let rows = [
            vec![text("密钥"), text("x"), Cell::Count(7)],
            vec![text("e\u{301}"), Cell::Empty, Cell::Count(1234)],
            vec![text("abcdef"), text("y"), Cell::Empty],
        ];
        let expected = ["A       B  COUNT", "密钥    x      7", "e\u{301}           1234", "abcdef  y"];
        assert_eq!(lines(None, &["A", "B", "COUNT"], &rows), expected);
    }

    #[test]
    fn what_does_not_fit_is_cut_ids_first_and_the_longest_texts_next() {
        let id = "4e349d98-729e-4c6b-a9ff-907a76cc0b57";
        let rows =
            [vec![Cell::id(id), text("a long text of words"), text("密钥密钥密钥"), Cell::Name("whole")]];
        for (room, expected) in [
            (80, format!("{id}  a long text of words  密钥密钥密钥  whole")),
            (79, format!("{id}  a long text of words  密钥密钥密钥  whole")),
            (78, "4e349d98…  a long text of words  密钥密钥密钥  whole".into()),
            (50, "4e349d98…  a long text of wo…  密钥密钥密钥  whole".into()),
            (42, "4e349d98…  a long tex…  密钥密钥密…  whole".into()),
            (41, "4e349d98…  a long te…  密钥密钥…   whole".into()),
            (1, "4e349d98…  a lon…  密钥…   whole".into()),
        ] {
            let line = lines(Some(room), &["", "", "", ""], &rows).pop().unwrap();
            assert_eq!(line, expected, "{room}");
            assert!(width(&line) <= usize::from(room.max(32)), "{room}");
        }
    }

    #[test]
    fn bars_take_the_room_that_is_left() {
        let row = |of| vec![text("k"), Cell::Count(of), Cell::Share { of, most: 8 }];
        let rows = [row(8), row(1), row(0)];
        let expected = ["K  COUNT", "k      8  ██████████", "k      1  █▎", "k      0"];
        assert_eq!(lines(Some(20), &["K", "COUNT", ""], &rows), expected);
        assert_eq!(lines(None, &["K", "COUNT", ""], &rows), ["K  COUNT", "k      8", "k      1", "k      0"]);
        assert_eq!(drawn(1, u64::MAX, 80), "▏", "what is there is seen");
        assert_eq!(drawn(u64::MAX, u64::MAX, 3), "███");
    }

    #[test]
    fn lines_that_come_later_stand_below_the_others() {
        let mut table = Table::new(&["A", "B"], Tint::Plain, Reader::Program, None);
        assert!(table.is_empty());
        table.add([text("long"), text("x")]);
        assert!(!table.is_empty());
        assert_eq!(printed(&mut table), ["A     B", "long  x"]);
        assert!(table.is_empty());
        assert_eq!(printed(&mut table), [""; 0]);
        table.add([text("s"), text("y")]);
        assert_eq!(printed(&mut table), ["s     y"]);
    }

    #[test]
    fn colours_take_no_room() {
        let mut table = Table::new(&["A", "B"], Tint::Colors, Reader::Program, Some(80));
        table.add([Cell::Bad("bad".into()), text("x")]);
        assert_eq!(
            printed(&mut table),
            ["\u{1b}[1mA\u{1b}[0m    \u{1b}[1mB\u{1b}[0m", "\u{1b}[31mbad\u{1b}[0m  x"]
        );
    }
}
