//! Credentials and project from the variables the official clients read.

use std::path::Path;

use kps_model::{ProjectId, Secret};

use crate::credentials::desk::Desk;
use crate::credentials::half;
use crate::credentials::iam::IdToken;
use crate::credentials::source::{Found, Source};
use crate::{BoxFuture, Credentials, Environment, Error, events};

const AK: &str = "HUAWEICLOUD_SDK_AK";
const SK: &str = "HUAWEICLOUD_SDK_SK";
const SECURITY_TOKEN: &str = "HUAWEICLOUD_SDK_SECURITY_TOKEN";
const PROJECT_ID: &str = "HUAWEICLOUD_SDK_PROJECT_ID";
pub(crate) const IDP_ID: &str = "HUAWEICLOUD_SDK_IDP_ID";
pub(crate) const ID_TOKEN_FILE: &str = "HUAWEICLOUD_SDK_ID_TOKEN_FILE";

impl Environment {
    /// The access key in `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK` and, for a temporary one,
    /// `HUAWEICLOUD_SDK_SECURITY_TOKEN`; `None` if neither AK nor SK is set.
    ///
    /// # Errors
    ///
    /// A [credentials error](crate::ErrorKind::Credentials) if only one of AK and SK is set.
    ///
    /// ```
    /// use kps_core::Environment;
    ///
    /// assert!(Environment::from([("HOME", "/root")]).credentials()?.is_none());
    /// let error = Environment::from([("HUAWEICLOUD_SDK_AK", "AKEXAMPLE")]).credentials().unwrap_err();
    /// assert_eq!(error.to_string(), "HUAWEICLOUD_SDK_AK is set and HUAWEICLOUD_SDK_SK is not; set both");
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    pub fn credentials(&self) -> Result<Option<Credentials>, Error> {
        match (self.trimmed(AK)?, self.trimmed(SK)?) {
            (None, None) => Ok(None),
            (Some(_), None) => Err(half(AK, SK)),
            (None, Some(_)) => Err(half(SK, AK)),
            (Some(id), Some(secret)) => {
                let token = self.trimmed(SECURITY_TOKEN)?.unwrap_or_default();
                let credentials = Credentials::access_key(id, secret).with_security_token(token);
                let placed = |error| Error::credentials(format!("the variables {AK} and {SK}: {error}"));
                credentials.authenticator().map_err(placed)?;
                Ok(Some(credentials))
            }
        }
    }

    pub(crate) fn project_id(&self) -> Result<Option<ProjectId>, Error> {
        let id = self.trimmed(PROJECT_ID)?.map(ProjectId::new).transpose();
        id.map_err(|reason| Error::config(format!("the variable {PROJECT_ID} is {reason}")))
    }

    /// A variable without blanks at its ends, which are often the fault of a copy.
    pub(crate) fn trimmed(&self, name: &str) -> Result<Option<String>, Error> {
        let Some(value) = self.get(name)? else { return Ok(None) };
        let trimmed = value.trim();
        if trimmed.len() != value.len() {
            events::warn(&format!("the variable {name} has blanks at its ends, which were left out"));
        }
        Ok((!trimmed.is_empty()).then(|| trimmed.to_owned()))
    }

    /// A file that holds one secret.
    pub(crate) fn secret_file(&self, what: &str, path: &Path) -> Result<Secret, Error> {
        let fault = |reason: &str| Error::credentials(format!("{what}: {} {reason}", path.display()));
        let file = self.read_file(path)?.ok_or_else(|| fault("does not exist"))?;
        let secret = Secret::new(file.text.trim());
        if secret.is_empty() { Err(fault("is empty")) } else { Ok(secret) }
    }
}

/// The variables of an access key or of an ID token.
pub(crate) struct Variables;

impl Source for Variables {
    fn name(&self) -> &'static str {
        "environment"
    }

    fn find<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>> {
        Box::pin(async move {
            match (desk.environment.trimmed(IDP_ID)?, desk.environment.trimmed(ID_TOKEN_FILE)?) {
                (Some(idp_id), Some(file)) => return IdToken::new(idp_id, file).find(desk).await,
                (Some(_), None) => return Err(half(IDP_ID, ID_TOKEN_FILE)),
                (None, Some(_)) => return Err(half(ID_TOKEN_FILE, IDP_ID)),
                (None, None) => {}
            }
            let nothing = || Found::Nothing(format!("{AK} and {SK} are not set"));
            Ok(desk.environment.credentials()?.map_or_else(nothing, Found::from))
        })
    }
}
