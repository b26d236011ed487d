use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use kps_model::ProjectId;

use crate::base::Connect;
use crate::client::Client;
use crate::credentials::ReadyProvider;
use crate::retry::Rate;
use crate::settings::Settings;
use crate::{
    AsyncCredentialsProvider, CredentialsProvider, CredentialsSource, Environment, Error, HttpOptions,
    Observer, Region, Retries, Signatory, Site, blocking,
};

/// What a client needs, gathered: a region or an endpoint, credentials, a project.
///
/// `C` is the client it builds, [`Client`] or [`blocking::Client`]. But for the [proxy](crate::Proxy::System), the endpoints of
/// [IAM](Self::iam_endpoint) and [STS](Self::sts_endpoint), and what a source of credentials is there to look up, nothing
/// is read from the environment unless [`environment`](Self::environment) says so. Nothing is sent.
///
/// ```
/// use kps_core::{Credentials, Environment, Region, blocking};
///
/// # let transport = |_: kps_core::Prepared| Ok(http::Response::default());
/// let variables = Environment::from([("HUAWEICLOUD_SDK_AK", "AK")]);
/// let error = blocking::Client::builder(transport)
///     .region(Region::CN_NORTH_4)
///     .environment(variables)
///     .build()
///     .unwrap_err();
/// assert_eq!(error.to_string(), "HUAWEICLOUD_SDK_AK is set and HUAWEICLOUD_SDK_SK is not; set both");
/// ```
pub struct Builder<C> {
    settings: Settings,
    client: PhantomData<fn() -> C>,
}

impl<C> Builder<C> {
    pub(crate) fn new(connect: Connect) -> Self {
        Self { settings: Settings::new(connect), client: PhantomData }
    }

    /// The region, from which the endpoint follows. No variable selects it.
    #[must_use]
    pub fn region(mut self, region: Region) -> Self {
        self.settings.region = Some(region);
        self
    }

    /// The cloud, if it is not Huawei Cloud itself: it sets the hosts of all services at once.
    #[must_use]
    pub fn site(mut self, site: Site) -> Self {
        self.settings.site = site;
        self
    }

    /// The endpoint, such as `https://kms.example.com:8443`, in place of the region's. `https` is the default
    /// scheme.
    #[must_use]
    pub fn endpoint(self, endpoint: impl Into<String>) -> Self {
        self.endpoints([endpoint])
    }

    /// Several endpoints of one service. Where one cannot be reached, for its name, its connection or its certificate,
    /// a call goes on to the next, signed anew; later calls start with the one that was reached.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |request: Prepared| match request.uri().host() {
    /// #     Some("kms.one.example.com") => Err(Failure::new(FailureKind::Connect, Sent::No, "refused")),
    /// #     _ => Ok(http::Response::new(r#"{"keypairs":[]}"#.into())),
    /// # };
    /// let kps = blocking::Client::builder(transport)
    ///     .endpoints(["kms.one.example.com", "kms.two.example.com"])
    ///     .credentials(Credentials::access_key("AK", "SK"))
    ///     .project_id(ProjectId::new("0a1b")?)
    ///     .build()?;
    /// kps.send(ListKeypairs::new())?;
    /// assert_eq!(kps.endpoint(), "https://kms.two.example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn endpoints(mut self, endpoints: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.settings.endpoints = endpoints.into_iter().map(Into::into).collect();
        self
    }

    /// The project whose key pairs and tasks are meant. Else it is the one in `HUAWEICLOUD_SDK_PROJECT_ID`, with an
    /// [`environment`](Self::environment), or the one that the source of the credentials tells, or the one that the
    /// identity service lists under the name of the region, which is looked up with the first call.
    #[must_use]
    pub fn project_id(mut self, project_id: ProjectId) -> Self {
        self.settings.by_region = false;
        self.settings.project_id = Some(project_id);
        self
    }

    /// Looks up the project by the name of the region, whatever the variables and the source of the credentials tell: they
    /// can name one project, and a program that goes through the regions needs one of each. An account that has none there
    /// is told by an error of which [`is_no_project`](Error::is_no_project) holds.
    ///
    /// ```
    /// use kps_core::{Credentials, ListFailedTask, Region, blocking};
    ///
    /// let transport = |request: kps_core::Prepared| {
    ///     assert_eq!(request.uri().host(), Some("iam.la-south-2.myhuaweicloud.com"));
    ///     Ok(http::Response::new(r#"{"projects":[]}"#.into()))
    /// };
    /// let kps = blocking::Client::builder(transport)
    ///     .region(Region::LA_SOUTH_2)
    ///     .credentials(Credentials::access_key("AK", "SK"))
    ///     .project_by_region()
    ///     .build()?;
    /// assert!(kps.send(ListFailedTask::new()).unwrap_err().is_no_project());
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    #[must_use]
    pub fn project_by_region(mut self) -> Self {
        self.settings.by_region = true;
        self.settings.project_id = None;
        self
    }

    /// By what calls prove who makes them: [fixed credentials](crate::Credentials), or a [source](CredentialsSource)
    /// of them.
    #[must_use]
    pub fn credentials(mut self, credentials: impl Into<CredentialsSource>) -> Self {
        self.settings.credentials = Some(credentials.into());
        self
    }

    /// The endpoint of the identity service (IAM), in place of the one beside the credentials in the file, of
    /// `HUAWEICLOUD_SDK_IAM_ENDPOINT` and of the region.
    #[must_use]
    pub fn iam_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.settings.iam = Some(endpoint.into());
        self
    }

    /// The endpoint of the security token service (STS), in place of `HUAWEICLOUD_SDK_STS_ENDPOINT` and the region's.
    #[must_use]
    pub fn sts_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.settings.sts = Some(endpoint.into());
        self
    }

    /// The endpoint of the metadata service, in place of `http://169.254.169.254`.
    #[must_use]
    pub fn metadata_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.settings.metadata = Some(endpoint.into());
        self
    }

    /// Where to look up what is not set here, under the names the official clients use: credentials by the
    /// [default chain](CredentialsSource::default_chain), the project in `HUAWEICLOUD_SDK_PROJECT_ID`, and for the
    /// endpoint of a region `HUAWEICLOUD_SDK_REGION_KPS_CN_NORTH_4` and the like, a list with commas, else the file
    /// `HUAWEICLOUD_SDK_REGIONS_FILE` names, else `~/.huaweicloud/regions.yaml`.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.settings.environment = Some(environment);
        self
    }

    /// Adds a header to all calls, unsigned. [`with_header`](crate::Client::with_header) adds one to some. What is asked of
    /// the services that hand out credentials or list projects goes without: such a header may be meant for this service
    /// alone.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.headers.push((name.into(), value.into()));
        self
    }

    /// Says in the `User-Agent` who uses the client, such as `fleet/1.2`, behind its own name.
    #[must_use]
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.settings.agent = Some(suffix.into());
        self
    }

    /// How calls are repeated that came to nothing: the [defaults](Retries::new) if nothing is said.
    #[must_use]
    pub fn retries(mut self, retries: Retries) -> Self {
        self.settings.retries = retries;
        self
    }

    /// How long a call may take in sum, with all its attempts, the pauses between them, and what is asked for on the way:
    /// 120 s if nothing is said. [`with_timeout`](crate::Client::with_timeout) sets it for some calls.
    ///
    /// Resolving a name is bounded by the system's resolver only, and a [source of credentials of one's
    /// own](Self::credentials) by itself.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// Keeps to a limit of the service without being told: of each operation so many calls go at once, and the others
    /// so that there are no more than that in a window on average; 0 counts as 1. What the service refuses all the same
    /// (`APIGW.0308`) slows down all calls of the operation, with or without this.
    #[must_use]
    pub fn rate_limit(mut self, calls: u32, window: Duration) -> Self {
        self.settings.rate_limit = Some(Rate::new(calls, window));
        self
    }

    /// Who is told of the calls of the client, for metrics.
    #[must_use]
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.settings.observer = Some(Arc::new(observer));
        self
    }

    /// How the adapter sets up its HTTP client: time-outs, proxy, certificates. Of a transport that is handed in ready only
    /// the [time-out of an attempt](HttpOptions::with_attempt_timeout) is changed by it.
    #[must_use]
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.settings.http = options;
        self
    }
}

impl Builder<Client> {
    /// A source of credentials of one's own.
    #[must_use]
    pub fn credentials_from(self, provider: impl AsyncCredentialsProvider + 'static) -> Self {
        self.credentials(CredentialsSource::custom(provider))
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// What is missing or wrong, as an error of the kind [`Config`](crate::ErrorKind::Config) or
    /// [`Credentials`](crate::ErrorKind::Credentials).
    pub fn build(self) -> Result<Client, Error> {
        self.settings.client(false)
    }

    /// Who signs requests of one's own with these credentials, for which neither a region nor a project is needed.
    ///
    /// # Errors
    ///
    /// What is wrong, as an error of the kind [`Config`](crate::ErrorKind::Config) or
    /// [`Credentials`](crate::ErrorKind::Credentials).
    pub fn signatory(self) -> Result<Signatory, Error> {
        self.settings.signatory()
    }
}

impl Builder<blocking::Client> {
    /// A source of credentials of one's own, which may block.
    #[must_use]
    pub fn credentials_from(self, provider: impl CredentialsProvider + 'static) -> Self {
        self.credentials(CredentialsSource::custom(ReadyProvider(provider)))
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// What is missing or wrong, as an error of the kind [`Config`](crate::ErrorKind::Config) or
    /// [`Credentials`](crate::ErrorKind::Credentials).
    pub fn build(self) -> Result<blocking::Client, Error> {
        self.settings.client(true).map(blocking::Client::new)
    }

    /// Who signs requests of one's own with these credentials, for which neither a region nor a project is needed.
    ///
    /// # Errors
    ///
    /// What is wrong, as an error of the kind [`Config`](crate::ErrorKind::Config) or
    /// [`Credentials`](crate::ErrorKind::Credentials).
    pub fn signatory(self) -> Result<blocking::Signatory, Error> {
        self.settings.signatory().map(blocking::Signatory::new)
    }
}

impl<C> fmt::Debug for Builder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("region", &self.settings.region)
            .field("endpoints", &self.settings.endpoints)
            .field("project_id", &self.settings.project_id)
            .field("credentials", &self.settings.credentials)
            .field("environment", &self.settings.environment)
            .field("http", &self.settings.http)
            .finish_non_exhaustive()
    }
}
