//! Headers that a program adds to its calls.

use http::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use crate::Error;
use crate::request::AGENT;

/// What is sent besides what the service needs. None of it is signed.
#[derive(Clone, Debug)]
pub(crate) struct Extras {
    pub(crate) headers: HeaderMap,
    pub(crate) agent: HeaderValue,
}

/// These are the client's: a request with another value is refused, or goes elsewhere.
const RESERVED: [&str; 16] = [
    // Answers are read as they come.
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-auth-token",
    "x-project-id",
    "x-sdk-content-sha256",
    "x-sdk-date",
    "x-security-token",
];

impl Extras {
    /// Adds a header, in place of one of the same name.
    pub(crate) fn add(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let header: HeaderName =
            name.parse().map_err(|_| Error::config(format!("{name:?} is no name of a header")))?;
        if RESERVED.contains(&header.as_str()) {
            return Err(Error::config(format!(
                "the header {name} is set by the client, and cannot be another"
            )));
        }
        if header == USER_AGENT {
            return Err(Error::config("the header User-Agent is set by `user_agent_suffix`"));
        }
        let value = HeaderValue::from_str(value)
            .map_err(|_| Error::config(format!("the header {name} holds a character that cannot be sent")))?;
        self.headers.insert(header, value);
        Ok(())
    }

    /// Says who uses the client, behind its own name.
    pub(crate) fn suffix(&mut self, suffix: &str) -> Result<(), Error> {
        let agent = format!("{} {suffix}", AGENT.to_str().unwrap_or_default());
        self.agent = HeaderValue::from_str(&agent)
            .map_err(|_| Error::config("the user agent holds a character that cannot be sent"))?;
        Ok(())
    }
}

impl Default for Extras {
    fn default() -> Self {
        Self { headers: HeaderMap::new(), agent: AGENT }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Credentials, ListKeypairs, Prepared, ProjectId, Region, blocking};

    fn builder() -> crate::Builder<blocking::Client> {
        blocking::Client::builder(|_: Prepared| Ok(http::Response::default()))
            .region(Region::CN_NORTH_4)
            .credentials(Credentials::access_key("AK", "SK"))
            .project_id(ProjectId::new("0a1b").unwrap())
    }

    #[test]
    fn headers_are_sent_and_not_signed() {
        let kps = builder().header("X-Language", "en-us").user_agent_suffix("fleet/1.2").build().unwrap();
        let chinese = kps.with_header("x-language", "zh-cn").unwrap().with_header("X-Trace", "7").unwrap();
        for (kps, language, trace) in [(&kps, "en-us", None), (&chinese, "zh-cn", Some("7"))] {
            let prepared = kps.prepare(ListKeypairs::new()).unwrap();
            let header = |name| prepared.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!((header("x-language"), header("x-trace")), (Some(language), trace));
            assert!(header("user-agent").unwrap().starts_with("kps-rust/"), "{prepared:?}");
            assert!(header("user-agent").unwrap().ends_with(" fleet/1.2"));
            let authorization = header("authorization").unwrap();
            assert!(authorization.contains("SignedHeaders=content-type;host;x-project-id;x-sdk-date,"));
        }
    }

    #[test]
    fn headers_of_the_client_are_refused() {
        for (name, value, reason) in [
            ("Host", "a", "is set by the client"),
            ("authorization", "a", "is set by the client"),
            ("X-Sdk-Date", "a", "is set by the client"),
            ("X-Project-Id", "a", "is set by the client"),
            ("Content-Length", "1", "is set by the client"),
            ("User-Agent", "a", "`user_agent_suffix`"),
            ("a b", "a", "is no name of a header"),
            ("x-a", "a\nb", "cannot be sent"),
        ] {
            let error = builder().header(name, value).build().unwrap_err().to_string();
            assert!(error.contains(reason), "{name}: {error}");
            let error = builder().build().unwrap().with_header(name, value).unwrap_err().to_string();
            assert!(error.contains(reason), "{name}: {error}");
        }
        assert!(builder().user_agent_suffix("a\nb").build().is_err());
    }
}
