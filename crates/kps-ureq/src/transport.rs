use std::io::Read;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http::{Method, Request, Response, Uri};
use kps_core::{Error, Failure, FailureKind, HttpOptions, Prepared, ProxyRules, Sent, Tls, Transport};
use ureq::config::AutoHeaderValue;
use ureq::{Agent, AsSendBody};

use crate::failure;
use crate::phases::Limits;

/// A [`Transport`] on ureq.
///
/// Each phase has its time-out, and they add up to the attempt's: at most a third of it for connecting, three fifths of the
/// rest for sending the request and the head of the answer, the others for its body. (ureq's own time-out over all phases
/// would start a thread for every call.) No redirect is followed.
///
/// ```
/// use kps_emulator::{Emulator, Server};
/// use kps_ureq::{Client, HttpOptions, ListKeypairs, ProxyRules, UreqTransport};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::start(Emulator::new())?; // for the test
/// let transport = UreqTransport::new(&HttpOptions::new(), ProxyRules::none())?;
/// let kps = Client::builder(transport)
///     .endpoint(server.endpoint())
///     .credentials(Emulator::credentials())
///     .project_id(Emulator::project_id())
///     .build()?;
/// assert_eq!(kps.send(ListKeypairs::new())?.keypairs.len(), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct UreqTransport {
    direct: Agent,
    /// The proxies for `http` and `https`, each in an agent of its own: ureq has one proxy an agent.
    proxied: [Option<Agent>; 2],
    proxies: ProxyRules,
    max_answer_bytes: usize,
    limits: Limits,
    /// How long an attempt may take if nothing else is said for it. An agent of one's own has time-outs of its own.
    attempt_timeout: Option<Duration>,
    wire_log: bool,
}

/// Under this name every byte of a request and its answer is logged, at the level trace.
const WIRE_LOG: &str = "ureq_proto::util";

/// The libraries that are compiled in, the preferred one first.
pub(crate) const TLS: &[Tls] = &[
    #[cfg(feature = "rustls")]
    Tls::Rustls,
    #[cfg(feature = "native-tls")]
    Tls::Native,
];

impl UreqTransport {
    /// A transport of its own, with its own connections.
    ///
    /// # Errors
    ///
    /// A [configuration error](kps_core::ErrorKind::Config) if a proxy cannot be used.
    pub fn new(options: &HttpOptions, proxies: ProxyRules) -> Result<Self, Error> {
        let proxied = |proxy: Option<&str>| match proxy {
            None => Ok(None),
            Some(address) => match ureq::Proxy::new(address) {
                Ok(proxy) => agent(options, Some(proxy)).map(Some),
                // The address may hold a password.
                Err(_) => Err(Error::config("the proxy cannot be used: is its address right?")),
            },
        };
        Ok(Self {
            direct: agent(options, None)?,
            proxied: [proxied(proxies.http())?, proxied(proxies.https())?],
            proxies,
            max_answer_bytes: options.max_answer_bytes(),
            limits: Limits::of(options),
            attempt_timeout: Some(options.attempt_timeout()),
            wire_log: false,
        })
    }

    /// A transport on an agent of one's own, with its time-outs, its proxy and its connections. Redirects are not
    /// followed, whatever it is set to, since the signature is good for one host.
    ///
    /// ```
    /// use kps_ureq::{Client, UreqTransport};
    ///
    /// let agent = ureq::Agent::new_with_defaults();
    /// let builder = Client::builder(UreqTransport::with_agent(agent));
    /// ```
    pub fn with_agent(agent: Agent) -> Self {
        Self {
            direct: agent,
            proxied: [None, None],
            proxies: ProxyRules::none(),
            max_answer_bytes: HttpOptions::new().max_answer_bytes(),
            limits: Limits::of(&HttpOptions::new()),
            attempt_timeout: None,
            wire_log: false,
        }
    }

    /// Sends also while a logger takes what ureq logs at the level trace under `ureq_proto`: all bytes of requests and
    /// answers, with their **passwords, private keys and tokens**. Else that is an error, and nothing is sent.
    ///
    /// ```
    /// use kps_ureq::{Client, UreqTransport};
    ///
    /// let builder = Client::builder_with(|options, proxies| {
    ///     UreqTransport::new(options, proxies).map(UreqTransport::with_wire_log)
    /// });
    /// ```
    #[must_use]
    pub fn with_wire_log(mut self) -> Self {
        self.wire_log = true;
        self
    }

    fn agent(&self, address: &Uri) -> &Agent {
        if self.proxies.find(address).is_none() {
            return &self.direct;
        }
        let [http, https] = &self.proxied;
        let proxied = if address.scheme() == Some(&Scheme::HTTPS) { https } else { http };
        proxied.as_ref().unwrap_or(&self.direct)
    }
}

impl Transport for UreqTransport {
    fn send(&self, request: Prepared) -> Result<Response<Bytes>, Failure> {
        let limit = request.time_limit();
        let request = request.into_http();
        if TLS.is_empty() && request.uri().scheme() == Some(&Scheme::HTTPS) {
            let reason = "no TLS is compiled in: switch on the feature `rustls` or `native-tls` of kps-ureq";
            return Err(Failure::new(FailureKind::Tls, Sent::No, reason));
        }
        if !self.wire_log && log::log_enabled!(target: WIRE_LOG, log::Level::Trace) {
            let reason = "a logger takes all that ureq sends and receives, secrets among it: keep `ureq_proto` at the level debug";
            return Err(Failure::new(FailureKind::Other, Sent::No, reason));
        }
        let agent = self.agent(request.uri());
        let (parts, body) = request.into_parts();
        let answer = if parts.method == Method::GET {
            agent.run(self.limited(agent, Request::from_parts(parts, ()), limit))
        } else {
            // A slice has a length, even if it is 0; `()` would be sent in chunks.
            agent.run(self.limited(agent, Request::from_parts(parts, &body[..]), limit))
        };
        let (parts, body) = answer.map_err(failure::from)?.into_parts();
        Ok(Response::from_parts(parts, self.read(body)?))
    }
}

impl UreqTransport {
    /// The request as every agent has to send it, in the time it has.
    fn limited<B: AsSendBody>(
        &self,
        agent: &Agent,
        request: Request<B>,
        limit: Option<Duration>,
    ) -> Request<B> {
        let usual = agent.config();
        let request = if usual.http_status_as_error() || usual.max_redirects() > 0 {
            let config = agent.configure_request(request);
            config.http_status_as_error(false).max_redirects(0).max_redirects_will_error(false).build()
        } else {
            request
        };
        let Some(limit) = limit.filter(|limit| self.attempt_timeout != Some(*limit)) else { return request };
        let (phases, own) = (self.limits.phases(limit), usual.timeouts());
        let least = |time: Duration, own: Option<Duration>| match (self.attempt_timeout, own) {
            (None, Some(own)) => Some(time.min(own)),
            _ => Some(time),
        };
        let config = agent.configure_request(request);
        config
            .timeout_connect(least(phases.connect, own.connect))
            .timeout_send_request(least(phases.send, own.send_request))
            .timeout_send_body(least(phases.send, own.send_body))
            .timeout_recv_response(least(phases.answer, own.recv_response))
            .timeout_recv_body(least(phases.body, own.recv_body))
            .build()
    }

    fn read(&self, body: ureq::Body) -> Result<Bytes, Failure> {
        let cap = self.max_answer_bytes;
        let stated = usize::try_from(body.content_length().unwrap_or_default()).unwrap_or(usize::MAX);
        if stated > cap {
            return Err(failure::too_large(cap));
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(stated).map_err(failure::no_room)?;
        // One byte more than is allowed tells that there is more.
        let limit = u64::try_from(cap).unwrap_or(u64::MAX).saturating_add(1);
        let mut reader = body.into_with_config().limit(u64::MAX).reader().take(limit);
        reader.read_to_end(&mut bytes).map_err(|error| failure::from(error.into()))?;
        if bytes.len() > cap {
            return Err(failure::too_large(cap));
        }
        Ok(bytes.into())
    }
}

fn agent(options: &HttpOptions, proxy: Option<ureq::Proxy>) -> Result<Agent, Error> {
    let phases = Limits::of(options).phases(options.attempt_timeout());
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(proxy)
        .accept_encoding(AutoHeaderValue::None)
        .max_idle_connections(options.idle_connections())
        .max_idle_connections_per_host(options.idle_connections())
        .timeout_connect(Some(phases.connect))
        .timeout_send_request(Some(phases.send))
        .timeout_send_body(Some(phases.send))
        .timeout_recv_response(Some(phases.answer))
        .timeout_recv_body(Some(phases.body));
    #[cfg(not(any(feature = "native-tls", feature = "rustls")))]
    options.tls_of(TLS)?;
    #[cfg(any(feature = "native-tls", feature = "rustls"))]
    let config = config.tls_config(crate::tls::config(options)?);
    Ok(config.build().new_agent())
}
