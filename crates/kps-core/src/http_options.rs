use std::sync::Arc;
use std::time::Duration;

use kps_model::Secret;

use crate::Proxy;

/// How an adapter sets up its HTTP client. Both adapters take the same options.
///
/// ```
/// use std::time::Duration;
/// use kps_core::{HttpOptions, Proxy};
///
/// let patient = HttpOptions::new().with_attempt_timeout(Duration::from_secs(300)).with_proxy(Proxy::None);
/// assert_eq!(patient.connect_timeout(), Duration::from_secs(10));
/// ```
#[derive(Clone, Debug)]
pub struct HttpOptions {
    connect_timeout: Duration,
    attempt_timeout: Duration,
    max_answer_bytes: usize,
    idle_connections: usize,
    proxy: Proxy,
    root_certificates: Option<Arc<[u8]>>,
    client_certificate: Option<(Arc<[u8]>, Secret)>,
}

impl HttpOptions {
    /// The defaults: 10 s to connect, 60 s for an attempt, answers of up to 32 MiB, 16 idle connections, the
    /// system's proxy.
    pub const fn new() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            attempt_timeout: Duration::from_secs(60),
            max_answer_bytes: 32 << 20,
            idle_connections: 16,
            proxy: Proxy::System,
            root_certificates: None,
            client_certificate: None,
        }
    }

    /// Sets how long connecting may take, TLS included. At most the attempt's time-out counts.
    #[must_use]
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long one attempt may take in sum, from connecting to the last byte of the answer. Resolving the
    /// host's name is bounded by the system's resolver.
    #[must_use]
    pub const fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets how large the body of an answer may be, in bytes.
    #[must_use]
    pub const fn with_max_answer_bytes(mut self, bytes: usize) -> Self {
        self.max_answer_bytes = bytes;
        self
    }

    /// Sets how many idle connections are kept for the next call.
    #[must_use]
    pub const fn with_idle_connections(mut self, connections: usize) -> Self {
        self.idle_connections = connections;
        self
    }

    /// Sets through which proxy requests go.
    #[must_use]
    pub fn with_proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    /// Trusts the authorities with these certificates, in PEM, in place of those the machine trusts: for a private
    /// cloud, or a proxy that looks into TLS.
    #[must_use]
    pub fn with_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into().into());
        self
    }

    /// Shows servers that ask for one this certificate, with those it is signed by behind it, and its private key,
    /// both in PEM.
    #[must_use]
    pub fn with_client_certificate(
        mut self,
        chain_pem: impl Into<Vec<u8>>,
        key_pem: impl Into<Secret>,
    ) -> Self {
        self.client_certificate = Some((chain_pem.into().into(), key_pem.into()));
        self
    }

    /// How long connecting may take: never longer than the attempt.
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout.min(self.attempt_timeout)
    }

    /// How long one attempt may take in sum.
    pub const fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout
    }

    /// How large the body of an answer may be, in bytes.
    pub const fn max_answer_bytes(&self) -> usize {
        self.max_answer_bytes
    }

    /// How many idle connections are kept.
    pub const fn idle_connections(&self) -> usize {
        self.idle_connections
    }

    /// Through which proxy requests go.
    pub const fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// The certificates of the authorities that are trusted in place of the machine's, in PEM.
    pub fn root_certificates(&self) -> Option<&[u8]> {
        self.root_certificates.as_deref()
    }

    /// The certificate that is shown to servers, and its key, in PEM.
    pub fn client_certificate(&self) -> Option<(&[u8], &Secret)> {
        self.client_certificate.as_ref().map(|(chain, key)| (&**chain, key))
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self::new()
    }
}
