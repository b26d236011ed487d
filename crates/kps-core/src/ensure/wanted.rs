use kps_model::{CreateKeypair, Fingerprint, KeyMaterial, KeypairDetail, KeypairName, PublicKey};

use crate::Error;
use crate::resolve::is_same_key;

/// What a key pair must be like to be taken for the one that is wanted.
pub(crate) struct Wanted<'a> {
    name: &'a KeypairName,
    /// The public half, or none if the service makes both and keeps the private one.
    key: Option<&'a PublicKey>,
}

impl<'a> Wanted<'a> {
    /// What would be made by this.
    ///
    /// # Errors
    ///
    /// An input error, if the private half is in the answer and nowhere else: whoever finds such a key pair does not have
    /// it.
    pub(crate) fn new(operation: &'a CreateKeypair) -> Result<Self, Error> {
        let name = &operation.name;
        match &operation.material {
            KeyMaterial::Imported(key) | KeyMaterial::ImportedAndHosted { public_key: key, .. } => {
                Ok(Self { name, key: Some(key) })
            }
            KeyMaterial::MadeAndHosted(_) => Ok(Self { name, key: None }),
            _ => Err(Error::input(format!(
                "`{name}` can be made but not found: its private key is handed out once; import it, or have it hosted"
            ))),
        }
    }

    /// Whether it is what was found.
    ///
    /// # Errors
    ///
    /// A mismatch, which tells the fingerprints.
    pub(crate) fn is(&self, found: &KeypairDetail) -> Result<(), Error> {
        let name = self.name;
        let Some(key) = self.key else {
            return match found.is_key_protection {
                Some(false) => {
                    Err(Error::mismatch(format!("`{name}` is there, and its private key is not hosted")))
                }
                _ => Ok(()),
            };
        };
        match same(key, found) {
            Some(true) => Ok(()),
            Some(false) => Err(Error::mismatch(format!(
                "`{name}` is there with another key: it has {}, and {} is wanted",
                shown(found),
                fingerprint(key),
            ))),
            None => Err(Error::mismatch(format!("`{name}` is there, and the service does not tell its key"))),
        }
    }
}

fn same(key: &PublicKey, found: &KeypairDetail) -> Option<bool> {
    match &found.public_key {
        Some(there) => Some(is_same_key(key, there)),
        None => found.fingerprint.as_ref()?.is_of(key),
    }
}

fn shown(found: &KeypairDetail) -> String {
    match (&found.public_key, &found.fingerprint) {
        (Some(key), _) => fingerprint(key),
        (None, Some(told)) => told.to_string(),
        (None, None) => "no fingerprint".into(),
    }
}

fn fingerprint(key: &PublicKey) -> String {
    Fingerprint::sha256(key).map_or_else(|_| "a key that cannot be read".into(), |print| print.to_string())
}

#[cfg(test)]
mod tests {
    use kps_model::Encryption;

    use super::*;
    use crate::ErrorKind;

    const ANN: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P ann";
    const ANN_SHA256: &str = "SHA256:0rIl3neHx/FAqXqjC7sVEzAxhDqf1BN7kSLhse773sg";
    const ANN_MD5: &str = "4f:48:8e:57:7b:e6:8d:6f:9e:83:88:33:c7:cd:fe:1c";
    const BOB: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB5v0hNQBKKFG5yZBkLTzZ0mQ1s2WUb3vK4Jh5C0Q8aT bob";

    fn name() -> KeypairName {
        KeypairName::new("laptop").unwrap()
    }

    fn found(change: impl FnOnce(&mut KeypairDetail)) -> KeypairDetail {
        let mut found = KeypairDetail::new(name());
        change(&mut found);
        found
    }

    fn with_key(line: &str) -> KeypairDetail {
        found(|found| found.public_key = PublicKey::new(line).ok())
    }

    fn with_fingerprint(text: &str) -> KeypairDetail {
        found(|found| found.fingerprint = Some(text.into()))
    }

    fn judged(operation: &CreateKeypair, found: &KeypairDetail) -> String {
        Wanted::new(operation).unwrap().is(found).map_or_else(|error| error.to_string(), |()| "it is".into())
    }

    #[test]
    fn a_key_pair_is_known_by_its_key_and_not_by_the_comment() {
        let wanted = CreateKeypair::import(name(), PublicKey::new(ANN).unwrap());
        let bob = Fingerprint::sha256(&PublicKey::new(BOB).unwrap()).unwrap();
        let other = |there: &str| {
            format!("`laptop` is there with another key: it has {there}, and {ANN_SHA256} is wanted")
        };
        let untold = "`laptop` is there, and the service does not tell its key".to_owned();
        let bare = ANN.trim_end_matches(" ann");
        for (found, expected) in [
            (with_key(ANN), "it is".into()),
            (with_key(bare), "it is".into()),
            (with_key(&format!("{bare} Generated-by-Nova\n")), "it is".into()),
            (with_key(BOB), other(bob.as_str())),
            (with_fingerprint(ANN_SHA256), "it is".into()),
            (with_fingerprint(ANN_MD5), "it is".into()),
            (with_fingerprint(bob.as_str()), other(bob.as_str())),
            (with_fingerprint("SHA512:abc"), untold.clone()),
            (found(|_| ()), untold),
        ] {
            assert_eq!(judged(&wanted, &found), expected, "{found:?}");
        }
    }

    #[test]
    fn what_the_service_makes_must_be_hosted() {
        let wanted = CreateKeypair::new_hosted(name(), Encryption::Default);
        for (hosted, expected) in [
            (Some(true), "it is"),
            (None, "it is"),
            (Some(false), "`laptop` is there, and its private key is not hosted"),
        ] {
            assert_eq!(judged(&wanted, &found(|found| found.is_key_protection = hosted)), expected);
        }
        let error = Wanted::new(&CreateKeypair::new(name())).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Input);
        assert!(error.to_string().starts_with("`laptop` can be made but not found"), "{error}");
    }
}
