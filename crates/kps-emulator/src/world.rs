//! All that is behind the lock of an emulator, and how it answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};

use crate::callers::Callers;
use crate::faults::{End, Faults, Outcome, Plan, Way};
use crate::identity::{Identity, Visit};
use crate::journal::{CallRecord, Course, Journal, Moment};
use crate::refusal::Refusal;
use crate::route::{self, Route};
use crate::service::{Call, Service};
use crate::verify::Known;
use crate::{KeySource, Quirks, Seed, Snapshot, date, signature, verify};

pub(crate) struct World {
    /// What a reset goes back to.
    pub(crate) seed: Seed,
    pub(crate) callers: Callers,
    pub(crate) service: Service,
    pub(crate) identity: Identity,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    /// Those that are kept, by their names.
    pub(crate) snapshots: BTreeMap<String, Snapshot>,
    /// Whether signatures and tokens are not checked.
    pub(crate) lenient_auth: bool,
    /// In which form it answers.
    pub(crate) quirks: Quirks,
    answered: u64,
}

impl World {
    pub(crate) fn new(seed: Seed, keys: Arc<dyn KeySource>, kept_calls: usize) -> Self {
        Self {
            callers: seed.callers.clone(),
            service: Service::new(&seed.projects, keys),
            identity: Identity::default(),
            faults: Faults::default(),
            journal: Journal::new(kept_calls),
            snapshots: BTreeMap::new(),
            lenient_auth: false,
            quirks: Quirks::default(),
            answered: 0,
            seed,
        }
    }

    pub(crate) fn reset(&mut self) {
        self.callers = self.seed.callers.clone();
        self.service.plant(&self.seed.projects);
        self.identity = Identity::default();
        self.faults.clear();
        self.journal.clear();
    }

    pub(crate) fn replace_seed(&mut self, seed: Seed) {
        self.seed = seed;
        self.reset();
    }

    pub(crate) fn snapshot(&mut self) -> Snapshot {
        Snapshot::new(self.callers.clone(), self.identity.issued.clone(), self.service.save())
    }

    /// Goes on from a snapshot. Rules of faults and the journal stay.
    pub(crate) fn restore(&mut self, snapshot: &Snapshot) {
        let (callers, issued, service) = snapshot.parts();
        self.callers = callers.clone();
        self.identity.issued = issued.clone();
        self.service.restore(service);
    }

    /// Ends an access key, and tells whether there was such a one.
    pub(crate) fn revoke_key(&mut self, id: &str) -> bool {
        let of_the_seed = &mut self.callers.access_keys;
        let count = of_the_seed.len();
        of_the_seed.retain(|key| key.id != id);
        of_the_seed.len() < count || self.identity.issued.revoke_key(id)
    }

    /// Answers a request at a moment, and tells what is to go wrong with the connection.
    pub(crate) fn respond(&mut self, request: &Request<Bytes>, now: SystemTime, way: Way) -> Outcome {
        let id = self.request_id();
        let moment = Moment { millis: millis(now), request_id: &id };
        let clock = self.service.clock.tell(moment.millis);
        let (outcome, course) = match self.visit(request, now, clock) {
            Some(answer) => plain(answer, now, &id),
            None => match route::find(request.method(), request.uri().path()) {
                Some(route) => self.operate(&route, request, now, way, &id),
                None => plain(self.quirks.form(None, Refusal::no_such_api().answer(&id)), now, &id),
            },
        };
        let known = self.known(now, clock);
        let record = CallRecord::new(request, &moment, course, |id| known.key(id).is_some());
        #[cfg(feature = "tracing")]
        record.trace(outcome.delay);
        self.journal.write(record);
        outcome
    }

    /// The answer of a service that hands out credentials, if the request is for one.
    fn visit(&mut self, request: &Request<Bytes>, now: SystemTime, clock: i64) -> Option<Response<Bytes>> {
        let visit = Visit { request, callers: &self.callers, lenient: self.lenient_auth, now, clock };
        self.identity.answer(&visit)
    }

    /// A call of an operation, with what goes wrong on its way.
    fn operate(
        &mut self,
        route: &Route,
        request: &Request<Bytes>,
        now: SystemTime,
        way: Way,
        id: &str,
    ) -> (Outcome, Course) {
        let clock = self.service.clock.now();
        let mut plan = self.faults.plan(route.name, clock, way);
        let now = date::shifted(now, plan.skew());
        let mut signature = None;
        let (mut end, status) = match plan.before() {
            Some(Ok(end)) => (end, None),
            Some(Err(refusal)) => (End::Answer(self.formed(route, refusal.answer(id), id)), None),
            None => {
                let known = self.known(now, clock);
                let admitted = verify::authenticate(&known, request);
                signature = admitted.as_ref().err().and_then(|_| signature::explain(&known, request));
                self.act(route, request, admitted, &mut plan, id)
            }
        };
        if let Some(answer) = end.answer_mut() {
            date::tell(answer, now);
        }
        let (delay, sent) = (plan.delay(), end.answer_mut().map(|answer| answer.status()));
        let faults = self.faults.settle(plan);
        (Outcome { delay, end }, Course { operation: Some(route.name), status, sent, faults, signature })
    }

    /// As the gateway does it: first who calls, then the service itself. The status is the one with which it answered, if
    /// no fault has kept it from that.
    fn act(
        &mut self,
        route: &Route,
        request: &Request<Bytes>,
        admitted: Result<(), Refusal>,
        plan: &mut Plan,
        id: &str,
    ) -> (End, Option<StatusCode>) {
        let admitted = admitted.and_then(|()| self.service.check_project(route));
        if admitted.is_err() {
            plan.spare_code();
        } else if let Some(code) = plan.code() {
            return (End::Answer(self.formed(route, code.refusal().answer(id), id)), None);
        }
        let call = Call {
            resource: &route.resource,
            query: request.uri().query().unwrap_or_default(),
            body: request.body(),
            now: self.service.clock.now(),
        };
        let answer = admitted.and_then(|()| self.service.answer(route, &call));
        let answer = self.formed(route, answer.unwrap_or_else(|refusal| refusal.answer(id)), id);
        let status = answer.status();
        (plan.after(answer), Some(status))
    }

    /// An answer of an operation as it goes out.
    fn formed(&self, route: &Route, answer: Response<Bytes>, id: &str) -> Response<Bytes> {
        identified(self.quirks.form(Some(route.operation), answer), id)
    }

    /// Against what a request is checked whose time does not matter.
    pub(crate) fn known_now(&self) -> Known<'_> {
        self.known(SystemTime::UNIX_EPOCH, self.service.clock.now())
    }

    fn known(&self, now: SystemTime, clock: i64) -> Known<'_> {
        Known {
            callers: &self.callers,
            issued: &self.identity.issued,
            lenient: self.lenient_auth,
            now,
            clock,
        }
    }

    /// Refuses a request whose body is not read to its end.
    #[cfg(feature = "server")]
    pub(crate) fn refuse_too_large(&mut self) -> Response<Bytes> {
        let id = self.request_id();
        identified(self.quirks.form(None, Refusal::too_large().answer(&id)), &id)
    }

    /// 32 hexadecimal digits, as the service's are, and never the same twice.
    fn request_id(&mut self) -> String {
        self.answered = self.answered.wrapping_add(1);
        let spread = u128::from(self.answered).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        format!("{spread:032x}")
    }
}

/// The end of a request that no fault has to do with.
fn plain(answer: Response<Bytes>, now: SystemTime, id: &str) -> (Outcome, Course) {
    let mut answer = identified(answer, id);
    date::tell(&mut answer, now);
    let status = Some(answer.status());
    (Outcome::at_once(End::Answer(answer)), Course { status, sent: status, ..Course::default() })
}

fn identified(mut answer: Response<Bytes>, id: &str) -> Response<Bytes> {
    if let Ok(id) = HeaderValue::from_str(id) {
        answer.headers_mut().insert("x-request-id", id);
    }
    answer
}

pub(crate) fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
