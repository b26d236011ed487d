//! Steering an emulator over HTTP, under `/_emulator/`: a request in, a response out.

mod callers;
mod clock;
mod complaint;
mod faults;
#[cfg(feature = "server")]
mod guard;
mod journal;
mod routes;
mod servers;
mod settings;
mod signatures;
mod snapshots;
mod state;
#[cfg(test)]
mod tests;

use std::time::SystemTime;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::world::{World, millis};
use crate::{Emulator, answer, load};

use complaint::Complaint;
use routes::{Answer, ROUTES};

/// Where it is steered.
const ROOT: &str = "/_emulator";

/// What a request comes to.
type Reply = Result<Value, Complaint>;

/// A request to steer it, taken apart.
struct Ask<'a> {
    query: &'a str,
    body: &'a [u8],
    /// What is named in the path.
    name: &'a str,
    route: &'a routes::Route,
}

impl Ask<'_> {
    fn body<T: DeserializeOwned>(&self) -> Result<T, Complaint> {
        load::object(self.body).map_err(|error| self.bad_body(&error))
    }

    /// A number in the query.
    fn number(&self, name: &str) -> Result<Option<u64>, Complaint> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        let Some((_, value)) = pairs.find(|(own, _)| *own == name) else { return Ok(None) };
        let wrong = |_| {
            let (place, cure) = (format!("`{name}` in the query"), format!("send {name}=0 or greater"));
            Complaint::new(StatusCode::BAD_REQUEST, "it is no number", place, cure)
        };
        value.parse().map(Some).map_err(wrong)
    }

    fn bad_body(&self, error: &kps_model::DecodeError) -> Complaint {
        let cure = format!("send a body such as {}", self.route.body);
        Complaint::new(
            StatusCode::BAD_REQUEST,
            error.to_string(),
            format!("the body at `{}`", error.path()),
            cure,
        )
    }
}

impl Emulator {
    /// Answers a request to steer it, under `/_emulator/`, at a moment. A `Server` hands it those that come from where they
    /// may. It can show private keys and turn off checks, so whoever lets others ask must judge them.
    ///
    /// ```
    /// use kps_emulator::Emulator;
    ///
    /// let emulator = Emulator::new();
    /// let freeze = http::Request::post("http://127.0.0.1/_emulator/clock/freeze").body(Default::default())?;
    /// let answer = emulator.control(&freeze, std::time::UNIX_EPOCH);
    /// assert!(String::from_utf8_lossy(answer.body()).contains(r#""frozen":true"#));
    /// # Ok::<(), http::Error>(())
    /// ```
    pub fn control(&self, request: &Request<Bytes>, now: SystemTime) -> Response<Bytes> {
        let mut world = self.world();
        world.service.clock.tell(millis(now));
        steer(&mut world, request).unwrap_or_else(Complaint::answer)
    }

    /// The method, the path and the purpose of each request by which it can be [steered](Self::control).
    ///
    /// ```
    /// let mut routes = kps_emulator::Emulator::control_routes();
    /// assert!(routes.any(|(method, path, _)| method == "POST" && path == "/_emulator/reset"));
    /// ```
    pub fn control_routes() -> impl Iterator<Item = (Method, &'static str, &'static str)> {
        ROUTES.iter().map(|route| (route.method.clone(), route.path, route.what))
    }
}

/// Whether a path is one of those under which it is steered.
#[cfg(feature = "server")]
pub(crate) fn is_at(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Refuses a request whose body is larger than what is taken.
#[cfg(feature = "server")]
pub(crate) fn too_large(most: usize) -> Response<Bytes> {
    let what = format!("the body is larger than {most} bytes");
    Complaint::new(StatusCode::PAYLOAD_TOO_LARGE, what, "the body", "send less, or start with a file")
        .answer()
}

/// Refuses a request that comes from where none may.
#[cfg(feature = "server")]
pub(crate) fn refusal(headers: &http::HeaderMap, address: std::net::SocketAddr) -> Option<Response<Bytes>> {
    guard::admit(headers, address).err().map(Complaint::answer)
}

fn steer(world: &mut World, request: &Request<Bytes>) -> Result<Response<Bytes>, Complaint> {
    let path = request.uri().path();
    let path = if path == ROOT { "/_emulator/" } else { path };
    let there: Vec<_> = ROUTES.iter().filter_map(|route| Some((route, route.name_in(path)?))).collect();
    if there.is_empty() {
        let what = "there is no such path";
        let cure = "ask GET /_emulator/ for all there are";
        return Err(Complaint::new(StatusCode::NOT_FOUND, what, "the path", cure));
    }
    let Some((route, name)) = there.iter().find(|(route, _)| route.method == request.method()) else {
        let methods: Vec<_> = there.iter().map(|(route, _)| route.method.as_str()).collect();
        let cure = format!("use {}", methods.join(" or "));
        let what = "the path takes another method";
        let complaint = Complaint::new(StatusCode::METHOD_NOT_ALLOWED, what, "the method", cure);
        return Ok(with_header(complaint.answer(), ALLOW, &methods.join(", ")));
    };
    let (query, body) = (request.uri().query().unwrap_or_default(), request.body());
    match route.answer {
        Answer::Told(tell) => Ok(told(StatusCode::OK, &tell(world, &Ask { query, body, name, route })?)),
        Answer::File(file) => Ok(file.answer()),
    }
}

/// An answer that nobody keeps or takes for something else.
fn told(status: StatusCode, value: &Value) -> Response<Bytes> {
    let answer = answer::json(status, value);
    with_header(with_header(answer, CACHE_CONTROL, "no-store"), X_CONTENT_TYPE_OPTIONS, "nosniff")
}

fn with_header(mut answer: Response<Bytes>, name: http::HeaderName, value: &str) -> Response<Bytes> {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(name, value);
    }
    answer
}

fn index(_: &mut World, _: &Ask<'_>) -> Reply {
    let routes: Vec<_> = ROUTES
        .iter()
        .map(|route| {
            let body = (!route.body.is_empty()).then_some(route.body);
            json!({"method": route.method.as_str(), "path": route.path, "what": route.what, "body": body})
        })
        .collect();
    Ok(json!({"program": "kps-emulator", "version": env!("CARGO_PKG_VERSION"), "routes": routes}))
}

/// That it answers at all.
fn health(_: &mut World, _: &Ask<'_>) -> Reply {
    Ok(json!({"status": "ok"}))
}

/// It answers only when all is there that it was started with.
fn ready(world: &mut World, _: &Ask<'_>) -> Reply {
    Ok(json!({"status": "ready", "projects": world.service.projects.len()}))
}
