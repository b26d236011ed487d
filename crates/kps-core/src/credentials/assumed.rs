//! Keys of an agency, asked for with other credentials.

use crate::credentials::desk::Desk;
use crate::credentials::iam::Agency;
use crate::credentials::source::{CredentialsSource, Found, Provided, Source};
use crate::credentials::sts::StsAgency;
use crate::{BoxFuture, Error};

pub(crate) struct Assumed {
    pub(crate) base: CredentialsSource,
    pub(crate) agency: AnyAgency,
}

/// An agency, by the service that is asked for its keys.
#[derive(Clone)]
pub(crate) enum AnyAgency {
    Iam(Agency),
    Sts(StsAgency),
}

impl Source for Assumed {
    fn name(&self) -> &'static str {
        "agency"
    }

    fn instance(&self) -> Option<CredentialsSource> {
        Some(CredentialsSource::new(Self { base: self.base.instance(), agency: self.agency.clone() }))
    }

    fn find<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>> {
        Box::pin(async move {
            let base = match self.base.0.find(desk).await? {
                Found::Credentials(base) => base,
                nothing @ Found::Nothing(_) => return Ok(nothing),
            };
            let keys = match &self.agency {
                AnyAgency::Iam(agency) => agency.assume(&base, desk).await,
                AnyAgency::Sts(agency) => agency.assume(&base.credentials, desk).await,
            };
            Ok(Found::Credentials(Provided { credentials: keys?, project_id: None, iam: base.iam }))
        })
    }
}
