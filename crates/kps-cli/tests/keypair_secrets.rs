//! No private key is on any output of any command of key pairs, unless it is to be revealed.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads what the program wrote"
)]

use http::StatusCode;
use kps_emulator::{Emulator, Fault, FaultRule, Snapshot};
use support::service::{Ran, Service};

const FORMS: [&[&str]; 8] = [
    &[],
    &["-o", "json"],
    &["-o", "ndjson"],
    &["-o", "csv"],
    &["-o", "yaml"],
    &["--query", "@"],
    &["--dry-run"],
    &["--trace", "--verbose"],
];

/// All commands that see a private key, and some that do not. `hosted` is hosted, `own` is not.
const COMMANDS: [&[&str]; 15] = [
    &["list"],
    &["show", "hosted"],
    &["show", "own", "--public-key"],
    &["create", "new", "--save", "new", "--force"],
    &["create", "new", "--save", "new", "--force", "--format", "openssh", "--host"],
    &["create", "new", "--type", "ed25519", "--save", "new", "--force", "--description", "text"],
    &["import", "new", "--private-key", "own"],
    &["import", "hosted", "--private-key", "own"],
    &["import", "own", "--public-key", "own"],
    &["export", "hosted", "--save", "new", "--force"],
    &["export", "hosted", "own", "--save", "keys", "--force"],
    &["export", "hosted", "--save", "new", "--force", "--format", "pkcs8"],
    &["host", "own", "--private-key", "own"],
    &["host", "hosted", "--private-key", "own"],
    &["unhost", "hosted", "--yes"],
];

/// What must not be seen of the keys that the program has to do with: parts of the lines of their private halves, but for
/// those at the edges, which are the same in others, and those that are in the public halves too.
fn secrets(service: &Service) -> Vec<String> {
    let mut secrets = Vec::new();
    for file in ["new", "own", "keys/hosted", "hosted"] {
        let read = |file: &str| std::fs::read_to_string(service.path(file)).ok();
        let (Some(pem), Some(public)) = (read(file), read(&format!("{file}.pub"))) else { continue };
        let lines = pem.lines().filter(|line| !line.starts_with('-') && line.len() > 32).skip(1);
        let parts = lines.map(|line| line[8..32].to_owned()).filter(|part| !public.contains(part));
        secrets.extend(parts);
    }
    assert!(secrets.len() > 10);
    secrets
}

fn reveals(ran: &Ran, secrets: &[String]) -> bool {
    let printed = ran.all();
    printed.contains("PRIVATE KEY-----") || secrets.iter().any(|secret| printed.contains(secret))
}

fn service() -> (Service, Snapshot) {
    let service = Service::start(Emulator::new());
    std::fs::create_dir(service.path("keys")).unwrap();
    service.run(&["keypair", "create", "hosted", "--host", "--save", "hosted"]).ok();
    service.run(&["keypair", "create", "own", "--type", "ed25519", "--save", "own"]).ok();
    let snapshot = service.emulator().snapshot();
    (service, snapshot)
}

#[test]
fn no_private_key_is_seen_whatever_the_command_and_the_form() {
    let (service, snapshot) = service();
    let mut done = 0;
    for command in COMMANDS {
        for form in FORMS {
            service.emulator().restore(&snapshot);
            let arguments = [&["keypair"], command, form].concat();
            let ran = service.run(&arguments);
            done += usize::from(ran.code == Some(0));
            assert!(!reveals(&ran, &secrets(&service)), "{arguments:?}: {ran:?}");
        }
    }
    // Most of them did what they are for.
    assert!(done > COMMANDS.len() * FORMS.len() / 2, "{done}");
}

#[test]
fn no_private_key_is_seen_whatever_goes_wrong() {
    let (service, snapshot) = service();
    for fault in [Fault::Garbage, Fault::CutBody, Fault::StatusAfter(StatusCode::BAD_REQUEST)] {
        for command in COMMANDS {
            service.emulator().restore(&snapshot);
            service.emulator().clear_faults();
            for operation in [
                "CreateKeypair",
                "ImportPrivateKey",
                "ExportPrivateKey",
                "BatchExportPrivateKey",
                "BatchImportKeypair",
            ] {
                service.emulator().inject(FaultRule::new(fault.clone()).on(operation).unwrap());
            }
            let arguments = [&["keypair"], command, &["--trace", "-o", "json", "--timeout", "1s"]].concat();
            let ran = service.run(&arguments);
            assert!(!reveals(&ran, &secrets(&service)), "{fault:?} {arguments:?}: {ran:?}");
        }
    }
}

#[test]
fn a_private_key_that_is_to_be_revealed_is_seen() {
    let (service, snapshot) = service();
    for command in [
        &["create", "new", "--save", "new", "--force", "--reveal"][..],
        &["create", "new", "--type", "ed25519", "--save", "new", "--force", "--reveal"],
        &["export", "hosted", "--reveal"],
    ] {
        for form in
            [&[][..], &["-o", "json"], &["-o", "ndjson"], &["-o", "yaml"], &["--query", "private_key"]]
        {
            service.emulator().restore(&snapshot);
            let arguments = [&["keypair"], command, form].concat();
            let ran = service.run(&arguments);
            assert!(ran.code == Some(0) && reveals(&ran, &secrets(&service)), "{arguments:?}: {ran:?}");
        }
    }
}

mod support;
