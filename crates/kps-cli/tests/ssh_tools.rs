//! Keys that the program makes and writes, against the machine's own `ssh-keygen`, `ssh-agent` and `ssh-add`.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads what the program wrote"
)]

use std::fs;
use std::process::{Command, Stdio};

use support::service::{Ran, Service};

const KINDS: [(&str, &str, &[&str]); 3] = [
    ("ed25519", "256 (ED25519)", &["openssh"]),
    ("ecdsa-p256", "256 (ECDSA)", &["openssh", "pkcs8"]),
    ("rsa-3072", "3072 (RSA)", &["openssh", "pkcs8", "pkcs1"]),
];

/// What another program prints.
#[track_caller]
fn prints(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn ssh_keygen(service: &Service, arguments: &[&str]) -> String {
    prints(Command::new("ssh-keygen").args(arguments).current_dir(service.directory()))
}

/// The algorithm and the key, without the comment.
fn words(line: &str) -> Vec<String> {
    line.split_whitespace().take(2).map(str::to_owned).collect()
}

/// Whether both halves and what is printed of them are what `ssh-keygen` makes of them.
#[track_caller]
fn check(service: &Service, file: &str, size_and_kind: &str) {
    let public = format!("{file}.pub");
    let line = service.text(&public);
    assert_eq!(words(&ssh_keygen(service, &["-y", "-f", file])), words(&line), "{file}");
    let (size, kind) = size_and_kind.split_once(' ').unwrap();
    for algorithm in ["sha256", "md5"] {
        let printed = ssh_keygen(service, &["-l", "-E", algorithm, "-f", &public]);
        assert!(printed.starts_with(size) && printed.trim_end().ends_with(kind), "{printed}");
        let name = file.split('.').next().unwrap();
        let query = format!("{algorithm} || ''");
        let told = service.run(&["keypair", "show", name, "--query", &query]).ok();
        assert_eq!(printed.split(' ').nth(1).unwrap(), told.trim_end(), "{file}");
    }
}

#[test]
fn ssh_keygen_reads_what_is_made_here_in_every_form() {
    let service = Service::new();
    for (kind, printed, formats) in KINDS {
        for format in formats {
            let name = format!("{kind}-{format}");
            let file = format!("{name}.key");
            service
                .run(&["keypair", "create", &name, "--type", kind, "--format", format, "--save", &file])
                .ok();
            check(&service, &file, printed);
        }
    }
}

#[test]
fn ssh_keygen_reads_what_the_service_makes_in_every_form() {
    let service = Service::new();
    for form in [&[][..], &["--format", "openssh"], &["--format", "pkcs8"], &["--format", "pkcs1"]] {
        let name = format!("made{}", form.concat());
        let file = format!("{name}.key");
        let mut arguments = vec!["keypair", "create", &name, "--host", "--save", &file];
        arguments.extend(form);
        service.run(&arguments).ok();
        check(&service, &file, "2048 (RSA)");
        for other in ["openssh", "pkcs8", "pkcs1"] {
            let file = format!("{name}.{other}");
            service.run(&["keypair", "export", &name, "--format", other, "--save", &file]).ok();
            check(&service, &file, "2048 (RSA)");
        }
    }
}

/// Keys of `ssh-keygen` in its own forms are hosted, and come back in the others.
#[test]
fn keys_of_ssh_keygen_come_back_in_other_forms() {
    let service = Service::new();
    for (number, (algorithm, bits, printed)) in [
        ("rsa", "2048", "2048 (RSA)"),
        ("ecdsa", "256", "256 (ECDSA)"),
        ("ecdsa", "384", "384 (ECDSA)"),
        // One in four begins with zeros that it leaves out.
        ("ecdsa", "521", "521 (ECDSA)"),
        ("ecdsa", "521", "521 (ECDSA)"),
        ("ecdsa", "521", "521 (ECDSA)"),
        ("ecdsa", "521", "521 (ECDSA)"),
        ("ed25519", "256", "256 (ED25519)"),
    ]
    .into_iter()
    .enumerate()
    {
        for own in ["RFC4716", "PEM", "PKCS8"] {
            // It writes Ed25519 in its own form whatever it is told.
            if algorithm == "ed25519" && own != "RFC4716" {
                continue;
            }
            let name = format!("{number}-{algorithm}{bits}-{own}");
            ssh_keygen(
                &service,
                &["-q", "-t", algorithm, "-b", bits, "-m", own, "-N", "", "-C", &name, "-f", &name],
            );
            service.run(&["keypair", "import", &name, "--private-key", &name]).ok();
            assert_eq!(
                words(&service.run(&["keypair", "show", &name, "--public-key"]).ok()),
                words(&service.text(&format!("{name}.pub"))),
                "{name}"
            );
            for format in ["openssh", "pkcs8"] {
                if (algorithm, format) == ("ed25519", "pkcs8") {
                    continue;
                }
                let file = format!("{name}.{format}");
                service.run(&["keypair", "export", &name, "--format", format, "--save", &file]).ok();
                check(&service, &file, printed);
            }
        }
    }
}

/// This `ssh-keygen` may not read them, and OpenSSL does.
#[test]
fn openssl_reads_what_is_written_in_its_forms() {
    let service = Service::new();
    for (kind, formats) in
        [("ed25519", &["pkcs8"][..]), ("ecdsa-p256", &["pkcs8"]), ("rsa-3072", &["pkcs8", "pkcs1"])]
    {
        for format in formats {
            let name = format!("{kind}-{format}");
            service
                .run(&["keypair", "create", &name, "--type", kind, "--format", format, "--save", &name])
                .ok();
            let mut openssl = Command::new("openssl");
            openssl.args(["pkey", "-noout", "-check", "-in", &name]).current_dir(service.directory());
            // Of Ed25519 there is nothing that it could check.
            if kind == "ed25519" {
                openssl = Command::new("openssl");
                openssl.args(["pkey", "-noout", "-text", "-in", &name]).current_dir(service.directory());
            }
            let printed = prints(&mut openssl);
            assert!(printed.contains("valid") || printed.contains("ED25519"), "{name}: {printed}");
        }
    }
}

/// An agent that ends with the test.
struct Agent {
    process: std::process::Child,
    socket: String,
}

impl Agent {
    fn start(service: &Service) -> Self {
        let socket = service.path("agent").to_str().unwrap().to_owned();
        let mut command = Command::new("ssh-agent");
        // What it prints first says that the socket is there.
        let mut process = command.args(["-D", "-a", &socket]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let stdout = process.stdout.as_mut().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).unwrap();
        assert!(line.contains(&socket), "{line}");
        Self { process, socket }
    }

    fn keys(&self) -> String {
        let mut command = Command::new("ssh-add");
        let output = command.arg("-l").env("SSH_AUTH_SOCK", &self.socket).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[test]
fn ssh_agent_takes_keys_of_every_kind() {
    let service = Service::new();
    let agent = Agent::start(&service);
    let run = |arguments: &[&str]| -> Ran {
        service.kps(arguments).env("SSH_AUTH_SOCK", &agent.socket).output().unwrap().into()
    };
    for (kind, printed, _) in KINDS {
        let told = run(&["keypair", "create", kind, "--type", kind, "--to", "agent", "-o", "json"]).ok();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["ssh_agent"], true);
        let (size, kind_printed) = printed.split_once(' ').unwrap();
        let line = format!("{size} {} {kind} {kind_printed}\n", told["sha256"].as_str().unwrap());
        assert!(agent.keys().contains(&line), "{line}{}", agent.keys());
    }
    run(&["keypair", "create", "made", "--to", "agent", "--lifetime", "8h"]).ok();
    run(&["keypair", "export", "bastion", "build-agents", "--to", "agent"]).ok();
    let keys = agent.keys();
    assert_eq!(keys.lines().count(), 6, "{keys}");
    for (name, kind) in [("made", "RSA"), ("bastion", "RSA"), ("build-agents", "RSA")] {
        assert!(keys.contains(&format!(" {name} ({kind})\n")), "{keys}");
    }
    assert_eq!(service.files(), ["agent"]);

    // One that is locked refuses.
    let askpass = service.path("askpass");
    fs::write(&askpass, "#!/bin/sh\necho locked\n").unwrap();
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&askpass, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let mut lock = Command::new("ssh-add");
    lock.arg("-x").env("SSH_AUTH_SOCK", &agent.socket).env("SSH_ASKPASS", &askpass);
    prints(lock.env("SSH_ASKPASS_REQUIRE", "force").stdin(Stdio::null()));
    let told = run(&["keypair", "create", "lost", "--to", "agent"]).failed(1);
    assert!(
        told.contains("as one that is locked; `ssh-add -X` unlocks it")
            && told.contains("kps keypair delete lost"),
        "{told}"
    );
}

mod support;
