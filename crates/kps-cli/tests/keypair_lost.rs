//! `kps keypair create` where the answer does not come, or nobody reads it: what is told of the private key.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads what the program wrote"
)]

use std::process::Stdio;
use std::time::Duration;

use http::StatusCode;
use kps_emulator::{Fault, FaultRule};
#[cfg(unix)]
use support::service::Ran;
use support::service::Service;

mod support;

const ANEW: &str = "its private key cannot be had any more: `kps keypair delete ci`, and create it anew";

#[test]
fn an_answer_that_is_lost_loses_no_key_made_here() {
    let service = Service::new();
    service.emulator().inject(FaultRule::new(Fault::ResetAfter).on("CreateKeypair").unwrap().nth(1));
    service.run(&["keypair", "create", "found", "--type", "ed25519", "--save", "found"]).ok();
    assert_eq!(service.run(&["keypair", "show", "found", "--public-key"]).ok(), service.text("found.pub"));

    // Nor one that cannot be looked up afterwards.
    let service = Service::new();
    service.emulator().inject(FaultRule::new(Fault::ResetAfter).on("CreateKeypair").unwrap());
    for look in 2..20 {
        service
            .emulator()
            .inject(FaultRule::new(Fault::ResetAfter).on("ListKeypairDetail").unwrap().nth(look));
    }
    let told =
        service.run(&["keypair", "create", "unsure", "--type", "ed25519", "--save", "unsure"]).failed(4);
    assert!(told.contains("private key in unsure: `kps keypair show unsure` tells"), "{told}");
    service.emulator().clear_faults();
    assert_eq!(service.run(&["keypair", "show", "unsure", "--public-key"]).ok(), service.text("unsure.pub"));
}

#[test]
fn an_answer_with_a_key_that_is_lost_is_told_of() {
    let late = Fault::Latency(Duration::from_secs(3600));
    for (fault, code, limit) in [
        (Fault::ResetAfter, 4, "2m"),
        (Fault::CutBody, 4, "2m"),
        (Fault::Garbage, 1, "2m"),
        (Fault::StatusAfter(StatusCode::BAD_GATEWAY), 1, "2m"),
        (late, 6, "1s"),
    ] {
        let service = Service::new();
        service.emulator().inject(FaultRule::new(fault.clone()).on("CreateKeypair").unwrap());
        let made = |command: &[&str]| service.run(&[command, &["--timeout", limit]].concat()).failed(code);
        for command in [
            &["keypair", "create", "ci", "--save", "ci.key"][..],
            &["call", "CreateKeypair", "keypair.name=ci", "--save", "ci.key"],
        ] {
            let told = made(command);
            assert!(told.contains("ci may be made all the same") && told.contains(ANEW), "{fault:?}: {told}");
            assert!(service.files().is_empty(), "{fault:?}");
        }
        // A key that the service keeps is not lost.
        let told = made(&["keypair", "create", "hosted", "--host"]);
        assert!(told.contains("`kps keypair export hosted` gets it again"), "{fault:?}: {told}");
    }
}

#[test]
fn a_key_pair_that_is_not_described_is_made_all_the_same() {
    let service = Service::new();
    let broken = FaultRule::new(Fault::Status(StatusCode::SERVICE_UNAVAILABLE));
    service.emulator().inject(broken.on("UpdateKeypairDescription").unwrap());
    let create = ["keypair", "create", "ci", "--save", "ci.key", "--description", "x", "--timeout", "1s"];
    let ran = service.run(&create);
    assert!(ran.stdout.contains("ci.key.pub"), "{ran:?}");
    assert!(ran.failed(1).contains("it is made; `kps keypair describe ci TEXT` describes it"));
}

#[test]
fn a_call_that_was_refused_made_no_key() {
    let service = Service::new();
    service.run(&["keypair", "create", "ci", "--save", "ci.key"]).ok();
    let told = service.run(&["keypair", "create", "ci", "--save", "again"]).failed(1);
    assert!(!told.contains("may be made"), "{told}");
}

/// Interrupts `kps keypair create` once the service has made the key pair, and before the answer comes: what it says.
#[cfg(unix)]
fn interrupted(service: &Service, arguments: &[&str]) -> String {
    interrupted_in(service, "CreateKeypair", &[&["keypair", "create"], arguments].concat())
}

/// Interrupts a command once the service has done this, and before the answer comes.
#[cfg(unix)]
fn interrupted_in(service: &Service, operation: &str, arguments: &[&str]) -> String {
    let latency = FaultRule::new(Fault::Latency(Duration::from_secs(3600)));
    service.emulator().inject(latency.on(operation).unwrap());
    let mut command = service.kps(arguments);
    let before = service.emulator().applied(operation);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while service.emulator().applied(operation) == before {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
        std::thread::yield_now();
    }
    let id = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGINT).unwrap();
    Ran::from(child.wait_with_output().unwrap()).failed(130)
}

#[cfg(unix)]
#[test]
fn who_interrupts_the_call_is_told_of_the_key() {
    let service = Service::new();
    let told = interrupted(&service, &["ci", "--save", "ci.key"]);
    assert!(
        told.starts_with("kps: interrupted; the key pair ci may be made") && told.contains(ANEW),
        "{told}"
    );
    assert!(service.files().is_empty(), "{:?}", service.files());
    let told = interrupted(&service, &["seen", "--reveal", "-o", "json"]);
    let error: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(error["error"]["id"], "interrupted");
    assert!(error["error"]["cure"].as_str().unwrap().contains("`kps keypair delete seen`"), "{told}");
    let told = interrupted(&service, &["hosted", "--host"]);
    assert!(told.contains("`kps keypair export hosted` gets it again"), "{told}");

    // A key made here is in the file that was to be its own.
    let told = interrupted(&service, &["own", "--type", "ed25519", "--save", "own"]);
    let (_, place) = told.split_once("with its private key in ").unwrap();
    let (place, _) = place.split_once(": `kps keypair show own` tells").unwrap();
    let key = service.text(place);
    assert!(key.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----\n"), "{place}");
}

#[cfg(unix)]
#[test]
fn who_interrupts_an_export_leaves_no_files_behind() {
    let service = Service::new();
    for arguments in [
        &["keypair", "export", "bastion", "--save", "key"][..],
        &["call", "ExportPrivateKey", "keypair.name=bastion", "--save", "key"],
    ] {
        assert_eq!(interrupted_in(&service, "ExportPrivateKey", arguments), "");
        assert!(service.files().is_empty(), "{:?}", service.files());
    }
}

#[test]
fn a_key_that_a_query_does_not_find_is_told_of() {
    let service = Service::new();
    let query = ["--reveal", "--query", "abs(keypair.name)"];
    let told = service.run(&[&["call", "CreateKeypair", "keypair.name=ci"], &query[..]].concat()).failed(1);
    assert!(told.contains("argument 1 of abs is of type string"), "{told}");
    assert!(
        told.contains("its private key is nowhere else: `kps keypair delete ci`, and create it anew"),
        "{told}"
    );
}

#[test]
fn a_key_that_nobody_reads_is_told_of() {
    let service = Service::new();
    for (name, form) in [("ci", "table"), ("ci2", "json")] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = service.kps(&["keypair", "create", name, "--reveal", "-o", form]);
        let output =
            command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains(&format!("kps keypair delete {name}")), "{told}");
    }
}
