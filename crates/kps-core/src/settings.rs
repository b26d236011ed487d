//! What a client is built of, and the building. It is the same in both colours, so that it is compiled once.

use std::sync::Arc;
use std::time::Duration;

use kps_model::ProjectId;

use crate::base::{Base, Connect, METADATA, of_environment};
use crate::call_options::CallOptions;
use crate::client::{Client, Inner};
use crate::clock::Skew;
use crate::credentials::Keyring;
use crate::credentials::desk::Hosts;
use crate::endpoint::Endpoint;
use crate::endpoints::{Clues, Endpoints};
use crate::extras::Extras;
use crate::project::Whereabouts;
use crate::retry::{Backoff, Budget, Pace, Rate};
use crate::{CredentialsSource, Environment, Error, HttpOptions, Observer, Region, Retries, Signatory, Site};

/// What a client is built of.
pub(crate) struct Settings {
    pub(crate) region: Option<Region>,
    pub(crate) endpoints: Vec<String>,
    pub(crate) site: Site,
    pub(crate) project_id: Option<ProjectId>,
    pub(crate) by_region: bool,
    pub(crate) credentials: Option<CredentialsSource>,
    pub(crate) iam: Option<String>,
    pub(crate) sts: Option<String>,
    pub(crate) metadata: Option<String>,
    pub(crate) environment: Option<Environment>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) agent: Option<String>,
    pub(crate) retries: Retries,
    pub(crate) timeout: Duration,
    pub(crate) rate_limit: Option<Rate>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) http: HttpOptions,
    pub(crate) connect: Connect,
}

impl Settings {
    pub(crate) fn new(connect: Connect) -> Self {
        Self {
            region: None,
            endpoints: Vec::new(),
            site: Site::default(),
            project_id: None,
            by_region: false,
            credentials: None,
            iam: None,
            sts: None,
            metadata: None,
            environment: None,
            headers: Vec::new(),
            agent: None,
            retries: Retries::new(),
            timeout: Duration::from_secs(120),
            rate_limit: None,
            observer: None,
            http: HttpOptions::new(),
            connect,
        }
    }

    /// The client, which makes calls that block if its transport does.
    pub(crate) fn client(mut self, blocks: bool) -> Result<Client, Error> {
        let endpoints = Endpoints::find(&Clues {
            arguments: &self.endpoints,
            site: &self.site,
            region: self.region.as_ref(),
            environment: self.environment.as_ref(),
        })?;
        let base = self.base()?;
        let by_region = self.by_region;
        let fixed = matches!(base.keyring, Keyring::Fixed(_));
        if base.project_id.is_none() && base.hosts.region.is_none() && (fixed || by_region) {
            // Neither could a source tell of one later, nor could it be looked up.
            return Err(Error::no_project_id());
        }
        let mut extras = Extras::default();
        self.headers.iter().try_for_each(|(name, value)| extras.add(name, value))?;
        self.agent.iter().try_for_each(|suffix| extras.suffix(suffix))?;
        let options = CallOptions {
            endpoints: Arc::new(endpoints),
            extras,
            attempts: self.retries.attempts(),
            attempt_timeout: self.http.attempt_timeout(),
            timeout: self.timeout,
            end: None,
        };
        let inner = Inner {
            transport: self.connect.transport(&self.http, &base)?,
            project: if by_region { Whereabouts::by_region() } else { Whereabouts::new(base.project_id)? },
            keyring: base.keyring,
            skew: Skew::default(),
            environment: base.environment,
            hosts: base.hosts,
            backoff: Backoff::new(&self.retries),
            budget: Budget::new(self.retries.budget()),
            pace: Pace::new(self.rate_limit),
            observer: self.observer,
            blocks,
        };
        Ok(Client::new(inner, options))
    }

    /// What there is besides the service itself.
    fn base(&mut self) -> Result<Base, Error> {
        let environment = self.environment.take();
        let source = match (self.credentials.take(), &environment) {
            (Some(credentials), _) => credentials,
            (None, Some(environment)) => of_environment(environment)?,
            (None, None) => return Err(Error::credentials("no credentials: set them with `credentials`")),
        };
        let keyring = Keyring::new(&source)?;
        let project_id = match (self.project_id.take(), &environment) {
            (Some(project_id), _) => Some(project_id),
            (None, Some(environment)) if !self.by_region => environment.project_id()?,
            (None, _) => None,
        };
        let named = |what: &str, endpoint: Option<String>| {
            endpoint.map(|endpoint| Endpoint::named(what, &endpoint)).transpose()
        };
        let hosts = Hosts {
            iam: named("the endpoint of IAM", self.iam.take())?,
            sts: named("the endpoint of STS", self.sts.take())?,
            metadata: Endpoint::named(
                "the endpoint of the metadata service",
                self.metadata.as_deref().unwrap_or(METADATA),
            )?,
            site: self.site.clone(),
            region: self.region.take(),
        };
        let environment = environment.unwrap_or_else(Environment::process);
        Ok(Base { source, keyring, project_id, hosts, environment })
    }

    pub(crate) fn signatory(mut self) -> Result<Signatory, Error> {
        // The variables are one of its sources, for who wants to know of all.
        if self.credentials.is_none() && self.environment.is_some() {
            self.credentials = Some(CredentialsSource::default_chain());
        }
        let base = self.base()?;
        let transport = self.connect.transport(&self.http, &base)?;
        Ok(Signatory::new(base, transport, self.timeout))
    }
}
