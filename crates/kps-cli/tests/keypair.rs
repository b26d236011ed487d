//! `kps keypair` against a service that runs: the life of key pairs, and what becomes of files.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads what the program wrote"
)]

use std::fs;

use serde_json::{Value, json};
use support::service::Service;

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_life_of_a_key_pair() {
    let service = Service::new();
    let made =
        service.run(&["keypair", "create", "ci", "--type", "ed25519", "--save", "ci.key", "-o", "json"]).ok();
    let made = json_of(&made);
    assert_eq!(made["private_key_file"], "ci.key");
    assert_eq!(format!("{}\n", made["public_key"].as_str().unwrap()), service.text("ci.key.pub"));

    let shown = json_of(&service.run(&["keypair", "show", "ci", "-o", "json"]).ok());
    for field in ["name", "public_key", "sha256", "md5"] {
        assert_eq!(shown[field], made[field], "{field}");
    }
    assert_eq!(shown["sha256"], shown["fingerprint"]);
    assert_eq!(service.run(&["keypair", "show", "ci", "--public-key"]).ok(), service.text("ci.key.pub"));

    service.run(&["keypair", "describe", "ci", "Build agents"]).ok();
    let described = json_of(&service.run(&["keypair", "show", "ci", "-o", "json"]).ok());
    assert_eq!(described["description"], "Build agents");

    let refused = service.run(&["keypair", "export", "ci", "--save", "again.key"]).failed(1);
    assert!(refused.contains("KPS.6005"), "{refused}");
    service.run(&["keypair", "host", "ci", "--private-key", "ci.key"]).ok();
    let hosted = json_of(&service.run(&["keypair", "list", "c?", "--hosted", "-o", "json"]).ok());
    assert_eq!(hosted[0]["name"], "ci");
    service.run(&["keypair", "export", "ci", "--save", "again.key"]).ok();
    assert_eq!(service.text("again.key"), service.text("ci.key"));
    let key = service.run(&["keypair", "export", "ci", "--reveal"]).ok();
    assert_eq!(key, service.text("ci.key"));

    service.run(&["keypair", "unhost", "ci", "--yes"]).ok();
    service.run(&["keypair", "export", "ci", "--reveal"]).failed(1);
    service.run(&["keypair", "delete", "ci", "--yes"]).ok();
    service.run(&["keypair", "show", "ci"]).failed(7);
    assert_eq!(service.files(), ["again.key", "again.key.pub", "ci.key", "ci.key.pub"]);
}

#[test]
fn the_private_half_of_a_key_made_here_never_travels() {
    let service = Service::new();
    service
        .run(&["keypair", "create", "ci", "--type", "ecdsa-p256", "--save", "ci.key", "--scope", "domain"])
        .ok();
    assert_eq!(service.emulator().applied("CreateKeypair"), 1);
    let shown = json_of(&service.run(&["keypair", "show", "ci", "-o", "json"]).ok());
    assert_eq!(shown["is_key_protection"], false);
    assert_eq!(shown["scope"], "domain");
    assert_eq!(shown["type"], "ssh");
    assert!(!format!("{:?}", service.emulator().calls()).contains("PRIVATE"));
}

#[cfg(unix)]
#[test]
fn private_keys_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let service = Service::new();
    service.run(&["keypair", "create", "a", "--save", "a.key"]).ok();
    service.run(&["keypair", "create", "b", "--type", "ed25519", "--save", "b.key"]).ok();
    service.run(&["keypair", "create", "c", "--host"]).ok();
    service.run(&["keypair", "create", "d", "--host"]).ok();
    fs::create_dir(service.path("keys")).unwrap();
    service.run(&["keypair", "export", "c", "d", "--save", "keys", "--format", "pkcs8"]).ok();
    for private in ["a.key", "b.key", "keys/c", "keys/d"] {
        for (file, mode) in [(private.to_owned(), 0o600), (format!("{private}.pub"), 0o644)] {
            let found = fs::metadata(service.path(&file)).unwrap().permissions().mode() & 0o777;
            // What the tests are run with may take away more.
            assert_eq!(found, found & mode, "{file}");
            assert_eq!(found & 0o600, 0o600, "{file}");
        }
    }
    assert!(service.text("keys/c").starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert_ne!(service.text("keys/c"), service.text("keys/d"));
}

#[test]
fn nothing_is_asked_of_the_service_unless_the_key_can_be_kept() {
    let service = Service::new();
    service.write("there", "old");
    service.write("beside.pub", "old");
    for (arguments, reason) in [
        (&["keypair", "create", "ci"][..], "--save PATH, --to agent or --reveal"),
        (&["keypair", "create", "ci", "--save", "there"], "--force"),
        (&["keypair", "create", "ci", "--save", "beside"], "beside.pub is there already"),
        (&["keypair", "create", "ci", "--save", "none/key"], "cannot be written"),
        (&["keypair", "create", "ci", "--save", "/dev/null", "--force"], "is there and no file"),
        (&["keypair", "create", "ci", "--save", "-"], "--reveal"),
        (&["keypair", "create", "ci", "--to", "agent"], "SSH_AUTH_SOCK"),
        (&["keypair", "create", "ci", "--type", "ed25519", "--save", "there"], "--force"),
        (&["keypair", "create", "ci", "--reveal", "-o", "csv"], "does not go with"),
        (&["keypair", "create", "ci", "--host", "--reveal", "-o", "csv"], "does not go with"),
        (&["keypair", "export", "bastion", "--reveal", "-o", "csv"], "does not go with"),
        (&["keypair", "export", "bastion"], "--reveal"),
        (&["keypair", "export", "bastion", "--save", "there"], "--force"),
    ] {
        let told = service.run(arguments).failed(2);
        assert!(told.contains(reason), "{arguments:?}: {told}");
    }
    assert!(service.emulator().calls().is_empty());
    assert_eq!(service.files(), ["beside.pub", "there"]);
    assert_eq!((&*service.text("there"), &*service.text("beside.pub")), ("old", "old"));
}

#[test]
fn a_call_that_fails_leaves_the_files_as_they_are() {
    let service = Service::new();
    service.run(&["keypair", "create", "taken", "--save", "first"]).ok();
    service.write("there", "old");
    for arguments in [
        &["keypair", "create", "taken", "--save", "new"][..],
        &["keypair", "create", "taken", "--save", "there", "--force"],
        &["keypair", "create", "taken", "--type", "ed25519", "--save", "new"],
        &["keypair", "create", "taken", "--type", "ed25519", "--save", "there", "--force"],
        &["keypair", "export", "taken", "--save", "new"],
        &["keypair", "export", "taken", "--save", "there", "--force"],
    ] {
        service.run(arguments).failed(1);
        assert_eq!(service.files(), ["first", "first.pub", "there"], "{arguments:?}");
        assert_eq!(service.text("there"), "old", "{arguments:?}");
    }
    service.run(&["keypair", "create", "other", "--save", "there", "--force"]).ok();
    assert!(service.text("there").starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
}

#[test]
fn a_dry_run_shows_no_key_and_makes_nothing() {
    let service = Service::new();
    for arguments in [
        &["keypair", "create", "ci", "--save", "ci.key", "--dry-run"][..],
        &["keypair", "create", "ci", "--type", "ed25519", "--save", "ci.key", "--dry-run"],
        &["keypair", "create", "ci", "--type", "ed25519", "--reveal", "--dry-run"],
        &["keypair", "export", "bastion", "--save", "ci.key", "--dry-run"],
        &["keypair", "delete", "bastion", "--dry-run"],
        &["keypair", "unhost", "bastion", "--dry-run"],
    ] {
        let printed = service.run(arguments).ok();
        assert!(printed.contains("keypairs") && !printed.contains("PRIVATE KEY"), "{printed}");
    }
    assert!(service.emulator().calls().is_empty());
    assert!(service.files().is_empty());
}

#[test]
fn all_pages_are_listed_and_no_more_than_are_wanted() {
    let service = Service::new();
    service.run(&["keypair", "create", "ci", "--type", "ed25519", "--save", "ci"]).ok();
    let items: Vec<_> = (0..120).map(|number| format!("k-{number:03}=ci.pub")).collect();
    let mut arguments = vec!["keypair", "import"];
    arguments.extend(items.iter().map(String::as_str));
    let printed = service.run(&arguments).ok();
    assert_eq!(printed.lines().filter(|line| line.trim_end().ends_with("imported")).count(), 120);

    let names = json_of(&service.run(&["keypair", "list", "k-*", "-o", "json", "--query", "[].name"]).ok());
    let expected: Vec<_> = (0..120).map(|number| json!(format!("k-{number:03}"))).collect();
    assert_eq!(names, Value::from(expected));
    let few = service.run(&["keypair", "list", "k-*9", "--limit", "7", "-o", "ndjson"]).ok();
    assert_eq!(few.lines().count(), 7);

    // Again: nothing is imported twice.
    let again = service.run(&arguments).ok();
    assert_eq!(again.lines().filter(|line| line.trim_end().ends_with("was there")).count(), 120);
}

#[test]
fn an_import_from_standard_input_and_one_to_be_hosted() {
    let service = Service::new();
    service.run(&["keypair", "create", "ci", "--type", "rsa-3072", "--format", "pkcs1", "--save", "ci"]).ok();
    let line = service.text("ci.pub");
    let told = service.run_with(&["keypair", "import", "piped", "--public-key", "-"], &line).ok();
    assert_eq!(told, "piped: imported\n");

    // It is there, with the same key, and is hosted now.
    let hosted = ["keypair", "import", "piped", "--private-key", "ci"];
    assert_eq!(service.run(&hosted).ok(), "piped: was there, hosted now\n");
    assert_eq!(service.run(&hosted).ok(), "piped: was there\n");
    assert_eq!(service.run(&["keypair", "export", "piped", "--reveal"]).ok(), service.text("ci"));
}

#[test]
fn a_private_key_of_another_pair_is_not_sent() {
    let service = Service::new();
    service.run(&["keypair", "create", "ci", "--type", "ed25519", "--save", "ci"]).ok();
    let told = service.run(&["keypair", "host", "bastion", "--private-key", "ci"]).failed(2);
    assert!(told.contains("nothing was sent"), "{told}");
    service.run(&["keypair", "host", "nobody", "--private-key", "ci"]).failed(7);
    let calls = service.emulator().calls();
    assert!(calls.iter().all(|call| call.operation != Some("ImportPrivateKey")), "{calls:?}");

    // Where it cannot be known, the service says it.
    service.emulator().refuse_next("ListKeypairDetail", "KPS.0001").unwrap();
    let told = service.run(&["keypair", "host", "bastion", "--private-key", "ci"]).failed(1);
    assert!(told.contains("KPS.6011"), "{told}");
}

#[test]
fn what_does_not_go_for_one_goes_for_the_others() {
    let service = Service::new();
    fs::create_dir(service.path("keys")).unwrap();
    let ran = service.run(&["keypair", "export", "bastion", "nobody", "build-agents", "--save", "keys"]);
    assert!(ran.stdout.contains("nobody") && ran.stdout.contains("KPS.4016"), "{ran:?}");
    assert_eq!(ran.failed(7), "kps: 1 of 3 key pairs failed\n");
    for there in ["keys/bastion", "keys/bastion.pub", "keys/build-agents", "keys/build-agents.pub"] {
        assert!(service.path(there).exists(), "{there}");
    }
    assert!(!service.path("keys/nobody").exists());
    // One was imported, so the command line was not wrong as a whole.
    let ran = service.run(&["keypair", "import", "twice=keys/bastion.pub", "twice=keys/bastion.pub"]);
    assert!(ran.stdout.contains("item 1 of the batch"), "{ran:?}");
    assert_eq!(ran.failed(1), "kps: 1 of 2 key pairs failed\n");
}

mod support;
