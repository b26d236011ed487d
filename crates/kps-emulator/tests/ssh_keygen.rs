//! The keys that the service makes and reads, against the machine's own `ssh-keygen`.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and reads what the program wrote"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use kps_core::{
    CreateKeypair, DeleteKeypair, Encryption, ExportPrivateKey, Fingerprint, KeypairName, PrivateKey,
    PublicKey, Region, blocking,
};
use kps_emulator::{Emulator, MadeBefore};

fn client() -> blocking::Client {
    blocking::Client::builder(Emulator::new().in_process())
        .region(Region::CN_NORTH_4)
        .credentials(Emulator::credentials())
        .project_id(Emulator::project_id())
        .build()
        .unwrap()
}

/// What the program prints.
fn ssh_keygen(arguments: &[&str], file: &Path) -> String {
    let output = Command::new("ssh-keygen").args(arguments).arg("-f").arg(file).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A file that is not there, nor its public half.
fn file(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    let _ = fs::remove_file(path.with_extension("pub"));
    path
}

/// The second word of what the program prints for a fingerprint.
fn fingerprint(algorithm: &str, public: &Path) -> String {
    let line = ssh_keygen(&["-l", "-E", algorithm], public);
    line.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn keys_made_by_the_service_are_keys_to_it() {
    let kps = client();
    let name = KeypairName::new("made").unwrap();
    for _ in 0..MadeBefore::COUNT {
        let made = kps.send(CreateKeypair::new(name.clone())).unwrap().keypair;
        let (private, public) = (file("made"), file("made.pub"));
        fs::write(&private, made.private_key.unwrap().expose()).unwrap();
        fs::set_permissions(&private, fs::Permissions::from_mode(0o600)).unwrap();
        let public_key = made.public_key.unwrap();
        fs::write(&public, public_key.as_str()).unwrap();

        let derived = ssh_keygen(&["-y"], &private);
        let words = |line: &str| line.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&derived), words(public_key.as_str()));
        let printed = ssh_keygen(&["-l"], &public);
        let told = made.fingerprint.unwrap().to_string();
        assert_eq!(printed, format!("2048 {told} Generated-by-Nova (RSA)\n"));
        let md5 = format!("MD5:{}", Fingerprint::md5(&public_key).unwrap());
        assert_eq!(fingerprint("md5", &public), md5);
        kps.send(DeleteKeypair::new(name.clone())).unwrap();
    }
}

#[test]
fn keys_made_by_it_are_keys_to_the_service() {
    let kps = client();
    for (algorithm, bits) in [
        ("rsa", "2048"),
        ("rsa", "4096"),
        ("ecdsa", "256"),
        ("ecdsa", "384"),
        ("ecdsa", "521"),
        ("ed25519", "256"),
    ] {
        for format in ["RFC4716", "PEM", "PKCS8"] {
            let text = format!("{algorithm}-{bits}-{format}");
            let private = file(&text);
            ssh_keygen(&["-q", "-t", algorithm, "-b", bits, "-m", format, "-N", "", "-C", &text], &private);
            let pem = fs::read_to_string(&private).unwrap();
            let line = fs::read_to_string(private.with_extension("pub")).unwrap();
            let (name, key) = (KeypairName::new(&text).unwrap(), PublicKey::new(&line).unwrap());
            let request = CreateKeypair::import_hosted(
                name.clone(),
                key.clone(),
                PrivateKey::new(&*pem).unwrap(),
                Encryption::Default,
            );
            let told = kps.send(request).unwrap().keypair.fingerprint.unwrap();
            let public = private.with_extension("pub");
            assert_eq!(told.to_string(), fingerprint("sha256", &public), "{text}");
            assert_eq!(
                format!("MD5:{}", Fingerprint::md5(&key).unwrap()),
                fingerprint("md5", &public),
                "{text}"
            );
            let exported = kps.send(ExportPrivateKey::new(name)).unwrap().keypair.private_key;
            assert_eq!(exported.expose(), pem, "{text}");
        }
    }
}

#[test]
fn a_key_with_a_passphrase_is_told_apart() {
    for format in ["RFC4716", "PEM", "PKCS8"] {
        let private = file(&format!("locked-{format}"));
        ssh_keygen(&["-q", "-t", "rsa", "-b", "2048", "-m", format, "-N", "passphrase"], &private);
        let pem = fs::read_to_string(&private).unwrap();
        let error = PrivateKey::new(pem).unwrap_err().to_string();
        assert!(error.contains("it is encrypted"), "{format}: {error}");
    }
}
