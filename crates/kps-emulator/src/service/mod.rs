//! The service behind the gateway: what it holds, and what its operations do to it. It is pure: the time is told.

mod batch;
mod binding;
mod keypairs;
mod private_keys;
mod project;
mod server;
mod tasks;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use kps_model::{ProjectId, from_json};
use serde::de::DeserializeOwned;

use crate::KeySource;
use crate::refusal::Refusal;
use crate::route::{Operation, Route};
use crate::seed;

pub(crate) use project::Project;
pub(crate) use server::Server;
pub use server::{ServerState, Trouble};

/// What an operation comes to.
pub(crate) type Outcome = Result<Response<Bytes>, Refusal>;

/// All projects, and what is the same for them.
pub(crate) struct Service {
    pub(crate) projects: BTreeMap<ProjectId, Project>,
    pub(crate) task_time: Duration,
    keys: Arc<dyn KeySource>,
    /// Refusals that were asked for: the operation and the code.
    refusals: Vec<(String, String)>,
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
    fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        from_json(self.body).map_err(Refusal::bad_body)
    }
}

impl Service {
    pub(crate) fn new(projects: &BTreeMap<ProjectId, seed::Project>, keys: Arc<dyn KeySource>) -> Self {
        let projects = projects.iter().map(|(id, seed)| (id.clone(), Project::new(seed, &*keys))).collect();
        Self { projects, task_time: Duration::from_secs(12), keys, refusals: Vec::new() }
    }

    pub(crate) fn refuse_next(&mut self, operation: &str, code: &str) {
        self.refusals.push((operation.to_owned(), code.to_owned()));
    }

    pub(crate) fn answer(&mut self, route: &Route, call: &Call<'_>) -> Outcome {
        let project = ProjectId::new(&route.project).ok();
        let project =
            project.and_then(|id| self.projects.get_mut(&id)).ok_or_else(Refusal::project_not_usable)?;
        if let Some(at) = self.refusals.iter().position(|(operation, _)| operation == route.name) {
            return Err(Refusal::known(&self.refusals.remove(at).1));
        }
        project.settle(call.now);
        match route.operation {
            Operation::CreateKeypair => project.create_keypair(call, &*self.keys),
            Operation::ListKeypairs => project.list_keypairs(call),
            Operation::ListKeypairDetail => project.list_keypair_detail(call),
            Operation::UpdateKeypairDescription => project.update_keypair_description(call),
            Operation::DeleteKeypair => project.delete_keypair(call),
            Operation::ImportPrivateKey => project.import_private_key(call),
            Operation::ExportPrivateKey => project.export_private_key(call),
            Operation::ClearPrivateKey => project.clear_private_key(call),
            Operation::BatchImportKeypair => project.batch_import_keypair(call, &*self.keys),
            Operation::BatchExportPrivateKey => project.batch_export_private_key(call),
            Operation::AssociateKeypair => project.associate_keypair(call, self.task_time),
            Operation::BatchAssociateKeypair => project.batch_associate_keypair(call, self.task_time),
            Operation::DisassociateKeypair => project.disassociate_keypair(call, self.task_time),
            Operation::ListKeypairTask => project.list_keypair_task(call),
            Operation::ListRunningTask => project.list_running_task(call),
            Operation::ListFailedTask => project.list_failed_task(call),
            Operation::DeleteFailedTask => project.delete_failed_task(call),
            Operation::DeleteAllFailedTask => Ok(project.delete_all_failed_task()),
        }
    }
}
