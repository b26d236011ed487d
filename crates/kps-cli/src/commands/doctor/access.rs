//! What the credentials may do, and in which project.

use kps_ureq::{Client, Limit, ListFailedTask, ListKeypairs, ListRunningTask, ListedProject, Operation};

use crate::commands::doctor::Doctor;
use crate::commands::doctor::finding::Finding;
use crate::stop::Exit;

const PROJECT: &str = "project";
const IAM: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";

impl Doctor<'_> {
    /// Lists a little of all that is listed; nothing is changed. Tells whether the credentials were accepted.
    pub(super) fn permissions(&mut self, kps: &Client) -> bool {
        let one = Limit::new(1).unwrap_or(Limit::DEFAULT);
        let keypairs = ListKeypairs::new().with_limit(one);
        let running = ListRunningTask::new().with_limit(one);
        let failed = ListFailedTask::new().with_limit(one);
        self.probe(kps, keypairs) && self.probe(kps, running) && self.probe(kps, failed)
    }

    fn probe<O: Operation>(&mut self, kps: &Client, operation: O) -> bool {
        let check = O::META.name;
        let Some(kps) = self.in_time(check, kps) else { return false };
        let Err(error) = kps.send(operation) else {
            self.note(Finding::ok(check, "allowed"));
            return true;
        };
        self.note(Finding::error(check, &error));
        // Whoever sends five wrong signatures in a row is locked out.
        !error.is_auth() || error.is_forbidden()
    }

    /// Whether the project is one of the region.
    pub(super) fn project(&mut self, kps: &Client) {
        let looked_up = kps.project_id().map(ToString::to_string);
        self.project_id = looked_up.or(self.project_id.take());
        let own_iam = self.context.environment().get(IAM).is_ok_and(|iam| iam.is_some());
        if self.context.globals.endpoint.is_some() && !own_iam && !self.context.is_demo() {
            let found = format!("not looked at: --endpoint is named, and {IAM} is not");
            self.note(Finding::skipped(PROJECT, found));
            return;
        }
        let Some(kps) = self.in_time(PROJECT, kps) else { return };
        let finding = match kps.projects() {
            Ok(projects) => self.of_region(&projects),
            Err(error) => Finding::error(PROJECT, &error),
        };
        self.note(finding);
    }

    fn of_region(&self, projects: &[ListedProject]) -> Finding {
        let Some(id) = &self.project_id else { return Finding::skipped(PROJECT, "none is known") };
        let Some(project) = projects.iter().find(|project| project.id.as_str() == id) else {
            return Finding::warn(
                PROJECT,
                format!("{id} is not among the {} projects of this user", projects.len()),
            )
            .cure("check --project-id, HUAWEICLOUD_SDK_PROJECT_ID and the credentials file");
        };
        let region = self.context.region().ok().flatten();
        let name = &project.name;
        // A project that somebody made is named after its region too.
        let fits = region.as_ref().is_none_or(|region| {
            name.strip_prefix(region.id()).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        });
        match region {
            _ if !project.is_enabled => {
                Finding::failed(PROJECT, Exit::Failed, format!("{id} ({name}) is disabled"))
                    .cure("have an administrator enable it, or name another with --project-id")
            }
            Some(region) if !fits => Finding::failed(
                PROJECT,
                Exit::Usage,
                format!("{id} is of {name}, and the region is {region}"),
            )
            .cure("name the project of this region with --project-id, or none to have it looked up"),
            _ => Finding::ok(PROJECT, format!("{id} ({name})")),
        }
    }
}
