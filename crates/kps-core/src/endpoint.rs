//! Where requests go.

use http::header::HeaderValue;
use http::uri::{Authority, Parts, PathAndQuery, Scheme, Uri};

use crate::{Environment, Error, Region};

/// Scheme and authority of the service, in the form in which both are sent and signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    scheme: Scheme,
    authority: Authority,
    host: HeaderValue,
}

impl Endpoint {
    /// By argument, else by the variable of the region, else by the table.
    pub(crate) fn find(
        argument: Option<&str>,
        region: Option<&Region>,
        environment: Option<&Environment>,
    ) -> Result<Self, Error> {
        if let Some(endpoint) = argument {
            return Self::parse(endpoint).map_err(|reason| wrong("the endpoint", endpoint, reason));
        }
        let Some(region) = region else {
            return Err(Error::config(
                "no region: set one with `region`, such as `Region::CN_NORTH_4`, or an endpoint with `endpoint`",
            ));
        };
        let variable = variable(region);
        if let Some(list) = environment.map(|vars| vars.get(&variable)).transpose()?.flatten() {
            let first =
                list.split(',').map(str::trim).find(|endpoint| !endpoint.is_empty()).unwrap_or_default();
            return Self::parse(first)
                .map_err(|reason| wrong(&format!("the variable {variable}"), first, reason));
        }
        if !region.is_known() {
            let known: Vec<&str> = Region::KNOWN.iter().map(Region::id).collect();
            return Err(Error::config(format!(
                "the region {region} is not known (known are {}): name its endpoint with `endpoint` or the variable \
                 {variable}",
                known.join(", "),
            )));
        }
        let endpoint = format!("kms.{region}.myhuaweicloud.com");
        Self::parse(&endpoint).map_err(|reason| wrong("the region's endpoint", &endpoint, reason))
    }

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

/// The variable the official clients look in, for which this service is called KPS although its host is
/// called kms.
fn variable(region: &Region) -> String {
    format!("HUAWEICLOUD_SDK_REGION_KPS_{}", region.id().to_ascii_uppercase().replace('-', "_"))
}

fn wrong(what: &str, endpoint: &str, reason: &str) -> Error {
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

    #[test]
    fn argument_wins_over_variable_over_table() {
        let region = Region::CN_NORTH_4;
        let set = Environment::from([(
            "HUAWEICLOUD_SDK_REGION_KPS_CN_NORTH_4",
            " http://first.example:1 , http://second.example",
        )]);
        let find =
            |argument, region, vars| Endpoint::find(argument, region, vars).map(|found| found.to_string());
        let argued = find(Some("http://argued.example"), Some(&region), Some(&set));
        assert_eq!(argued.unwrap(), "http://argued.example");
        assert_eq!(find(None, Some(&region), Some(&set)).unwrap(), "http://first.example:1");
        for region in Region::KNOWN {
            let expected = format!("https://kms.{}.myhuaweicloud.com", region.id());
            assert_eq!(find(None, Some(region), None).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let unknown = Region::new("eu-west-101").unwrap();
        let broken = Environment::from([("HUAWEICLOUD_SDK_REGION_KPS_EU_WEST_101", "http://a/b")]);
        for (error, part) in [
            (Endpoint::find(None, None, None), "no region"),
            (Endpoint::find(None, Some(&unknown), None), "HUAWEICLOUD_SDK_REGION_KPS_EU_WEST_101"),
            (Endpoint::find(None, Some(&unknown), None), "cn-north-4, cn-north-9"),
            (
                Endpoint::find(None, Some(&unknown), Some(&broken)),
                "_EU_WEST_101 is \"http://a/b\": it must be like",
            ),
            (Endpoint::find(Some("ftp://a"), None, None), "only http and https"),
        ] {
            let error = error.unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Config);
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
