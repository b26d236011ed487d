use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use zip::CompressionMethod::{Deflated, Stored};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::archive::read::{Archive, MAX_KEY_BYTES, text};
use crate::archive::{ArchiveError, ExportedKey, PrivateKeyArchive};

/// The text of every key here; none of it may get out but as a secret.
const KEY: &str = "-----BEGIN A PRIVATE KEY-----\nhunter2 hunter2 hunter2\n";

type Writer = ZipWriter<Cursor<Vec<u8>>>;

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new(Cursor::new(Vec::new()));
    write(&mut writer);
    writer.finish().unwrap().into_inner()
}

fn add(writer: &mut Writer, name: &str, how: CompressionMethod, content: &[u8]) {
    writer.start_file(name, SimpleFileOptions::default().compression_method(how)).unwrap();
    writer.write_all(content).unwrap();
}

/// An archive with the key under each of the names.
fn named(names: &[&str]) -> Vec<u8> {
    written(|writer| names.iter().for_each(|name| add(writer, name, Stored, KEY.as_bytes())))
}

/// An archive of one entry.
fn holding(how: CompressionMethod, content: &[u8]) -> Vec<u8> {
    written(|writer| add(writer, "a.pem", how, content))
}

fn read(bytes: impl Into<bytes::Bytes>) -> Result<Vec<ExportedKey>, ArchiveError> {
    PrivateKeyArchive::new(bytes).keys()
}

/// The error, which shows nothing of a key.
fn refused(bytes: impl Into<bytes::Bytes>) -> ArchiveError {
    let error = read(bytes).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    error
}

fn find(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).unwrap()
}

/// Where the first entry of the index begins.
fn index(archive: &[u8]) -> usize {
    find(archive, b"PK\x01\x02")
}

/// Where the end record begins.
fn end(archive: &[u8]) -> usize {
    find(archive, b"PK\x05\x06")
}

fn patched(mut archive: Vec<u8>, at: usize, bytes: &[u8]) -> Vec<u8> {
    archive[at..at + bytes.len()].copy_from_slice(bytes);
    archive
}

/// The archive with one name in the place of another of the same length, in the entries and in the index.
fn renamed(archive: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<_> =
        archive.windows(from.len()).enumerate().filter(|(_, part)| *part == from).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2);
    places.into_iter().fold(archive, |archive, at| patched(archive, at, to))
}

#[test]
fn good_archives_are_read_in_their_order() {
    let ten: Vec<_> = (0..10).rev().map(|number| format!("key-{number}.pem")).collect();
    let ten: Vec<_> = ten.iter().map(String::as_str).collect();
    let table: [(&[_], &[_]); 7] = [
        (&[], &[]),
        (&["build-agents.pem"], &[("build-agents", "build-agents.pem")]),
        (&["build-agents"], &[("build-agents", "build-agents")]),
        (&["b.key", "a.pem", "A.pem"], &[("b", "b.key"), ("a", "a.pem"), ("A", "A.pem")]),
        (&["keypairs/", "keypairs/a.pem", "b.pem", "other/"], &[("a", "a.pem"), ("b", "b.pem")]),
        (&["./a.pem", "tmp/0a1b/b.pem"], &[("a", "a.pem"), ("b", "b.pem")]),
        (&["ключ.pem"], &[("ключ", "ключ.pem")]),
    ];
    for how in [Stored, Deflated] {
        for (entries, expected) in table {
            let archive = written(|writer| {
                for name in entries {
                    match name.strip_suffix('/') {
                        Some(name) => writer.add_directory(name, SimpleFileOptions::default()).unwrap(),
                        None => add(writer, name, how, KEY.as_bytes()),
                    }
                }
            });
            let keys = read(archive).unwrap();
            let found: Vec<_> = keys.iter().map(|key| (key.name.as_str(), key.file_name.as_str())).collect();
            assert_eq!(found, expected);
            assert!(keys.iter().all(|key| key.private_key.expose() == KEY));
        }
        let archive = written(|writer| ten.iter().for_each(|name| add(writer, name, how, KEY.as_bytes())));
        let names: Vec<_> = read(archive).unwrap().into_iter().map(|key| key.file_name).collect();
        assert_eq!(names, ten);
    }
}

#[test]
fn a_comment_of_the_archive_is_passed_over() {
    let archive = written(|writer| {
        add(writer, "a.pem", Deflated, KEY.as_bytes());
        writer.set_comment("exported").unwrap();
    });
    assert_eq!(read(archive).unwrap().len(), 1);
}

#[test]
fn a_key_of_the_greatest_length_is_read_and_a_longer_one_refused() {
    let of_length = |length| format!("{KEY}{}", "k".repeat(length - KEY.len())).into_bytes();
    for how in [Stored, Deflated] {
        let keys = read(holding(how, &of_length(MAX_KEY_BYTES))).unwrap();
        assert_eq!(keys[0].private_key.expose().len(), MAX_KEY_BYTES);
        assert_eq!(
            refused(holding(how, &of_length(MAX_KEY_BYTES + 1))),
            ArchiveError::EntryTooLarge { entry: "a.pem".into() },
        );
    }
}

#[test]
fn debug_shows_no_key() {
    let archive = PrivateKeyArchive::new(named(&["a.pem"]));
    assert!(!format!("{archive:?}").contains("hunter2"));
    assert_eq!(
        format!("{:?}", archive.keys().unwrap()),
        r#"[ExportedKey { file_name: "a.pem", name: "a", private_key: PrivateKey(<redacted>) }]"#,
    );
}

#[test]
fn what_is_no_zip_file_is_told_apart() {
    for (bytes, found) in [
        ("", "is empty"),
        (" \n", "is empty"),
        (r#""UEsDBBQACAgI""#, "begins like JSON"),
        (r#" {"private_keys":[]}"#, "begins like JSON"),
        ("<html>", "begins otherwise"),
    ] {
        assert_eq!(refused(bytes), ArchiveError::NotZip { found });
    }
    assert_eq!(
        refused("").to_string(),
        "not a zip file: it is empty; export the keys again, and look at what came if it comes again",
    );
}

#[test]
fn an_archive_cut_off_anywhere_is_refused() {
    let archive = named(&["a.pem", "b.pem"]);
    for length in 0..archive.len() {
        let error = refused(archive[..length].to_vec());
        assert!(matches!(error, ArchiveError::NotZip { .. } | ArchiveError::Damaged), "{length}: {error}");
    }
}

#[test]
fn more_in_front_or_behind_is_refused() {
    let archive = named(&["a.pem"]);
    assert_eq!(refused([&archive[..], b"more"].concat()), ArchiveError::Damaged);
    assert_eq!(refused([&archive[..], &archive[..]].concat()), ArchiveError::Damaged);
    assert_eq!(
        refused([b"#!/bin/sh\n", &archive[..]].concat()),
        ArchiveError::NotZip { found: "begins otherwise" }
    );
}

#[test]
fn an_index_that_does_not_add_up_is_refused() {
    let archive = named(&["a.pem", "b.pem"]);
    let end = end(&archive);
    for (at, bytes) in [
        (end + 4, &[1, 0][..]),
        // One entry fewer, one more, and as many as the record of another format says.
        (end + 8, &[1, 0, 1, 0]),
        (end + 8, &[3, 0, 3, 0]),
        (end + 8, &[0xff; 4]),
        (end + 8, &[2, 0, 3, 0]),
        (end + 12, &[0]),
        (end + 12, &[0xff; 8]),
        (end + 16, &[0]),
        (end + 20, &[1, 0]),
        (index(&archive), b"PK\x01\x03"),
        (index(&archive) + 28, &[0xff, 0xff]),
    ] {
        assert_eq!(refused(patched(archive.clone(), at, bytes)), ArchiveError::Damaged, "{at} {bytes:?}");
    }
}

#[test]
fn what_is_no_private_key_is_passed_over() {
    let archive = written(|writer| {
        add(writer, "a.pub", Stored, b"ssh-rsa AAAA a");
        add(writer, "a.pem", Deflated, KEY.as_bytes());
        add(writer, "failed.txt", Stored, b"b has no private key");
        add(writer, "empty.pem", Stored, b"");
    });
    let keys = read(archive).unwrap();
    assert_eq!((keys.len(), keys[0].file_name.as_str(), keys[0].private_key.expose()), (1, "a.pem", KEY));
}

#[test]
fn many_files_are_refused_whatever_they_hold() {
    let names: Vec<_> = (0..33).map(|number| format!("{number}.pem")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let error = refused(named(&names));
    assert_eq!(error, ArchiveError::TooManyFiles { files: 33 });
    assert_eq!(
        error.to_string(),
        "the zip file holds 33 files, and an export some ten, 32 at the most; nothing of it is read"
    );
}

#[test]
fn a_bomb_is_not_inflated() {
    let bomb = holding(Deflated, &vec![0; 10 << 20]);
    assert!(bomb.len() < 20_000);
    let error = refused(bomb.clone());
    assert_eq!(
        error.to_string(),
        r#"entry "a.pem" of the zip file is larger than the 65535 bytes a private key may have"#
    );
    // It is counted, not believed.
    let modest = patched(bomb.clone(), index(&bomb) + 24, &5_u32.to_le_bytes());
    assert_eq!(refused(modest), error);
}

#[test]
fn the_buffer_of_the_texts_never_grows() {
    for how in [Stored, Deflated] {
        let bomb = holding(how, &vec![b'k'; 1 << 20]);
        let mut archive = Archive::new(Cursor::new(&bomb[..])).unwrap();
        let mut buffer = Vec::with_capacity(MAX_KEY_BYTES + 1);
        let before = (buffer.as_ptr(), buffer.capacity());
        assert!(text(&mut archive, 0, "a.pem", &mut buffer).is_err());
        assert_eq!((buffer.as_ptr(), buffer.capacity()), before);
    }
}

#[test]
fn sizes_that_lie_are_refused() {
    for how in [Stored, Deflated] {
        let archive = holding(how, KEY.as_bytes());
        let index = index(&archive);
        let inflated = [(24, 5), (24, 1000), (24, u32::MAX - 1), (20, 5)];
        // Deflated bytes know themselves where they end.
        let more = [(20, 1000), (20, u32::MAX - 1)].into_iter().filter(|_| how == Stored);
        for (at, size) in inflated.into_iter().chain(more) {
            let lying = patched(archive.clone(), index + at, &u32::to_le_bytes(size));
            let error = refused(lying);
            assert_eq!(error, ArchiveError::DamagedEntry { entry: "a.pem".into() }, "{at} {size}");
        }
    }
}

#[test]
fn paths_that_lead_elsewhere_are_refused() {
    for (path, reason) in [
        ("../x", "holds `.` or `..`"),
        ("a/..", "holds `.` or `..`"),
        ("a/./x", "holds `.` or `..`"),
        ("...", "holds `.` or `..`"),
        ("a/...pem", "holds `.` or `..`"),
        ("..pem", "holds `.` or `..`"),
        ("..", "holds `.` or `..`"),
        ("/etc/x", "is absolute"),
        (r"a\..\b", "holds a backslash"),
        (r"\\host\x", "holds a backslash"),
        ("C:x", "holds a colon, as a drive letter does"),
        ("a.pem\0.txt", "holds a control character"),
        ("a\n.pem", "holds a control character"),
        ("a//b", "is empty or has an empty part"),
    ] {
        // The writer is spared the path, which it might tidy.
        let plain = "z".repeat(path.len());
        let archive = renamed(named(&[&plain]), plain.as_bytes(), path.as_bytes());
        assert_eq!(refused(archive), ArchiveError::UnsafePath { entry: path.into(), reason });
    }
    let directory = renamed(
        written(|writer| writer.add_directory("zz/x", SimpleFileOptions::default()).unwrap()),
        b"zz/x/",
        b"../x/",
    );
    assert!(matches!(refused(directory), ArchiveError::UnsafePath { .. }));
    let bytes = renamed(named(&["zz"]), b"zz", b"z\xff");
    assert!(matches!(refused(bytes), ArchiveError::UnsafePath { reason: "is not UTF-8", .. }));
    let nameless = named(&[""]);
    assert!(matches!(refused(nameless), ArchiveError::UnsafePath { .. }));
}

#[test]
fn a_hostile_name_is_shown_short_and_escaped() {
    let name = format!("{}/../x", "\x1b[31m".repeat(100));
    let text = refused(named(&[&name])).to_string();
    assert!(text.starts_with(r#"entry "\u{1b}[31m\u{1b}"#), "{text}");
    assert!(text.ends_with(
        "…\" of the zip file is refused, its path holds a control character; do not unpack the file otherwise"
    ));
    assert!(text.chars().count() < 300 && !text.contains('\x1b'));
}

#[test]
fn two_entries_of_the_same_name_are_refused() {
    let twice = renamed(named(&["a.pem", "b.pem"]), b"b.pem", b"a.pem");
    // The crate shows one of them only.
    assert_eq!(Archive::new(Cursor::new(&twice[..])).unwrap().len(), 1);
    let error = refused(twice);
    assert_eq!(error, ArchiveError::Duplicate { name: "a.pem".into() });
    assert_eq!(error.to_string(), r#"two entries of the zip file are named "a.pem"; export that key alone"#);
}

#[test]
fn two_entries_for_the_same_key_pair_are_refused() {
    for names in [["a.pem", "a.key"], ["a.pem", "keypairs/a.pem"], ["x/a", "y/a.pem"]] {
        assert_eq!(refused(named(&names)), ArchiveError::Duplicate { name: "a".into() });
    }
}

#[test]
fn another_name_in_an_extra_field_is_refused() {
    let mut field = vec![1];
    field.extend(crc32(b"a.pem").to_le_bytes());
    field.extend(b"../x");
    let archive = written(|writer| {
        let mut options = zip::write::FullFileOptions::default();
        options.add_extra_data(0x7777, field, true).unwrap();
        writer.start_file("a.pem", options).unwrap();
    });
    let at = find(&archive, b"\x77\x77");
    let error = refused(patched(archive, at, b"\x75\x70"));
    assert!(matches!(error, ArchiveError::UnsafePath { reason: "is given twice, with a difference", .. }));
}

/// The checksum as an archive has it.
fn crc32(bytes: &[u8]) -> u32 {
    let archive = holding(Stored, bytes);
    let at = index(&archive) + 16;
    u32::from_le_bytes(archive[at..at + 4].try_into().unwrap())
}

#[test]
fn encrypted_entries_are_refused() {
    let archive = named(&["a.pem"]);
    let flags = index(&archive) + 8;
    let encrypted = patched(archive.clone(), flags, &[archive[flags] | 1]);
    assert_eq!(refused(encrypted), ArchiveError::Encrypted { entry: "a.pem".into() });
}

#[test]
fn other_compression_is_refused() {
    let archive = named(&["a.pem"]);
    let method = index(&archive) + 10;
    for number in [1, 9, 12, 14, 93, 98, 0xfffe_u16] {
        let error = refused(patched(archive.clone(), method, &number.to_le_bytes()));
        assert!(matches!(error, ArchiveError::Compression { .. }), "{number}: {error}");
    }
}

#[test]
fn links_and_devices_are_refused() {
    let link =
        written(|writer| writer.add_symlink("a.pem", "/etc/passwd", SimpleFileOptions::default()).unwrap());
    let kind = index(&link) + 40;
    for mode in [0o120_777, 0o060_644, 0o010_644, 0o040_755_u16] {
        let archive = patched(link.clone(), kind, &mode.to_le_bytes());
        assert_eq!(refused(archive), ArchiveError::NotAFile { entry: "a.pem".into() }, "{mode:o}");
    }
}

#[test]
fn wrong_checksums_are_refused() {
    for how in [Stored, Deflated] {
        let archive = holding(how, KEY.as_bytes());
        let checksum = index(&archive) + 16;
        let wrong = patched(archive.clone(), checksum, &[archive[checksum] ^ 1]);
        assert_eq!(refused(wrong), ArchiveError::DamagedEntry { entry: "a.pem".into() });
    }
    let archive = named(&["a.pem"]);
    let content = find(&archive, KEY.as_bytes());
    assert_eq!(
        refused(patched(archive, content, b"H")),
        ArchiveError::DamagedEntry { entry: "a.pem".into() }
    );
}

#[test]
fn a_misplaced_entry_is_refused() {
    let archive = named(&["a.pem"]);
    let offset = index(&archive) + 42;
    for place in [1_u32, 500, u32::MAX - 1] {
        let misplaced = patched(archive.clone(), offset, &place.to_le_bytes());
        assert_eq!(refused(misplaced), ArchiveError::DamagedEntry { entry: "a.pem".into() });
    }
}

#[test]
fn what_is_no_text_is_refused() {
    assert_eq!(refused(holding(Stored, b"\xff\xfe")), ArchiveError::NotText { entry: "a.pem".into() });
}

/// Three entries, of each sort one.
fn mixed() -> Vec<u8> {
    written(|writer| {
        add(writer, "a.pem", Stored, KEY.as_bytes());
        writer.add_directory("d", SimpleFileOptions::default()).unwrap();
        add(writer, "d/b.pem", Deflated, KEY.repeat(20).as_bytes());
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..512), zip in any::<bool>()) {
        let beginning: &[u8] = if zip { b"PK\x03\x04" } else { b"" };
        let _ = read([beginning, &bytes].concat());
    }

    #[test]
    fn a_mutated_archive_is_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        length in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut archive = mixed();
        for (at, byte) in changes {
            let at = at.index(archive.len());
            archive[at] = byte;
        }
        archive.truncate(length.map_or(usize::MAX, |length| length.index(archive.len())));
        if let Err(error) = read(archive) {
            prop_assert!(!error.to_string().contains("hunter2"));
        }
    }

    /// Most mutations of the kind above are caught early; these reach the `zip` crate.
    #[test]
    fn a_mutated_entry_is_read_or_refused(
        entry in 0..3_usize,
        changes in prop::collection::vec((4..46_usize, any::<u8>()), 1..4),
    ) {
        let mut archive = mixed();
        let places: Vec<_> = (0..archive.len()).filter(|at| archive[*at..].starts_with(b"PK\x01\x02")).collect();
        for (at, byte) in changes {
            archive[places[entry] + at] = byte;
        }
        let _ = read(archive);
    }
}
