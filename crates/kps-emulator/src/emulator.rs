use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use kps_core::Credentials;
use kps_model::ProjectId;
use percent_encoding::percent_decode_str;

use crate::refusal::{Refusal, json};
use crate::{InProcess, Seed, list, verify};

/// The service in memory. Clones share it.
#[derive(Clone)]
pub struct Emulator(Arc<State>);

struct State {
    seed: Seed,
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

    /// An emulator with the [built-in seed](Seed::built_in).
    pub fn new() -> Self {
        Self::with_seed(Seed::built_in())
    }

    /// An emulator with a seed of one's own.
    pub fn with_seed(seed: Seed) -> Self {
        Self(Arc::new(State { seed, answers: AtomicU64::new(0) }))
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

    /// Answers a request at a moment. It reads no clock.
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
        self.identified(self.answer(request, now))
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

    /// As the gateway does it: first the route, then who calls, then the service itself.
    fn answer(&self, request: &Request<Bytes>, now: SystemTime) -> Result<Response<Bytes>, Refusal> {
        let project = route(request).ok_or_else(Refusal::no_such_api)?;
        verify::authenticate(&self.0.seed, request, now)?;
        let project = ProjectId::new(project).ok().and_then(|id| self.0.seed.projects.get(&id));
        let project = project.ok_or_else(Refusal::project_not_usable)?;
        let query = request.uri().query().unwrap_or_default();
        list::failed_tasks(query, &project.failed_tasks).map(|page| json(StatusCode::OK, &page))
    }

    /// 32 hexadecimal digits, as the service's are, and never the same twice.
    fn request_id(&self) -> String {
        let count = self.0.answers.fetch_add(1, Ordering::Relaxed);
        let spread = (u128::from(count) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        format!("{spread:032x}")
    }
}

/// The project id, if the request is for the one operation there is.
fn route(request: &Request<Bytes>) -> Option<String> {
    let project = request.uri().path().strip_prefix("/v3/")?.strip_suffix("/failed-tasks")?;
    if request.method() != Method::GET || project.is_empty() || project.contains('/') {
        return None;
    }
    Some(percent_decode_str(project).decode_utf8().ok()?.into_owned())
}

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
    use kps_model::{ErrorBody, ListFailedTaskResponse, from_json};
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
    fn it_lists_and_nothing_else() {
        let list = format!("/v3/{}/failed-tasks", Emulator::project_id());
        let page: ListFailedTaskResponse = from_json(answer("GET", &list).body()).unwrap();
        assert_eq!(page.total, Some(page.tasks.len() as u64));
        for (method, target) in [
            ("DELETE", list.as_str()),
            ("POST", list.as_str()),
            ("GET", "/v3/0a1b/keypairs"),
            ("GET", "/v3//failed-tasks"),
            ("GET", "/v3/a/b/failed-tasks"),
            ("GET", "/v3/failed-tasks"),
            ("GET", &format!("{list}/")),
            ("GET", "/"),
        ] {
            assert_eq!(refusal(method, target), (404, "APIGW.0101".into()), "{method} {target}");
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
