use super::run;
use crate::sign::Signed;
use crate::{Error, ProjectId, SourceReport};

/// Signs requests of one's own, to any service of the cloud, with the credentials that a client would have. It is made by
/// [`Builder::signatory`](crate::Builder::signatory), and needs neither a region nor a project. The one to be awaited is
/// [`crate::Signatory`].
///
/// ```
/// use kps_core::{Credentials, blocking};
///
/// # let transport = |_: kps_core::Prepared| Ok(http::Response::default());
/// let signatory = blocking::Client::builder(transport)
///     .credentials(Credentials::access_key("AKEXAMPLE", "SKexample"))
///     .signatory()?;
/// let signed = signatory.sign("PUT", "https://obs.example.com/a", &[("Content-Type", "application/json")], b"{}")?;
/// let names: Vec<&str> = signed.headers().iter().map(|(name, _)| name.as_str()).collect();
/// assert_eq!(names, ["Content-Type", "X-Sdk-Date", "Host"]); // to be sent, besides this one:
/// assert!(signed.authorization().starts_with("SDK-HMAC-SHA256 Access=AKEXAMPLE, "));
/// # Ok::<(), kps_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Signatory(crate::Signatory);

impl Signatory {
    pub(crate) const fn new(signatory: crate::Signatory) -> Self {
        Self(signatory)
    }

    /// Signs a request; see [`Signatory::sign`](crate::Signatory::sign) for what is added to it.
    ///
    /// # Errors
    ///
    /// What keeps the source from credentials, a [credentials error](crate::ErrorKind::Credentials) if those are a token,
    /// with which nothing is signed, or an [input error](crate::ErrorKind::Input) for a request that cannot be signed.
    pub fn sign(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Signed, Error> {
        run(self.0.sign(method, url, headers, body))
    }

    /// Looks for credentials in each source, and tells of all how it went; see
    /// [`Signatory::sources`](crate::Signatory::sources).
    pub fn sources(&self) -> Vec<SourceReport> {
        run(self.0.sources())
    }

    /// The project that signed requests are for, if it is named; a source of credentials may tell another.
    pub const fn project_id(&self) -> Option<&ProjectId> {
        self.0.project_id()
    }
}
