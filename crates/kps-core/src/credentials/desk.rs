//! What a source works with: the client's transport, its clock, its environment, and where to ask.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Request, Response};
use kps_model::{Secret, to_json};
use serde_json::Value;

use crate::clock::{Known, Skew};
use crate::credentials::Authenticator;
use crate::endpoint::Endpoint;
use crate::observe::{id_in, request_id};
use crate::request::{AGENT, X_AUTH_TOKEN, X_SDK_DATE, X_SECURITY_TOKEN};
use crate::sign::{Date, Signer};
use crate::{AsyncTransport, Credentials, Environment, Error, Prepared, Region, Site, redact};

pub(crate) struct Desk<'a> {
    /// When the call ends that needs what is asked for, in ticks.
    pub(crate) end: Option<Duration>,
    pub(crate) transport: &'a dyn AsyncTransport,
    pub(crate) skew: &'a Skew,
    pub(crate) environment: &'a Environment,
    pub(crate) hosts: &'a Hosts,
}

/// Where the services are that hand out credentials.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    pub(crate) iam: Option<Endpoint>,
    pub(crate) sts: Option<Endpoint>,
    pub(crate) metadata: Endpoint,
    pub(crate) site: Site,
    pub(crate) region: Option<Region>,
}

const IAM_VARIABLE: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";
const STS_VARIABLE: &str = "HUAWEICLOUD_SDK_STS_ENDPOINT";

/// Regions with an identity service of their own.
const IAM_REGIONS: [&str; 27] = [
    "ae-ad-1",
    "af-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "cn-east-2",
    "cn-east-3",
    "cn-east-4",
    "cn-east-5",
    "cn-north-1",
    "cn-north-12",
    "cn-north-2",
    "cn-north-4",
    "cn-north-9",
    "cn-south-1",
    "cn-south-2",
    "cn-southwest-2",
    "eu-west-0",
    "la-north-2",
    "la-south-2",
    "me-east-1",
    "my-kualalumpur-1",
    "na-mexico-1",
    "ru-moscow-1",
    "sa-brazil-1",
    "tr-west-1",
];

/// Regions with a security token service of their own.
const STS_REGIONS: [&str; 12] = [
    "af-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "cn-east-3",
    "cn-north-4",
    "cn-south-1",
    "cn-southwest-2",
    "la-south-2",
    "sa-brazil-1",
    "tr-west-1",
];

/// Whoever renews credentials holds up a call meanwhile.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// A call to one of these services.
#[derive(Clone)]
pub(crate) struct Ask<'a> {
    /// What it is for, in an error.
    pub(crate) what: &'static str,
    pub(crate) method: Method,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) path: &'a str,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Vec<u8>,
    pub(crate) time_limit: Option<Duration>,
    /// What must not be in an error that quotes the request.
    pub(crate) secrets: Vec<Secret>,
}

impl<'a> Ask<'a> {
    pub(crate) fn get(what: &'static str, endpoint: &'a Endpoint, path: &'a str) -> Self {
        Self {
            what,
            method: Method::GET,
            endpoint,
            path,
            headers: Vec::new(),
            body: Vec::new(),
            time_limit: Some(TIME_LIMIT),
            secrets: Vec::new(),
        }
    }

    /// A call with a body of JSON, whose fields the callers put in the order of the alphabet: its bytes are then the same
    /// whether or not some crate of the program has serde_json keep the order.
    pub(crate) fn post(
        what: &'static str,
        endpoint: &'a Endpoint,
        path: &'a str,
        body: &Value,
    ) -> Result<Self, Error> {
        let json = HeaderValue::from_static("application/json;charset=UTF-8");
        let headers = vec![(CONTENT_TYPE, json)];
        let body = to_json(body).map_err(|error| Error::credentials(error.to_string()))?;
        Ok(Self { method: Method::POST, headers, body, ..Self::get(what, endpoint, path) })
    }

    pub(crate) fn with_secret(mut self, secret: &str) -> Self {
        self.secrets.push(Secret::new(secret));
        self
    }
}

impl Desk<'_> {
    pub(crate) fn now(&self) -> SystemTime {
        self.skew.now(self.transport)
    }

    /// The identity service: by argument, as `told` with the credentials, by variable, else the one of the region if
    /// `regional`, else the global one.
    pub(crate) fn iam(&self, told: Option<&Endpoint>, regional: bool) -> Result<Endpoint, Error> {
        let region = self.hosts.region.as_ref().map(Region::id);
        let own = match self.hosts.site.is_huawei() {
            true => region.filter(|region| regional && IAM_REGIONS.contains(region)),
            // Another cloud has no global one.
            false => region,
        };
        self.endpoint(self.hosts.iam.as_ref().or(told), IAM_VARIABLE, &self.hosts.site.host("iam", own))
    }

    /// The security token service: by argument, by variable, else the one of the region if `regional`, else that of
    /// cn-north-4.
    pub(crate) fn sts(&self, regional: bool) -> Result<Endpoint, Error> {
        let region = self.hosts.region.as_ref().map(Region::id);
        let own = match self.hosts.site.is_huawei() {
            true => region.filter(|region| regional && STS_REGIONS.contains(region)).or(Some("cn-north-4")),
            false => region,
        };
        self.endpoint(self.hosts.sts.as_ref(), STS_VARIABLE, &self.hosts.site.host("sts", own))
    }

    fn endpoint(&self, told: Option<&Endpoint>, variable: &str, default: &str) -> Result<Endpoint, Error> {
        if let Some(endpoint) = told {
            return Ok(endpoint.clone());
        }
        match self.environment.trimmed(variable)? {
            Some(text) => Endpoint::named(&format!("the variable {variable}"), &text),
            None => Endpoint::named("the endpoint", default),
        }
    }

    /// Sends a call and returns the answer, whatever its status.
    pub(crate) async fn send(&self, ask: Ask<'_>) -> Result<Response<Bytes>, Error> {
        let (what, endpoint, time_limit) = (ask.what, ask.endpoint, ask.time_limit);
        let left = self.end.map(|end| end.saturating_sub(self.transport.ticks()));
        let time_limit = [time_limit, left].into_iter().flatten().min();
        let prepared = Prepared::new_raw(request(ask)?, time_limit);
        let answer = self.transport.send(prepared).await;
        answer.map_err(|failure| Error::failure_at(failure, endpoint).about_credentials(what))
    }

    /// Sends a call and returns the answer if its status is one of success.
    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Result<Response<Bytes>, Error> {
        let (what, secrets) = (ask.what, ask.secrets.clone());
        let answer = self.send(ask).await?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(refused(what, &answer, &|text| redact::all(text, &secrets)))
    }

    /// Signs a call with an access key, or adds a token, and returns the answer if its status is one of success.
    pub(crate) async fn ask_as(&self, who: &Credentials, ask: Ask<'_>) -> Result<Response<Bytes>, Error> {
        let (what, who) = (ask.what, who.authenticator()?);
        let answer = self.send_as(&who, ask).await?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(refused(what, &answer, &|text| who.redact(text)))
    }

    /// The same, and returns the answer whatever its status.
    pub(crate) async fn send_as(&self, who: &Authenticator, ask: Ask<'_>) -> Result<Response<Bytes>, Error> {
        let signed_by = self.skew.known();
        let answer = self.send(self.authenticated(who, ask.clone(), signed_by)?).await?;
        if who.signs() && self.skew.learn(self.transport, signed_by, &answer) {
            return self.send(self.authenticated(who, ask, self.skew.known())?).await;
        }
        Ok(answer)
    }

    fn authenticated<'a>(
        &self,
        who: &Authenticator,
        mut ask: Ask<'a>,
        skew: Known,
    ) -> Result<Ask<'a>, Error> {
        match who {
            Authenticator::Token(token) => ask.headers.push((X_AUTH_TOKEN, token.clone())),
            Authenticator::Key { signer, security_token } => {
                let now = skew.now(self.transport);
                sign(signer, security_token.clone(), &mut ask, now)?;
            }
        }
        Ok(ask)
    }
}

fn sign(
    signer: &Signer,
    token: Option<HeaderValue>,
    ask: &mut Ask<'_>,
    now: SystemTime,
) -> Result<(), Error> {
    let url = format!("{}{}", ask.endpoint, ask.path);
    if let Some(token) = token {
        ask.headers.push((X_SECURITY_TOKEN, token));
    }
    ask.headers.push((X_SDK_DATE, Date::new(now)?.header()?));
    let headers: Vec<(&str, &str)> =
        ask.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let signed = signer.sign(ask.method.as_str(), &url, &headers, &ask.body, now)?;
    ask.headers.push((AUTHORIZATION, secret_header("the signature", signed.authorization())?));
    Ok(())
}

fn request(ask: Ask<'_>) -> Result<Request<Bytes>, Error> {
    let path = ask.path.parse().map_err(|_| Error::credentials(format!("{}: not a path", ask.what)))?;
    let has_length = ask.method != Method::GET;
    let mut request = Request::new(Bytes::from(ask.body));
    *request.method_mut() = ask.method;
    *request.uri_mut() = ask.endpoint.uri(path)?;
    let length = request.body().len();
    let headers = request.headers_mut();
    headers.extend(ask.headers);
    headers.insert(HOST, ask.endpoint.host().clone());
    headers.insert(USER_AGENT, AGENT);
    if has_length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(request)
}

/// A refusal of one of these services, which may quote the request.
pub(crate) fn refused(what: &'static str, answer: &Response<Bytes>, redact: &dyn Fn(&mut String)) -> Error {
    let body = redact::error_body(answer.body(), redact);
    let id = request_id(answer).or_else(|| id_in(answer, "x-iam-trace-id")).map(ToOwned::to_owned);
    Error::refused(answer.status().as_u16(), id, body).about_credentials(what)
}

/// A header that holds a secret.
pub(crate) fn secret_header(what: &str, text: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Error::credentials(format!("{what} holds a character that cannot be sent in a header"))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_no_more_of_an_id_than_one_of_the_service_does() {
        let id = |header: &str, value: &str| {
            let answer = Response::builder().status(500).header(header, value).body(Bytes::new()).unwrap();
            refused("the test", &answer, &|_| ()).request_id().map(str::len)
        };
        for header in ["x-request-id", "x-iam-trace-id"] {
            assert_eq!(
                [id(header, ""), id(header, "3d9f"), id(header, &"x".repeat(60_000))],
                [None, Some(4), Some(256)]
            );
        }
    }
}
