//! Which requests go through a proxy. Decided here, so that both adapters decide the same.

use core::net::IpAddr;
use std::fmt;

use http::Uri;
use http::uri::Scheme;
use ipnet::IpNet;

use crate::{Environment, Error, events};

/// Through which proxy requests go.
///
/// ```
/// use kps_core::{HttpOptions, Proxy};
///
/// let proxy = Proxy::Url("http://user:password@proxy.example:3128".into());
/// assert!(!format!("{proxy:?}").contains("password"));
/// let options = HttpOptions::new().with_proxy(proxy);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Proxy {
    /// The one the environment names, as [`ProxyRules::read`] tells.
    #[default]
    System,
    /// None, whatever the environment says.
    None,
    /// This one for everything but the metadata service, such as `http://user:password@proxy.example:3128`.
    Url(String),
}

/// An address may hold a password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::None => "None",
            Self::Url(_) => "Url(<redacted>)",
        })
    }
}

/// The proxies of the environment and the hosts that are reached without one.
///
/// ```
/// use kps_core::{Environment, ProxyRules};
///
/// let rules = ProxyRules::read(&Environment::from([
///     ("HTTPS_PROXY", "http://proxy.example:3128"),
///     ("NO_PROXY", "localhost,.internal.example"),
/// ]))?;
/// assert_eq!(rules.find(&"https://kms.example.com".parse()?), Some("http://proxy.example:3128"));
/// assert_eq!(rules.find(&"https://kms.internal.example".parse()?), None);
/// assert_eq!(rules.find(&"http://kms.example.com".parse()?), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct ProxyRules {
    http: Option<String>,
    https: Option<String>,
    direct: Vec<Direct>,
}

/// An entry of `NO_PROXY`: hosts, and the port if one is named.
#[derive(Clone, Debug)]
struct Direct {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug)]
enum Hosts {
    All,
    Domain(String),
    Network(IpNet),
}

impl ProxyRules {
    /// No proxy for anything.
    pub const fn none() -> Self {
        Self { http: None, https: None, direct: Vec::new() }
    }

    /// One proxy for everything.
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) if it is not like `http://host:port`. Its text does not quote the
    /// address, which may hold a password.
    pub fn only(address: &str) -> Result<Self, Error> {
        let address = usable(address.to_owned()).ok_or_else(|| {
            Error::config("the proxy must be like http://host:port; other proxies are not spoken")
        })?;
        Ok(Self { http: Some(address.clone()), https: Some(address), direct: Vec::new() })
    }

    /// Reads the variables, in capitals first, then in small letters.
    ///
    /// - `HTTPS_PROXY` is for `https`, `HTTP_PROXY` for `http`, `ALL_PROXY` for either if its own is not set. As
    ///   everywhere, `HTTP_PROXY` does not count in a CGI program, where a client could set it.
    /// - `NO_PROXY` lists, with commas, hosts that are reached directly: `example.com` and `.example.com` for
    ///   the domain and all below it, addresses and networks such as `10.0.0.0/8`, `*` for all. A name or an
    ///   address with a port, such as `example.com:8443`, is meant at that port alone. An entry whose port is no
    ///   number is passed over, as it is by other programs; with the feature `tracing` a warning says so.
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) if a proxy is not like `http://host:port`. Its text
    /// does not quote the value, which may hold a password.
    pub fn read(environment: &Environment) -> Result<Self, Error> {
        let http = match environment.get("REQUEST_METHOD")? {
            Some(_) => None,
            None => proxy(environment, "HTTP_PROXY")?,
        };
        let https = proxy(environment, "HTTPS_PROXY")?;
        // Where it is not used it may be of a sort that is not spoken, for other programs.
        let all = match (&http, &https) {
            (Some(_), Some(_)) => None,
            _ => proxy(environment, "ALL_PROXY")?,
        };
        let direct = variable(environment, "NO_PROXY")?.map(|(name, list)| Direct::parse_list(&name, &list));
        Ok(Self {
            http: http.or_else(|| all.clone()),
            https: https.or(all),
            direct: direct.unwrap_or_default(),
        })
    }

    /// Reaches this host directly, whatever the environment says.
    pub(crate) fn reach_directly(&mut self, host: &str) {
        self.direct.extend(Hosts::parse(host).map(|hosts| Direct { hosts, port: None }));
    }

    /// The proxy for `http` addresses, if one is set.
    pub fn http(&self) -> Option<&str> {
        self.http.as_deref()
    }

    /// The proxy for `https` addresses, if one is set.
    pub fn https(&self) -> Option<&str> {
        self.https.as_deref()
    }

    /// The proxy a request to this address goes through: [`http`](Self::http), [`https`](Self::https) or none.
    pub fn find(&self, address: &Uri) -> Option<&str> {
        let proxy = if address.scheme() == Some(&Scheme::HTTPS) { self.https() } else { self.http() };
        let host = without_brackets(address.host().unwrap_or_default());
        let usual = if address.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
        let port = address.port_u16().unwrap_or(usual);
        proxy.filter(|_| !self.direct.iter().any(|entry| entry.covers(host, port)))
    }
}

/// A proxy's address may hold a password.
impl fmt::Debug for ProxyRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyRules")
            .field("http", &self.http.is_some())
            .field("https", &self.https.is_some())
            .field("direct", &self.direct)
            .finish()
    }
}

impl Direct {
    /// The entries of a variable.
    fn parse_list(variable: &str, list: &str) -> Vec<Self> {
        let mut entries = Vec::new();
        for (at, entry) in list.split(',').map(str::trim).enumerate() {
            match split_port(entry) {
                Some((host, port)) => entries.extend(Hosts::parse(host).map(|hosts| Self { hosts, port })),
                // It is not quoted: it may be an address with a password, in the wrong variable.
                None => events::warn(&format!(
                    "entry {} of the variable {variable} is passed over: behind its colon is no port",
                    at + 1
                )),
            }
        }
        entries
    }

    fn covers(&self, host: &str, port: u16) -> bool {
        self.port.is_none_or(|own| own == port) && self.hosts.cover(host)
    }
}

impl Hosts {
    fn parse(entry: &str) -> Option<Self> {
        if entry == "*" {
            return Some(Self::All);
        }
        let entry = without_brackets(entry);
        if let Ok(network) = entry.parse::<IpNet>().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from)) {
            return Some(Self::Network(network));
        }
        let domain = entry.trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
        (!domain.is_empty()).then_some(Self::Domain(domain))
    }

    fn cover(&self, host: &str) -> bool {
        match self {
            Self::All => true,
            Self::Network(network) => host.parse().is_ok_and(|address: IpAddr| network.contains(&address)),
            Self::Domain(domain) => {
                let host = host.to_ascii_lowercase();
                host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    }
}

/// Host and port of an entry, unless the port is no number. An address of IPv6 has colons of its own: with a port it is in
/// brackets.
fn split_port(entry: &str) -> Option<(&str, Option<u16>)> {
    match entry.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']')) {
        Some((host, port)) => Some((host, Some(port.parse().ok()?))),
        None => Some((entry, None)),
    }
}

/// An address of IPv6 is in brackets where a port may follow.
fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

fn proxy(environment: &Environment, name: &str) -> Result<Option<String>, Error> {
    let Some((name, value)) = variable(environment, name)? else { return Ok(None) };
    let fault = || {
        Error::config(format!(
            "the variable {name} must be like http://host:port; other proxies are not spoken"
        ))
    };
    usable(value).map(Some).ok_or_else(fault)
}

/// The address with its scheme, if it is that of a proxy that is spoken.
fn usable(address: String) -> Option<String> {
    let address = if address.contains("://") { address } else { format!("http://{address}") };
    let uri: Uri = address.parse().ok()?;
    let spoken = matches!(uri.scheme_str(), Some("http" | "https"));
    (spoken && uri.host().is_some_and(|host| !host.is_empty())).then_some(address)
}

/// The variable in capitals, else in small letters, with the name it was found under.
fn variable(environment: &Environment, name: &str) -> Result<Option<(String, String)>, Error> {
    for name in [name.to_owned(), name.to_ascii_lowercase()] {
        if let Some(value) = environment.get(&name)? {
            return Ok(Some((name, value)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<const N: usize>(variables: [(&str, &str); N], address: &str) -> Option<String> {
        let rules = ProxyRules::read(&Environment::from(variables)).unwrap();
        rules.find(&address.parse().unwrap()).map(ToOwned::to_owned)
    }

    #[test]
    fn the_scheme_picks_the_variable() {
        let both = [("HTTP_PROXY", "http://h:1"), ("https_proxy", "s:2"), ("ALL_PROXY", "http://a:3")];
        assert_eq!(found(both, "http://x").as_deref(), Some("http://h:1"));
        assert_eq!(found(both, "https://x").as_deref(), Some("http://s:2"));
        assert_eq!(found([("all_proxy", "http://a:3")], "https://x").as_deref(), Some("http://a:3"));
        let others =
            [("HTTP_PROXY", "http://h:1"), ("HTTPS_PROXY", "http://s:2"), ("ALL_PROXY", "socks5://a:3")];
        assert_eq!(found(others, "https://x").as_deref(), Some("http://s:2"));
        assert_eq!(found([("HTTP_PROXY", "http://h:1")], "https://x"), None);
        assert_eq!(found([("HTTP_PROXY", "http://h:1"), ("REQUEST_METHOD", "GET")], "http://x"), None);
        assert_eq!(
            found([("HTTP_PROXY", "http://h:1"), ("http_proxy", "http://l:1")], "http://x").as_deref(),
            Some("http://h:1")
        );
        assert_eq!(found([], "http://x"), None);
    }

    #[test]
    fn some_hosts_are_reached_directly() {
        for (list, address, direct) in [
            ("example.com", "http://example.com", true),
            ("example.com", "http://kms.Example.com:80", true),
            ("example.com", "http://notexample.com", false),
            (".example.com", "http://example.com", true),
            ("*.example.com", "http://a.example.com", true),
            ("a, example.com ,b", "http://example.com", true),
            ("10.0.0.0/8,::1", "http://10.1.2.3", true),
            ("10.0.0.0/8,::1", "http://[::1]:8080", true),
            ("[::1]", "http://[::1]:8080", true),
            ("127.0.0.1", "http://127.0.0.1:8080", true),
            ("127.0.0.1", "http://127.0.0.10", false),
            ("10.0.0.0/8", "http://10.example.com", false),
            ("example.com:8443", "http://kms.example.com:8443", true),
            ("example.com:8443", "http://example.com:8444", false),
            ("example.com:80", "http://example.com", true),
            ("example.com:443", "https://example.com", true),
            ("example.com:443", "http://example.com", false),
            ("127.0.0.1:8080", "http://127.0.0.1:8080", true),
            ("127.0.0.1:8080", "http://127.0.0.1", false),
            ("[::1]:8080", "http://[::1]:8080", true),
            ("[::1]:8080", "http://[::1]:8081", false),
            ("::1", "http://[::1]:8080", true),
            ("*:8080", "http://example.com:8080", true),
            ("*", "http://anything", true),
            ("", "http://example.com", false),
            (",.,", "http://example.com", false),
            ("example.com:http", "http://example.com", false),
            ("example.com:", "http://example.com", false),
            ("example.com:65536", "http://example.com", false),
            ("http://example.com", "http://example.com", false),
            ("[::1]:x,example.com:x,example.com", "http://example.com", true),
        ] {
            let proxy = found([("ALL_PROXY", "http://p:1"), ("NO_PROXY", list)], address);
            assert_eq!(proxy.is_none(), direct, "{list} {address}");
        }
    }

    #[test]
    fn a_proxy_of_another_sort_is_an_error_that_keeps_its_password() {
        for value in ["socks5://u:hidden@p:1", "http://", "http://u:hidden@ /", "http:///hidden"] {
            let error = ProxyRules::read(&Environment::from([("https_proxy", value)])).unwrap_err();
            assert!(error.to_string().contains("https_proxy"), "{error}");
            assert!(!format!("{error:?}").contains("hidden"));
        }
        let rules = ProxyRules::read(&Environment::from([("HTTPS_PROXY", "http://u:hidden@p:1")])).unwrap();
        assert!(!format!("{rules:?}").contains("hidden"));
    }
}
