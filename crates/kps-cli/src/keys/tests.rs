use base64ct::{Base64, Encoding as _};
use ssh_encoding::Encode;

use super::*;

const FORMATS: [KeyFormat; 3] = [KeyFormat::Openssh, KeyFormat::Pkcs8, KeyFormat::Pkcs1];

/// One of each kind. RSA takes seconds to make in a debug build, so this one was made before.
fn halves() -> [PrivateHalf; 3] {
    let made = kps_emulator::KeySource::make(&kps_emulator::MadeBefore::new());
    let rsa = PrivateHalf::read(&PrivateKey::new(made.expose()).unwrap()).unwrap();
    [rsa, PrivateHalf::make(Kind::Ed25519).unwrap(), PrivateHalf::make(Kind::EcdsaP256).unwrap()]
}

#[test]
fn a_key_is_the_same_in_every_form_it_has() {
    for half in halves() {
        let line = half.public("ci").unwrap();
        assert_eq!(line.comment(), Some("ci"));
        let algorithm = line.algorithm().unwrap();
        for format in FORMATS {
            let written = match half.write(format, "ci") {
                Ok(written) => written,
                Err(fault) => {
                    assert!(
                        format == KeyFormat::Pkcs1 && algorithm != "ssh-rsa",
                        "{line} {format:?}: {fault}"
                    );
                    assert_eq!(fault, "PKCS#1 is a form of RSA keys alone; take openssh or pkcs8");
                    continue;
                }
            };
            assert!(written.expose().ends_with("-----\n"), "{line} {format:?}");
            let read = PrivateHalf::read(&written).unwrap();
            assert!(read.0 == half.0, "{line} {format:?}");
            assert_eq!(read.public("ci").unwrap(), line);
        }
    }
}

#[test]
fn every_key_made_is_new() {
    for kind in [Kind::Ed25519, Kind::EcdsaP256] {
        let [one, other] = [(); 2].map(|()| PrivateHalf::make(kind).unwrap().public("").unwrap());
        assert_ne!(one, other);
    }
}

#[test]
fn the_text_around_a_key_and_the_width_of_its_lines_do_not_matter() {
    let made = PrivateHalf::make(Kind::EcdsaP256).unwrap();
    for format in [KeyFormat::Openssh, KeyFormat::Pkcs8] {
        let pem = made.write(format, "ci").unwrap().expose().to_owned();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let [head, tail] = [pem.lines().next().unwrap(), pem.lines().last().unwrap()];
        for text in [
            pem.replace('\n', "\r\n"),
            format!("{head}\n{body}\n{tail}"),
            format!("-----BEGIN EC PARAMETERS-----\nAAAA\n-----END EC PARAMETERS-----\n{pem}"),
        ] {
            let read = PrivateHalf::read(&PrivateKey::new(text).unwrap()).unwrap();
            assert!(read.0 == made.0, "{format:?}");
        }
    }
}

/// Without the last full line.
fn shorter(pem: &str) -> String {
    let lines: Vec<_> = pem.lines().collect();
    [&lines[..lines.len() - 3], &lines[lines.len() - 1..]].concat().join("\n")
}

#[test]
fn what_is_no_key_is_refused_and_not_quoted() {
    let made = PrivateHalf::make(Kind::EcdsaP256).unwrap();
    let pkcs8 = made.write(KeyFormat::Pkcs8, "").unwrap().expose().to_owned();
    let openssh = made.write(KeyFormat::Openssh, "").unwrap().expose().to_owned();
    for (text, fault) in [
        ("-----BEGIN PRIVATE KEY-----\nhunter2".to_owned(), DAMAGED),
        ("-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----".to_owned(), DAMAGED),
        ("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----".to_owned(), DAMAGED),
        ("-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----".to_owned(), UNKNOWN),
        (
            pkcs8.replace("BEGIN PRIVATE", "BEGIN EC PRIVATE").replace("END PRIVATE", "END EC PRIVATE"),
            DAMAGED,
        ),
        (shorter(&openssh), DAMAGED),
        (shorter(&pkcs8), DAMAGED),
    ] {
        let key = PrivateKey::new(text).unwrap();
        assert_eq!(PrivateHalf::read(&key).unwrap_err(), fault);
    }
}

#[test]
fn nothing_of_a_key_is_seen_by_debug() {
    let made = PrivateHalf::make(Kind::Ed25519).unwrap();
    let KeypairData::Ed25519(pair) = &made.0 else { panic!() };
    let seen = format!("{made:?}");
    let bytes = format!("{:?}", &pair.private.as_ref()[..8]);
    assert!(!seen.contains(bytes.trim_matches(['[', ']'])), "{seen}");
}

/// What OpenSSH writes of a P-256 key with this private number, whose zeros it leaves out.
fn as_openssh_writes(pair: &ssh_key::private::EcdsaKeypair, number: &[u8]) -> PrivateKey {
    let mut public = Vec::new();
    for part in [b"ecdsa-sha2-nistp256".as_slice(), b"nistp256", pair.public_key_bytes()] {
        part.encode(&mut public).unwrap();
    }
    let mut private = [[7_u8; 4], [7; 4]].concat();
    private.extend(&public);
    number.encode(&mut private).unwrap();
    b"a comment".encode(&mut private).unwrap();
    private.extend([1, 2, 3]);

    let mut bytes = b"openssh-key-v1\0".to_vec();
    for part in ["none", "none", ""] {
        part.encode(&mut bytes).unwrap();
    }
    1_u32.encode(&mut bytes).unwrap();
    public.as_slice().encode(&mut bytes).unwrap();
    private.as_slice().encode(&mut bytes).unwrap();
    let body = Base64::encode_string(&bytes);
    PrivateKey::new(format!(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END OPENSSH PRIVATE KEY-----\n"
    ))
    .unwrap()
}

#[test]
fn a_number_without_the_zeros_it_begins_with_is_read() {
    use p256::elliptic_curve::sec1::ToEncodedPoint as _;

    for (first, kept) in [(vec![0, 0, 5], 2), (vec![0, 0x80], 0), (vec![0x80], usize::MAX), (vec![5], 0)] {
        let mut number = [9; 32];
        number[..first.len()].copy_from_slice(&first);
        let secret = p256::SecretKey::from_slice(&number).unwrap();
        let point = secret.public_key().to_encoded_point(false);
        let pair = ec::pair(point.as_bytes(), &number).unwrap();
        let written = match kept {
            usize::MAX => [&[0][..], &number].concat(),
            kept => number[kept..].to_vec(),
        };
        let read = PrivateHalf::read(&as_openssh_writes(&pair, &written)).unwrap();
        assert!(read.0 == KeypairData::from(pair), "{first:?}");
    }
}

/// A key in its bytes, with what stands around them.
fn with_bytes(key: &PrivateKey, change: impl FnOnce(&mut Vec<u8>)) -> PrivateKey {
    let armor = Armor::find(key.expose()).unwrap();
    let mut bytes = armor.bytes().unwrap().to_vec();
    change(&mut bytes);
    let (label, body) = (armor.label, Base64::encode_string(&bytes));
    PrivateKey::new(format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"))
        .unwrap_or_else(|_| key.clone())
}

/// One of each kind in each form.
fn samples() -> Vec<PrivateKey> {
    let halves = halves();
    let all = halves.iter().flat_map(|half| FORMATS.map(|format| half.write(format, "ci")));
    all.filter_map(Result::ok).collect()
}

#[test]
fn a_damaged_key_is_read_or_refused_and_what_is_read_is_written() {
    use proptest::prelude::*;

    let samples = samples();
    let place = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>(), 0..4);
    proptest!(ProptestConfig::with_cases(500), |((which, at, byte, how) in place)| {
        let damaged = with_bytes(which.get(&samples), |bytes| {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.truncate(at),
                2 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        });
        if let Ok(half) = PrivateHalf::read(&damaged) {
            drop(half.public("ci"));
            drop(half.to_agent());
            for format in FORMATS {
                drop(half.write(format, "ci"));
            }
        }
    });
}

#[test]
fn any_text_is_read_or_refused() {
    use proptest::prelude::*;

    let label = "(OPENSSH PRIVATE KEY|RSA PRIVATE KEY|EC PRIVATE KEY|PRIVATE KEY|A)";
    let text = format!("-----BEGIN {label}-----[A-Za-z0-9+/=\\n]{{0,200}}(-----END {label}-----)?");
    proptest!(|(text in text.as_str())| {
        if let Ok(key) = PrivateKey::new(text) {
            drop(PrivateHalf::read(&key));
        }
    });
}

#[test]
fn numbers_that_are_no_key_of_rsa_are_refused() {
    use proptest::prelude::*;
    use ssh_key::Mpint;
    use ssh_key::private::{RsaKeypair, RsaPrivateKey};
    use ssh_key::public::RsaPublicKey;

    let number = || prop::collection::vec(prop_oneof![0..4_u8, any::<u8>()], 0..3);
    let numbers = [(); 6].map(|()| number());
    proptest!(ProptestConfig::with_cases(1000), |(numbers in numbers)| {
        let numbers: Vec<_> = numbers.iter().map(|bytes| Mpint::from_positive_bytes(bytes)).collect();
        if let [Ok(n), Ok(e), Ok(d), Ok(iqmp), Ok(p), Ok(q)] = numbers.as_slice() {
            let public = RsaPublicKey { e: e.clone(), n: n.clone() };
            let private =
                RsaPrivateKey { d: d.clone(), iqmp: iqmp.clone(), p: p.clone(), q: q.clone() };
            let half = PrivateHalf(RsaKeypair { public, private }.into());
            for format in FORMATS {
                drop(half.write(format, "ci"));
            }
        }
    });
}
