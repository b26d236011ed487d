use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use kps_model::ProjectId;

use crate::client::{Client, Inner};
use crate::endpoint::Endpoint;
use crate::request::Site;
use crate::{
    AsyncTransport, Credentials, Environment, Error, HttpOptions, Proxy, ProxyRules, Region, blocking,
};

/// What a client needs, gathered: a region or an endpoint, credentials, a project.
///
/// `C` is the client it builds, [`Client`] or [`blocking::Client`]. But for the [proxy](Proxy::System), nothing is
/// read from the environment unless [`environment`](Self::environment) says so. Nothing is sent.
///
/// ```
/// use kps_core::{Credentials, Environment, Region, blocking};
///
/// # let transport = |_: kps_core::Prepared| Ok(http::Response::default());
/// let variables = Environment::from([("HUAWEICLOUD_SDK_AK", "AK"), ("HUAWEICLOUD_SDK_SK", "SK")]);
/// let error = blocking::Client::builder(transport)
///     .region(Region::CN_NORTH_4)
///     .environment(variables)
///     .build()
///     .unwrap_err();
/// assert_eq!(error.to_string(), "no project id: set HUAWEICLOUD_SDK_PROJECT_ID");
/// ```
pub struct Builder<C> {
    region: Option<Region>,
    endpoint: Option<String>,
    project_id: Option<ProjectId>,
    credentials: Option<Credentials>,
    environment: Option<Environment>,
    http: HttpOptions,
    connect: Connect,
    client: PhantomData<fn() -> C>,
}

type Connect = Box<dyn FnOnce(&HttpOptions, ProxyRules) -> Result<Arc<dyn AsyncTransport>, Error> + Send>;

impl<C> Builder<C> {
    pub(crate) fn new(connect: Connect) -> Self {
        Self {
            region: None,
            endpoint: None,
            project_id: None,
            credentials: None,
            environment: None,
            http: HttpOptions::new(),
            connect,
            client: PhantomData,
        }
    }

    /// The region, from which the endpoint follows. No variable selects it.
    #[must_use]
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// The endpoint, such as `https://kms.example.com:8443`, in place of the region's. `https` is the default
    /// scheme.
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// The project whose key pairs and tasks are meant.
    #[must_use]
    pub fn project_id(mut self, project_id: ProjectId) -> Self {
        self.project_id = Some(project_id);
        self
    }

    /// By what calls prove who makes them.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Where to look up what is not set here, under the names the official clients use: `HUAWEICLOUD_SDK_AK`,
    /// `HUAWEICLOUD_SDK_SK`, `HUAWEICLOUD_SDK_SECURITY_TOKEN`, `HUAWEICLOUD_SDK_PROJECT_ID`, and for the endpoint of
    /// a region `HUAWEICLOUD_SDK_REGION_KPS_CN_NORTH_4` and the like, of whose list the first is used.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// How the adapter sets up its HTTP client. A transport that is handed in ready is not changed by it.
    #[must_use]
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    fn finish(self) -> Result<Client, Error> {
        let environment = self.environment.as_ref();
        let endpoint = Endpoint::find(self.endpoint.as_deref(), self.region.as_ref(), environment)?;
        let credentials = match (self.credentials, environment) {
            (Some(credentials), _) => credentials,
            (None, Some(environment)) => environment.needed_credentials()?,
            (None, None) => return Err(Error::credentials("no credentials: set them with `credentials`")),
        };
        let project_id = match (self.project_id, environment) {
            (Some(project_id), _) => project_id,
            (None, Some(environment)) => environment.needed_project_id()?,
            (None, None) => return Err(Error::config("no project id: set it with `project_id`")),
        };
        let proxies = match self.http.proxy() {
            Proxy::None => ProxyRules::none(),
            Proxy::System => ProxyRules::read(environment.unwrap_or(&Environment::process()))?,
        };
        Ok(Client::new(Inner {
            site: Site::new(endpoint, project_id)?,
            authenticator: credentials.authenticator()?,
            transport: (self.connect)(&self.http, proxies)?,
        }))
    }
}

impl Builder<Client> {
    /// The client.
    ///
    /// # Errors
    ///
    /// What is missing or wrong, as an error of the kind [`Config`](crate::ErrorKind::Config) or
    /// [`Credentials`](crate::ErrorKind::Credentials).
    pub fn build(self) -> Result<Client, Error> {
        self.finish()
    }
}

impl Builder<blocking::Client> {
    /// The client.
    ///
    /// # Errors
    ///
    /// What is missing or wrong, as an error of the kind [`Config`](crate::ErrorKind::Config) or
    /// [`Credentials`](crate::ErrorKind::Credentials).
    pub fn build(self) -> Result<blocking::Client, Error> {
        self.finish().map(blocking::Client::new)
    }
}

impl<C> fmt::Debug for Builder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("region", &self.region)
            .field("endpoint", &self.endpoint)
            .field("project_id", &self.project_id)
            .field("credentials", &self.credentials)
            .field("environment", &self.environment)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}
