use std::collections::HashMap;

use kps_model::{Secret, Timestamp};
use sha2::{Digest, Sha256};

use crate::refusal::Refusal;
use crate::seed::AccessKey;

/// The temporary keys and tokens that were handed out.
#[derive(Default)]
pub(crate) struct Issued {
    count: u64,
    keys: HashMap<String, (AccessKey, Life)>,
    /// By the hash of the token, so that looking one up tells nothing of it.
    tokens: HashMap<[u8; 32], Life>,
}

#[derive(Clone, Copy)]
struct Life {
    /// In milliseconds since 1970.
    ends: i64,
    revoked: bool,
}

impl Issued {
    /// A temporary key that ends at that time.
    pub(crate) fn make_key(&mut self, ends: i64) -> AccessKey {
        self.count += 1;
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
        self.count += 1;
        let token = format!("TKissuedIsPublicAndOpensNothing{:09}", self.count);
        self.tokens.insert(Sha256::digest(&token).into(), Life { ends, revoked: false });
        token
    }

    /// As when the password changes: all that was handed out must be renewed.
    pub(crate) fn revoke(&mut self) {
        self.keys.values_mut().for_each(|(_, life)| life.revoked = true);
        self.tokens.values_mut().for_each(|life| life.revoked = true);
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
