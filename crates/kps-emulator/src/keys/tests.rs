//! Keys of every kind and form, written by OpenSSH and OpenSSL. They are public and protect nothing.

use base64ct::{Base64, Encoding};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};
use proptest::sample::{Index, select};

use super::armor::Armor;
use super::{KeyError, PublicHalf};

macro_rules! key {
    ($name:literal) => {
        include_str!(concat!("../../tests/keys/", $name))
    };
}

struct Pair {
    algorithm: &'static str,
    /// What `ssh-keygen -l` and `ssh-keygen -l -E md5` say.
    sha256: &'static str,
    md5: &'static str,
    public: &'static str,
    private: &'static [&'static str],
}

const PAIRS: [Pair; 7] = [
    Pair {
        algorithm: "SSH_RSA_2048",
        sha256: "SHA256:JUGc5Cn1SvdNTuef0RIu/+6HxJyBX2fla3nAokBMF9E",
        md5: "97:bb:92:1d:8d:f2:29:9d:23:2e:e6:a6:70:ef:9a:71",
        public: key!("rsa_2048.pub"),
        private: &[key!("rsa_2048.openssh.pem"), key!("rsa_2048.pkcs1.pem"), key!("rsa_2048.pkcs8.pem")],
    },
    Pair {
        algorithm: "SSH_RSA_3072",
        sha256: "SHA256:OQmkwvsgZ1FRqOOwzRNr8ZHZElo84d07arkNcFe7BIo",
        md5: "4f:18:f2:3a:e3:7d:87:30:3d:b5:b6:d2:d1:8d:9f:37",
        public: key!("rsa_3072.pub"),
        private: &[key!("rsa_3072.openssh.pem")],
    },
    Pair {
        algorithm: "SSH_ECDSA_NISTP256",
        sha256: "SHA256:DnHzc5m4xLRyLF5axiOt66wt5/l0V9xM9ZTtqJby9hE",
        md5: "86:3a:37:50:2d:7d:67:38:c1:76:26:35:2b:7a:fa:3f",
        public: key!("nistp256.pub"),
        private: &[
            key!("nistp256.openssh.pem"),
            key!("nistp256.sec1.pem"),
            key!("nistp256.sec1_with_parameters.pem"),
            key!("nistp256.pkcs8.pem"),
        ],
    },
    Pair {
        algorithm: "SSH_ECDSA_NISTP384",
        sha256: "SHA256:uperrF5EBysDfWiSWcFJWyJN8d/oOS13+I6roPvNF3A",
        md5: "4b:d4:dd:b8:ff:c0:51:9a:58:4e:91:ce:d8:e2:7a:f1",
        public: key!("nistp384.pub"),
        private: &[key!("nistp384.openssh.pem"), key!("nistp384.sec1.pem"), key!("nistp384.pkcs8.pem")],
    },
    // Its secret number begins with a zero, which OpenSSH leaves out.
    Pair {
        algorithm: "SSH_ECDSA_NISTP521",
        sha256: "SHA256:gQ+LqDpxFiT9pgZV/6NhIBmgTbZG6jNoxFkn6FcYmP8",
        md5: "2f:13:38:2f:1a:80:8f:eb:59:23:ae:fb:e6:75:42:4a",
        public: key!("nistp521.pub"),
        private: &[key!("nistp521.openssh.pem"), key!("nistp521.sec1.pem"), key!("nistp521.pkcs8.pem")],
    },
    Pair {
        algorithm: "SSH_ED25519",
        sha256: "SHA256:5tpdHgBG/9sX4I5TNoe4AnkLS22a8Zx/0dMHMT8qtIo",
        md5: "fc:70:7f:51:1e:6d:aa:0d:00:3b:35:17:00:ae:50:42",
        public: key!("ed25519.pub"),
        private: &[key!("ed25519.openssh.pem"), key!("ed25519.pkcs8.pem"), key!("ed25519.pkcs8_v2.pem")],
    },
    Pair {
        algorithm: "SSH_DSS",
        sha256: "SHA256:EuyJ72F06LUhybWZmzOuJqj0MuiIqcImtv5AX6till0",
        md5: "d6:98:48:79:57:52:f5:33:2e:ab:46:ca:43:e8:30:dd",
        public: key!("dsa.pub"),
        private: &[],
    },
];

#[test]
fn public_keys_have_the_fingerprints_and_names_others_give_them() {
    for pair in &PAIRS {
        let public = PublicHalf::parse(pair.public).unwrap();
        assert_eq!(public.algorithm(), pair.algorithm);
        assert_eq!(public.sha256(), pair.sha256);
        let line = kps_model::PublicKey::new(public.line("c")).unwrap();
        assert_eq!(kps_model::Fingerprint::md5(&line).unwrap().to_string(), pair.md5);
        assert_eq!(kps_model::Fingerprint::sha256(&line).unwrap().to_string(), pair.sha256);
        assert_eq!(public.line("a public test key"), pair.public.trim_end());
    }
}

#[test]
fn private_keys_of_every_form_match_their_own_public_key_and_no_other() {
    for pair in &PAIRS {
        for (form, private) in pair.private.iter().enumerate() {
            let public = PublicHalf::of_private(private)
                .unwrap_or_else(|error| panic!("{} in form {form}: {error}", pair.algorithm));
            for other in &PAIRS {
                let same = PublicHalf::parse(other.public).unwrap() == public;
                assert_eq!(same, other.algorithm == pair.algorithm, "{} in form {form}", pair.algorithm);
            }
        }
    }
}

#[test]
fn neither_comments_nor_white_space_make_a_key_another() {
    let line = key!("ed25519.pub");
    let public = PublicHalf::parse(line).unwrap();
    let bare = line.strip_suffix(" a public test key\n").unwrap();
    for same in [
        bare.to_owned(),
        format!("  {bare}\r\n"),
        bare.replace(' ', "\t"),
        format!("{bare} another comment, with words in it"),
    ] {
        assert_eq!(PublicHalf::parse(&same).unwrap(), public, "{same:?}");
    }
    let pem = key!("ed25519.openssh.pem");
    for same in [pem.replace('\n', "\r\n"), pem.replace('\n', " "), format!("a head\n{pem}\na tail")] {
        assert_eq!(PublicHalf::of_private(&same).unwrap(), public, "{same:?}");
    }
}

#[test]
fn private_keys_that_cannot_be_used_are_refused_by_what_they_are() {
    let dsa = "the private key is a DSA key";
    let encrypted = "the private key is encrypted";
    let public = "a public key is in place of the private key";
    let damaged = "the key is damaged";
    for (text, reason) in [
        (key!("rsa_2048.pkcs1.encrypted.pem"), encrypted),
        (key!("rsa_2048.pkcs8.encrypted.pem"), encrypted),
        (key!("nistp256.sec1.encrypted.pem"), encrypted),
        (key!("ed25519.openssh.encrypted.pem"), encrypted),
        (key!("dsa.pem.pem"), dsa),
        (key!("dsa.pkcs8.pem"), dsa),
        (key!("dsa.openssh.pem"), dsa),
        (key!("rsa_2048.pub"), public),
        (key!("rsa_2048.pkcs1.pub"), public),
        (key!("rsa_2048.spki.pub"), public),
        (key!("rsa_2048.rfc4716.pub"), public),
        (PUTTY, "the private key is in the format of PuTTY"),
        (key!("nistp256.sec1_without_public.pem"), "the private key does not hold its public half"),
        (key!("nistp256.sec1_compressed.pem"), "the key's point on the curve is compressed"),
        (key!("secp256k1.sec1.pem"), "the key is of a kind that is not supported"),
        (key!("x25519.pkcs8.pem"), "the key is of a kind that is not supported"),
        ("-----BEGIN RSA PRIVATE KEY-----\nAAAA", damaged),
        ("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", damaged),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", damaged),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "the text is no key"),
        ("hello world", "the text is no key"),
        ("", "the text is no key"),
    ] {
        assert_eq!(PublicHalf::of_private(text).unwrap_err().to_string(), reason, "{text}");
    }
}

#[test]
fn public_keys_that_cannot_be_used_are_refused_by_what_they_are() {
    let private = "a private key is in place of the public key";
    let form = "the public key is not in the one-line form of OpenSSH";
    let unsupported = "the key is of a kind that is not supported";
    let damaged = "the key is damaged";
    let two_lines = concat!(key!("ed25519.pub"), key!("ed25519.pub"));
    for (text, reason) in [
        (key!("ed25519.openssh.pem"), private),
        (key!("rsa_2048.pkcs8.encrypted.pem"), private),
        (PUTTY, private),
        (key!("rsa_2048.spki.pub"), form),
        (key!("rsa_2048.rfc4716.pub"), form),
        (two_lines, form),
        (SECURITY_KEY, unsupported),
        ("ssh-rsa", damaged),
        ("ssh-rsa AAAA", damaged),
        ("ssh-rsa AAAAB3NzaC1yc2E=", damaged),
        // No number, and one below zero, where the modulus belongs.
        ("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAA==", damaged),
        ("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAf8=", damaged),
        ("hello world", "the text is no key"),
        ("good work", "the text is no key"),
        ("", "the text is no key"),
    ] {
        assert_eq!(PublicHalf::parse(text).unwrap_err().to_string(), reason, "{text}");
    }
    let other_name = key!("ed25519.pub").replace("ssh-ed25519", "ssh-rsa");
    assert_eq!(PublicHalf::parse(&other_name).unwrap_err(), KeyError::Damaged);
}

#[test]
fn a_file_of_openssh_whose_halves_differ_is_damaged() {
    for (pem, line) in [
        (key!("rsa_2048.openssh.pem"), key!("rsa_2048.pub")),
        (key!("nistp521.openssh.pem"), key!("nistp521.pub")),
        (key!("ed25519.openssh.pem"), key!("ed25519.pub")),
    ] {
        let mut file = bytes(pem);
        let public = Base64::decode_vec(line.split(' ').nth(1).unwrap()).unwrap();
        // The public part comes first, and the private one repeats it.
        let begin = file.windows(public.len()).position(|part| part == public).unwrap();
        file[begin + public.len() - 1] ^= 1;
        assert_eq!(of_openssh(&file).unwrap_err(), KeyError::Damaged, "{line}");
    }
}

#[test]
fn a_file_of_openssh_that_ends_early_is_damaged() {
    for pem in [key!("rsa_2048.openssh.pem"), key!("nistp521.openssh.pem"), key!("ed25519.openssh.pem")] {
        let file = bytes(pem);
        for length in 0..file.len() {
            assert_eq!(of_openssh(&file[..length]).unwrap_err(), KeyError::Damaged, "{length}");
        }
    }
}

const PUTTY: &str = "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: c\nPublic-Lines: 2\n";
const SECURITY_KEY: &str = "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIK+J4Uek\
    UPoELStkUK5BW7udga6s1+M8Kqa000MIRRluAAAABHNzaDo=";
const LABELS: [&str; 4] = ["OPENSSH PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"];

fn bytes(pem: &str) -> Vec<u8> {
    Armor::find(pem).unwrap().bytes().unwrap().to_vec()
}

fn of_openssh(file: &[u8]) -> Result<PublicHalf, KeyError> {
    PublicHalf::of_private(&wrapped("OPENSSH PRIVATE KEY", file))
}

fn wrapped(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", Base64::encode_string(der))
}

fn pems() -> impl Strategy<Value = &'static str> {
    select(PAIRS.iter().flat_map(|pair| pair.private).copied().collect::<Vec<_>>())
}

fn change(bytes: &mut Vec<u8>, changes: &[(Index, u8, u8)]) {
    for (place, kind, value) in changes {
        let place = place.index(bytes.len().max(1));
        match kind % 4 {
            0 => bytes.insert(place, *value),
            1 if place < bytes.len() => drop(bytes.remove(place)),
            2 => bytes.truncate(place.max(16)),
            _ => bytes.iter_mut().skip(place).take(1).for_each(|byte| *byte = *value),
        }
    }
}

fn changes() -> impl Strategy<Value = Vec<(Index, u8, u8)>> {
    vec((any::<Index>(), any::<u8>(), any::<u8>()), 0..4)
}

proptest! {
    #[test]
    fn changed_private_keys_are_read_or_refused(
        pem in pems(),
        label in select(&LABELS[..]),
        own_label in any::<bool>(),
        changes in changes(),
    ) {
        let mut der = bytes(pem);
        change(&mut der, &changes);
        let label = if own_label { Armor::find(pem).unwrap().label } else { label };
        let read = PublicHalf::of_private(&wrapped(label, &der));
        // What was read can be written and read again.
        if let Ok(public) = read {
            prop_assert_eq!(PublicHalf::parse(&public.line("c")).unwrap(), public);
        }
    }

    #[test]
    fn changed_texts_are_read_or_refused(pem in pems(), changes in changes()) {
        let mut text = pem.as_bytes().to_vec();
        change(&mut text, &changes);
        let text = String::from_utf8_lossy(&text);
        let _ = PublicHalf::of_private(&text);
        let _ = PublicHalf::parse(&text);
    }

    #[test]
    fn changed_public_keys_are_read_or_refused(place in 0..PAIRS.len(), changes in changes()) {
        let line = PAIRS[place].public;
        let mut words = line.split(' ');
        let (name, base64) = (words.next().unwrap(), words.next().unwrap());
        let mut blob = Base64::decode_vec(base64).unwrap();
        change(&mut blob, &changes);
        let line = format!("{name} {} c", Base64::encode_string(&blob));
        if let Ok(public) = PublicHalf::parse(&line) {
            prop_assert_eq!(public.line("c"), line);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let _ = PublicHalf::parse(&text);
        let _ = PublicHalf::of_private(&text);
        let _ = PublicHalf::of_private(&format!("-----BEGIN {text}-----\n{text}\n-----END {text}-----"));
    }
}
