//! What the program tells of itself.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

mod support;

fn printed(arguments: &[&str]) -> String {
    let output = support::kps(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The commands, as the help lists them.
fn commands() -> BTreeSet<String> {
    let help = printed(&["--help"]);
    let listed = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn version_and_help_need_nothing() {
    let version = format!("kps {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((printed(&["--version"]), printed(&["-V"])), (version.clone(), version));
    assert_eq!(printed(&["help", "sign"]), printed(&["sign", "--help"]));
    assert!(printed(&["-h"]).contains("Usage: kps [OPTIONS] <COMMAND>"));
    assert!(printed(&["-h"]).contains("  emulator     Runs an emulator of the service"));
    assert!(printed(&["emulator", "--help"]).contains("one line of JSON with the endpoint"));
    for name in commands().iter().filter(|name| *name != "help") {
        let help = printed(&[name, "-h"]);
        assert!(help.contains("Usage: kps ") && !help.contains("clap"), "{name}: {help}");
    }
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(printed(&["man", directory.path().to_str().unwrap()]), "");
    for name in commands().iter().filter(|name| *name != "help") {
        let page = fs::read_to_string(directory.path().join(format!("kps-{name}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{name}");
    }
    assert!(printed(&["man"]).contains(".SH SYNOPSIS"));
    let nowhere = support::kps(&["man", "nowhere/at-all"]).output().unwrap();
    assert_eq!(nowhere.status.code(), Some(2));
}

#[test]
fn every_shell_completes_and_nobody_has_to_read() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&["completions", shell]);
        assert!(
            script.contains("doctor") && script.contains("--skeleton") || script.contains("skeleton"),
            "{shell}"
        );
    }
    let mut child: Command = support::kps(&["completions", "bash"]);
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.stderr.is_empty(), "{output:?}");
}
