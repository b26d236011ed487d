//! Where requests go.

use http::header::HeaderValue;
use http::uri::{Authority, Parts, PathAndQuery, Scheme, Uri};

use crate::Error;

/// Scheme and authority of the service, in the form in which both are sent and signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    scheme: Scheme,
    authority: Authority,
    host: HeaderValue,
}

impl Endpoint {
    /// An endpoint that somebody named, and where.
    pub(crate) fn named(what: &str, endpoint: &str) -> Result<Self, Error> {
        Self::parse(endpoint).map_err(|reason| wrong(what, endpoint, reason))
    }

    /// The host's name or address, without a port.
    pub(crate) fn host_name(&self) -> &str {
        self.authority.host()
    }

    /// Reads `https://host[:port]`; `https` is the default. Host and port are brought into the form in which
    /// every HTTP client sends them, in lower case and without the default port, since they are signed.
    fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "it must be like https://kms.cn-north-4.myhuaweicloud.com, with nothing behind the host \
                            but a port";
        let (scheme, rest) = match text.split_once("://") {
            None => (Scheme::HTTPS, text),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Scheme::HTTPS, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Scheme::HTTP, rest),
            Some(_) => return Err("only http and https are spoken"),
        };
        let default_port = if scheme == Scheme::HTTPS { ":443" } else { ":80" };
        let rest = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
        let rest = rest.strip_suffix(default_port).unwrap_or(&rest);
        let authority: Authority = rest.parse().map_err(|_| FORM)?;
        let port_is_number = authority.as_str() == authority.host() || authority.port_u16().is_some();
        if authority.host().is_empty() || authority.as_str().contains('@') || !port_is_number {
            return Err(FORM);
        }
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| FORM)?;
        Ok(Self { scheme, authority, host })
    }

    /// The value of the `Host` header.
    pub(crate) fn host(&self) -> &HeaderValue {
        &self.host
    }

    pub(crate) fn uri(&self, path_and_query: PathAndQuery) -> Result<Uri, Error> {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path_and_query);
        Uri::from_parts(parts).map_err(|error| Error::input(format!("the address cannot be sent: {error}")))
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

fn wrong(what: &str, endpoint: &str, reason: &str) -> Error {
    // What is before an `@` is a name and a password.
    let hidden = endpoint.rsplit_once('@').map(|(_, host)| format!("<redacted>@{host}"));
    let endpoint = hidden.as_deref().unwrap_or(endpoint);
    Error::config(format!("{what} is {endpoint:?}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, &'static str> {
        Endpoint::parse(text).map(|endpoint| endpoint.to_string())
    }

    #[test]
    fn endpoints_are_brought_into_one_form() {
        for (text, form) in [
            ("kms.example.com", "https://kms.example.com"),
            ("https://Kms.Example.COM/", "https://kms.example.com"),
            ("HTTPS://kms.example.com:443", "https://kms.example.com"),
            ("http://kms.example.com:443", "http://kms.example.com:443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://localhost:80/", "http://localhost"),
            ("https://[2001:DB8::1]:9443", "https://[2001:db8::1]:9443"),
        ] {
            assert_eq!(parsed(text).as_deref(), Ok(form), "{text}");
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        for text in [
            "",
            "https://",
            "ftp://kms.example.com",
            "https://user@kms.example.com",
            "https://a/b",
            "https://a?b",
            "https://a#b",
            "https://a b",
            "http://a:b",
            "http://a:",
            "http://a:99999",
            "http://:80",
            "https://密钥",
        ] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }
}
