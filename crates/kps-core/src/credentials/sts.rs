//! What the security token service (STS) hands out: temporary keys of an agency.

use std::path::PathBuf;
use std::time::Duration;

use kps_model::Secret;
use serde_json::{Map, Value, json};

use crate::credentials::desk::{Ask, Desk};
use crate::credentials::half;
use crate::credentials::iam::temporary;
use crate::credentials::source::{Found, Source};
use crate::{BoxFuture, Credentials, Environment, Error};

const HOUR: Duration = Duration::from_secs(3600);

/// An ID token of an OpenID Connect provider, exchanged for the temporary keys of an agency.
///
/// ```
/// use kps_core::{CredentialsSource, Oidc};
///
/// let oidc = Oidc::from_file(
///     "iam::0a1b:oidcProvider:github",
///     "iam::0a1b:agency:deployers",
///     "/var/run/secrets/token",
/// );
/// let source = CredentialsSource::oidc(oidc.with_session_name("deploy-42"));
/// ```
#[derive(Clone, Debug)]
pub struct Oidc {
    provider_urn: String,
    agency_urn: String,
    token: Token,
    session_name: String,
    duration: Duration,
    policy: Option<String>,
    policy_ids: Vec<String>,
}

#[derive(Clone, Debug)]
enum Token {
    Text(Secret),
    /// Read anew each time, since somebody else renews it.
    File(PathBuf),
}

impl Oidc {
    /// With a token that is at hand, and not renewed.
    pub fn new(
        provider_urn: impl Into<String>,
        agency_urn: impl Into<String>,
        id_token: impl Into<Secret>,
    ) -> Self {
        Self::of(provider_urn.into(), agency_urn.into(), Token::Text(id_token.into()))
    }

    /// With a token in a file, which is read each time it is needed.
    pub fn from_file(
        provider_urn: impl Into<String>,
        agency_urn: impl Into<String>,
        file: impl Into<PathBuf>,
    ) -> Self {
        Self::of(provider_urn.into(), agency_urn.into(), Token::File(file.into()))
    }

    fn of(provider_urn: String, agency_urn: String, token: Token) -> Self {
        Self {
            provider_urn,
            agency_urn,
            token,
            session_name: "oidc-sts-session".to_owned(),
            duration: HOUR,
            policy: None,
            policy_ids: Vec::new(),
        }
    }

    /// The name under which the session is logged; `oidc-sts-session` if nothing is said.
    #[must_use]
    pub fn with_session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = name.into();
        self
    }

    /// How long the keys are good: 15 minutes to 12 hours, an hour if nothing is said.
    #[must_use]
    pub const fn with_duration(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    /// A policy that narrows what the keys may do.
    #[must_use]
    pub fn with_policy(mut self, policy: impl Into<String>) -> Self {
        self.policy = Some(policy.into());
        self
    }

    /// Ids of policies that narrow what the keys may do.
    #[must_use]
    pub fn with_policy_ids(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.policy_ids = ids.into_iter().map(Into::into).collect();
        self
    }
}

impl Source for Oidc {
    fn name(&self) -> &'static str {
        "OpenID Connect"
    }

    fn find<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>> {
        Box::pin(async move {
            const WHAT: &str = "the exchange of an OpenID Connect token";
            let token = match &self.token {
                Token::Text(token) => token.clone(),
                Token::File(file) => desk.environment.secret_file("the OpenID Connect token", file)?,
            };
            let mut body = Map::new();
            body.insert("agency_session_name".into(), json!(self.session_name));
            body.insert("agency_urn".into(), json!(self.agency_urn));
            body.insert("duration_seconds".into(), json!(self.duration.as_secs()));
            body.insert("id_token".into(), json!(token.expose()));
            if let Some(policy) = &self.policy {
                body.insert("policy".into(), json!(policy));
            }
            if !self.policy_ids.is_empty() {
                body.insert("policy_ids".into(), json!(self.policy_ids));
            }
            body.insert("provider_urn".into(), json!(self.provider_urn));
            let sts = desk.sts(false)?;
            let ask = Ask::post(WHAT, &sts, "/v5/agencies/assume-with-oidc", &Value::Object(body))?;
            let answer = desk.ask(ask.with_secret(token.expose())).await?;
            temporary(WHAT, &answer).map(Found::from)
        })
    }
}

/// The variables `HUAWEICLOUD_OIDC_…`.
pub(crate) struct OidcVariables;

pub(crate) const PROVIDER_URN: &str = "HUAWEICLOUD_OIDC_PROVIDER_URN";
pub(crate) const AGENCY_URN: &str = "HUAWEICLOUD_OIDC_AGENCY_URN";
const ID_TOKEN: &str = "HUAWEICLOUD_OIDC_ID_TOKEN";
const TOKEN_FILE: &str = "HUAWEICLOUD_OIDC_TOKEN_FILE";
const SESSION_NAME: &str = "HUAWEICLOUD_OIDC_SESSION_NAME";
const DURATION_SECONDS: &str = "HUAWEICLOUD_OIDC_DURATION_SECONDS";
const POLICY: &str = "HUAWEICLOUD_OIDC_POLICY";
const POLICY_IDS: &str = "HUAWEICLOUD_OIDC_POLICY_IDS";

impl OidcVariables {
    /// Built from the variables, or what is missing; half a set is an error.
    fn read(environment: &Environment) -> Result<Result<Oidc, String>, Error> {
        let (provider, agency) = (environment.trimmed(PROVIDER_URN)?, environment.trimmed(AGENCY_URN)?);
        let (provider, agency) = match (provider, agency) {
            (Some(provider), Some(agency)) => (provider, agency),
            (None, None) => return Ok(Err(format!("{PROVIDER_URN} and {AGENCY_URN} are not set"))),
            (Some(_), None) => return Err(half(PROVIDER_URN, AGENCY_URN)),
            (None, Some(_)) => return Err(half(AGENCY_URN, PROVIDER_URN)),
        };
        let mut oidc = match (environment.trimmed(ID_TOKEN)?, environment.trimmed(TOKEN_FILE)?) {
            (Some(token), _) => Oidc::new(provider, agency, token),
            (None, Some(file)) => Oidc::from_file(provider, agency, file),
            (None, None) => return Err(half(PROVIDER_URN, &format!("neither {ID_TOKEN} nor {TOKEN_FILE}"))),
        };
        if let Some(name) = environment.trimmed(SESSION_NAME)? {
            oidc = oidc.with_session_name(name);
        }
        if let Some(seconds) = environment.trimmed(DURATION_SECONDS)? {
            let seconds = seconds.parse().map_err(|_| {
                Error::credentials(format!(
                    "the variable {DURATION_SECONDS} must be a number of seconds, not {seconds:?}"
                ))
            })?;
            oidc = oidc.with_duration(Duration::from_secs(seconds));
        }
        oidc.policy = environment.trimmed(POLICY)?;
        if let Some(ids) = environment.trimmed(POLICY_IDS)? {
            oidc = oidc.with_policy_ids(ids.split(',').map(str::trim).filter(|id| !id.is_empty()));
        }
        Ok(Ok(oidc))
    }
}

impl Source for OidcVariables {
    fn name(&self) -> &'static str {
        "OpenID Connect variables"
    }

    fn find<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>> {
        Box::pin(async move {
            match Self::read(desk.environment)? {
                Ok(oidc) => oidc.find(desk).await,
                Err(reason) => Ok(Found::Nothing(reason)),
            }
        })
    }
}

/// An agency, asked for at the security token service.
///
/// ```
/// use kps_core::{CredentialsSource, StsAgency};
///
/// let agency = StsAgency::new("iam::0a1b:agency:deployers", "deploy-42").with_external_id("42");
/// let source = CredentialsSource::sts_agency(CredentialsSource::default_chain(), agency);
/// ```
#[derive(Clone, Debug)]
pub struct StsAgency {
    urn: String,
    session_name: String,
    duration: Duration,
    external_id: Option<String>,
    policy: Option<String>,
}

impl StsAgency {
    /// The URN of the agency, and the name under which the session is logged.
    pub fn new(urn: impl Into<String>, session_name: impl Into<String>) -> Self {
        Self {
            urn: urn.into(),
            session_name: session_name.into(),
            duration: HOUR,
            external_id: None,
            policy: None,
        }
    }

    /// How long the keys are good: 15 minutes to 12 hours, an hour if nothing is said, and at most an hour if the
    /// credentials that ask are temporary themselves.
    #[must_use]
    pub const fn with_duration(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    /// What the agency demands to be told.
    #[must_use]
    pub fn with_external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// A policy that narrows what the keys may do.
    #[must_use]
    pub fn with_policy(mut self, policy: impl Into<String>) -> Self {
        self.policy = Some(policy.into());
        self
    }

    pub(crate) async fn assume(&self, base: &Credentials, desk: &Desk<'_>) -> Result<Credentials, Error> {
        const WHAT: &str = "the agency";
        let mut body = Map::new();
        body.insert("agency_session_name".into(), json!(self.session_name));
        body.insert("agency_urn".into(), json!(self.urn));
        body.insert("duration_seconds".into(), json!(self.duration.as_secs()));
        if let Some(id) = &self.external_id {
            body.insert("external_id".into(), json!(id));
        }
        if let Some(policy) = &self.policy {
            body.insert("policy".into(), json!(policy));
        }
        let sts = desk.sts(true)?;
        let ask = Ask::post(WHAT, &sts, "/v5/agencies/assume", &Value::Object(body))?;
        temporary(WHAT, &desk.ask_as(base, ask).await?)
    }
}
