//! Where credentials come from.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use kps_model::ProjectId;

use crate::credentials::assumed::{AnyAgency, Assumed};
use crate::credentials::chain::Chain;
use crate::credentials::desk::Desk;
use crate::credentials::environment::Variables;
use crate::credentials::iam::{Agency, IdToken, Password};
use crate::credentials::metadata::Metadata;
use crate::credentials::pod_identity::PodIdentity;
use crate::credentials::profile::Profile;
use crate::credentials::report::{SourceReport, only_report};
use crate::credentials::sts::{Oidc, OidcVariables, StsAgency};
use crate::endpoint::Endpoint;
use crate::{BoxFuture, Credentials, Error};

/// Where a client gets its credentials from: [fixed ones](Credentials), or a source that is asked at the first call
/// and again before they expire.
///
/// All of them work in both colours; the calls they make go through the client's own transport. Nothing is read
/// or sent before the first call of the client.
///
/// ```
/// use kps_core::{Credentials, CredentialsSource};
///
/// let fixed = CredentialsSource::from(Credentials::access_key("AKEXAMPLE", "SKexample"));
/// let file = CredentialsSource::profile("staging");
/// let server = CredentialsSource::chain([CredentialsSource::environment(), CredentialsSource::metadata()]);
/// assert_eq!(format!("{file:?}"), "CredentialsSource(credentials file)");
/// ```
#[derive(Clone)]
pub struct CredentialsSource(pub(crate) Arc<dyn Source>);

/// What a source is to the cache in front of it and to the chain.
pub(crate) trait Source: Send + Sync {
    /// What it is called in an error.
    fn name(&self) -> &'static str;

    /// Looks for credentials.
    ///
    /// # Errors
    ///
    /// If it is set up and fails. If it is not set up, that is no error but [`Found::Nothing`].
    fn find<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>>;

    /// The same source without anything it has learnt, if it learns: each client has one of its own, whose environment
    /// and hosts may be others.
    fn instance(&self) -> Option<CredentialsSource> {
        None
    }

    /// How the look for credentials goes, in each source there is.
    fn reports<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Vec<SourceReport>> {
        only_report(self.name(), self.find(desk))
    }

    /// The credentials, if they are the same for ever.
    fn fixed(&self) -> Option<&Credentials> {
        None
    }
}

/// What a source comes up with.
pub(crate) enum Found {
    Credentials(Provided),
    /// What was looked for, and why it is not there.
    Nothing(String),
}

/// Credentials, and what else the source knows.
pub(crate) struct Provided {
    pub(crate) credentials: Credentials,
    pub(crate) project_id: Option<ProjectId>,
    /// Where their identity service is, if that is told with them.
    pub(crate) iam: Option<Endpoint>,
}

impl From<Credentials> for Found {
    fn from(credentials: Credentials) -> Self {
        Self::Credentials(Provided { credentials, project_id: None, iam: None })
    }
}

impl CredentialsSource {
    pub(crate) fn new(source: impl Source + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// The source for a client of its own.
    pub(crate) fn instance(&self) -> Self {
        self.0.instance().unwrap_or_else(|| self.clone())
    }

    /// The sources that are tried when a client is built without credentials, in this order; the first that has
    /// some wins and is asked again when they expire:
    ///
    /// 1. the variables of [`oidc`](Self::oidc): `HUAWEICLOUD_OIDC_PROVIDER_URN` and the like,
    /// 2. the [environment](Self::environment): `HUAWEICLOUD_SDK_AK` and the like,
    /// 3. the credentials [file](Self::file),
    /// 4. the variables of [pod identity](Self::pod_identity),
    /// 5. the [metadata service](Self::metadata) of a cloud server.
    ///
    /// A source that is set up by half, or wrongly, ends the search with its error. If none has any, one error
    /// tells of each what was looked for.
    pub fn default_chain() -> Self {
        Self::chain([
            Self::new(OidcVariables),
            Self::environment(),
            Self::file(),
            Self::pod_identity(),
            Self::metadata(),
        ])
    }

    /// The first of these that has credentials.
    pub fn chain(sources: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Chain::new(sources))
    }

    /// The variables `HUAWEICLOUD_SDK_IDP_ID` and `HUAWEICLOUD_SDK_ID_TOKEN_FILE`, if both are set; else
    /// `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK` and, for a temporary key, `HUAWEICLOUD_SDK_SECURITY_TOKEN`.
    pub fn environment() -> Self {
        Self::new(Variables)
    }

    /// The credentials file: `HUAWEICLOUD_SDK_CREDENTIALS_FILE`, else `.huaweicloud/credentials` in the home
    /// directory; of it the section that `HUAWEICLOUD_SDK_PROFILE` names, else `[basic]`.
    pub fn file() -> Self {
        Self::new(Profile::default())
    }

    /// A section of the credentials file.
    pub fn profile(name: impl Into<String>) -> Self {
        Self::new(Profile::named(name.into()))
    }

    /// The metadata service of the cloud server this runs on, which must have an agency. It is never asked
    /// through a proxy, and given 3 seconds to answer.
    pub fn metadata() -> Self {
        Self::new(Metadata::default())
    }

    /// An ID token of an identity provider that is known to the identity service, exchanged there.
    pub fn id_token(id_token: IdToken) -> Self {
        Self::new(id_token)
    }

    /// An ID token of an OpenID Connect provider, exchanged by the security token service for an agency.
    pub fn oidc(oidc: Oidc) -> Self {
        Self::new(oidc)
    }

    /// An agency of another account, asked for at the identity service with the credentials of `base`.
    pub fn agency(base: Self, agency: Agency) -> Self {
        Self::new(Assumed { base, agency: AnyAgency::Iam(agency) })
    }

    /// An agency, asked for at the security token service with the credentials of `base`.
    pub fn sts_agency(base: Self, agency: StsAgency) -> Self {
        Self::new(Assumed { base, agency: AnyAgency::Sts(agency) })
    }

    /// The pod this runs in: the address in `HC_CONTAINER_CREDENTIALS_FULL_URI` and the token in the file that
    /// `HC_CONTAINER_AUTHORIZATION_TOKEN_FILE` names.
    pub fn pod_identity() -> Self {
        Self::new(PodIdentity)
    }

    /// Name and password of a user, for a token of the identity service.
    pub fn password(password: Password) -> Self {
        Self::new(password)
    }

    pub(crate) fn custom(provider: impl AsyncCredentialsProvider + 'static) -> Self {
        Self::new(Custom(provider))
    }
}

impl fmt::Debug for CredentialsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialsSource({})", self.0.name())
    }
}

impl From<Credentials> for CredentialsSource {
    fn from(credentials: Credentials) -> Self {
        Self::new(Fixed(credentials))
    }
}

struct Fixed(Credentials);

impl Source for Fixed {
    fn name(&self) -> &'static str {
        "credentials"
    }

    fn find<'a>(&'a self, _: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>> {
        Box::pin(async move { Ok(self.0.clone().into()) })
    }

    fn fixed(&self) -> Option<&Credentials> {
        Some(&self.0).filter(|credentials| credentials.expiry().is_none())
    }
}

/// A source of one's own for the blocking client. A closure is one too.
///
/// It is asked before the first call, and again before what it returned [expires](Credentials::with_expiry); one
/// caller asks, however many wait.
///
/// ```
/// use kps_core::{Credentials, ListFailedTask, Prepared, ProjectId, Region, blocking};
///
/// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"tasks":[]}"#.into()));
/// let vault = || Ok(Credentials::access_key("AKEXAMPLE", "SKexample"));
/// let kps = blocking::Client::builder(transport)
///     .region(Region::CN_NORTH_4)
///     .credentials_from(vault)
///     .project_id(ProjectId::new("0a1b")?)
///     .build()?;
/// assert!(kps.send(ListFailedTask::new())?.tasks.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait CredentialsProvider: Send + Sync {
    /// Fetches credentials.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from them; what is still valid is used meanwhile.
    fn provide(&self) -> Result<Credentials, Error>;
}

impl<F: Fn() -> Result<Credentials, Error> + Send + Sync> CredentialsProvider for F {
    fn provide(&self) -> Result<Credentials, Error> {
        self()
    }
}

/// A source of one's own for the client that is awaited. A closure that returns a future is one too. What is said of
/// [`CredentialsProvider`] holds here.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use kps_core::{Client, Credentials, ListFailedTask, Prepared, ProjectId, Region};
///
/// # pollster::block_on(async {
/// # let transport = |_: Prepared| async { Ok(http::Response::new(r#"{"tasks":[]}"#.into())) };
/// let vault = || async {
///     let key = Credentials::access_key("AKEXAMPLE", "SKexample").with_security_token("TOKENexample");
///     Ok(key.with_expiry(SystemTime::now() + Duration::from_secs(3600))) // it is asked again in time
/// };
/// let kps = Client::builder(transport)
///     .region(Region::CN_NORTH_4)
///     .credentials_from(vault)
///     .project_id(ProjectId::new("0a1b")?)
///     .build()?;
/// assert!(kps.send(ListFailedTask::new()).await?.tasks.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub trait AsyncCredentialsProvider: Send + Sync {
    /// Fetches credentials.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from them; what is still valid is used meanwhile.
    fn provide(&self) -> impl Future<Output = Result<Credentials, Error>> + Send;
}

impl<F, R> AsyncCredentialsProvider for F
where
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<Credentials, Error>> + Send,
{
    async fn provide(&self) -> Result<Credentials, Error> {
        self().await
    }
}

struct Custom<P>(P);

impl<P: AsyncCredentialsProvider> Source for Custom<P> {
    fn name(&self) -> &'static str {
        "a source of the program"
    }

    fn find<'a>(&'a self, _: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>> {
        Box::pin(async move { self.0.provide().await.map(Found::from) })
    }
}

/// A blocking source as an asynchronous one whose futures are ready at their first poll.
pub(crate) struct ReadyProvider<P>(pub(crate) P);

impl<P: CredentialsProvider> AsyncCredentialsProvider for ReadyProvider<P> {
    async fn provide(&self) -> Result<Credentials, Error> {
        self.0.provide()
    }
}
