//! What the program is set up with: credentials, region, endpoint.

use std::env::consts::{ARCH, OS};

use kps_ureq::{Client, Region, SourceOutcome};

use crate::commands::doctor::Doctor;
use crate::commands::doctor::finding::Finding;
use crate::stop::{Exit, Stop};

impl Doctor<'_> {
    pub(super) fn program(&mut self) {
        self.note(Finding::ok("kps", format!("{} on {OS} {ARCH}", env!("CARGO_PKG_VERSION"))));
    }

    /// Looks into each source of credentials, and tells whether one has some.
    pub(super) fn credentials(&mut self) -> bool {
        let signatory = match self.context.signatory() {
            Ok(signatory) => signatory,
            Err(stop) => {
                self.note(told("credentials", Exit::Credentials, &stop));
                return false;
            }
        };
        let (mut taken, mut failed) = (false, false);
        for report in signatory.sources() {
            // Of --demo there is one source, which is called so.
            let check = match report.source {
                "credentials" => "credentials".to_owned(),
                source => format!("credentials: {source}"),
            };
            let text = report.outcome.to_string();
            let finding = match &report.outcome {
                SourceOutcome::Taken(credentials) => {
                    taken = true;
                    self.project_id = credentials.project_id.as_ref().map(ToString::to_string);
                    Finding::ok(check, text)
                }
                SourceOutcome::Failed(error) => {
                    failed = true;
                    Finding::error(check, error)
                        .cure("mend it, or take it away to have the next source asked")
                }
                _ => Finding::skipped(check, text),
            };
            self.note(finding);
        }
        if !taken && !failed {
            let finding = Finding::failed("credentials", Exit::Credentials, "no source has any");
            self.note(
                finding.cure(
                    "`kps configure` writes a key down; or set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK",
                ),
            );
        }
        taken
    }

    /// The client, if the region or the endpoint for it is told.
    pub(super) fn client(&mut self) -> Option<Client> {
        match self.context.region() {
            Ok(Some(region)) if Region::KNOWN.contains(&region) => {
                self.note(Finding::ok("region", region.id()));
            }
            Ok(Some(region)) => {
                let finding = Finding::warn("region", format!("{region} is not known to have the service"));
                self.note(finding.cure("`kps region list` shows those that are"));
            }
            Ok(None) if self.context.globals.endpoint.is_some() => {
                self.note(Finding::skipped("region", "none is named, and --endpoint is"));
            }
            Ok(None) => {
                let finding = Finding::failed("region", Exit::Usage, "none is named");
                self.note(
                    finding.cure("say --region, or set HUAWEICLOUD_SDK_REGION; `kps region list` shows them"),
                );
                return None;
            }
            Err(stop) => {
                self.note(told("region", Exit::Usage, &stop));
                return None;
            }
        }
        match self.context.client() {
            Ok(kps) => {
                self.note(Finding::ok("endpoint", kps.endpoint()));
                Some(kps)
            }
            // It has been told of the credentials.
            Err(_) if self.found.iter().any(|finding| finding.exit == Some(Exit::Credentials)) => None,
            Err(stop) => {
                self.note(told("endpoint", Exit::Usage, &stop));
                None
            }
        }
    }
}

fn told(check: &'static str, exit: Exit, stop: &Stop) -> Finding {
    let text = match stop {
        Stop::Failed(failure) => failure.text(),
        Stop::Done | Stop::Told(_) => String::new(),
    };
    Finding::failed(check, exit, text)
}
