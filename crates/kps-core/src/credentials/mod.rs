//! By what a call proves who makes it.

mod answer;
mod assumed;
mod cache;
mod chain;
pub(crate) mod desk;
mod environment;
mod expiry;
mod iam;
mod ini;
mod metadata;
mod pod_identity;
mod profile;
mod report;
mod source;
#[cfg(test)]
#[path = "tests/mod.rs"]
mod sources;
mod sts;

use std::fmt;
use std::time::SystemTime;

use http::HeaderValue;
use kps_model::Secret;

pub(crate) use cache::{Identity, Keyring};
pub(crate) use environment::{ID_TOKEN_FILE, IDP_ID};
pub use iam::{Agency, IdToken, Password};
pub(crate) use pod_identity::{FULL_URI, split};
pub use report::{CredentialsReport, SourceOutcome, SourceReport};
pub(crate) use source::ReadyProvider;
pub use source::{AsyncCredentialsProvider, CredentialsProvider, CredentialsSource};
pub(crate) use sts::{AGENCY_URN, PROVIDER_URN};
pub use sts::{Oidc, StsAgency};

use self::desk::secret_header;
use crate::Error;
use crate::redact;
use crate::sign::Signer;

/// Credentials: an access key (AK and SK) with which calls are signed, or a token of the identity service.
///
/// ```
/// use kps_core::Credentials;
///
/// let permanent = Credentials::access_key("AKEXAMPLE", "SKexample");
/// let temporary = Credentials::access_key("AKEXAMPLE", "SKexample").with_security_token("TOKENexample");
/// let token = Credentials::token("MIIexample");
/// assert!(!format!("{permanent:?} {temporary:?} {token:?}").contains("xample"));
/// ```
#[derive(Clone)]
pub struct Credentials {
    kind: Kind,
    expiry: Option<SystemTime>,
}

#[derive(Clone)]
enum Kind {
    AccessKey { id: String, secret: Secret, security_token: Option<Secret> },
    Token(Secret),
}

impl Credentials {
    /// An access key: its id (AK) and its secret (SK).
    pub fn access_key(id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self::of(Kind::AccessKey { id: id.into(), secret: secret.into(), security_token: None })
    }

    /// The token that belongs to a temporary access key. An empty one counts as none. It does nothing to a
    /// token of the identity service.
    #[must_use]
    pub fn with_security_token(self, token: impl Into<Secret>) -> Self {
        let token = token.into();
        let security_token = (!token.is_empty()).then_some(token);
        let kind = match self.kind {
            Kind::AccessKey { id, secret, .. } => Kind::AccessKey { id, secret, security_token },
            other @ Kind::Token(_) => other,
        };
        Self { kind, ..self }
    }

    /// A project-scoped token of the identity service, sent as `X-Auth-Token`; good for 24 hours.
    pub fn token(token: impl Into<Secret>) -> Self {
        Self::of(Kind::Token(token.into()))
    }

    const fn of(kind: Kind) -> Self {
        Self { kind, expiry: None }
    }

    /// Says when they end, so that a [source](CredentialsSource) is asked again in time: when a quarter of what they were
    /// good for is left, or 40 minutes if that is less.
    #[must_use]
    pub const fn with_expiry(mut self, expiry: SystemTime) -> Self {
        self.expiry = Some(expiry);
        self
    }

    /// When they end, if that is known.
    pub const fn expiry(&self) -> Option<SystemTime> {
        self.expiry
    }

    pub(crate) fn authenticator(&self) -> Result<Authenticator, Error> {
        match &self.kind {
            Kind::Token(token) => Ok(Authenticator::Token(sensitive("the token", token)?)),
            Kind::AccessKey { id, secret, security_token } => Ok(Authenticator::Key {
                signer: Signer::new(id, secret)?,
                security_token: security_token
                    .as_ref()
                    .map(|token| sensitive("the security token", token))
                    .transpose()?,
            }),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::AccessKey { security_token: None, .. } => "Credentials(access key)",
            Kind::AccessKey { .. } => "Credentials(temporary access key)",
            Kind::Token(_) => "Credentials(token)",
        })
    }
}

/// A pair of which one is set: whoever set it wanted this source, and would not want another in its place.
fn half(set: &str, unset: &str) -> Error {
    Error::credentials(format!("{set} is set and {unset} is not; set both"))
}

/// Credentials made ready: the key set up, the tokens as headers. The headers' `Debug` is redacted.
#[derive(Debug)]
pub(crate) enum Authenticator {
    Key { signer: Signer, security_token: Option<HeaderValue> },
    Token(HeaderValue),
}

impl Authenticator {
    /// Whether a token goes with the call, which may be refused as expired.
    pub(crate) fn has_token(&self) -> bool {
        matches!(self, Self::Token(_) | Self::Key { security_token: Some(_), .. })
    }

    /// Whether calls are signed, which depends on the clock.
    pub(crate) fn signs(&self) -> bool {
        matches!(self, Self::Key { .. })
    }

    /// Takes the token out of a text of the service's: a refusal may quote the request, headers and all.
    pub(crate) fn redact(&self, text: &mut String) {
        let token = match self {
            Self::Token(token) | Self::Key { security_token: Some(token), .. } => token,
            Self::Key { .. } => return,
        };
        if let Ok(token) = token.to_str() {
            redact::one(text, token);
        }
    }
}

fn sensitive(what: &str, secret: &Secret) -> Result<HeaderValue, Error> {
    if secret.is_empty() {
        return Err(Error::credentials(format!("{what} is empty")));
    }
    secret_header(what, secret.expose())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_credentials_are_refused_and_not_quoted() {
        for (credentials, reason) in [
            (Credentials::access_key("", "sk"), "the access key id (AK) is empty"),
            (Credentials::access_key("ak", ""), "the secret access key (SK) is empty"),
            (Credentials::access_key("ak", "hidden "), "the secret access key (SK) holds white space"),
            (Credentials::access_key("a\nk", "hidden"), "the access key id (AK) holds white space"),
            (Credentials::token(""), "the token is empty"),
            (Credentials::token("hidden\n"), "the token holds a character that cannot be sent"),
            (Credentials::access_key("ak", "sk").with_security_token("hidden\n"), "the security token holds"),
        ] {
            let error = credentials.authenticator().unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Credentials);
            assert!(error.to_string().contains(reason), "{error}");
            assert!(!format!("{error:?} {credentials:?}").contains("hidden"), "{error}");
        }
    }

    #[test]
    fn an_empty_security_token_is_none() {
        let ready = Credentials::access_key("ak", "sk").with_security_token("").authenticator().unwrap();
        assert!(matches!(ready, Authenticator::Key { security_token: None, .. }));
    }

    #[test]
    fn nothing_secret_is_debugged() {
        let credentials = Credentials::access_key("ak", "hidden-1").with_security_token("hidden-2");
        let tokens = Credentials::token("hidden-3");
        let ready = (credentials.authenticator().unwrap(), tokens.authenticator().unwrap());
        assert!(!format!("{credentials:?} {tokens:?} {ready:?}").contains("hidden"));
    }
}
