//! The documents: their links lead somewhere, a way leads to each, and the Rust in them is compiled.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads files, and fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Markdown files, but for what is built and what is hidden.
fn documents() -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let path = folder.join(&name);
            if name.starts_with('.') || name == "target" {
                continue;
            }
            if root().join(&path).is_dir() {
                folders.push(path);
            } else if name.ends_with(".md") {
                found.push(path);
            }
        }
    }
    assert!(found.contains(&"README.md".into()), "{found:?}");
    found
}

/// What a document links to, and the anchors of its headings, as the usual hosts make them.
fn read(path: &Path) -> (Vec<String>, BTreeSet<String>) {
    let text = fs::read_to_string(root().join(path)).unwrap();
    let (mut links, mut anchors, mut heading) = (Vec::new(), BTreeSet::new(), None::<String>);
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push(dest_url.into_string());
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                heading.iter_mut().for_each(|heading| heading.push_str(&text));
            }
            Event::End(TagEnd::Heading(_)) => drop(anchors.insert(anchor(&heading.take().unwrap()))),
            _ => {}
        }
    }
    (links, anchors)
}

fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut dead = Vec::new();
    for document in documents() {
        for link in read(&document).0 {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').map_or((&*link, None), |(path, at)| (path, Some(at)));
            let target =
                if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            let there = root().join(&target).exists();
            if !there || anchor.is_some_and(|anchor| !read(&target).1.contains(anchor)) {
                dead.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}

/// Such as the test that shows a claim. It is in the workspace, or in one of the crates.
#[test]
fn files_that_are_named_are_there() {
    let crates = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let places: Vec<PathBuf> = crates.chain([root().to_owned()]).collect();
    let (mut named, mut missing) = (0, Vec::new());
    for document in documents() {
        let text = fs::read_to_string(root().join(&document)).unwrap();
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            let Event::Code(path) = event else { continue };
            let is_ours =
                ["crates/", "docs/", "examples/", "tests/"].iter().any(|start| path.starts_with(start));
            if !is_ours || path.contains([' ', '*']) {
                continue;
            }
            named += 1;
            if !places.iter().any(|place| place.join(&*path).exists()) {
                missing.push(format!("{}: {path}", document.display()));
            }
        }
    }
    assert!(named > 20 && missing.is_empty(), "of {named}: {missing:#?}");
}

#[test]
fn each_document_can_be_found_from_the_first_page() {
    let mut reached = BTreeSet::new();
    let mut next = vec![PathBuf::from("README.md")];
    while let Some(document) = next.pop() {
        let is_document = document.extension().is_some_and(|kind| kind == "md");
        if !is_document || !reached.insert(document.clone()) {
            continue;
        }
        let folder = root().join(document.parent().unwrap());
        let targets = read(&document).0.into_iter().filter_map(|link| {
            let target = folder.join(link.split('#').next()?).canonicalize().ok()?;
            target.strip_prefix(root().canonicalize().ok()?).ok().map(Path::to_owned)
        });
        next.extend(targets);
    }
    let lost: Vec<PathBuf> = documents()
        .into_iter()
        .filter(|document| document.starts_with("docs") || document.parent() == Some(Path::new("")))
        .filter(|document| !reached.contains(document))
        .collect();
    assert!(lost.is_empty(), "no way leads to {lost:?}");
}

#[test]
fn the_rust_in_a_document_is_compiled() {
    let compiled = include_str!("../src/lib.rs");
    let is_compiled = |document: &PathBuf| compiled.contains(&format!("= \"{}\",", document.display()));
    let has_rust = |document: &PathBuf| {
        let text = fs::read_to_string(root().join(document)).unwrap();
        text.lines().any(|line| line.trim_start().starts_with("```rust"))
    };
    let forgotten: Vec<PathBuf> =
        documents().into_iter().filter(|document| has_rust(document) && !is_compiled(document)).collect();
    assert!(forgotten.is_empty(), "not among the doctests in src/lib.rs: {forgotten:?}");
}
