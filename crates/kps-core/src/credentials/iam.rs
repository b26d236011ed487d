//! What the identity service (IAM) hands out: tokens for a password, temporary keys for an ID token or an agency.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};
use kps_model::{ProjectId, Secret, from_json};
use serde_json::{Value, json};

use crate::credentials::desk::{Ask, Desk};
use crate::credentials::source::{Found, Provided, Source};
use crate::credentials::{answer, expiry};
use crate::endpoint::Endpoint;
use crate::{BoxFuture, Credentials, Error};

const SECURITY_TOKENS: &str = "/v3.0/OS-CREDENTIAL/securitytokens";
const SUBJECT_TOKEN: &str = "x-subject-token";
/// How long the token for a password is good, as documented.
const TOKEN_LIFETIME: Duration = Duration::from_secs(24 * 3600);
/// How long the keys for an ID token are asked for.
const KEYS_LIFETIME: Duration = Duration::from_secs(6 * 3600);

/// Name and password of an IAM user, for a token of 24 hours.
///
/// The token is for one project, by default the one of the client's region. An account that became a HUAWEI ID
/// has no password here: make an IAM user for the program.
///
/// ```
/// use kps_core::{CredentialsSource, Password};
///
/// let user = Password::new("the account", "a user", "the user's password");
/// let source = CredentialsSource::password(user.with_project("cn-north-4_team"));
/// ```
#[derive(Clone, Debug)]
pub struct Password {
    account: String,
    user: String,
    password: Secret,
    project: Option<String>,
}

impl Password {
    /// A user of an account.
    pub fn new(account: impl Into<String>, user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self { account: account.into(), user: user.into(), password: password.into(), project: None }
    }

    /// The name of the project the token is for, in place of the region's own.
    #[must_use]
    pub fn with_project(mut self, name: impl Into<String>) -> Self {
        self.project = Some(name.into());
        self
    }

    fn project(&self, desk: &Desk<'_>) -> Result<String, Error> {
        let region = || desk.hosts.region.as_ref().map(|region| region.id().to_owned());
        self.project.clone().or_else(region).ok_or_else(|| {
            Error::credentials(
                "a token for a password needs a project: name it with `with_project`, or set a region",
            )
        })
    }
}

impl Source for Password {
    fn name(&self) -> &'static str {
        "password of a user"
    }

    fn find<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>> {
        Box::pin(async move {
            const WHAT: &str = "the token for a password";
            let user = json!({
                "domain": {"name": self.account}, "name": self.user, "password": self.password.expose(),
            });
            let body = json!({"auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": {"name": self.project(desk)?}},
            }});
            let iam = desk.iam(None, true)?;
            let ask = Ask::post(WHAT, &iam, "/v3/auth/tokens?nocatalog=true", &body)?;
            let answer = desk.ask(ask.with_secret(self.password.expose())).await?;

            // The token is in a header. Without a body it is good all the same, for what is documented.
            let body: Value = from_json(answer.body()).unwrap_or_default();
            let text = |place| body.pointer(place).and_then(Value::as_str);
            let ends = text("/token/expires_at").and_then(expiry::parse);
            let ends = ends.unwrap_or_else(|| desk.now() + TOKEN_LIFETIME);
            let credentials = Credentials::token(subject_token(WHAT, &answer)?).with_expiry(ends);
            let project_id = text("/token/project/id").and_then(|id| ProjectId::new(id).ok());
            Ok(Found::Credentials(Provided { credentials, project_id, iam: None }))
        })
    }
}

fn subject_token(what: &str, answer: &Response<Bytes>) -> Result<Secret, Error> {
    let token = answer.headers().get(SUBJECT_TOKEN).and_then(|token| token.to_str().ok());
    let token = token.filter(|token| !token.is_empty()).map(Secret::from);
    token.ok_or_else(|| Error::credentials(format!("{what}: the answer has no X-Subject-Token")))
}

pub(crate) fn temporary(what: &str, answer: &Response<Bytes>) -> Result<Credentials, Error> {
    answer::read(answer.body()).map_err(|reason| Error::credentials(format!("{what}: {reason}")))
}

/// An ID token of an identity provider that the identity service knows by an id. It is read from its file each time
/// it is needed, since somebody else renews it.
///
/// ```
/// use kps_core::{CredentialsSource, IdToken};
///
/// let source = CredentialsSource::id_token(IdToken::new("my-provider", "/var/run/secrets/token"));
/// ```
#[derive(Clone, Debug)]
pub struct IdToken {
    idp_id: String,
    file: PathBuf,
    pub(crate) iam: Option<Endpoint>,
}

impl IdToken {
    /// The id of the provider, and the file with the token.
    pub fn new(idp_id: impl Into<String>, file: impl Into<PathBuf>) -> Self {
        Self { idp_id: idp_id.into(), file: file.into(), iam: None }
    }
}

impl Source for IdToken {
    fn name(&self) -> &'static str {
        "ID token"
    }

    fn find<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>> {
        Box::pin(async move {
            const WHAT: &str = "the exchange of an ID token";
            let id_token = desk.environment.secret_file("the ID token", &self.file)?;
            let iam = desk.iam(self.iam.as_ref(), false)?;
            let body = json!({"auth": {"id_token": {"id": id_token.expose()}}});
            let mut ask = Ask::post(WHAT, &iam, "/v3.0/OS-AUTH/id-token/tokens", &body)?;
            let idp_id = HeaderValue::from_str(&self.idp_id).map_err(|_| {
                Error::credentials("the id of the identity provider cannot be sent in a header")
            })?;
            ask.headers.push((HeaderName::from_static("x-idp-id"), idp_id));
            let answer = desk.ask(ask.with_secret(id_token.expose())).await?;
            let token = subject_token(WHAT, &answer)?;

            let body = json!({"auth": {"identity": {
                "methods": ["token"],
                "token": {"duration_seconds": KEYS_LIFETIME.as_secs(), "id": token.expose()},
            }}});
            let ask = Ask::post(WHAT, &iam, SECURITY_TOKENS, &body)?;
            let answer = desk.ask(ask.with_secret(token.expose())).await?;
            temporary(WHAT, &answer).map(Found::from)
        })
    }
}

/// An agency of another account that trusts this one, asked for at the identity service.
///
/// ```
/// use std::time::Duration;
/// use kps_core::{Agency, CredentialsSource};
///
/// let agency = Agency::new("deployers", "the other account").with_duration(Duration::from_secs(1800));
/// let source = CredentialsSource::agency(CredentialsSource::default_chain(), agency);
/// ```
#[derive(Clone, Debug)]
pub struct Agency {
    name: String,
    account: String,
    duration: Duration,
}

impl Agency {
    /// The name of the agency, and of the account that has it.
    pub fn new(name: impl Into<String>, account: impl Into<String>) -> Self {
        Self { name: name.into(), account: account.into(), duration: Duration::from_secs(3600) }
    }

    /// How long the keys are good: 15 minutes to 24 hours, an hour if nothing is said.
    #[must_use]
    pub const fn with_duration(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    pub(crate) async fn assume(&self, base: &Provided, desk: &Desk<'_>) -> Result<Credentials, Error> {
        const WHAT: &str = "the agency";
        let body = json!({"auth": {"identity": {
            "assume_role": {
                "agency_name": self.name,
                "domain_name": self.account,
                "duration_seconds": self.duration.as_secs(),
            },
            "methods": ["assume_role"],
        }}});
        let iam = desk.iam(base.iam.as_ref(), true)?;
        let ask = Ask::post(WHAT, &iam, SECURITY_TOKENS, &body)?;
        temporary(WHAT, &desk.ask_as(&base.credentials, ask).await?)
    }
}
