use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, Uri};
use kps_core::{
    AsyncTransport, BoxFuture, Error, Failure, FailureKind, HttpOptions, Prepared, ProxyRules, Sent, Tls,
};
use reqwest::redirect::Policy;

use crate::failure;

/// An [`AsyncTransport`] on reqwest, to be awaited on a tokio runtime with I/O and time enabled.
///
/// The attempt's time-out is over all phases, connecting included. No redirect is followed and nothing is
/// repeated.
///
/// ```
/// use kps_emulator::{Emulator, Server};
/// use kps_reqwest::{Client, HttpOptions, ListKeypairs, ProxyRules, ReqwestTransport};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::start(Emulator::new())?; // for the test
/// let transport = ReqwestTransport::new(&HttpOptions::new(), ProxyRules::none())?;
/// let kps = Client::builder(transport)
///     .endpoint(server.endpoint())
///     .credentials(Emulator::credentials())
///     .project_id(Emulator::project_id())
///     .build()?;
/// assert_eq!(kps.send(ListKeypairs::new()).await?.keypairs.len(), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    max_answer_bytes: usize,
    answer_timeout: Option<Duration>,
    body_timeout: Option<Duration>,
}

/// The libraries that are compiled in, the preferred one first.
pub(crate) const TLS: &[Tls] = &[
    #[cfg(feature = "rustls")]
    Tls::Rustls,
    #[cfg(feature = "native-tls")]
    Tls::Native,
];

impl ReqwestTransport {
    /// A transport of its own, with its own connections.
    ///
    /// # Errors
    ///
    /// A [configuration error](kps_core::ErrorKind::Config) if the HTTP client cannot be set up.
    pub fn new(options: &HttpOptions, proxies: ProxyRules) -> Result<Self, Error> {
        let builder = reqwest::Client::builder()
            .http1_only()
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(options.connect_timeout())
            .timeout(options.attempt_timeout())
            .pool_max_idle_per_host(options.idle_connections())
            .no_proxy();
        let builder = match (proxies.http(), proxies.https()) {
            (None, None) => builder,
            _ => builder.proxy(reqwest::Proxy::custom(move |url| {
                let address: Uri = url.as_str().parse().ok()?;
                proxies.find(&address).map(ToOwned::to_owned)
            })),
        };
        #[cfg(any(feature = "native-tls", feature = "rustls"))]
        let builder = crate::tls::set(builder, options)?;
        #[cfg(not(any(feature = "native-tls", feature = "rustls")))]
        options.tls_of(TLS)?;
        let client = builder.build().map_err(|error| {
            Error::config(format!("the HTTP client cannot be set up: {}", error.without_url()))
        })?;
        Ok(Self {
            client,
            max_answer_bytes: options.max_answer_bytes(),
            answer_timeout: options.answer_timeout(),
            body_timeout: options.body_timeout(),
        })
    }

    /// A transport on a client of one's own, with its proxy and its connections. It must not follow redirects, since the
    /// signature is good for one host: build it with `redirect(reqwest::redirect::Policy::none())`. (With rustls, reqwest
    /// wants the program to install a crypto provider, or to enable one of its features.)
    ///
    /// ```
    /// use kps_reqwest::{Client, ReqwestTransport};
    ///
    /// # let _ = || -> Result<(), reqwest::Error> {
    /// let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    /// let builder = Client::builder(ReqwestTransport::with_client(client));
    /// # Ok(())
    /// # };
    /// ```
    pub fn with_client(client: reqwest::Client) -> Self {
        Self {
            client,
            max_answer_bytes: HttpOptions::new().max_answer_bytes(),
            answer_timeout: None,
            body_timeout: None,
        }
    }

    async fn read(&self, mut answer: reqwest::Response) -> Result<Bytes, Failure> {
        let cap = self.max_answer_bytes;
        let stated = answer.content_length().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if stated.is_some_and(|length| length > cap) {
            return Err(failure::too_large(cap));
        }
        // Most come in one piece, which is taken as it is. Others are copied one by one and let go: each keeps the buffer it
        // was read into, which may be larger than all of the answer.
        let (mut whole, mut bytes) = (None, Vec::new());
        while let Some(piece) = answer.chunk().await.map_err(failure::from)? {
            if piece.len() > cap.saturating_sub(bytes.len()) {
                return Err(failure::too_large(cap));
            }
            if stated == Some(piece.len()) {
                whole = Some(piece);
                continue;
            }
            if bytes.is_empty() {
                bytes.try_reserve_exact(stated.unwrap_or_default()).map_err(failure::no_room)?;
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(whole.unwrap_or_else(|| bytes.into()))
    }
}

impl AsyncTransport for ReqwestTransport {
    fn send(&self, request: Prepared) -> BoxFuture<'_, Result<Response<Bytes>, Failure>> {
        Box::pin(async move {
            let limit = request.time_limit();
            let request = request.into_http();
            if TLS.is_empty() && request.uri().scheme_str() == Some("https") {
                let reason =
                    "no TLS is compiled in: switch on the feature `rustls` or `native-tls` of kps-reqwest";
                return Err(Failure::new(FailureKind::Tls, Sent::No, reason));
            }
            let signed = request.uri().path_and_query().cloned();
            let mut request = reqwest::Request::try_from(request).map_err(failure::from)?;
            // Its URL type may change what it is given, and the signature would no longer fit.
            let (path, query) = (request.url().path(), request.url().query());
            if signed.as_ref().is_some_and(|signed| signed.path() != path || signed.query() != query) {
                let reason = "the HTTP client would change the signed path or query";
                return Err(Failure::new(FailureKind::Other, Sent::No, reason));
            }
            if let Some(limit) = limit {
                *request.timeout_mut() = Some(limit);
            }
            let_connections_look().await;
            let head = async { self.client.execute(request).await.map_err(failure::from) };
            let mut answer = within(self.answer_timeout, head).await?;
            let (status, mut headers) = (answer.status(), std::mem::take(answer.headers_mut()));
            copy_out(&mut headers);
            let mut response = Response::new(within(self.body_timeout, self.read(answer)).await?);
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            tokio::time::sleep(time).await;
        })
    }
}

/// Makes values of their own of those that are parts of the buffer that they were read into. It holds much of the body too,
/// and would be kept as long as they are.
fn copy_out(headers: &mut HeaderMap) {
    for value in headers.values_mut() {
        if let Ok(copy) = HeaderValue::from_bytes(value.as_bytes()) {
            *value = copy;
        }
    }
}

/// Lets idle connections see what came over them since: one that was closed, or over which an answer came that nobody
/// asked for, is not to be used again. On a runtime of one thread that ran nothing since the call before, none has
/// looked; the first turn reads the sockets, and in the second their connections run.
async fn let_connections_look() {
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
}

async fn within<T>(
    limit: Option<Duration>,
    phase: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let Some(limit) = limit else { return phase.await };
    let late = |_| Err(Failure::new(FailureKind::Timeout, Sent::Maybe, "the answer takes too long"));
    tokio::time::timeout(limit, phase).await.unwrap_or_else(late)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_do_not_keep_the_buffer_that_they_were_read_into() {
        let buffer = Bytes::from(b"r-1".to_vec());
        let value = HeaderValue::from_maybe_shared(buffer.clone()).unwrap();
        let mut headers = HeaderMap::from_iter([(http::header::ETAG, value)]);
        assert!(!buffer.is_unique());
        copy_out(&mut headers);
        assert!(buffer.is_unique());
        assert_eq!(headers[http::header::ETAG], "r-1");
    }

    #[tokio::test(start_paused = true)]
    async fn it_sleeps_on_the_timer_of_the_runtime() {
        let transport = ReqwestTransport::new(&HttpOptions::new(), ProxyRules::none()).unwrap();
        let before = tokio::time::Instant::now();
        transport.sleep(Duration::from_secs(3600)).await;
        assert_eq!(before.elapsed(), Duration::from_secs(3600));
    }
}
