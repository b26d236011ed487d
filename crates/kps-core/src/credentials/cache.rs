//! Credentials, kept until shortly before they end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use kps_model::ProjectId;

use crate::credentials::desk::Desk;
use crate::credentials::source::{CredentialsSource, Found, Provided};
use crate::credentials::{Authenticator, Credentials};
use crate::endpoint::Endpoint;
use crate::{Error, events};

/// Who makes the calls, ready to sign them.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) authenticator: Authenticator,
    /// The project that the source knows.
    pub(crate) project_id: Option<ProjectId>,
    /// Where the identity service is, if the source tells.
    pub(crate) iam: Option<Endpoint>,
}

impl Identity {
    fn new(credentials: &Credentials) -> Result<Self, Error> {
        Ok(Self { authenticator: credentials.authenticator()?, project_id: None, iam: None })
    }
}

/// At most so long before their end credentials are renewed; the official clients do it 40 minutes ahead.
const AHEAD: Duration = Duration::from_secs(40 * 60);
/// When renewal ahead of the end fails, it is tried again after this.
const AGAIN: Duration = Duration::from_secs(60);

/// The credentials of a client.
pub(crate) enum Keyring {
    /// They never end.
    Fixed(Arc<Identity>),
    Renewed(Box<Cache>),
}

impl Keyring {
    pub(crate) fn new(source: &CredentialsSource) -> Result<Self, Error> {
        match source.0.fixed() {
            Some(credentials) => Ok(Self::Fixed(Arc::new(Identity::new(credentials)?))),
            None => Ok(Self::Renewed(Box::new(Cache::new(source.instance())))),
        }
    }

    pub(crate) async fn get(&self, desk: &Desk<'_>) -> Result<Arc<Identity>, Error> {
        match self {
            Self::Fixed(identity) => Ok(identity.clone()),
            // Boxed, so that calls with fixed credentials do not carry it along.
            Self::Renewed(cache) => Box::pin(cache.get(desk)).await,
        }
    }

    /// Drops a token that was refused as expired, and tells whether there can be another.
    pub(crate) fn refuse(&self, refused: &Arc<Identity>) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Renewed(cache) => {
                cache.drop_if(refused);
                true
            }
        }
    }
}

/// One renewal at a time, however many callers wait.
pub(crate) struct Cache {
    source: CredentialsSource,
    current: Mutex<Current>,
    /// Held by who renews, across the calls that takes. Whoever drops it, done or cancelled, lets the next one in.
    renewal: async_lock::Mutex<()>,
}

#[derive(Clone, Default)]
struct Current {
    identity: Option<Arc<Identity>>,
    /// When it is time to look for new ones, and when these end.
    renew: Option<SystemTime>,
    ends: Option<SystemTime>,
    /// How many renewals were tried, and how the last one failed.
    tried: u64,
    failure: Option<Arc<Error>>,
}

impl Current {
    /// Those that need no thought.
    fn fresh(&self, now: SystemTime) -> Option<Arc<Identity>> {
        self.good(now).filter(|_| self.renew.is_none_or(|renew| now < renew))
    }

    /// Those that are still good.
    fn good(&self, now: SystemTime) -> Option<Arc<Identity>> {
        self.identity.clone().filter(|_| self.ends.is_none_or(|ends| now < ends))
    }
}

impl Cache {
    fn new(source: CredentialsSource) -> Self {
        Self { source, current: Mutex::default(), renewal: async_lock::Mutex::new(()) }
    }

    async fn get(&self, desk: &Desk<'_>) -> Result<Arc<Identity>, Error> {
        let now = desk.now();
        let before = self.look();
        if let Some(identity) = before.fresh(now) {
            return Ok(identity);
        }
        // Nobody waits while the old ones are good.
        if let Some(identity) = before.good(now) {
            let Some(_turn) = self.renewal.try_lock() else { return Ok(identity) };
            if let Some(identity) = self.look().fresh(now) {
                return Ok(identity);
            }
            // Noted before the call, so that one which is given up counts as well.
            self.change(|current| current.renew = now.checked_add(AGAIN));
            return Ok(self.renew(desk).await.unwrap_or(identity));
        }
        let _turn = self.renewal.lock().await;
        let after = self.look();
        if let Some(identity) = after.good(desk.now()) {
            return Ok(identity);
        }
        // Who waited for a renewal that failed shares its failure, and does not ask once more.
        match after.failure {
            Some(failure) if after.tried > before.tried => Err(failure.again()),
            _ => self.renew(desk).await,
        }
    }

    async fn renew(&self, desk: &Desk<'_>) -> Result<Arc<Identity>, Error> {
        let outcome = self.find(desk).await;
        let now = desk.now();
        match outcome {
            Ok((identity, ends)) => {
                let renew = ends.map(|ends| renewal(now, ends));
                self.change(|current| {
                    let tried = current.tried + 1;
                    *current =
                        Current { identity: Some(identity.clone()), renew, ends, tried, failure: None };
                });
                Ok(identity)
            }
            Err(error) => {
                events::warn(&format!("renewing credentials failed: {}", error.report()));
                let shared = Arc::new(error.again());
                self.change(|current| {
                    current.tried += 1;
                    current.renew = now.checked_add(AGAIN);
                    current.failure = Some(shared);
                });
                Err(error)
            }
        }
    }

    async fn find(&self, desk: &Desk<'_>) -> Result<(Arc<Identity>, Option<SystemTime>), Error> {
        match self.source.0.find(desk).await? {
            Found::Credentials(Provided { credentials, project_id, iam }) => {
                let ends = credentials.expiry();
                if ends.is_some_and(|ends| ends <= desk.now()) {
                    return Err(Error::credentials(format!(
                        "{}: the credentials have ended already; is the clock right?",
                        self.source.0.name(),
                    )));
                }
                Ok((Arc::new(Identity { project_id, iam, ..Identity::new(&credentials)? }), ends))
            }
            Found::Nothing(reason) => Err(Error::credentials(format!("no credentials: {reason}"))),
        }
    }

    fn drop_if(&self, refused: &Arc<Identity>) {
        self.change(|current| {
            if current.identity.as_ref().is_some_and(|identity| Arc::ptr_eq(identity, refused)) {
                current.identity = None;
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Current)) {
        change(&mut self.current.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn look(&self) -> Current {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A quarter of their life before the end, and no more than is usual.
fn renewal(now: SystemTime, ends: SystemTime) -> SystemTime {
    let life = ends.duration_since(now).unwrap_or_default();
    ends.checked_sub(AHEAD.min(life / 4)).unwrap_or(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_old_credentials_does_not_drop_the_new_ones() {
        let of = |id: &str| Arc::new(Identity::new(&Credentials::access_key(id, "SK")).unwrap());
        let (old, new) = (of("OLD"), of("NEW"));
        let cache = Cache::new(CredentialsSource::metadata());
        cache.change(|current| current.identity = Some(new.clone()));
        cache.drop_if(&old);
        assert!(cache.look().identity.is_some());
        cache.drop_if(&new);
        assert!(cache.look().identity.is_none());
    }
}
