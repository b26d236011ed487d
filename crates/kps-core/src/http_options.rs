use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kps_model::Secret;

use crate::{Error, Proxy};

/// How an adapter sets up its HTTP client. Both adapters take the same options.
///
/// ```
/// use std::time::Duration;
/// use kps_core::{HttpOptions, Proxy};
///
/// let patient = HttpOptions::new().with_attempt_timeout(Duration::from_secs(300)).with_proxy(Proxy::None);
/// assert_eq!(patient.attempt_timeout(), Duration::from_secs(300));
/// assert_eq!((patient.connect_timeout(), patient.max_answer_bytes()), (Duration::from_secs(10), 32 << 20));
/// ```
#[derive(Clone)]
pub struct HttpOptions {
    connect_timeout: Duration,
    attempt_timeout: Duration,
    answer_timeout: Option<Duration>,
    body_timeout: Option<Duration>,
    tls: Option<Tls>,
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
            answer_timeout: None,
            body_timeout: None,
            tls: None,
            max_answer_bytes: 32 << 20,
            idle_connections: 16,
            proxy: Proxy::System,
            root_certificates: None,
            client_certificate: None,
        }
    }

    /// Sets how long connecting may take, TLS included; 10 s if nothing is said. What is left of the attempt's time-out
    /// bounds it too.
    #[must_use]
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long one attempt may take in sum, from connecting to the last byte of the answer; 60 s if nothing is
    /// said. Resolving the host's name is bounded by the system's resolver.
    #[must_use]
    pub const fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets how long it may take until an answer begins, from the beginning of the attempt on. If nothing is said, the
    /// attempt's time-out is all that counts.
    #[must_use]
    pub const fn with_answer_timeout(mut self, timeout: Duration) -> Self {
        self.answer_timeout = Some(timeout);
        self
    }

    /// Sets how long the body of an answer may take, from its head on. If nothing is said, the attempt's time-out is all
    /// that counts.
    #[must_use]
    pub const fn with_body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = Some(timeout);
        self
    }

    /// Picks the library that speaks TLS. If nothing is said, it is rustls where that is compiled in, else the
    /// system's.
    #[must_use]
    pub const fn with_tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Sets how large the body of an answer may be, in bytes; 32 MiB if nothing is said. A larger one is an error of
    /// the kind [`TooLarge`](crate::ErrorKind::TooLarge).
    #[must_use]
    pub const fn with_max_answer_bytes(mut self, bytes: usize) -> Self {
        self.max_answer_bytes = bytes;
        self
    }

    /// Sets how many idle connections are kept for the next call; 16 if nothing is said.
    #[must_use]
    pub const fn with_idle_connections(mut self, connections: usize) -> Self {
        self.idle_connections = connections;
        self
    }

    /// Sets through which proxy requests go; the one that the environment names if nothing is said.
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

    /// How long connecting may take.
    pub const fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    /// How long one attempt may take in sum.
    pub const fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout
    }

    /// How long it may take until an answer begins, if that is less than an attempt may take.
    pub const fn answer_timeout(&self) -> Option<Duration> {
        self.answer_timeout
    }

    /// How long the body of an answer may take, if that is less than an attempt may take.
    pub const fn body_timeout(&self) -> Option<Duration> {
        self.body_timeout
    }

    /// The library that speaks TLS, of those that are compiled into an adapter, the preferred one first: none if there
    /// is none.
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) if another was picked.
    pub fn tls_of(&self, compiled: &[Tls]) -> Result<Option<Tls>, Error> {
        match self.tls {
            None => Ok(compiled.first().copied()),
            Some(picked) if compiled.contains(&picked) => Ok(Some(picked)),
            Some(picked) => Err(Error::config(format!(
                "TLS by {picked:?} is picked and not compiled in: switch on the feature `{}`",
                picked.feature(),
            ))),
        }
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

/// A library that speaks TLS. Each is a feature of the adapters.
///
/// ```
/// use kps_core::{HttpOptions, Tls};
///
/// let options = HttpOptions::new().with_tls(Tls::Native);
/// assert_eq!(options.tls_of(&[Tls::Rustls, Tls::Native])?, Some(Tls::Native)); // of an adapter that has both
/// assert!(options.tls_of(&[Tls::Rustls]).is_err());
/// # Ok::<(), kps_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tls {
    /// rustls, with ring and the platform's certificate verifier: the feature `rustls`.
    Rustls,
    /// That of the system: OpenSSL, Secure Transport, SChannel. The feature `native-tls`.
    Native,
}

impl Tls {
    const fn feature(self) -> &'static str {
        match self {
            Self::Rustls => "rustls",
            Self::Native => "native-tls",
        }
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Of certificates it shows whether there are some: they would fill pages.
impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("connect_timeout", &self.connect_timeout)
            .field("answer_timeout", &self.answer_timeout)
            .field("body_timeout", &self.body_timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("max_answer_bytes", &self.max_answer_bytes)
            .field("idle_connections", &self.idle_connections)
            .field("proxy", &self.proxy)
            .field("tls", &self.tls)
            .field("root_certificates", &self.root_certificates.is_some())
            .field("client_certificate", &self.client_certificate.is_some())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_library_that_is_compiled_in_speaks_tls_unless_another_is_picked() {
        use Tls::{Native, Rustls};

        let (none, rustls) = (HttpOptions::new(), HttpOptions::new().with_tls(Rustls));
        let native = HttpOptions::new().with_tls(Native);
        for (options, compiled, expected) in [
            (&none, &[Rustls, Native][..], Ok(Some(Rustls))),
            (&none, &[Native], Ok(Some(Native))),
            (&none, &[], Ok(None)),
            (&rustls, &[Rustls, Native], Ok(Some(Rustls))),
            (&native, &[Rustls, Native], Ok(Some(Native))),
            (&rustls, &[Native], Err("switch on the feature `rustls`")),
            (&native, &[Rustls], Err("switch on the feature `native-tls`")),
            (&native, &[], Err("switch on the feature `native-tls`")),
        ] {
            match (options.tls_of(compiled), expected) {
                (Ok(found), expected) => assert_eq!(Ok(found), expected),
                (Err(error), expected) => {
                    let expected = expected.unwrap_err();
                    assert!(error.to_string().ends_with(expected), "{error}");
                }
            }
        }
    }

    #[test]
    fn certificates_do_not_fill_the_debug() {
        let options =
            HttpOptions::new().with_root_certificates([b'x'; 4096]).with_client_certificate("y", "z");
        let debug = format!("{options:?}");
        assert!(debug.contains("root_certificates: true, client_certificate: true"), "{debug}");
    }
}
