//! What a client is told, and clients of both colours that are told it.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Response, StatusCode};
use kps_core::{
    Builder, Client, Credentials, CredentialsSource, Environment, Error, Failure, HttpOptions, ListKeypairs,
    Prepared, ProjectId, Proxy, Region, Retries, Site, blocking,
};
use tokio::runtime::Runtime;

pub(crate) const COLOURS: [Colour; 2] = [Colour::Blocking, Colour::Awaited];

#[derive(Clone, Copy, Debug)]
pub(crate) enum Colour {
    Blocking,
    Awaited,
}

/// What a client is told. What is not said here is not said to the builder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    pub(crate) region: Option<Region>,
    pub(crate) endpoints: Vec<String>,
    pub(crate) site: Option<Site>,
    pub(crate) iam: Option<&'static str>,
    pub(crate) sts: Option<&'static str>,
    pub(crate) project: Option<&'static str>,
    pub(crate) environment: Option<Environment>,
    pub(crate) source: Option<CredentialsSource>,
    pub(crate) http: Option<HttpOptions>,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) suffix: Option<&'static str>,
}

impl Given {
    /// For a region, with a key.
    pub(crate) fn region(id: &str) -> Self {
        Self { region: Some(Region::new(id).unwrap()), ..Self::default() }
    }

    /// For a server on the loopback interface, without a proxy.
    pub(crate) fn endpoints(endpoints: impl IntoIterator<Item = String>) -> Self {
        Self {
            endpoints: endpoints.into_iter().collect(),
            project: Some("0a1b"),
            http: Some(HttpOptions::new().with_proxy(Proxy::None)),
            ..Self::default()
        }
    }

    pub(crate) fn environment<const N: usize>(self, variables: [(&str, &str); N]) -> Self {
        Self { environment: Some(Environment::from(variables)), ..self }
    }

    pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
        let environment = self.environment.take().unwrap_or_else(|| Environment::from([("HOME", "/h")]));
        Self { environment: Some(environment.with_file(path, text)), ..self }
    }

    pub(crate) fn project(self, id: &'static str) -> Self {
        Self { project: Some(id), ..self }
    }

    pub(crate) fn source(self, source: CredentialsSource) -> Self {
        Self { source: Some(source), ..self }
    }

    pub(crate) fn on<C>(&self, mut builder: Builder<C>) -> Builder<C> {
        // What is counted here are single attempts.
        builder = builder.retries(Retries::none());
        let key = || Credentials::access_key("AKEXAMPLE", "SKexample").into();
        builder = builder.credentials(self.source.clone().unwrap_or_else(key));
        if !self.endpoints.is_empty() {
            builder = builder.endpoints(&self.endpoints);
        }
        builder = self.region.iter().cloned().fold(builder, Builder::region);
        builder = self.site.iter().cloned().fold(builder, Builder::site);
        builder = self.iam.iter().copied().fold(builder, Builder::iam_endpoint);
        builder = self.sts.iter().copied().fold(builder, Builder::sts_endpoint);
        builder =
            self.project.iter().map(|id| ProjectId::new(*id).unwrap()).fold(builder, Builder::project_id);
        builder = self.environment.iter().cloned().fold(builder, Builder::environment);
        builder = self.http.iter().cloned().fold(builder, Builder::http);
        builder = self.suffix.iter().copied().fold(builder, Builder::user_agent_suffix);
        self.headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value))
    }

    /// A client on an adapter.
    pub(crate) fn over_http(&self, colour: Colour) -> Result<Kps, Error> {
        Ok(match colour {
            Colour::Blocking => Kps::Blocking(self.on(kps_ureq::builder()).build()?),
            Colour::Awaited => Kps::awaited(self.on(kps_reqwest::builder()).build()?),
        })
    }

    /// A client on a closure.
    pub(crate) fn in_process(&self, colour: Colour, answer: impl Answer) -> Result<Kps, Error> {
        Ok(match colour {
            Colour::Blocking => {
                let transport = move |request: Prepared| answer(&request);
                Kps::Blocking(self.on(blocking::Client::builder(transport)).build()?)
            }
            Colour::Awaited => {
                let transport = move |request: Prepared| std::future::ready(answer(&request));
                Kps::awaited(self.on(Client::builder(transport)).build()?)
            }
        })
    }

    /// What one call came to on a closure, and what was asked on the way.
    pub(crate) fn asked(&self, colour: Colour, answer: impl Answer) -> (Result<usize, Error>, Vec<String>) {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = asked.clone();
        let outcome = self
            .in_process(colour, move |request: &Prepared| {
                noted.lock().unwrap().push(request.uri().to_string());
                answer(request)
            })
            .and_then(|kps| kps.list());
        let asked = asked.lock().unwrap().clone();
        (outcome, asked)
    }
}

pub(crate) trait Answer:
    Fn(&Prepared) -> Result<Response<Bytes>, Failure> + Send + Sync + 'static
{
}

impl<F: Fn(&Prepared) -> Result<Response<Bytes>, Failure> + Send + Sync + 'static> Answer for F {}

/// A client in one of the colours. Those that are made of one share its runtime, which its connections are bound to.
pub(crate) enum Kps {
    Blocking(blocking::Client),
    Awaited(Client, Arc<Runtime>),
}

impl Kps {
    pub(crate) fn awaited(client: Client) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self::Awaited(client, Arc::new(runtime.unwrap()))
    }

    pub(crate) fn list(&self) -> Result<usize, Error> {
        let page = match self {
            Self::Blocking(kps) => kps.send(ListKeypairs::new()),
            Self::Awaited(kps, runtime) => runtime.block_on(kps.send(ListKeypairs::new())),
        };
        page.map(|page| page.keypairs.len())
    }

    /// A client for some calls, made of this one.
    pub(crate) fn with(
        &self,
        blocking: impl Fn(&blocking::Client) -> Result<blocking::Client, Error>,
        awaited: impl Fn(&Client) -> Result<Client, Error>,
    ) -> Result<Self, Error> {
        Ok(match self {
            Self::Blocking(kps) => Self::Blocking(blocking(kps)?),
            Self::Awaited(kps, runtime) => Self::Awaited(awaited(kps)?, runtime.clone()),
        })
    }

    pub(crate) fn with_header(&self, name: &str, value: &str) -> Result<Self, Error> {
        self.with(|kps| kps.with_header(name, value), |kps| kps.with_header(name, value))
    }

    pub(crate) fn with_endpoint(&self, endpoint: &str) -> Result<Self, Error> {
        self.with(|kps| kps.with_endpoint(endpoint), |kps| kps.with_endpoint(endpoint))
    }
}

pub(crate) fn status(status: StatusCode, body: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer
}

/// No key pairs, and nothing else.
pub(crate) fn no_key_pairs(_: &Prepared) -> Result<Response<Bytes>, Failure> {
    Ok(status(StatusCode::OK, r#"{"keypairs":[]}"#))
}

/// So that the first address a source asks is the only one.
pub(crate) fn nothing_here(_: &Prepared) -> Result<Response<Bytes>, Failure> {
    Ok(status(StatusCode::NOT_FOUND, "{}"))
}
