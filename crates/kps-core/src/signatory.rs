//! Signing requests of one's own with the credentials a client would have.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kps_model::ProjectId;

use crate::base::Base;
use crate::clock::Skew;
use crate::credentials::Authenticator;
use crate::credentials::desk::Desk;
use crate::sign::Signed;
use crate::{AsyncTransport, Error, SourceReport};

const X_PROJECT_ID: &str = "X-Project-Id";
const X_SECURITY_TOKEN: &str = "X-Security-Token";

/// Signs requests of one's own, to any service of the cloud, with the credentials that a client would have. It is made by
/// [`Builder::signatory`](crate::Builder::signatory), and needs neither a region nor a project. The one that blocks is
/// [`blocking::Signatory`](crate::blocking::Signatory).
///
/// ```
/// use kps_core::{Client, Credentials, ProjectId};
///
/// # pollster::block_on(async {
/// # let transport = |_: kps_core::Prepared| async { Ok(http::Response::default()) };
/// let signatory = Client::builder(transport)
///     .credentials(Credentials::access_key("AKEXAMPLE", "SKexample").with_security_token("TOKENexample"))
///     .project_id(ProjectId::new("0a1b")?)
///     .signatory()?;
/// let signed = signatory.sign("GET", "https://ecs.cn-north-4.myhuaweicloud.com/v1/0a1b/cloudservers", &[], b"").await?;
/// assert_eq!(signed.signed_headers(), "host;x-project-id;x-sdk-date;x-security-token");
/// assert!(!format!("{signatory:?} {signed:?}").contains("xample"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct Signatory {
    base: Base,
    transport: Arc<dyn AsyncTransport>,
    skew: Skew,
    timeout: Duration,
}

impl Signatory {
    pub(crate) fn new(base: Base, transport: Arc<dyn AsyncTransport>, timeout: Duration) -> Self {
        Self { base, transport, skew: Skew::default(), timeout }
    }

    /// Signs a request as [`Signer::sign`](crate::sign::Signer::sign) does, by the clock of the transport, and adds what a
    /// client adds: `X-Project-Id`, where the project is named or the source of the credentials tells it, and the
    /// `X-Security-Token` of a temporary key, each unless it is given.
    ///
    /// Nothing is sent but what the source of the credentials has to ask.
    ///
    /// # Errors
    ///
    /// What keeps the source from credentials, a [credentials error](crate::ErrorKind::Credentials) if those are a token,
    /// with which nothing is signed, or an [input error](crate::ErrorKind::Input) for a request that cannot be signed.
    pub async fn sign(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Signed, Error> {
        let desk = self.desk();
        let identity = self.base.keyring.get(&desk).await?;
        let Authenticator::Key { signer, security_token } = &identity.authenticator else {
            return Err(Error::credentials(
                "the credentials are a token of the identity service, and a signature takes an access key",
            ));
        };
        let is_given = |name: &str| headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
        let mut all = headers.to_vec();
        let project_id = self.project_id().or(identity.project_id.as_ref());
        if let Some(project_id) = project_id.filter(|_| !is_given(X_PROJECT_ID)) {
            all.push((X_PROJECT_ID, project_id.as_str()));
        }
        let token = security_token.as_ref().and_then(|token| token.to_str().ok());
        if let Some(token) = token.filter(|_| !is_given(X_SECURITY_TOKEN)) {
            all.push((X_SECURITY_TOKEN, token));
        }
        signer.sign(method, url, &all, body, desk.now())
    }

    /// Looks for credentials in each source, in their order, up to the one that is taken, and tells of all how it went.
    ///
    /// ```
    /// use kps_core::{Client, Environment, SourceOutcome};
    ///
    /// # pollster::block_on(async {
    /// # let transport = |_: kps_core::Prepared| async { Ok(http::Response::default()) };
    /// let variables = Environment::from([("HUAWEICLOUD_SDK_AK", "AKEXAMPLE0000000001"), ("HUAWEICLOUD_SDK_SK", "SKexample")]);
    /// let signatory = Client::builder(transport).environment(variables).signatory()?;
    /// let reports = signatory.sources().await;
    /// let [oidc, environment, file, ..] = reports.as_slice() else { unreachable!() };
    /// assert!(matches!(oidc.outcome, SourceOutcome::Nothing(_)));
    /// assert_eq!(environment.to_string(), "environment: taken: access key AKEX…0001");
    /// assert_eq!(file.to_string(), "credentials file: not asked");
    /// # Ok::<(), kps_core::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn sources(&self) -> Vec<SourceReport> {
        self.base.source.0.reports(&self.desk()).await
    }

    /// The project that signed requests are for, if it is named; a source of credentials may tell another.
    pub const fn project_id(&self) -> Option<&ProjectId> {
        self.base.project_id.as_ref()
    }

    fn desk(&self) -> Desk<'_> {
        Desk {
            end: Some(self.transport.ticks().saturating_add(self.timeout)),
            transport: &*self.transport,
            skew: &self.skew,
            environment: &self.base.environment,
            hosts: &self.base.hosts,
        }
    }
}

impl fmt::Debug for Signatory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signatory")
            .field("source", &self.base.source)
            .field("project_id", &self.base.project_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Credentials, Environment, ErrorKind, Prepared, ProjectId, blocking};

    fn builder() -> crate::Builder<blocking::Client> {
        blocking::Client::builder(|_: Prepared| Ok(http::Response::new("hunter2".into())))
    }

    #[test]
    fn what_is_given_wins_over_what_the_credentials_add() {
        let signatory = builder()
            .credentials(Credentials::access_key("AK", "SK").with_security_token("mine"))
            .project_id(ProjectId::new("0a1b").unwrap())
            .signatory()
            .unwrap();
        let headers = |given: &[(&str, &str)]| {
            let signed = signatory.sign("get", "https://a.example/", given, b"").unwrap();
            assert!(signed.canonical_request().starts_with("GET\n"));
            let value = |name: &str| {
                let found = signed.headers().iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join("|")
            };
            [value("x-project-id"), value("x-security-token"), value("host")]
        };
        assert_eq!(headers(&[]), ["0a1b", "mine", "a.example"]);
        let given = [("x-project-id", "other"), ("X-SECURITY-TOKEN", ""), ("Host", "b.example")];
        assert_eq!(headers(&given), ["other", "", "b.example"]);
    }

    #[test]
    fn the_project_of_the_source_is_added_where_none_is_named() {
        let environment = Environment::from([("HOME", "/h")])
            .with_file("/h/.huaweicloud/credentials", "[basic]\nak=AK\nsk=SK\nproject_id=5f60\n");
        let signatory = builder().environment(environment).signatory().unwrap();
        let signed = signatory.sign("GET", "https://a.example", &[], b"").unwrap();
        assert!(signed.canonical_request().contains("\nx-project-id:5f60\n"));
    }

    #[test]
    fn a_token_signs_nothing() {
        let signatory = builder().credentials(Credentials::token("hunter2")).signatory().unwrap();
        let error = signatory.sign("GET", "https://a.example/", &[], b"").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(!format!("{error} {error:?} {signatory:?}").contains("hunter2"));
    }

    #[test]
    fn of_each_source_is_told_how_it_went_and_no_secret() {
        let told = |environment: Environment| {
            let signatory = builder().environment(environment).signatory().unwrap();
            let reports = signatory.sources();
            let told = reports.iter().map(ToString::to_string).collect::<Vec<_>>();
            assert!(!format!("{told:?} {reports:?}").contains("hunter2"));
            told
        };
        let file =
            |text: &str| Environment::from([("HOME", "/h")]).with_file("/h/.huaweicloud/credentials", text);
        let found = told(file(
            "[basic]\nak=HPUA0123456789ABCDEF\nsk=hunter2\nsecurity_token=hunter2\nproject_id=5f60",
        ));
        assert_eq!(
            found,
            [
                "OpenID Connect variables: HUAWEICLOUD_OIDC_PROVIDER_URN and HUAWEICLOUD_OIDC_AGENCY_URN are not set",
                "environment: HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK are not set",
                "credentials file: taken: temporary access key HPUA…CDEF of project 5f60",
                "pod identity: not asked",
                "metadata service: not asked",
            ],
        );
        let half = told(file("[basic]\nak=AK\n"));
        assert_eq!(
            half[2..4],
            [
                "credentials file: /h/.huaweicloud/credentials, section [basic]: `ak` is set and `sk` is not; set both",
                "pod identity: not asked",
            ],
        );
        let nothing = told(Environment::from([("HOME", "/h")]));
        assert!(
            nothing.iter().all(|line| !line.contains("taken") && !line.contains("not asked")),
            "{nothing:?}"
        );
    }
}
