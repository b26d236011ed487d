//! Credentials and project from the variables the official clients read.

use kps_model::ProjectId;

use super::Credentials;
use crate::{Environment, Error};

const AK: &str = "HUAWEICLOUD_SDK_AK";
const SK: &str = "HUAWEICLOUD_SDK_SK";
const SECURITY_TOKEN: &str = "HUAWEICLOUD_SDK_SECURITY_TOKEN";
const PROJECT_ID: &str = "HUAWEICLOUD_SDK_PROJECT_ID";

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
        let half = |set, unset| Error::credentials(format!("{set} is set and {unset} is not; set both"));
        match (self.get(AK)?, self.get(SK)?) {
            (None, None) => Ok(None),
            (Some(_), None) => Err(half(AK, SK)),
            (None, Some(_)) => Err(half(SK, AK)),
            (Some(id), Some(secret)) => {
                let token = self.get(SECURITY_TOKEN)?.unwrap_or_default();
                Ok(Some(Credentials::access_key(id, secret).with_security_token(token)))
            }
        }
    }

    pub(crate) fn needed_credentials(&self) -> Result<Credentials, Error> {
        self.credentials()?.ok_or_else(|| Error::credentials(format!("no credentials: set {AK} and {SK}")))
    }

    pub(crate) fn needed_project_id(&self) -> Result<ProjectId, Error> {
        let id = self.get(PROJECT_ID)?;
        let id = id.ok_or_else(|| Error::config(format!("no project id: set {PROJECT_ID}")))?;
        ProjectId::new(id).map_err(|reason| Error::config(format!("the variable {PROJECT_ID} is {reason}")))
    }
}
