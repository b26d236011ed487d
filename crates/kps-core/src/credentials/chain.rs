use std::sync::OnceLock;

use crate::credentials::desk::Desk;
use crate::credentials::report::SourceReport;
use crate::credentials::source::{CredentialsSource, Found, Source};
use crate::{BoxFuture, Error};

/// The first source that has credentials. It is the one that is asked from then on, so that a client does not turn
/// into somebody else while it runs.
pub(crate) struct Chain {
    sources: Vec<CredentialsSource>,
    winner: OnceLock<usize>,
}

impl Chain {
    pub(crate) fn new(sources: impl IntoIterator<Item = CredentialsSource>) -> Self {
        Self { sources: sources.into_iter().collect(), winner: OnceLock::new() }
    }
}

impl Source for Chain {
    fn name(&self) -> &'static str {
        "chain"
    }

    fn instance(&self) -> Option<CredentialsSource> {
        Some(CredentialsSource::chain(self.sources.iter().map(CredentialsSource::instance)))
    }

    fn find<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Result<Found, Error>> {
        Box::pin(async move {
            if let Some(winner) = self.winner.get().and_then(|at| self.sources.get(*at)) {
                return winner.0.find(desk).await;
            }
            let mut looked_for = Vec::new();
            for (at, source) in self.sources.iter().enumerate() {
                match source.0.find(desk).await? {
                    Found::Nothing(reason) => {
                        // Some begin with their name.
                        let name = source.0.name();
                        let reason = reason.strip_prefix(&format!("the {name}: ")).unwrap_or(&reason);
                        looked_for.push(format!("{name}: {reason}"));
                    }
                    found => {
                        // One caller searches at a time.
                        let _ = self.winner.set(at);
                        return Ok(found);
                    }
                }
            }
            looked_for.push("set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or one of the others".to_owned());
            Ok(Found::Nothing(looked_for.join("; ")))
        })
    }

    fn reports<'a>(&'a self, desk: &'a Desk<'_>) -> BoxFuture<'a, Vec<SourceReport>> {
        Box::pin(async move {
            let mut reports: Vec<SourceReport> = Vec::new();
            for source in &self.sources {
                if reports.iter().all(SourceReport::goes_on) {
                    reports.extend(source.0.reports(desk).await);
                } else {
                    reports.push(SourceReport::not_asked(source.0.name()));
                }
            }
            reports
        })
    }
}
