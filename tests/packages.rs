//! What is promised of the packages: the Rust they need, what they bring, what they leave out.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test reads files, and fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn packages() -> Vec<Value> {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--locked", "--all-features"]))
            .unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn own(package: &Value) -> bool {
    package["source"].is_null()
}

/// Those that are to be published.
fn published() -> Vec<Value> {
    packages().into_iter().filter(|package| own(package) && package["publish"].is_null()).collect()
}

fn version(text: &str) -> (u64, u64) {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap_or(0))
}

#[test]
fn no_locked_crate_needs_more_than_the_declared_rust() {
    let packages = packages();
    let declared = packages.iter().find(|package| package["name"] == "kps-model").unwrap();
    let declared = version(declared["rust_version"].as_str().unwrap());
    let newer: Vec<String> = packages
        .iter()
        .filter(|package| package["rust_version"].as_str().is_some_and(|needed| version(needed) > declared))
        .map(|package| {
            format!("{} {} needs {}", package["name"], package["version"], package["rust_version"])
        })
        .collect();
    assert!(newer.is_empty(), "{newer:#?}");
}

#[test]
fn a_package_tells_what_it_is() {
    let published = published();
    assert!(published.len() >= 5, "{}", published.len());
    for package in published {
        for field in ["description", "license", "readme", "rust_version", "categories", "keywords"] {
            let value = &package[field];
            assert!(
                !value.is_null() && *value != Value::Array(Vec::new()),
                "{} has no {field}",
                package["name"]
            );
        }
        assert_eq!(package["version"], "0.1.0", "{}", package["name"]);
        // The texts go with the code, wherever a package is taken from.
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
        // A registry resolves the links of a README from the folder of the crate, whatever folder it was taken from.
        assert!(
            package["readme"] == "README.md" && folder.join("README.md").is_file(),
            "{} has no README of its own",
            package["name"]
        );
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            assert!(folder.join(licence).is_file(), "{} has no {licence}", package["name"]);
        }
    }
}

/// A version would have to be published before the crate that is tested with it.
#[test]
fn what_only_tests_need_of_the_workspace_has_no_version() {
    for package in published() {
        for needed in package["dependencies"].as_array().unwrap() {
            if needed["kind"] == "dev" && needed["path"].is_string() {
                assert_eq!(needed["req"], "*", "{} for {}", needed["name"], package["name"]);
            }
        }
    }
}

/// There is no target without a standard library to build for here, so the crates are asked what they say of themselves.
#[test]
fn the_model_without_features_has_no_std() {
    let tree = |edges| {
        let arguments =
            ["tree", "-p", "kps-model", "--no-default-features", "--prefix", "none", "--locked", "-e", edges];
        cargo(&arguments)
            .lines()
            .map(|line| line.trim_end_matches(" (*)").to_owned())
            .collect::<BTreeSet<String>>()
    };
    let features = tree("features,no-proc-macro,no-build,no-dev");
    assert!(features.iter().any(|line| line == "serde feature \"alloc\""), "{features:?}");
    assert!(!features.iter().any(|line| line.ends_with("feature \"std\"")), "{features:?}");

    let packages = packages();
    for line in tree("no-proc-macro,no-build,no-dev") {
        let mut words = line.split(' ');
        let (name, version) = (words.next().unwrap(), words.next().unwrap().trim_start_matches('v'));
        let package =
            packages.iter().find(|package| package["name"] == name && package["version"] == version).unwrap();
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        let source = fs::read_to_string(manifest.with_file_name("src").join("lib.rs")).unwrap();
        assert!(source.contains("no_std"), "{name} uses the standard library");
    }
}
