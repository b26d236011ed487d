//! What the program tells of itself.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

mod support;

fn printed(arguments: &[&str]) -> String {
    let output = support::kps(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The commands, as the help lists them, and what it says of them.
fn commands() -> BTreeMap<String, String> {
    listed(&printed(&["--help"]))
}

fn listed(help: &str) -> BTreeMap<String, String> {
    let Some((_, listed)) = help.split_once("Commands:\n") else { return BTreeMap::new() };
    let lines = listed.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    let named = lines.filter_map(|line| line.trim_start().split_once(' '));
    let named = named.map(|(name, text)| (name.to_owned(), text.trim().to_owned()));
    named.filter(|(name, _)| name != "help").collect()
}

/// What a command says of itself is what is said of it where it is listed.
fn told_alike(command: &[&str], text: &str) {
    let help = printed(&[command, &["-h"]].concat());
    let start = format!("{text}\n\nUsage: kps {}", command.join(" "));
    assert!(help.starts_with(&start) && help.contains("Global options:"), "{command:?}: {help}");
    for (name, text) in listed(&help) {
        told_alike(&[command, &[&*name]].concat(), &text);
    }
}

#[test]
fn version_and_help_need_nothing() {
    let version = format!("kps {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((printed(&["--version"]), printed(&["-V"])), (version.clone(), version));
    assert_eq!(printed(&["help", "sign"]), printed(&["sign", "--help"]));
    assert!(printed(&["-h"]).contains("Usage: kps [OPTIONS] <COMMAND>"));
    assert!(printed(&["-h"]).contains("  emulator     Runs an emulator of the service"));
    assert!(printed(&["emulator", "--help"]).contains("one line of JSON with the endpoint"));
    assert!(commands().len() > 10);
    for (name, text) in commands() {
        told_alike(&[&name], &text);
    }
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(printed(&["man", directory.path().to_str().unwrap()]), "");
    for name in commands().keys() {
        let page = fs::read_to_string(directory.path().join(format!("kps-{name}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{name}");
        assert!(page.contains(concat!("\"kps ", env!("CARGO_PKG_VERSION"), "\"")), "{name}");
        let has_examples = page.contains("\n.SH EXAMPLES\n.nf\n") && !page.contains("Examples:");
        assert!(has_examples || page.contains(".SH SUBCOMMANDS"), "{name}");
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
