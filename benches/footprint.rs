//! What the crates cost whoever builds them: the time of a clean build in the profile `dev`, against one of what they depend
//! on, and the size of the program `kps`.
//!
//! `cargo bench --bench footprint` builds in folders of its own, and takes minutes. Times are those that pass, the least of
//! three, taken in turns, so nothing else should be going on.
#![allow(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "it is a program that measures"
)]

#[allow(dead_code, reason = "what the other benches use")]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use support::over;

fn main() {
    let bare = "serde = { version = \"1\", default-features = false, features = [\"alloc\", \"derive\"] }\n\
                serde_json = { version = \"1\", default-features = false, features = [\"alloc\"] }\n";

    let (ours, theirs) = clean_builds("kps-model", bare);
    let model = ours - theirs;
    println!(
        "clean build, kps-model over serde and serde_json {model:+5.1} s (budget +2 s){}",
        over(model > 2.0)
    );

    let (ours, theirs) = clean_builds("kps-core", &needed("kps-core"));
    let core = ours - theirs;
    println!(
        "clean build, kps-core over what it depends on    {core:+5.1} s (budget +3 s){}",
        over(core > 3.0)
    );

    let ureq = format!(
        "{bare}ureq = {{ version = \"3\", default-features = false, features = [\"platform-verifier\", \"rustls-no-provider\"] }}\nrustls = {{ version = \"0.23\", default-features = false, features = [\"logging\", \"ring\", \"std\", \"tls12\"] }}\n"
    );
    let (ours, theirs) = clean_builds("kps-ureq", &ureq);
    let ratio = ours / theirs;
    println!(
        "clean build, kps-ureq against ureq and serde_json {ratio:4.2} × (budget 1.50 ×){}",
        over(ratio > 1.5)
    );

    let size = program() as f64 / 1e6;
    println!(
        "kps, stripped, without the emulator              {size:5.1} MB (budget 8 MB){}",
        over(size > 8.0)
    );
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The seconds in which a crate of ours is built from nothing, and those of what it is measured against.
fn clean_builds(name: &str, bare: &str) -> (f64, f64) {
    let own = format!("{name} = {{ path = {:?} }}\n", root().join("crates").join(name));
    let (ours, theirs) = (project(name, &own), project(&format!("bare-{name}"), bare));
    let least = |one: f64, other: Duration| one.min(other.as_secs_f64());
    (0..3).fold((f64::MAX, f64::MAX), |(one, other), _| {
        (least(one, clean_build(&ours)), least(other, clean_build(&theirs)))
    })
}

/// What a crate depends on without its features, but for those of the workspace, in the form of a manifest.
fn needed(name: &str) -> String {
    let metadata = cargo(root()).args(["metadata", "--format-version", "1", "--no-deps"]).output().unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let package =
        metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == name).unwrap();
    let all = package["dependencies"].as_array().unwrap().iter();
    all.filter(|needed| needed["kind"].is_null() && needed["path"].is_null() && needed["optional"] == false)
        .map(|needed| {
            let (name, version) = (needed["name"].as_str().unwrap(), &needed["req"]);
            format!(
                "{name} = {{ version = {version}, default-features = {}, features = {} }}\n",
                needed["uses_default_features"], needed["features"],
            )
        })
        .collect()
}

/// The folder of a program that uses this, with what is locked here.
fn project(name: &str, dependencies: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}-user\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{dependencies}"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    // Fetches what is missing, which is not to be timed.
    run(cargo(&folder).arg("fetch"));
    folder
}

fn clean_build(folder: &Path) -> Duration {
    drop(fs::remove_dir_all(folder.join("target")));
    let start = Instant::now();
    run(cargo(folder).args(["build", "--offline"]));
    start.elapsed()
}

/// The size of `kps`, in bytes.
fn program() -> u64 {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("size");
    run(cargo(root())
        .args(["build", "--release", "--package", "kps-cli", "--no-default-features", "--locked"])
        .arg("--target-dir")
        .arg(&target));
    fs::metadata(target.join("release").join(format!("kps{}", std::env::consts::EXE_SUFFIX))).unwrap().len()
}

fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(folder).env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
    // As cargo builds what comes from a registry, which the crates do for whoever uses them.
    command.env("CARGO_INCREMENTAL", "0").env_remove("CARGO_PROFILE_DEV_DEBUG");
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
