use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use kps_core::Credentials;
use kps_model::{ProjectId, ServerId, Timestamp};

use crate::faults::{Outcome, Way};
use crate::world::World;
use crate::{Builder, InProcess, Quirks, Seed, ServerState, Snapshot, route};

/// The service in memory. Clones share it.
///
/// ```
/// use std::time::Duration;
/// use kps_core::{AssociateKeypair, KeypairName, Region, Server, ServerId, blocking};
/// use kps_emulator::Emulator;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::new();
/// let kps = blocking::Client::builder(emulator.in_process())
///     .region(Region::CN_NORTH_4)
///     .credentials(Emulator::credentials())
///     .project_id(Emulator::project_id())
///     .build()?;
/// let spare = ServerId::new("6b49c5ec-b37a-4fda-a8c6-45f3acedb7b9")?;
/// kps.send(AssociateKeypair::new(KeypairName::new("bastion")?, Server::stopped(spare.clone())))?;
///
/// emulator.advance(Duration::from_secs(12)); // the task ends
/// let servers = emulator.servers(&Emulator::project_id());
/// let carried = servers.iter().find(|server| server.id == spare).and_then(|server| server.keypair_name.as_ref());
/// assert_eq!(carried.map(KeypairName::as_str), Some("bastion"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Emulator(Arc<Mutex<World>>);

impl Emulator {
    /// The id of an access key of the built-in seed. It is public and opens nothing else.
    pub const ACCESS_KEY_ID: &str = "AKEMULATOR0000000001";
    /// The secret of that access key. It is public and opens nothing else.
    pub const SECRET_ACCESS_KEY: &str = "SKemulatorIsPublicAndOpensNothing0000001";
    /// A token of the built-in seed, for `X-Auth-Token`. It is public and opens nothing else.
    pub const TOKEN: &str = "TKemulatorIsPublicAndOpensNothing";
    /// The project of the built-in seed.
    pub const PROJECT_ID: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    /// The user that all credentials are of.
    pub const USER_ID: &str = "5f0c9d2e7a1b4836b94ec1d07f6a2358";

    /// An emulator with the [built-in seed](Seed::built_in).
    pub fn new() -> Self {
        Self::with_seed(Seed::built_in())
    }

    /// An emulator with a seed of one's own.
    pub fn with_seed(seed: Seed) -> Self {
        Self::builder().seed(seed).build()
    }

    /// What an emulator can be started with, to be gathered.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn of(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // A panic elsewhere leaves nothing half done that others must not see.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the clock of the tasks forward, which makes them start and end without a wait. By that clock the
    /// service tells the time; signatures are judged by the time that a request is handed over with.
    ///
    /// ```
    /// use kps_core::{AssociateKeypair, CreateKeypair, KeypairName, ListKeypairTask, Login, Server, blocking};
    /// # use kps_core::{Region, ServerId};
    /// use kps_emulator::Emulator;
    /// use std::time::Duration;
    ///
    /// let emulator = Emulator::new();
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
    /// # let server = emulator.servers(&Emulator::project_id())[0].id.clone();
    /// let name = KeypairName::new("deploy")?;
    /// kps.send(CreateKeypair::new(name.clone()))?;
    /// let login = Login::password("Emulator-Only-1");
    /// let receipt = kps.send(AssociateKeypair::new(name, Server::running(server, login)))?;
    ///
    /// emulator.advance(Duration::from_secs(12));
    /// let task = kps.send(ListKeypairTask::new(receipt.accepted()?.clone()))?;
    /// assert_eq!(task.task_status.unwrap().as_str(), "SUCCESS_BIND");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn advance(&self, time: Duration) {
        self.world().service.advance(time);
    }

    /// Sets the clock of the tasks forward to the moment at which the next task starts to run or ends, and tells it; `None`
    /// if no task is under way.
    ///
    /// ```
    /// # use kps_core::{AssociateKeypair, KeypairName, ListKeypairTask, Phase, Region, Server, ServerId, blocking};
    /// # use kps_emulator::Emulator;
    /// let emulator = Emulator::new();
    /// emulator.freeze(); // nothing happens by itself
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
    /// # let stopped = Server::stopped(ServerId::new("6b49c5ec-b37a-4fda-a8c6-45f3acedb7b9")?);
    /// let receipt = kps.send(AssociateKeypair::new(KeypairName::new("bastion")?, stopped))?;
    /// let look = ListKeypairTask::new(receipt.accepted()?.clone());
    /// let mut phases = Vec::new();
    /// while emulator.advance_to_next_event().is_some() {
    ///     phases.push(kps.send(look.clone())?.task_status.and_then(|status| status.phase()));
    /// }
    /// assert_eq!(phases, [Some(Phase::Running), Some(Phase::Success)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn advance_to_next_event(&self) -> Option<Timestamp> {
        self.world().service.advance_to_next_event().map(Timestamp::from_millis)
    }

    /// Stops the clock of the tasks where it stands; it can still be [set forward](Self::advance). Signatures are judged
    /// by the other clock, which goes on.
    pub fn freeze(&self) {
        self.world().service.clock.freeze();
    }

    /// Lets a clock that was [stopped](Self::freeze) go on from where it stands.
    pub fn thaw(&self) {
        self.world().service.clock.thaw();
    }

    /// Begins anew with what the seed holds: no rule of a fault, no recorded call, nothing handed out, the clock of the
    /// tasks as that of the requests. The time a task takes, whether anybody is let in and in which form it answers stay
    /// as they were set.
    ///
    /// ```
    /// # use kps_core::{DeleteKeypair, KeypairName, ListKeypairs, Region, blocking};
    /// # use kps_emulator::Emulator;
    /// let emulator = Emulator::new();
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
    /// kps.send(DeleteKeypair::new(KeypairName::new("bastion")?))?;
    /// emulator.reset();
    /// assert!(emulator.calls().is_empty());
    /// assert_eq!(kps.items(ListKeypairs::new()).count(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reset(&self) {
        self.world().reset();
    }

    /// [Resets](Self::reset) it to another seed.
    pub fn replace_seed(&self, seed: Seed) {
        self.world().replace_seed(seed);
    }

    /// All that is in it, to [go on from](Self::restore), here or elsewhere.
    pub fn snapshot(&self) -> Snapshot {
        self.world().snapshot()
    }

    /// Goes on from a snapshot as if nothing had happened since: with its key pairs, servers and tasks, its callers and
    /// what was handed out to them. Rules of faults, the recorded calls, the time a task takes, whether anybody is let
    /// in and in which form it answers stay as they are; so does the seed that a [reset](Self::reset) goes back to.
    ///
    /// The clock of the tasks is as far from that of the requests as it was, so what was due in between is done by then. If
    /// it was [stopped](Self::freeze), it stands where it stood.
    ///
    /// ```
    /// # use kps_core::{DeleteKeypair, KeypairName, ListKeypairs, Region, blocking};
    /// # use kps_emulator::Emulator;
    /// # let emulator = Emulator::new();
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
    /// let before = emulator.snapshot();
    /// kps.send(DeleteKeypair::new(KeypairName::new("bastion")?))?;
    /// assert_eq!(kps.items(ListKeypairs::new()).count(), 2);
    /// emulator.restore(&before);
    /// assert_eq!(kps.items(ListKeypairs::new()).count(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn restore(&self, snapshot: &Snapshot) {
        self.world().restore(snapshot);
    }

    /// Sets whether signatures and tokens are not checked, so that anybody is let in.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use kps_emulator::Emulator;
    ///
    /// let emulator = Emulator::new();
    /// let unsigned = http::Request::get(format!("http://kms.example.com/v3/{}/keypairs", Emulator::PROJECT_ID));
    /// let unsigned = unsigned.body(Default::default())?;
    /// assert_eq!(emulator.handle(&unsigned, SystemTime::now()).status(), 401);
    /// emulator.set_lenient_auth(true);
    /// assert_eq!(emulator.handle(&unsigned, SystemTime::now()).status(), 200);
    /// # Ok::<(), http::Error>(())
    /// ```
    pub fn set_lenient_auth(&self, lenient: bool) {
        self.world().lenient_auth = lenient;
    }

    /// In which form it answers.
    pub fn quirks(&self) -> Quirks {
        self.world().quirks
    }

    /// Sets in which form it answers from now on.
    pub fn set_quirks(&self, quirks: Quirks) {
        self.world().quirks = quirks;
    }

    /// Sets how long a task takes from its acceptance to its end; 12 seconds if nothing is said. The first sixth of
    /// it the task is ready, then it runs. Tasks that were accepted before keep their time.
    pub fn set_task_time(&self, time: Duration) {
        self.world().service.ids.task_time = time;
    }

    /// The cloud servers of a project, in the order of their ids.
    pub fn servers(&self, project: &ProjectId) -> Vec<ServerState> {
        let mut world = self.world();
        let Some(project) = world.service.settled(project) else { return Vec::new() };
        project.servers.iter().map(|(id, server)| server.state(id)).collect()
    }

    /// Starts a server, or shuts it off, and tells whether there is such a one. A task that is under way on it
    /// will fail.
    ///
    /// ```
    /// use kps_core::ServerId;
    /// use kps_emulator::Emulator;
    ///
    /// let (emulator, project) = (Emulator::new(), Emulator::project_id());
    /// let server = emulator.servers(&project)[0].id.clone();
    /// assert!(emulator.set_running(&project, &server, false));
    /// assert!(!emulator.servers(&project)[0].running);
    /// assert!(!emulator.set_running(&project, &ServerId::new("no-such-server")?, true));
    /// # Ok::<(), kps_core::InvalidId>(())
    /// ```
    pub fn set_running(&self, project: &ProjectId, server: &ServerId, running: bool) -> bool {
        let mut world = self.world();
        let server = world.service.settled(project).and_then(|project| project.servers.get_mut(server));
        server.map(|server| server.set_running(running)).is_some()
    }

    /// The official name, the method and the path of each operation.
    pub fn operations() -> impl Iterator<Item = (&'static str, http::Method, &'static str)> {
        route::ROUTES.into_iter().map(|(_, name, method, path)| (name, method, path))
    }

    /// The access key of the built-in seed.
    pub fn credentials() -> Credentials {
        Credentials::access_key(Self::ACCESS_KEY_ID, Self::SECRET_ACCESS_KEY)
    }

    /// The project of the built-in seed.
    #[expect(clippy::unwrap_used, reason = "a constant, and tested")]
    pub fn project_id() -> ProjectId {
        ProjectId::new(Self::PROJECT_ID).unwrap()
    }

    /// A transport that hands requests to this emulator, without a socket.
    pub fn in_process(&self) -> InProcess {
        InProcess::new(self.clone())
    }

    /// Answers a request at a moment. It reads no clock. There is no connection that could break or be slow, so faults
    /// of that kind happen in the transports only, and their rules do not count this call.
    ///
    /// ```
    /// use kps_emulator::Emulator;
    ///
    /// let unsigned = http::Request::get("http://kms.example.com/v3/0a1b/failed-tasks").body(Default::default())?;
    /// let answer = Emulator::new().handle(&unsigned, std::time::UNIX_EPOCH);
    /// assert_eq!(answer.status(), 401);
    /// assert_eq!(answer.headers()["x-request-id"].len(), 32);
    /// # Ok::<(), http::Error>(())
    /// ```
    pub fn handle(&self, request: &Request<Bytes>, now: SystemTime) -> Response<Bytes> {
        self.respond(request, now, Way::Direct).end.into_answer()
    }

    /// Answers a request at a moment, and tells what is to go wrong with the connection.
    pub(crate) fn respond(&self, request: &Request<Bytes>, now: SystemTime, way: Way) -> Outcome {
        self.world().respond(request, now, way)
    }

    /// Refuses a request whose body is not read to its end.
    #[cfg(feature = "server")]
    pub(crate) fn refuse_too_large(&self) -> Response<Bytes> {
        self.world().refuse_too_large()
    }
}

/// A name of an operation or a code that there is none of.
///
/// ```
/// use kps_emulator::Emulator;
///
/// let error = Emulator::new().refuse_next("ListKeypair", "KPS.5001").unwrap_err();
/// assert_eq!(error.to_string(), r#"there is no operation or code "ListKeypair""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no operation or code {0:?}")]
pub struct UnknownName(pub(crate) String);

impl Default for Emulator {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Emulator({})", self.world().seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kps_model::ErrorBody;
    use std::collections::BTreeSet;

    fn answer(method: &str, target: &str) -> Response<Bytes> {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://kms.example.com{target}"))
            .header("x-auth-token", Emulator::TOKEN);
        Emulator::new().handle(&request.body(Bytes::new()).unwrap(), SystemTime::UNIX_EPOCH)
    }

    fn refusal(method: &str, target: &str) -> (u16, String) {
        let answer = answer(method, target);
        (answer.status().as_u16(), ErrorBody::parse(answer.body()).code.unwrap())
    }

    #[test]
    fn what_it_does_not_know_is_no_api() {
        let project = Emulator::project_id();
        for (method, target) in [
            ("POST", format!("/v3/{project}/failed-tasks")),
            ("GET", format!("/v3/{project}/failed-tasks/")),
            ("GET", format!("/v2/{project}/keypairs")),
            ("GET", "/v3//failed-tasks".into()),
            ("GET", "/".into()),
        ] {
            assert_eq!(refusal(method, &target), (404, "APIGW.0101".into()), "{method} {target}");
        }
    }

    #[test]
    fn refusals_are_the_services() {
        assert_eq!(refusal("GET", "/v3/unknown/failed-tasks"), (403, "APIGW.0310".into()));
        assert_eq!(refusal("GET", "/v3/../failed-tasks"), (403, "APIGW.0310".into()));
        let list = format!("/v3/{}/failed-tasks?limit=0", Emulator::project_id());
        assert_eq!(refusal("GET", &list), (400, "KPS.0002".into()));
    }

    #[test]
    fn every_answer_has_a_request_id_of_its_own() {
        let emulator = Emulator::new();
        let request = Request::get("http://a/").body(Bytes::new()).unwrap();
        let ids: BTreeSet<String> = (0..1000)
            .map(|_| emulator.handle(&request, SystemTime::UNIX_EPOCH))
            .map(|answer| {
                let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
                assert_eq!(ErrorBody::parse(answer.body()).request_id.as_deref(), Some(id.as_str()));
                id
            })
            .collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 32));
    }
}
