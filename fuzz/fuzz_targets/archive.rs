//! The zip file of an export. By the first byte the rest is the file itself, or says what is in one that is written
//! here and then damaged: else no input would have a checksum that is right.
#![no_main]

use std::collections::HashSet;
use std::io::{Cursor, Write as _};

use kps_core::PrivateKeyArchive;
use kps_fuzz::{one_line, pick};
use libfuzzer_sys::fuzz_target;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Entries are a name, a line feed, and what is in it up to a zero byte. Behind two of those stand places, in two bytes,
/// and what is put there.
fn written(method: CompressionMethod, rest: &[u8]) -> Option<Vec<u8>> {
    let split = rest.windows(2).position(|pair| pair == [0, 0]).unwrap_or(rest.len());
    let (entries, patches) = rest.split_at(split);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries.split(|byte| *byte == 0) {
        let at = entry.iter().position(|byte| *byte == b'\n').unwrap_or(entry.len());
        let name = String::from_utf8_lossy(&entry[..at]);
        let options = SimpleFileOptions::default().compression_method(method);
        // It refuses some names, such as one that it has.
        zip.start_file(name, options).ok()?;
        if !entry[at..].is_empty() {
            zip.write_all(b"-----BEGIN ").ok()?;
            zip.write_all(&entry[at + 1..]).ok()?;
        }
    }
    let mut file = zip.finish().ok()?.into_inner();
    for patch in patches.get(2..).unwrap_or_default().chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([patch[0], patch[1]])) % file.len();
        file[place] = patch[2];
    }
    Some(file)
}

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = pick(data) else { return };
    // Setting up the compressor takes long, so it is rare.
    let file = match first % 32 {
        0..20 => written(CompressionMethod::Stored, rest),
        20 => written(CompressionMethod::Deflated, rest),
        _ => Some(rest.to_vec()),
    };
    let Some(file) = file else { return };
    match PrivateKeyArchive::new(file).keys() {
        Ok(keys) => {
            let names: HashSet<&str> = keys.iter().map(|key| key.name.as_str()).collect();
            assert_eq!(names.len(), keys.len(), "no two have the same name");
            for key in &keys {
                for name in [&key.name, &key.file_name] {
                    assert!(!name.is_empty() && name != "." && name != "..", "{name:?}");
                    assert!(!name.contains(['/', '\\', ':']), "{name:?}");
                    one_line(name);
                }
                assert!(key.private_key.expose().len() <= 65_535);
            }
        }
        Err(error) => {
            let text = error.to_string();
            one_line(&text);
            assert!(text.len() < 2048, "{text}");
        }
    }
});
