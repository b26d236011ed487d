//! How the look for credentials went, source by source.

use std::fmt;
use std::time::SystemTime;

use crate::credentials::source::{Found, Provided};
use crate::credentials::{Credentials, Kind};
use crate::{BoxFuture, Error, ProjectId};

/// How the look for credentials went in one source. It holds no secret; its `Display` is one line.
///
/// ```
/// use kps_core::{Environment, SourceOutcome, blocking};
///
/// # let transport = |_: kps_core::Prepared| Ok(http::Response::default());
/// let variables = Environment::from([("HUAWEICLOUD_SDK_AK", "AKEXAMPLE0000000001")]);
/// let signatory = blocking::Client::builder(transport).environment(variables).signatory()?;
/// let reports = signatory.sources();
/// let culprit = reports.iter().find(|report| matches!(report.outcome, SourceOutcome::Failed(_))).unwrap();
/// assert_eq!(culprit.to_string(), "environment: HUAWEICLOUD_SDK_AK is set and HUAWEICLOUD_SDK_SK is not; set both");
/// # Ok::<(), kps_core::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct SourceReport {
    /// What the source is called, such as `environment`.
    pub source: &'static str,
    /// How it went.
    pub outcome: SourceOutcome,
}

/// What came of the look for credentials in one source.
///
/// ```
/// use kps_core::{Environment, SourceOutcome, blocking};
///
/// # let transport = |_: kps_core::Prepared| Ok(http::Response::default());
/// let variables = Environment::from([("HUAWEICLOUD_SDK_AK", "AKEXAMPLE0000000001"), ("HUAWEICLOUD_SDK_SK", "SKexample")]);
/// let signatory = blocking::Client::builder(transport).environment(variables).signatory()?;
/// for report in signatory.sources() {
///     match report.outcome {
///         SourceOutcome::Taken(credentials) => assert_eq!(credentials.to_string(), "access key AKEX…0001"),
///         SourceOutcome::Nothing(reason) => println!("{} is not set up: {reason}", report.source),
///         SourceOutcome::Failed(error) => println!("{} is to be mended: {error}", report.source),
///         _ => {} // those behind the one that is taken
///     }
/// }
/// # Ok::<(), kps_core::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum SourceOutcome {
    /// It has credentials, and they are taken.
    Taken(CredentialsReport),
    /// It is not set up: what was looked for, and why it is not there.
    Nothing(String),
    /// It is set up and failed, which ends the look.
    Failed(Error),
    /// The look had ended before.
    NotAsked,
}

/// What may be told of credentials: of an access key its first and last four letters, and of secrets nothing.
///
/// ```
/// use kps_core::{Credentials, SourceOutcome, blocking};
///
/// # let transport = |_: kps_core::Prepared| Ok(http::Response::default());
/// let temporary = Credentials::access_key("AKEXAMPLE0000000001", "SKexample").with_security_token("TOKENexample");
/// let signatory = blocking::Client::builder(transport).credentials(temporary).signatory()?;
/// let [report] = &signatory.sources()[..] else { unreachable!() };
/// let SourceOutcome::Taken(credentials) = &report.outcome else { unreachable!() };
/// assert_eq!(credentials.access_key_id.as_deref(), Some("AKEX…0001"));
/// assert!(credentials.is_temporary && credentials.expiry.is_none());
/// # Ok::<(), kps_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialsReport {
    /// The id of the access key, masked; `None` of a token.
    pub access_key_id: Option<String>,
    /// Whether the access key is a temporary one, with a security token.
    pub is_temporary: bool,
    /// When they end, if that is known.
    pub expiry: Option<SystemTime>,
    /// The project that the source tells.
    pub project_id: Option<ProjectId>,
}

impl SourceReport {
    pub(crate) const fn not_asked(source: &'static str) -> Self {
        Self { source, outcome: SourceOutcome::NotAsked }
    }

    /// Whether the look goes on with the next source.
    pub(crate) const fn goes_on(&self) -> bool {
        matches!(self.outcome, SourceOutcome::Nothing(_))
    }
}

/// The report of a source that is one, of its name and its look for credentials.
pub(crate) fn only_report<'a>(
    source: &'static str,
    look: BoxFuture<'a, Result<Found, Error>>,
) -> BoxFuture<'a, Vec<SourceReport>> {
    Box::pin(async move {
        let outcome = match look.await {
            Ok(Found::Credentials(provided)) => match provided.credentials.authenticator() {
                Ok(_) => SourceOutcome::Taken(CredentialsReport::new(&provided)),
                Err(error) => SourceOutcome::Failed(error),
            },
            Ok(Found::Nothing(reason)) => SourceOutcome::Nothing(reason),
            Err(error) => SourceOutcome::Failed(error),
        };
        vec![SourceReport { source, outcome }]
    })
}

impl CredentialsReport {
    fn new(provided: &Provided) -> Self {
        let Provided { credentials, project_id, .. } = provided;
        let Credentials { kind, expiry } = credentials;
        let (access_key_id, is_temporary) = match kind {
            Kind::AccessKey { id, security_token, .. } => (Some(masked(id)), security_token.is_some()),
            Kind::Token(_) => (None, false),
        };
        Self { access_key_id, is_temporary, expiry: *expiry, project_id: project_id.clone() }
    }
}

/// Enough to tell one key from another. The id is no secret, but somebody may have put the secret in its place.
fn masked(id: &str) -> String {
    let letters: Vec<char> = id.chars().collect();
    match letters.as_slice() {
        [a, b, c, d, middle @ .., w, x, y, z] if middle.len() >= 8 => format!("{a}{b}{c}{d}…{w}{x}{y}{z}"),
        _ => "…".to_owned(),
    }
}

impl fmt::Display for SourceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.outcome)
    }
}

impl fmt::Display for SourceOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken(credentials) => write!(f, "taken: {credentials}"),
            Self::Nothing(reason) => f.write_str(reason),
            Self::Failed(error) => f.write_str(&error.report()),
            Self::NotAsked => f.write_str("not asked"),
        }
    }
}

impl fmt::Display for CredentialsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.access_key_id, self.is_temporary) {
            (Some(id), false) => write!(f, "access key {id}")?,
            (Some(id), true) => write!(f, "temporary access key {id}")?,
            (None, _) => f.write_str("token")?,
        }
        if let Some(project_id) = &self.project_id {
            write!(f, " of project {project_id}")?;
        }
        match self.expiry {
            Some(expiry) => write!(f, " until {}", httpdate::fmt_http_date(expiry)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_key_its_ends_are_shown_if_that_tells_little() {
        for (id, shown) in [
            ("AKEMULATOR0000000001", "AKEM…0001"),
            ("AKEXAMPLE0000001", "AKEX…0001"),
            ("AKEXAMPLE000001", "…"),
            ("AK", "…"),
            ("", "…"),
        ] {
            assert_eq!(masked(id), shown);
        }
    }
}
