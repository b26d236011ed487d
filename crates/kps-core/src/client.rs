use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::base::Connect;
use crate::call_options::CallOptions;
use crate::clock::Skew;
use crate::credentials::Keyring;
use crate::credentials::desk::{Desk, Hosts};
use crate::endpoints::Endpoints;
use crate::exchange;
use crate::project::Whereabouts;
use crate::retry::{Backoff, Budget, Pace};
use crate::{
    Answer, AsyncTransport, Builder, Environment, Error, HttpOptions, Items, Observer, Operation, Paged,
    Pages, Prepared, ProxyRules,
};

/// The client of the service, to be awaited. The one that blocks is [`blocking::Client`](crate::blocking::Client).
///
/// It is cheap to clone, and clones share connections. `kps-reqwest` makes one; [`builder`](Self::builder)
/// makes one on any transport.
///
/// ```
/// use kps_core::{Client, Credentials, ListFailedTask, ProjectId, Region};
///
/// # pollster::block_on(async {
/// # let transport = |_: kps_core::Prepared| async { Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into())) };
/// let kps = Client::builder(transport)
///     .region(Region::CN_NORTH_4)
///     .credentials(Credentials::access_key("AK", "SK"))
///     .project_id(ProjectId::new("0a1b")?)
///     .build()?;
/// let mut tasks = kps.items(ListFailedTask::new());
/// while let Some(task) = tasks.next().await {
///     assert_eq!(task?.task_id, "t-1");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    options: Arc<CallOptions>,
}

pub(crate) struct Inner {
    pub(crate) project: Whereabouts,
    pub(crate) keyring: Keyring,
    pub(crate) transport: Arc<dyn AsyncTransport>,
    pub(crate) skew: Skew,
    pub(crate) environment: Environment,
    pub(crate) hosts: Hosts,
    pub(crate) backoff: Backoff,
    pub(crate) budget: Budget,
    pub(crate) pace: Pace,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    /// Whether calls block the thread that makes them.
    pub(crate) blocks: bool,
}

impl Inner {
    /// What a source of credentials works with, up to this moment.
    pub(crate) fn desk(&self, end: Option<Duration>) -> Desk<'_> {
        Desk {
            end,
            transport: &*self.transport,
            skew: &self.skew,
            environment: &self.environment,
            hosts: &self.hosts,
        }
    }
}

impl Client {
    pub(crate) fn new(inner: Inner, options: CallOptions) -> Self {
        Self { inner: Arc::new(inner), options: Arc::new(options) }
    }

    /// This client with other options. It shares everything else.
    fn with(&self, change: impl FnOnce(&mut CallOptions)) -> Self {
        let mut options = CallOptions::clone(&self.options);
        change(&mut options);
        Self { inner: self.inner.clone(), options: Arc::new(options) }
    }

    /// The same client, whose calls carry one more header, unsigned: `X-Language`, say, for the language of the
    /// service's messages. It shares everything else with this one, so it can be made for a single call.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |_: Prepared| async { Ok(http::Response::default()) };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let english = kps.with_header("X-Language", "en-us")?;
    /// assert_eq!(english.prepare(ListKeypairs::new()).await?.headers()["x-language"], "en-us");
    /// assert_eq!(kps.with_header("Authorization", "mine").unwrap_err().kind(), ErrorKind::Config);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) for a header that the client sets itself, or that cannot be
    /// sent.
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self, Error> {
        let mut extras = self.options.extras.clone();
        extras.add(name, value)?;
        Ok(self.with(|options| options.extras = extras))
    }

    /// The same client, whose calls go to another endpoint. It shares everything else with this one.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |_: Prepared| async { Ok(http::Response::default()) };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let staging = kps.with_endpoint("https://kms.example.com:8443")?;
    /// assert_eq!(staging.prepare(ListKeypairs::new()).await?.uri().host(), Some("kms.example.com"));
    /// assert_eq!(kps.endpoint(), "https://kms.cn-north-4.myhuaweicloud.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) for what is no endpoint.
    pub fn with_endpoint(&self, endpoint: &str) -> Result<Self, Error> {
        let endpoints = Arc::new(Endpoints::named("the endpoint", &mut [endpoint].into_iter())?);
        Ok(self.with(|options| options.endpoints = endpoints))
    }

    /// The same client, whose calls have so many [attempts](crate::Retries::with_attempts), the first one included. It
    /// shares everything else with this one, so it can be made for a single call.
    ///
    /// ```
    /// # use kps_core::*;
    /// # use std::time::Duration;
    /// # pollster::block_on(async {
    /// # let transport = |_: Prepared| async { Err(Failure::new(FailureKind::Connect, Sent::No, "refused")) };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let hasty = kps.with_attempts(1).with_timeout(Duration::from_secs(2));
    /// let error = hasty.send(ListKeypairs::new()).await.unwrap_err();
    /// assert_eq!(error.attempts(), 1);
    /// # });
    /// ```
    #[must_use]
    pub fn with_attempts(&self, attempts: u32) -> Self {
        self.with(|options| options.attempts = attempts)
    }

    /// The same client, each of whose attempts may take so long; see
    /// [`HttpOptions::with_attempt_timeout`]. It shares everything else with this one.
    #[must_use]
    pub fn with_attempt_timeout(&self, timeout: Duration) -> Self {
        self.with(|options| options.attempt_timeout = timeout)
    }

    /// The same client, whose calls may take so long in sum; see [`Builder::timeout`]. It shares everything else with
    /// this one.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with(|options| options.timeout = timeout)
    }

    /// The same client, whose calls have to be done by this moment, in ticks.
    pub(crate) fn until(&self, end: Duration) -> Self {
        self.with(|options| options.end = Some(end))
    }

    /// A builder of a client on this transport.
    pub fn builder(transport: impl AsyncTransport + 'static) -> Builder<Self> {
        Builder::new(Connect::Ready(Arc::new(transport)))
    }

    /// A builder of a client on a transport that is made last, when the options for it are known: what an
    /// adapter offers its users.
    ///
    /// ```
    /// use std::time::Duration;
    /// use kps_core::{AsyncTransport, Client, Error, HttpOptions, Prepared, Proxy, ProxyRules};
    /// # use kps_core::*;
    ///
    /// # pollster::block_on(async {
    /// /// Sets up an HTTP client with these options; here it is a closure.
    /// fn connect(options: &HttpOptions, proxies: ProxyRules) -> Result<impl AsyncTransport + use<>, Error> {
    ///     assert_eq!(options.connect_timeout(), Duration::from_secs(3));
    ///     assert!(proxies.https().is_none());
    ///     Ok(|_: Prepared| async { Ok(http::Response::new(r#"{"keypairs":[]}"#.into())) })
    /// }
    ///
    /// let kps = Client::builder_with(connect)
    ///     .http(HttpOptions::new().with_connect_timeout(Duration::from_secs(3)).with_proxy(Proxy::None))
    /// #     .region(Region::CN_NORTH_4).credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?)
    ///     .build()?;
    /// assert!(kps.send(ListKeypairs::new()).await?.keypairs.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn builder_with<T: AsyncTransport + 'static>(
        connect: impl FnOnce(&HttpOptions, ProxyRules) -> Result<T, Error> + Send + 'static,
    ) -> Builder<Self> {
        let make = move |options: &HttpOptions, proxies| Ok(Arc::new(connect(options, proxies)?) as _);
        Builder::new(Connect::Make(Box::new(make)))
    }

    /// Makes one call.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |request: Prepared| async move { Ok(match request.uri().path().ends_with("/deploy") {
    /// #     true => http::Response::new(r#"{"keypair":{"name":"deploy","description":"CI"}}"#.into()),
    /// #     false => http::Response::builder().status(404).body("{}".into()).unwrap(),
    /// # }) };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let deploy = kps.send(ListKeypairDetail::new(KeypairName::new("deploy")?)).await?;
    /// assert_eq!(deploy.keypair.description.as_deref(), Some("CI"));
    /// let error = kps.send(ListKeypairDetail::new(KeypairName::new("laptop")?)).await.unwrap_err();
    /// assert!(error.is_not_found());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error`] tells what went wrong, and of a refusal all the service said.
    pub async fn send<O: Operation>(&self, operation: O) -> Result<O::Output, Error> {
        self.call(&operation).await
    }

    /// Makes one call, and tells how its answer came: with which request id, after how many attempts.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |_: Prepared| async {
    /// #     Ok(http::Response::builder().header("x-request-id", "3d9f07b2").body(r#"{"keypairs":[]}"#.into()).unwrap())
    /// # };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let answer = kps.answer(ListKeypairs::new()).await.unwrap();
    /// assert_eq!((answer.request_id.as_deref(), answer.attempts), (Some("3d9f07b2"), 1));
    /// assert!(answer.output.keypairs.is_empty());
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn answer<O: Operation>(&self, operation: O) -> Result<Answer<O::Output>, Error> {
        exchange::answer(self, &operation).await
    }

    /// Builds and signs the request of a call and does not send it. The signature is good for 15 minutes.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |_: Prepared| async { Ok(http::Response::default()) };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let request = kps.prepare(DeleteKeypair::new(KeypairName::new("deploy")?)).await?.into_http();
    /// assert_eq!(request.method(), "DELETE");
    /// assert_eq!(request.uri().path(), "/v3/0a1b/keypairs/deploy");
    /// assert!(request.headers()["authorization"].to_str()?.starts_with("SDK-HMAC-SHA256 Access=AK, "));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// An [input error](crate::ErrorKind::Input) for a value that cannot be sent, or what keeps the source of the
    /// credentials from them.
    pub async fn prepare<O: Operation>(&self, operation: O) -> Result<Prepared, Error> {
        let steps = async {
            let draft = operation.encode()?;
            let desk = self.inner.desk(None);
            let identity = self.inner.keyring.get(&desk).await?;
            let prepared = exchange::prepare(self, &O::META, &draft, &identity, &desk).await;
            prepared.map(|(prepared, ..)| prepared)
        };
        steps.await.map_err(|error| error.of_operation(O::META.name))
    }

    /// A list page by page, from the position of the request to its end.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |_: Prepared| async { Ok(http::Response::new(r#"{"total":120,"tasks":[{"task_id":"t-1"}]}"#.into())) };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let mut pages = kps.pages(ListFailedTask::new().with_limit(Limit::new(1)?));
    /// let first = pages.next().await.ok_or("none failed")??;
    /// assert_eq!(first.total, Some(120)); // how many there are takes one call
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn pages<O: Paged>(&self, operation: O) -> Pages<O> {
        Pages::new(self.clone(), operation)
    }

    /// A list item by item, from the position of the request to its end. Pages are asked for when the items
    /// of the one before are taken.
    ///
    /// A list by offset shifts when what it lists is deleted meanwhile, and items are then passed over: to delete
    /// what is listed, collect it first.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |request: Prepared| async move {
    /// #     if request.as_http().method() == "DELETE" { return Ok(http::Response::default()); }
    /// #     Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1","server_name":"web-7"}]}"#.into()))
    /// #  };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let tasks = kps.items(ListFailedTask::new()).collect().await?;
    /// assert_eq!(tasks.len(), 1);
    /// for task in tasks {
    ///     kps.send(DeleteFailedTask::new(task.task_id)).await?;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn items<O: Paged>(&self, operation: O) -> Items<O> {
        Items::new(self.pages(operation))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn options(&self) -> &CallOptions {
        &self.options
    }

    pub(crate) async fn call<O: Operation>(&self, operation: &O) -> Result<O::Output, Error> {
        exchange::made(self, operation).await.map(|made| made.output)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &format_args!("{}", self.options.endpoints))
            .field("project_id", &self.inner.project.known())
            .finish_non_exhaustive()
    }
}
