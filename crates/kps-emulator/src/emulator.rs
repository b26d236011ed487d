use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use kps_core::Credentials;
use kps_model::{ProjectId, ServerId};

use crate::faults::{End, Faults, Outcome, Plan, Way};
use crate::identity::{Identity, Visit};
use crate::refusal::Refusal;
use crate::route::{self, Route};
use crate::service::{Call, Service};
use crate::verify::Known;
use crate::{InProcess, KeySource, MadeBefore, Seed, ServerState, date, verify};

/// The service in memory. Clones share it.
#[derive(Clone)]
pub struct Emulator(Arc<State>);

struct State {
    seed: Seed,
    service: Mutex<Service>,
    identity: Mutex<Identity>,
    faults: Mutex<Faults>,
    answers: AtomicU64,
}

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
        Self::with_keys(seed, MadeBefore::new())
    }

    /// An emulator with a seed of one's own, that takes the key pairs made by the service from this source.
    pub fn with_keys(seed: Seed, keys: impl KeySource + 'static) -> Self {
        let service = Service::new(&seed.projects, Arc::new(keys));
        Self(Arc::new(State {
            seed,
            service: Mutex::new(service),
            identity: Mutex::default(),
            faults: Mutex::default(),
            answers: AtomicU64::new(0),
        }))
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
        let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.service().advance(millis);
    }

    /// Sets how long a task takes from its acceptance to its end; 12 seconds if nothing is said. The first sixth of
    /// it the task is ready, then it runs. Tasks that were accepted before keep their time.
    pub fn set_task_time(&self, time: Duration) {
        self.service().ids.task_time = time;
    }

    /// Makes all tokens and temporary keys that were handed out useless, as when the user's password changes: they are
    /// refused with `APIGW.0307` from now on.
    pub fn revoke_issued(&self) {
        self.identity().issued.revoke();
    }

    /// How many calls there were to the services that hand out credentials.
    pub fn identity_calls(&self) -> usize {
        self.identity().calls
    }

    /// Refuses the next call to a service that hands out credentials with this status. Several are refused one after
    /// the other.
    pub fn fail_next_identity_call(&self, status: StatusCode) {
        self.identity().failures.push(status);
    }

    fn identity(&self) -> MutexGuard<'_, Identity> {
        self.0.identity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cloud servers of a project, in the order of their ids.
    pub fn servers(&self, project: &ProjectId) -> Vec<ServerState> {
        let mut service = self.service();
        let Some(project) = service.settled(project) else { return Vec::new() };
        project.servers.iter().map(|(id, server)| server.state(id)).collect()
    }

    /// Starts a server, or shuts it off, and tells whether there is such a one. A task that is under way on it
    /// will fail.
    pub fn set_running(&self, project: &ProjectId, server: &ServerId, running: bool) -> bool {
        let mut service = self.service();
        let server = service.settled(project).and_then(|project| project.servers.get_mut(server));
        server.map(|server| server.set_running(running)).is_some()
    }

    /// The official name, the method and the path of each operation.
    pub fn operations() -> impl Iterator<Item = (&'static str, http::Method, &'static str)> {
        route::ROUTES.into_iter().map(|(_, name, method, path)| (name, method, path))
    }

    fn service(&self) -> MutexGuard<'_, Service> {
        // A panic elsewhere leaves nothing half done that others must not see.
        self.0.service.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut service = self.service();
        let clock = service.tell_time(millis(now));
        let mut identity = self.identity();
        if let Some(answer) = identity.answer(&Visit { request, seed: &self.0.seed, now, clock }) {
            return self.plain(Ok(answer), now);
        }
        let Some(route) = route::find(request.method(), request.uri().path()) else {
            return self.plain(Err(Refusal::no_such_api()), now);
        };
        let mut faults = self.faults();
        let mut plan = faults.plan(route.name, clock, way);
        let now = date::shifted(now, plan.skew());
        let known = Known { seed: &self.0.seed, issued: &identity.issued, now, clock };
        let (mut end, status) = match plan.before() {
            Some(Ok(end)) => (end, None),
            Some(Err(refusal)) => (End::Answer(self.identified(Err(refusal))), None),
            None => self.act(&mut service, &known, &route, request, &mut plan),
        };
        if let Some(answer) = end.answer_mut() {
            date::tell(answer, now);
        }
        let delay = plan.delay();
        faults.record(route.name, plan, status);
        Outcome { delay, end }
    }

    /// As the gateway does it: first who calls, then the service itself. The status is the one with which it answered,
    /// if no fault has kept it from that.
    fn act(
        &self,
        service: &mut Service,
        known: &Known<'_>,
        route: &Route,
        request: &Request<Bytes>,
        plan: &mut Plan,
    ) -> (End, Option<StatusCode>) {
        let admitted = verify::authenticate(known, request).and_then(|()| service.check_project(route));
        if admitted.is_err() {
            plan.spare_code();
        } else if let Some(code) = plan.code() {
            return (End::Answer(self.identified(Err(code.refusal()))), None);
        }
        let call = Call {
            resource: &route.resource,
            query: request.uri().query().unwrap_or_default(),
            body: request.body(),
            now: known.clock,
        };
        let answer = self.identified(admitted.and_then(|()| service.answer(route, &call)));
        let status = answer.status();
        (plan.after(answer), Some(status))
    }

    /// The end of a call that no fault has to do with.
    fn plain(&self, outcome: Result<Response<Bytes>, Refusal>, now: SystemTime) -> Outcome {
        let mut answer = self.identified(outcome);
        date::tell(&mut answer, now);
        Outcome::at_once(End::Answer(answer))
    }

    /// Refuses a request whose body is not read to its end.
    #[cfg(feature = "server")]
    pub(crate) fn refuse_too_large(&self) -> Response<Bytes> {
        self.identified(Err(Refusal::too_large()))
    }

    fn identified(&self, outcome: Result<Response<Bytes>, Refusal>) -> Response<Bytes> {
        let id = self.request_id();
        let mut answer = outcome.unwrap_or_else(|refusal| refusal.answer(&id));
        if let Ok(id) = HeaderValue::from_str(&id) {
            answer.headers_mut().insert("x-request-id", id);
        }
        answer
    }

    /// 32 hexadecimal digits, as the service's are, and never the same twice.
    fn request_id(&self) -> String {
        let count = self.0.answers.fetch_add(1, Ordering::Relaxed);
        let spread = (u128::from(count) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        format!("{spread:032x}")
    }
}

fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A name of an operation or a code that there is none of.
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
        write!(f, "Emulator({})", self.0.seed)
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
