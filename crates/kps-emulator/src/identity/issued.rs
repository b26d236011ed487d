use std::collections::{BTreeMap, HashMap};

use kps_model::{Secret, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::callers::AccessKey;
use crate::refusal::Refusal;

/// The temporary keys and tokens that were handed out.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub(crate) struct Issued {
    count: u64,
    keys: HashMap<String, (AccessKey, Life)>,
    /// By the hash of the token, so that looking one up tells nothing of it.
    tokens: HashMap<[u8; 32], Life>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Life {
    /// In milliseconds since 1970.
    pub(crate) ends: i64,
    pub(crate) revoked: bool,
}

/// As a snapshot holds them, in an order that is always the same.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    count: u64,
    keys: Vec<SavedKey>,
    /// By the hash in hexadecimal.
    tokens: BTreeMap<Hash, Life>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedKey {
    key: AccessKey,
    life: Life,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Hash([u8; 32]);

impl TryFrom<String> for Hash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).map_err(|_| "expected a SHA-256 in hexadecimal")?;
        Ok(Self(hash))
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        hex::encode(hash.0)
    }
}

impl From<Issued> for Saved {
    fn from(issued: Issued) -> Self {
        let mut keys: Vec<_> = issued.keys.into_values().map(|(key, life)| SavedKey { key, life }).collect();
        keys.sort_by(|one, other| one.key.id.cmp(&other.key.id));
        let tokens = issued.tokens.into_iter().map(|(hash, life)| (Hash(hash), life)).collect();
        Self { count: issued.count, keys, tokens }
    }
}

impl From<Saved> for Issued {
    fn from(saved: Saved) -> Self {
        let keys =
            saved.keys.into_iter().map(|SavedKey { key, life }| (key.id.clone(), (key, life))).collect();
        let tokens = saved.tokens.into_iter().map(|(hash, life)| (hash.0, life)).collect();
        Self { count: saved.count, keys, tokens }
    }
}

impl Issued {
    /// A temporary key that ends at that time.
    pub(crate) fn make_key(&mut self, ends: i64) -> AccessKey {
        self.count = self.count.wrapping_add(1);
        let count = self.count;
        let key = AccessKey {
            id: format!("AKTEMPORARY{count:09}"),
            secret: Secret::new(format!("SKtemporaryIsPublicAndOpensNothing{count:09}")),
            security_token: Some(Secret::new(format!("STtemporaryIsPublicAndOpensNothing{count:09}"))),
        };
        self.keys.insert(key.id.clone(), (key.clone(), Life { ends, revoked: false }));
        key
    }

    /// A token that ends at that time.
    pub(crate) fn make_token(&mut self, ends: i64) -> String {
        self.count = self.count.wrapping_add(1);
        let token = format!("TKissuedIsPublicAndOpensNothing{:09}", self.count);
        self.tokens.insert(Sha256::digest(&token).into(), Life { ends, revoked: false });
        token
    }

    /// As when the password changes: all that was handed out must be renewed.
    pub(crate) fn revoke(&mut self) {
        self.keys.values_mut().for_each(|(_, life)| life.revoked = true);
        self.tokens.values_mut().for_each(|life| life.revoked = true);
    }

    /// Revokes one key, and tells whether it was handed out.
    pub(crate) fn revoke_key(&mut self, id: &str) -> bool {
        self.keys.get_mut(id).map(|(_, life)| life.revoked = true).is_some()
    }

    /// In the order of their ids.
    pub(crate) fn keys(&self) -> BTreeMap<&str, Life> {
        self.keys.iter().map(|(id, (_, life))| (id.as_str(), *life)).collect()
    }

    pub(crate) fn key(&self, id: &str) -> Option<&AccessKey> {
        self.keys.get(id).map(|(key, _)| key)
    }

    pub(crate) fn check_key(&self, id: &str, clock: i64) -> Result<(), Refusal> {
        match self.keys.get(id) {
            Some((_, life)) => life.check(clock),
            // One of the seed has no end.
            None => Ok(()),
        }
    }

    pub(crate) fn check_token(&self, token: &[u8], clock: i64) -> Result<(), Refusal> {
        match self.tokens.get(&<[u8; 32]>::from(Sha256::digest(token))) {
            Some(life) => life.check(clock),
            None => Err(Refusal::unauthenticated("decrypt token fail")),
        }
    }
}

impl Life {
    fn check(&self, clock: i64) -> Result<(), Refusal> {
        if self.revoked {
            return Err(Refusal::token_must_be_renewed());
        }
        if self.ends <= clock {
            let ends = Timestamp::from_millis(self.ends);
            return Err(Refusal::unauthenticated(&format!("token expires, expires_at:{ends}")));
        }
        Ok(())
    }
}
