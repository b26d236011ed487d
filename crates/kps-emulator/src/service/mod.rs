//! The service behind the gateway: what it holds, and what its operations do to it. It is pure: the time is told.

mod batch;
mod binding;
mod ids;
mod keypairs;
mod private_keys;
mod project;
mod server;
mod tasks;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use kps_model::{ProjectId, from_json};
use serde::de::DeserializeOwned;

use crate::KeySource;
use crate::refusal::Refusal;
use crate::route::{Operation, Route};
use crate::seed;

pub(crate) use ids::Ids;
pub(crate) use project::Project;
pub(crate) use server::Server;
pub use server::{ServerState, Trouble};

/// What an operation comes to.
pub(crate) type Outcome = Result<Response<Bytes>, Refusal>;

/// All projects, and what is the same for them.
pub(crate) struct Service {
    pub(crate) projects: BTreeMap<ProjectId, Project>,
    pub(crate) ids: Ids,
    keys: Arc<dyn KeySource>,
    /// The latest moment there was, in milliseconds since 1970: time does not go back.
    latest: i64,
    /// How far the clock is ahead of the one that requests are handed over with, in milliseconds.
    ahead: i64,
}

/// A request, taken apart.
pub(crate) struct Call<'a> {
    pub(crate) resource: &'a str,
    pub(crate) query: &'a str,
    pub(crate) body: &'a [u8],
    /// Milliseconds since 1970.
    pub(crate) now: i64,
}

impl Call<'_> {
    /// A body that is an object.
    fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        self.json(b'{', "the body is not an object")
    }

    /// A body that is an array.
    fn items<T: DeserializeOwned>(&self) -> Result<Vec<T>, Refusal> {
        self.json(b'[', "the body is not an array")
    }

    /// The readers would take an array for an object, field by field.
    fn json<T: DeserializeOwned>(&self, first: u8, otherwise: &str) -> Result<T, Refusal> {
        if self.body.trim_ascii_start().first() != Some(&first) {
            return Err(Refusal::bad_parameter(otherwise));
        }
        from_json(self.body).map_err(Refusal::bad_body)
    }
}

impl Service {
    pub(crate) fn new(projects: &BTreeMap<ProjectId, seed::Project>, keys: Arc<dyn KeySource>) -> Self {
        let mut ids = Ids::new();
        let project = |(id, seed): (&ProjectId, _)| (id.clone(), Project::new(seed, &*keys, &mut ids));
        let projects = projects.iter().map(project).collect();
        Self { projects, ids, keys, latest: 0, ahead: 0 }
    }

    /// The time by the clock of the tasks, when it is this by the clock of the requests.
    pub(crate) fn tell_time(&mut self, millis: i64) -> i64 {
        self.latest = self.latest.max(millis);
        // Thirteen digits, as the service has.
        self.latest.saturating_add(self.ahead).clamp(0, 9_999_999_999_999)
    }

    pub(crate) fn advance(&mut self, millis: i64) {
        self.ahead = self.ahead.saturating_add(millis);
    }

    /// A project in which all tasks have ended whose time has come.
    pub(crate) fn settled(&mut self, project: &ProjectId) -> Option<&mut Project> {
        let now = self.tell_time(self.latest);
        let project = self.projects.get_mut(project)?;
        project.settle(now);
        Some(project)
    }

    /// Whether there is the project a call is for.
    pub(crate) fn check_project(&self, route: &Route) -> Result<(), Refusal> {
        let is_known = ProjectId::new(&route.project).is_ok_and(|id| self.projects.contains_key(&id));
        is_known.then_some(()).ok_or_else(Refusal::project_not_usable)
    }

    pub(crate) fn answer(&mut self, route: &Route, call: &Call<'_>) -> Outcome {
        let id = ProjectId::new(&route.project).ok();
        let project = id.and_then(|id| self.projects.get_mut(&id)).ok_or_else(Refusal::project_not_usable)?;
        project.settle(call.now);
        match route.operation {
            Operation::CreateKeypair => project.create_keypair(call, &*self.keys, &mut self.ids),
            Operation::ListKeypairs => project.list_keypairs(call),
            Operation::ListKeypairDetail => project.list_keypair_detail(call),
            Operation::UpdateKeypairDescription => project.update_keypair_description(call),
            Operation::DeleteKeypair => project.delete_keypair(call),
            Operation::ImportPrivateKey => project.import_private_key(call),
            Operation::ExportPrivateKey => project.export_private_key(call),
            Operation::ClearPrivateKey => project.clear_private_key(call),
            Operation::BatchImportKeypair => project.batch_import_keypair(call, &*self.keys, &mut self.ids),
            Operation::BatchExportPrivateKey => project.batch_export_private_key(call),
            Operation::AssociateKeypair => project.associate_keypair(call, &mut self.ids),
            Operation::BatchAssociateKeypair => project.batch_associate_keypair(call, &mut self.ids),
            Operation::DisassociateKeypair => project.disassociate_keypair(call, &mut self.ids),
            Operation::ListKeypairTask => project.list_keypair_task(call),
            Operation::ListRunningTask => project.list_running_task(call),
            Operation::ListFailedTask => project.list_failed_task(call),
            Operation::DeleteFailedTask => project.delete_failed_task(call),
            Operation::DeleteAllFailedTask => Ok(project.delete_all_failed_task()),
        }
    }
}
