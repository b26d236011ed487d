//! `kps bind` and `kps unbind` against a service that runs: what becomes of servers, and what is not sent.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use kps_emulator::{AuthFault, Emulator, Fault, FaultRule, Quirks};
use support::service::Service;

mod support;

const BUILD_01: &str = "1c94d0f7-6e2b-4a85-b3d1-90ae57f8c264";
const SPARE_01: &str = "6b49c5ec-b37a-4fda-a8c6-45f3acedb7b9";
const HOUR: Duration = Duration::from_secs(3600);

/// Which key pair a server carries.
fn carried(service: &Service, name: &str) -> Option<String> {
    let servers = service.emulator().servers(&Emulator::project_id());
    let server = servers.into_iter().find(|server| server.name == name).unwrap();
    server.keypair_name.map(|name| name.to_string())
}

/// The private key of a key pair that the service hosts, in a file of its name.
fn private_key<'a>(service: &Service, keypair: &'a str) -> &'a str {
    service.run(&["keypair", "export", keypair, "--save", keypair]).ok();
    keypair
}

/// Whatever the form of the answers.
#[test]
fn a_server_is_bound_by_its_name_and_unbound_with_the_private_key() {
    for quirks in [Quirks::Documented, Quirks::Observed, Quirks::Hostile] {
        let service = Service::start(Emulator::builder().task_time(Duration::ZERO).quirks(quirks).build());
        let bind =
            ["bind", "build-01", "--keypair", "bastion", "--password-stdin", "--wait", "--poll", "1ms"];
        let (code, out, err) = service.run_with(&bind, "Emulator-Only-1\n").told();
        assert_eq!((code, err.as_str()), (0, ""), "{quirks:?}: {out}");
        assert!(out.to_uppercase().contains("SUCCESS_BIND AFTER"), "{out}");
        assert_eq!(carried(&service, "build-01").as_deref(), Some("bastion"));

        let key = private_key(&service, "bastion");
        let other = ["bind", "build-01", "--keypair", "build-agents", "--replace", "--wait", "--poll", "1ms"];
        let (code, out, err) = service.told(&[&other[..], &["--private-key", key]].concat());
        assert_eq!((code, err.as_str()), (0, ""), "{quirks:?}: {out}");
        assert_eq!(carried(&service, "build-01").as_deref(), Some("build-agents"));

        // That is the key of what it carried before.
        let unbind = ["unbind", BUILD_01, "--wait", "--poll", "1ms", "--private-key"];
        let (code, _, err) = service.told(&[&unbind[..], &[key]].concat());
        assert!(code == 5 && err.contains("the private key is wrong"), "{quirks:?}: {code} {err}");
        let key = private_key(&service, "build-agents");
        let (code, out, err) = service.told(&[&unbind[..], &[key]].concat());
        assert_eq!((code, err.as_str()), (0, ""), "{quirks:?}: {out}");
        assert_eq!(carried(&service, "build-01"), None);
    }
}

#[test]
fn a_failure_ends_with_its_reason() {
    for (trouble, reason) in [
        (None, "the password is wrong"),
        (Some("authorized_keys_changed"), "/root/.ssh/authorized_keys was changed"),
        (Some("security_group"), "the security group does not admit"),
        (Some("unsupported_image"), "The image of the server is not supported"),
    ] {
        let trouble = trouble.map_or(String::new(), |trouble| format!(r#","trouble":"{trouble}""#));
        let server =
            format!(r#"{{"id":"s-1","name":"web-1","status":"running","password":"right"{trouble}}}"#);
        let service = Service::with_servers(&server);
        service.write("password", "hunter2-hunter2");
        let bind =
            ["bind", "web-1", "--keypair", "team", "--password-file", "password", "--wait", "--poll", "1ms"];
        let (code, out, err) = service.told(&bind);
        assert_eq!((code, out.as_str()), (5, ""), "{err}");
        assert!(err.contains("failed (FAILED_BIND)") && err.contains(reason), "{err}");
        let (_, out, err) = service.told(&[&bind[..], &["-v", "--output", "json"]].concat());
        assert!(!out.contains("hunter2") && !err.contains("hunter2"), "{out} {err}");
    }
}

#[test]
fn what_must_fail_is_not_sent() {
    let service = Service::with_task_time(HOUR);
    service.write("password", "Emulator-Only-1");
    let password = ["--password-file", "password"];
    // One server has a task, and another is bound by its own doing.
    let (code, _, err) = service.told(&["bind", "spare-01", "--keypair", "bastion"]);
    assert_eq!(code, 0, "{err}");
    let before = service.changes();
    for (arguments, code, told) in [
        (&["bind", "spare-01", "--keypair", "bastion"][..], 1, "is under way on the server spare-01"),
        (&["unbind", "spare-01"], 1, "; `kps task wait "),
        (&["bind", "build-01", "--keypair", "nothing"], 7, "there is no key pair nothing"),
        (&["bind", "nothing", "--keypair", "bastion"], 7, "there is no server of the name \"nothing\""),
        (&["bind", "build-01", "--keypair", "bastion"], 2, "--password-stdin"),
        (&["bind", "bastion-01", "--keypair", "build-agents", password[0], password[1]], 2, "--replace"),
        (&["bind", "spare-02", "--keypair", "build-agents"], 0, ""),
        (&["bind", "spare-02", "--keypair", "bastion", "--replace", password[0], password[1]], 2, "shut off"),
        (&["unbind", "bastion-01"], 2, "--private-key FILE"),
        (&["unbind", "build-01"], 0, ""),
        (&["bind", "build-01", "--keypair", "bastion", "--password-file", "no/such"], 2, "no/such"),
        (
            &["bind", "bastion-01", "--keypair", "build-agents", "--replace", "--private-key", password[1]],
            2,
            "PEM",
        ),
    ] {
        let (ended, out, err) = service.told(arguments);
        assert_eq!(ended, code, "{arguments:?}: {out} {err}");
        assert!(err.contains(told) && !err.contains("Emulator-Only"), "{arguments:?}: {err}");
        assert_eq!(service.changes(), before, "{arguments:?}");
    }
}

#[test]
fn credentials_that_are_refused_are_not_tried_again() {
    let servers = [1, 2, 3]
        .map(|at| format!(r#"{{"id":"s-{at}","name":"web-{at}","status":"stopped","keypair_name":"team"}}"#));
    let service = Service::with_servers(&servers.join(","));
    let refused = FaultRule::new(Fault::Auth(AuthFault::Signature)).on("DisassociateKeypair").unwrap();
    service.emulator().inject(refused);
    let (code, out, err) = service.told(&["unbind", "web-1", "web-2", "web-3"]);
    assert!(
        code == 1 && out.contains("it was not tried") && err.contains("3 of 3 servers failed"),
        "{out} {err}"
    );
    assert_eq!(service.changes(), ["DisassociateKeypair"]);
}

#[test]
fn passwords_are_turned_off_where_that_is_said() {
    for (flag, takes_passwords) in [(&[][..], true), (&["--disable-password"], false)] {
        let service = Service::with_task_time(Duration::ZERO);
        let bind = ["bind", "spare-01", "--keypair", "bastion", "--wait", "--poll", "1ms"];
        assert_eq!(service.told(&[&bind[..], flag].concat()).0, 0);
        let servers = service.emulator().servers(&Emulator::project_id());
        let server = servers.into_iter().find(|server| server.name == "spare-01").unwrap();
        assert_eq!(server.takes_passwords, takes_passwords);
    }
}

#[test]
fn what_servers_are_called_does_not_steer_a_terminal() {
    let name = r"web\u001b[2J\n`reboot`";
    let service =
        Service::with_servers(&format!(r#"{{"id":"{BUILD_01}","name":"{name}","status":"stopped"}}"#));
    for arguments in [
        &["unbind", BUILD_01][..],
        &["bind", BUILD_01, "--keypair", "team", "--port", "22"],
        &["bind", BUILD_01, "--keypair", "team", "--wait", "--poll", "1ms", "-v"],
        &["unbind", BUILD_01, "--output", "json"],
    ] {
        let (_, out, err) = service.told(arguments);
        assert!(!out.contains('\u{1b}') && !err.contains('\u{1b}'), "{out} {err}");
        assert!(out.contains("[2J") || err.contains("[2J"), "{out} {err}");
    }
}

#[test]
fn a_lost_answer_is_looked_up() {
    let service = Service::with_task_time(Duration::from_secs(60));
    service.emulator().inject(FaultRule::new(Fault::ResetAfter).on("DisassociateKeypair").unwrap().nth(1));
    let (code, out, err) = service.told(&["unbind", "spare-02"]);
    assert!(code == 0 && out.contains("kps task wait"), "{out} {err}");
    assert_eq!(service.changes(), ["DisassociateKeypair"]);
}

#[test]
fn nothing_is_sent_in_a_dry_run() {
    let service = Service::with_task_time(Duration::ZERO);
    service.write("password", "Emulator-Only-1");
    for arguments in [
        &["bind", "build-01", "--keypair", "bastion"][..],
        &["bind", BUILD_01, "--running", "--keypair", "bastion", "--password-file", "password"],
        &["unbind", SPARE_01, "--stopped"],
        &["task", "wait", SPARE_01],
        &["task", "show", SPARE_01],
    ] {
        let (code, out, err) = service.told(&[arguments, &["--dry-run"]].concat());
        assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}");
        assert!(out.contains("Authorization: ***") && !out.contains("Emulator-Only"), "{out}");
    }
    assert!(service.emulator().calls().is_empty());
}
