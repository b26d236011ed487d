//! The index at the end of a zip file, walked before the `zip` crate reads it.
//!
//! That crate forgives much: where the last index is damaged it looks for an earlier one, of entries of the
//! same name it keeps one without a word, and it makes room for as many entries as an index claims to have.
//! Here one index is accepted, whole, at the very end and in the plain format, so that the crate finds the
//! same one and every entry of it has been seen. An archive of ten keys needs nothing else.

const ENTRY: &[u8] = b"PK\x01\x02";
const ENTRY_LEN: usize = 46;
const END: &[u8] = b"PK\x05\x06";
const END_LEN: usize = 22;

/// The names of all entries, as they are written.
pub(super) fn names(archive: &[u8]) -> Option<Vec<&[u8]>> {
    let end = end(archive)?;
    let count = count(archive.get(end..)?)?;
    let mut index = archive.get(start(archive, end)?..end)?;
    let mut names = Vec::new();
    while !index.is_empty() {
        let (name, rest) = entry(index)?;
        names.push(name);
        index = rest;
    }
    (names.len() == count).then_some(names)
}

/// Where the end record lies: behind its comment there is nothing.
fn end(archive: &[u8]) -> Option<usize> {
    let end = archive.windows(END.len()).rposition(|bytes| bytes == END)?;
    let comment = u16_at(archive, end + 20)?;
    (end + END_LEN + usize::from(comment) == archive.len()).then_some(end)
}

/// How many entries the end record states.
fn count(end: &[u8]) -> Option<usize> {
    let here = u16_at(end, 8)?;
    let one_disk = u16_at(end, 4)? == 0 && u16_at(end, 6)? == 0 && u16_at(end, 10)? == here;
    // The greatest number says that a record in the format ZIP64 counts instead.
    (one_disk && here < u16::MAX).then_some(usize::from(here))
}

/// Where the index begins: it reaches up to the end record.
fn start(archive: &[u8], end: usize) -> Option<usize> {
    let size = usize::try_from(u32_at(archive, end + 12)?).ok()?;
    let start = usize::try_from(u32_at(archive, end + 16)?).ok()?;
    (start.checked_add(size)? == end).then_some(start)
}

/// The name of the first entry, and the entries behind it.
fn entry(index: &[u8]) -> Option<(&[u8], &[u8])> {
    if !index.starts_with(ENTRY) {
        return None;
    }
    let name = usize::from(u16_at(index, 28)?);
    let behind_name = usize::from(u16_at(index, 30)?) + usize::from(u16_at(index, 32)?);
    let (name, rest) = index.get(ENTRY_LEN..)?.split_at_checked(name)?;
    Some((name, rest.get(behind_name..)?))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}
