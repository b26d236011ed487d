use std::time::Duration;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    connect_timeout: Duration,
    attempt_timeout: Duration,
    max_answer_bytes: usize,
    idle_connections: usize,
    proxy: Proxy,
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
    pub const fn with_proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
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
    pub const fn proxy(&self) -> Proxy {
        self.proxy
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self::new()
    }
}
