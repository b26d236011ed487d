//! The layers, read off the dependency trees: the model knows no HTTP, the core no client, runtime or TLS.
//! And what kps-ureq hands on, read off the source.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::process::Command;

fn dependencies(package: &str) -> BTreeSet<String> {
    dependencies_with(&["--all-features"], package)
}

fn dependencies_with(features: &[&str], package: &str) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--package", package])
        .args(features)
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).unwrap();
    let names: BTreeSet<String> =
        text.lines().filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect();
    assert!(names.contains(package), "{names:?}");
    names
}

fn assert_without(package: &str, forbidden: &[&str]) {
    let names = dependencies(package);
    let found: Vec<_> = forbidden.iter().filter(|name| names.contains(**name)).collect();
    assert!(found.is_empty(), "{package} depends on {found:?}");
}

const CLIENTS_RUNTIMES_TLS: [&str; 14] = [
    "async-std",
    "axum",
    "hyper",
    "hyper-util",
    "native-tls",
    "openssl",
    "reqwest",
    "ring",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "ureq",
    "url",
];

#[test]
fn the_model_knows_no_http() {
    assert_without("kps-model", &CLIENTS_RUNTIMES_TLS);
    assert_without("kps-model", &["http", "bytes", "kps-core"]);
}

#[test]
fn the_core_knows_no_client_runtime_or_tls() {
    assert_without("kps-core", &CLIENTS_RUNTIMES_TLS);
}

#[test]
fn what_is_forbidden_is_found_where_it_is_used() {
    let adapter = dependencies("kps-reqwest");
    for name in ["hyper", "native-tls", "reqwest", "ring", "rustls", "tokio", "url"] {
        assert!(adapter.contains(name), "{name}");
    }
}

/// What the build of OpenSSL needs is not everywhere, and nobody gets it unasked.
#[test]
fn the_adapters_bring_no_tls_but_the_one_that_is_asked_for() {
    for package in ["kps-ureq", "kps-reqwest"] {
        for (features, rustls, native) in [
            (&[][..], true, false),
            (&["--no-default-features"], false, false),
            (&["--no-default-features", "--features", "native-tls"], false, true),
        ] {
            let names = dependencies_with(features, package);
            let found = (names.contains("rustls"), names.contains("native-tls"));
            assert_eq!(found, (rustls, native), "{package} {features:?}");
        }
    }
}

/// What the module of the blocking client makes public, of the lines that say so.
fn blocking() -> BTreeSet<&'static str> {
    let source = include_str!("../crates/kps-core/src/blocking.rs");
    let names = |line: &'static str| -> Vec<&'static str> {
        let (kind, rest) = line.split_once(' ').unwrap();
        let ends = |next: char| !next.is_alphanumeric() && next != '_';
        match kind {
            "enum" | "struct" | "trait" | "type" => rest.split(ends).take(1).collect(),
            // Of a module of its own.
            "use" if !rest.contains('*') => {
                let (_, names) = rest.split_once("::").unwrap();
                names.split(ends).filter(|name| !name.is_empty()).collect()
            }
            _ => panic!("what does `pub {line}` name?"),
        }
    };
    source.lines().filter_map(|line| line.strip_prefix("pub ")).flat_map(names).collect()
}

/// One that is forgotten is there all the same, from the core: the one to be awaited.
#[test]
fn kps_ureq_hands_on_all_that_blocks() {
    let source = include_str!("../crates/kps-ureq/src/lib.rs");
    let (_, handed_on) = source.split_once("pub use kps_core::blocking::{").unwrap();
    let (handed_on, _) = handed_on.split_once('}').unwrap();
    let names = handed_on.split(',').map(str::trim).filter(|name| !name.is_empty());
    assert_eq!(names.collect::<BTreeSet<_>>(), blocking());
}

#[test]
fn the_command_line_without_the_emulator_brings_no_runtime() {
    let names = dependencies_with(&["--no-default-features"], "kps-cli");
    assert!(names.contains("kps-ureq"), "{names:?}");
    for name in ["axum", "hyper", "kps-emulator", "reqwest", "tokio"] {
        assert!(!names.contains(name), "{name}");
    }
}
