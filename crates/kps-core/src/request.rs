//! From the values of an operation to a signed HTTP request.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, USER_AGENT,
};
use http::uri::{PathAndQuery, Uri};
use http::{HeaderName, Request};
use kps_model::{ProjectId, Secret};

use crate::Error;
use crate::credentials::Authenticator;
use crate::endpoint::Endpoint;
use crate::extras::Extras;
use crate::operation::{Meta, Verb};
use crate::sign::{Date, Parts, Signer, encode, payload_hash};

pub(crate) const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const X_PROJECT_ID: HeaderName = HeaderName::from_static("x-project-id");
pub(crate) const X_SDK_DATE: HeaderName = HeaderName::from_static("x-sdk-date");
pub(crate) const X_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-security-token");

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const JSON_UTF8: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");
const ANY: HeaderValue = HeaderValue::from_static("*/*");
pub(crate) const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("kps-rust/", env!("CARGO_PKG_VERSION")));

/// The values an [`Operation`](crate::Operation) puts into its request, raw: they are encoded and signed
/// later, from the same text.
///
/// ```
/// use kps_core::Draft;
///
/// let draft = Draft::new().path("task_id", "aee8d2fe").query("limit", "50").body(r#"{"a":1}"#);
/// assert!(format!("{draft:?}").contains("body: 7 bytes"));
/// ```
///
/// Its `Debug` shows how large the body is, and none of it.
#[derive(Clone, Default)]
pub struct Draft {
    path: Vec<(&'static str, String)>,
    query: Vec<(&'static str, Cow<'static, str>)>,
    body: Bytes,
    secrets: Vec<Secret>,
}

impl Draft {
    /// A request with nothing in it but what its path template says.
    pub const fn new() -> Self {
        Self { path: Vec::new(), query: Vec::new(), body: Bytes::new(), secrets: Vec::new() }
    }

    /// Fills `{name}` of the path template. `{project_id}` is filled by the client.
    #[must_use]
    pub fn path(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.path.push((name, value.into()));
        self
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        // The signature sorts the raw names and values; sending them sorted makes both texts one.
        let pair = (name, value.into());
        let at = self.query.partition_point(|other| *other < pair);
        self.query.insert(at, pair);
        self
    }

    /// Sets the body, which is JSON.
    #[must_use]
    pub fn body(mut self, json: impl Into<Bytes>) -> Self {
        self.body = json.into();
        self
    }

    /// Names a secret in the body. Should the service quote it in a refusal, the error shows it redacted.
    #[must_use]
    pub fn secret(mut self, secret: &str) -> Self {
        self.secrets.push(Secret::new(secret));
        self
    }

    pub(crate) fn take_secrets(&mut self) -> Vec<Secret> {
        std::mem::take(&mut self.secrets)
    }

    /// Path and query as they go over the wire.
    fn target(&self, template: &str, project_id: &ProjectId) -> Result<Target, Error> {
        let mut wire = String::with_capacity(128);
        let mut rest = template;
        while let Some((literal, (name, behind))) =
            rest.split_once('{').and_then(|(literal, tail)| Some((literal, tail.split_once('}')?)))
        {
            wire.push_str(literal);
            let value = match name {
                "project_id" => project_id.as_str(),
                _ => self.path_value(name)?,
            };
            encode::push(&mut wire, value);
            rest = behind;
        }
        wire.push_str(rest);

        let path_end = wire.len();
        let mut separator = '?';
        for (name, value) in &self.query {
            wire.push(separator);
            encode::push(&mut wire, name);
            wire.push('=');
            encode::push(&mut wire, value);
            separator = '&';
        }
        Ok(Target { wire, path_end })
    }

    fn path_value(&self, name: &str) -> Result<&str, Error> {
        let value = self.path.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        match value {
            None => Err(Error::input(format!("the path needs a `{name}`"))),
            Some("" | "." | "..") => Err(Error::input(format!(
                "the `{name}` in the path cannot be empty, `.` or `..`: the request would go to another resource",
            ))),
            Some(value) => Ok(value),
        }
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("path", &self.path)
            .field("query", &self.query)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

struct Target {
    wire: String,
    path_end: usize,
}

impl Target {
    /// The path that is signed: a slash within a value is a slash there. It is exact, because a `%` of a
    /// value is always sent as `%25`.
    fn canonical_path(&self) -> Cow<'_, str> {
        let path = self.wire.get(..self.path_end).unwrap_or_default();
        if path.bytes().any(|byte| byte == b'%') { path.replace("%2F", "/").into() } else { path.into() }
    }

    fn query(&self) -> &str {
        self.wire.get(self.path_end + 1..).unwrap_or_default()
    }
}

/// A project, and how it is named in a header.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    id: ProjectId,
    header: HeaderValue,
}

impl Project {
    pub(crate) fn new(id: ProjectId) -> Result<Self, Error> {
        let header = HeaderValue::from_str(id.as_str())
            .map_err(|_| Error::config("the project id cannot be sent in a header"))?;
        Ok(Self { id, header })
    }

    pub(crate) const fn id(&self) -> &ProjectId {
        &self.id
    }
}

/// What is signed of a request.
struct Unsigned<'a> {
    verb: Verb,
    target: &'a Target,
    content_type: &'a HeaderValue,
    host: &'a HeaderValue,
    project: &'a HeaderValue,
    body: &'a [u8],
}

impl Unsigned<'_> {
    /// Adds the signature, and the headers that only a signed request has.
    fn sign(
        &self,
        signer: &Signer,
        security_token: Option<&HeaderValue>,
        date: Date,
        headers: &mut HeaderMap,
    ) -> Result<(), Error> {
        let without_token = [
            ("content-type", self.content_type.as_bytes()),
            ("host", self.host.as_bytes()),
            ("x-project-id", self.project.as_bytes()),
            ("x-sdk-date", date.as_bytes()),
        ];
        let with_token;
        let signed: &[_] = match security_token {
            None => &without_token,
            Some(token) => {
                let [a, b, c, d] = without_token;
                with_token = [a, b, c, d, ("x-security-token", token.as_bytes())];
                headers.insert(X_SECURITY_TOKEN, token.clone());
                &with_token
            }
        };
        let authorization = signer.authorization(&Parts {
            method: self.verb.as_str(),
            path: &self.target.canonical_path(),
            query: self.target.query(),
            headers: signed,
            payload_hash: payload_hash(self.body).as_bytes(),
            date,
        })?;
        headers.insert(X_SDK_DATE, date.header()?);
        headers.insert(AUTHORIZATION, authorization);
        Ok(())
    }
}

/// A request that is ready to be sent: encoded, and signed for one moment.
///
/// Its `Debug` shows method, target and the *names* of the headers, never a value or the body.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into()));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build()?;
/// let prepared = kps.prepare(ListFailedTask::new())?;
/// assert_eq!(prepared.uri().path(), "/v3/0a1b/failed-tasks");
/// let request: http::Request<bytes::Bytes> = prepared.into_http(); // for who sends it by other means
/// assert!(request.headers().contains_key("authorization"));
/// # Ok::<(), Error>(())
/// ```
pub struct Prepared {
    request: Request<Bytes>,
    time_limit: Option<Duration>,
}

impl Prepared {
    pub(crate) fn new(
        meta: &Meta,
        draft: &Draft,
        endpoint: &Endpoint,
        project: &Project,
        authenticator: &Authenticator,
        date: Date,
        extras: &Extras,
    ) -> Result<Self, Error> {
        let target = draft.target(meta.path, &project.id)?;
        let content_type = if draft.body.is_empty() { JSON } else { JSON_UTF8 };

        let mut headers = HeaderMap::with_capacity(12 + extras.headers.len());
        match authenticator {
            Authenticator::Token(token) => drop(headers.insert(X_AUTH_TOKEN, token.clone())),
            Authenticator::Key { signer, security_token } => {
                let unsigned = Unsigned {
                    verb: meta.verb,
                    target: &target,
                    content_type: &content_type,
                    host: endpoint.host(),
                    project: &project.header,
                    body: &draft.body,
                };
                unsigned.sign(signer, security_token.as_ref(), date, &mut headers)?;
            }
        }
        headers.insert(HOST, endpoint.host().clone());
        headers.insert(CONTENT_TYPE, content_type);
        headers.insert(X_PROJECT_ID, project.header.clone());
        headers.insert(ACCEPT, ANY);
        headers.insert(USER_AGENT, extras.agent.clone());
        // Set here, so that a request without a body has the same bytes whoever sends it.
        if meta.verb != Verb::Get {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(draft.body.len()));
        }
        for (name, value) in &extras.headers {
            headers.insert(name.clone(), value.clone());
        }
        let path_and_query = PathAndQuery::from_maybe_shared(Bytes::from(target.wire))
            .map_err(|error| Error::input(format!("the path cannot be sent: {error}")))?;

        let mut request = Request::new(draft.body.clone());
        *request.method_mut() = meta.verb.into();
        *request.uri_mut() = endpoint.uri(path_and_query)?;
        *request.headers_mut() = headers;
        Ok(Self { request, time_limit: None })
    }

    pub(crate) const fn with_time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// A request to another service, as it is.
    pub(crate) const fn new_raw(request: Request<Bytes>, time_limit: Option<Duration>) -> Self {
        Self { request, time_limit }
    }

    /// How long this request may take in sum, connecting included, in place of what the transport allows any.
    pub const fn time_limit(&self) -> Option<Duration> {
        self.time_limit
    }

    /// The address it goes to: scheme, authority, path and query.
    pub fn uri(&self) -> &Uri {
        self.request.uri()
    }

    /// The headers. The values of those that hold secrets are marked as sensitive.
    pub fn headers(&self) -> &HeaderMap {
        self.request.headers()
    }

    /// The request itself, to look at.
    pub fn as_http(&self) -> &Request<Bytes> {
        &self.request
    }

    /// The request itself, to send. Mind that its `Debug` prints the body.
    pub fn into_http(self) -> Request<Bytes> {
        self.request
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("method", self.request.method())
            .field("uri", self.request.uri())
            .field("headers", &self.request.headers().keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .field("body", &format_args!("{} bytes", self.request.body().len()))
            .finish()
    }
}
