//! The service behind the gateway: what it holds, and what its operations do to it. It is pure: the time is told.

mod batch;
mod binding;
mod clock;
mod cloud_servers;
mod failed;
mod ids;
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
use serde::{Deserialize, Serialize};

use crate::KeySource;
use crate::keys::Keys;
use crate::refusal::Refusal;
use crate::route::{Operation, Route};
use crate::seed;

pub(crate) use clock::TaskClock;
pub(crate) use ids::Ids;
pub(crate) use project::{Keypair, Project};
pub(crate) use server::Server;
pub use server::{ServerState, Trouble};
pub(crate) use tasks::Task;

/// What an operation comes to.
pub(crate) type Outcome = Result<Response<Bytes>, Refusal>;

/// All projects, and what is the same for them.
pub(crate) struct Service {
    pub(crate) projects: BTreeMap<ProjectId, Project>,
    pub(crate) ids: Ids,
    pub(crate) clock: TaskClock,
    keys: Keys,
}

/// What a snapshot holds of the service.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saved {
    clock: TaskClock,
    ids_given: u64,
    keys_made: u64,
    pub(crate) projects: BTreeMap<ProjectId, Project>,
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
        let mut service = Self {
            projects: BTreeMap::new(),
            ids: Ids::new(),
            clock: TaskClock::default(),
            keys: Keys::new(keys),
        };
        service.plant(projects);
        service
    }

    /// Begins anew with what a seed holds. The time it takes for a task stays as it was set.
    pub(crate) fn plant(&mut self, projects: &BTreeMap<ProjectId, seed::Project>) {
        self.ids = Ids { task_time: self.ids.task_time, ..Ids::new() };
        self.keys.resume(0);
        self.clock.reset();
        let (keys, ids) = (&self.keys, &mut self.ids);
        self.projects =
            projects.iter().map(|(id, seed)| (id.clone(), Project::new(seed, keys, ids))).collect();
    }

    /// All that a snapshot holds of it.
    pub(crate) fn save(&mut self) -> Saved {
        self.settle();
        Saved {
            clock: self.clock,
            ids_given: self.ids.given,
            keys_made: self.keys.made(),
            projects: self.projects.clone(),
        }
    }

    /// Goes on from what was saved. The time it takes for a task stays as it was set.
    pub(crate) fn restore(&mut self, saved: &Saved) {
        self.clock.restore(saved.clock);
        self.ids.given = saved.ids_given;
        self.keys.resume(saved.keys_made);
        self.projects.clone_from(&saved.projects);
    }

    /// Ends the tasks of all projects whose time has come.
    pub(crate) fn settle(&mut self) {
        let now = self.clock.now();
        self.projects.values_mut().for_each(|project| project.settle(now));
    }

    /// A project in which all tasks have ended whose time has come.
    pub(crate) fn settled(&mut self, project: &ProjectId) -> Option<&mut Project> {
        let project = self.projects.get_mut(project)?;
        project.settle(self.clock.now());
        Some(project)
    }

    pub(crate) fn advance(&mut self, time: Duration) {
        self.clock.advance(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    }

    /// Sets the clock forward to when the next task starts to run or ends, and tells that moment, if there is one.
    pub(crate) fn advance_to_next_event(&mut self) -> Option<i64> {
        self.settle();
        let at = self.next_event()?;
        self.clock.advance(at.saturating_sub(self.clock.now()));
        self.settle();
        Some(self.clock.now())
    }

    /// When the next task starts to run or ends, of all projects.
    pub(crate) fn next_event(&self) -> Option<i64> {
        let now = self.clock.now();
        self.projects.values().filter_map(|project| project.next_event(now)).min()
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
            Operation::CreateKeypair => project.create_keypair(call, &self.keys, &mut self.ids),
            Operation::ListKeypairs => project.list_keypairs(call),
            Operation::ListKeypairDetail => project.list_keypair_detail(call),
            Operation::UpdateKeypairDescription => project.update_keypair_description(call),
            Operation::DeleteKeypair => project.delete_keypair(call),
            Operation::ImportPrivateKey => project.import_private_key(call),
            Operation::ExportPrivateKey => project.export_private_key(call),
            Operation::ClearPrivateKey => project.clear_private_key(call),
            Operation::BatchImportKeypair => project.batch_import_keypair(call, &self.keys, &mut self.ids),
            Operation::BatchExportPrivateKey => project.batch_export_private_key(call),
            Operation::AssociateKeypair => project.associate_keypair(call, &mut self.ids),
            Operation::BatchAssociateKeypair => project.batch_associate_keypair(call, &mut self.ids),
            Operation::DisassociateKeypair => project.disassociate_keypair(call, &mut self.ids),
            Operation::ListKeypairTask => project.list_keypair_task(call),
            Operation::ListRunningTask => project.list_running_task(call),
            Operation::ListFailedTask => project.list_failed_task(call),
            Operation::DeleteFailedTask => project.delete_failed_task(call),
            Operation::DeleteAllFailedTask => Ok(project.delete_all_failed_task()),
            Operation::ListServersDetails => project.list_servers_details(call),
        }
    }
}
