//! The services that hand out credentials: identity (IAM), security tokens (STS), the metadata service of a cloud
//! server, and pod identity.

mod directory;
mod emulator;
mod issued;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use kps_model::{Secret, Timestamp};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::answer;
use crate::callers::{AccessKey, Callers};
use crate::refusal::Refusal;
use crate::verify::{self, Known, same};
use directory::Listed;

pub(crate) use directory::Directory;
pub(crate) use issued::Issued;

const HOUR: i64 = 3_600_000;
/// The token of the metadata service, which it gives to anybody on the server.
const METADATA_TOKEN: &str = "MTemulatorIsPublicAndOpensNothing";

/// The state of these services.
#[derive(Default)]
pub(crate) struct Identity {
    pub(crate) issued: Issued,
    /// How many calls there were.
    pub(crate) calls: usize,
    /// The statuses with which the next calls are refused.
    pub(crate) failures: Vec<StatusCode>,
}

/// One call to them, and by which clocks it is judged.
pub(crate) struct Visit<'a> {
    pub(crate) request: &'a Request<Bytes>,
    pub(crate) callers: &'a Callers,
    /// Whether anybody is let in.
    pub(crate) lenient: bool,
    pub(crate) now: std::time::SystemTime,
    /// In milliseconds since 1970.
    pub(crate) clock: i64,
}

type Answer = Result<Response<Bytes>, No>;

/// A refusal: of these services, or of the gateway in front of them.
enum No {
    Service(StatusCode, &'static str),
    Gateway(Refusal),
}

impl No {
    /// In the shape of the identity service, whose code is a number.
    fn answer(self) -> Response<Bytes> {
        match self {
            Self::Gateway(refusal) => refusal.answer("00000000000000000000000000000000"),
            Self::Service(status, message) => {
                let title = status.canonical_reason().unwrap_or_default();
                let error = json!({"code": status.as_u16(), "message": message, "title": title});
                answer::json(status, &json!({"error": error}))
            }
        }
    }
}

impl Identity {
    /// The answer, if the request is for one of these services.
    pub(crate) fn answer(&mut self, visit: &Visit<'_>) -> Option<Response<Bytes>> {
        let handler = match (visit.request.method(), visit.request.uri().path()) {
            (&Method::POST, "/v3/auth/tokens") => Self::password,
            (&Method::POST, "/v3.0/OS-AUTH/id-token/tokens") => Self::id_token,
            (&Method::POST, "/v3.0/OS-CREDENTIAL/securitytokens") => Self::security_token,
            (&Method::POST, "/v5/agencies/assume-with-oidc") => Self::assume_with_oidc,
            (&Method::POST, "/v5/agencies/assume") => Self::assume,
            (&Method::GET, "/v3/projects") => Self::projects,
            (&Method::GET, "/v3/auth/projects") => Self::own_projects,
            (&Method::PUT, "/meta-data/latest/api/token") => Self::metadata_token,
            (&Method::GET, "/openstack/latest/securitykey") => Self::metadata_key,
            (&Method::POST, "/pod-identity/credentials") => Self::pod,
            _ => return None,
        };
        self.calls += 1;
        if !self.failures.is_empty() {
            return Some(No::Service(self.failures.remove(0), "refused on demand").answer());
        }
        Some(handler(self, visit).unwrap_or_else(No::answer))
    }

    fn password(&mut self, visit: &Visit<'_>) -> Answer {
        let body = body(visit)?;
        let user = body.pointer("/auth/identity/password/user").unwrap_or(&Value::Null);
        let (name, account) = (text(user, "/name"), text(user, "/domain/name"));
        let known =
            visit.callers.identity.users.iter().find(|user| user.name == name && user.account == account);
        let known = known.filter(|known| same_text(&known.password, text(user, "/password")));
        let known = known.ok_or_else(|| unauthorized("The username or password is wrong."))?;
        let project = text(&body, "/auth/scope/project/name");
        let id = known.projects.get(project).ok_or_else(|| unauthorized("The project does not exist."))?;
        let ends = visit.clock.saturating_add(24 * HOUR);
        let issued = json!({"token": {
            "expires_at": written(ends), "methods": ["password"], "project": {"id": id, "name": project},
        }});
        Ok(subject_token(&self.issued.make_token(ends), &issued))
    }

    fn id_token(&mut self, visit: &Visit<'_>) -> Answer {
        let body = body(visit)?;
        known_id_token(visit, header(visit, "x-idp-id"), text(&body, "/auth/id_token/id"))?;
        let ends = visit.clock.saturating_add(24 * HOUR);
        let issued = json!({"token": {"expires_at": written(ends), "methods": ["mapped"]}});
        Ok(subject_token(&self.issued.make_token(ends), &issued))
    }

    /// For a token, or for an agency, which is asked for with a signature or a token.
    fn security_token(&mut self, visit: &Visit<'_>) -> Answer {
        let body = body(visit)?;
        let identity = body.pointer("/auth/identity").unwrap_or(&Value::Null);
        let duration = match text(identity, "/methods/0") {
            "token" => {
                let token = text(identity, "/token/id").as_bytes();
                let checked = self.issued.check_token(token, visit.clock);
                checked.map_err(|_| unauthorized("The token is invalid."))?;
                identity.pointer("/token/duration_seconds")
            }
            "assume_role" => {
                self.check_caller(visit)?;
                let role = identity.pointer("/assume_role").unwrap_or(&Value::Null);
                let (name, account) = (text(role, "/agency_name"), text(role, "/domain_name"));
                let mut agencies = visit.callers.identity.agencies.iter();
                let known = agencies.any(|agency| agency.name == name && agency.account == account);
                known.then_some(()).ok_or_else(|| forbidden("The agency does not exist."))?;
                role.pointer("/duration_seconds")
            }
            _ => return Err(bad("The method is not supported.")),
        };
        let ends = ends(visit.clock, duration, 900, 900..=86_400)?;
        let key = self.issued.make_key(ends);
        Ok(answer::json(StatusCode::CREATED, &json!({"credential": classic(&key, ends)})))
    }

    fn assume_with_oidc(&mut self, visit: &Visit<'_>) -> Answer {
        let body = body(visit)?;
        known_id_token(visit, text(&body, "/provider_urn"), text(&body, "/id_token"))?;
        self.assumed(visit, &body)
    }

    fn assume(&mut self, visit: &Visit<'_>) -> Answer {
        let body = body(visit)?;
        self.check_caller(visit)?;
        self.assumed(visit, &body)
    }

    fn assumed(&mut self, visit: &Visit<'_>, body: &Value) -> Answer {
        if text(body, "/agency_session_name").is_empty() {
            return Err(bad("agency_session_name is missing."));
        }
        let urn = text(body, "/agency_urn");
        let agency = visit.callers.identity.agencies.iter().find(|agency| agency.urn == urn);
        let agency = agency
            .filter(|agency| agency.external_id.as_deref().unwrap_or_default() == text(body, "/external_id"));
        let agency = agency.ok_or_else(|| forbidden("The agency cannot be assumed."))?;
        let ends = ends(visit.clock, body.pointer("/duration_seconds"), 3600, 900..=43_200)?;
        let key = self.issued.make_key(ends);
        let token = key.security_token.as_ref().map(Secret::expose);
        let credentials = json!({
            "access_key_id": key.id, "secret_access_key": key.secret.expose(), "security_token": token,
            "expiration": written(ends),
        });
        let assumed = json!({"urn": agency.urn, "id": agency.name});
        Ok(answer::json(StatusCode::OK, &json!({"credentials": credentials, "assumed_agency": assumed})))
    }

    fn projects(&mut self, visit: &Visit<'_>) -> Answer {
        self.check_caller(visit)?;
        if visit.callers.identity.projects_forbidden {
            return Err(forbidden("You are not authorized to perform the requested action."));
        }
        let query = visit.request.uri().query().unwrap_or_default();
        let name = query.split('&').find_map(|pair| pair.strip_prefix("name="));
        let name = name.map(|name| percent_decode_str(name).decode_utf8_lossy());
        Ok(listed(visit, |project| name.as_ref().is_none_or(|name| project.name == *name)))
    }

    fn own_projects(&mut self, visit: &Visit<'_>) -> Answer {
        self.check_caller(visit)?;
        Ok(listed(visit, |_| true))
    }

    fn metadata_token(&mut self, visit: &Visit<'_>) -> Answer {
        if !visit.callers.identity.metadata.tokens {
            return Err(No::Service(StatusCode::NOT_FOUND, "Not Found"));
        }
        if header(visit, "x-metadata-token-ttl-seconds")
            .parse()
            .is_ok_and(|seconds| (1..=21_600).contains(&seconds))
        {
            return Ok(Response::new(Bytes::from_static(METADATA_TOKEN.as_bytes())));
        }
        Err(bad("X-Metadata-Token-Ttl-Seconds must be 1 to 21600."))
    }

    fn metadata_key(&mut self, visit: &Visit<'_>) -> Answer {
        let metadata = visit.callers.identity.metadata;
        if metadata.tokens && header(visit, "x-metadata-token") != METADATA_TOKEN {
            return Err(unauthorized("The token is missing or invalid."));
        }
        if !metadata.agency {
            return Err(unauthorized("Please configure Cloud Service Agency first"));
        }
        let ends = visit.clock.saturating_add(6 * HOUR);
        let key = self.issued.make_key(ends);
        Ok(answer::json(StatusCode::OK, &json!({"credential": classic(&key, ends)})))
    }

    fn pod(&mut self, visit: &Visit<'_>) -> Answer {
        let given = header(visit, "authorization");
        if !visit.callers.identity.pod_tokens.iter().any(|known| same_text(known, given)) {
            return Err(unauthorized("The token of the pod is invalid."));
        }
        let ends = visit.clock.saturating_add(HOUR);
        let key = self.issued.make_key(ends);
        let token = key.security_token.as_ref().map(Secret::expose);
        let credentials = json!({
            "accessKeyId": key.id, "secretAccessKey": key.secret.expose(), "securityToken": token,
            "expiration": written(ends),
        });
        Ok(answer::json(StatusCode::OK, &credentials))
    }

    fn check_caller(&self, visit: &Visit<'_>) -> Result<(), No> {
        let Visit { callers, lenient, now, clock, .. } = *visit;
        let known = Known { callers, issued: &self.issued, lenient, now, clock };
        verify::authenticate(&known, visit.request).map_err(No::Gateway)
    }
}

fn listed(visit: &Visit<'_>, wanted: impl Fn(&Listed) -> bool) -> Response<Bytes> {
    let projects = visit.callers.identity.projects.iter().filter(|project| wanted(project));
    let projects: Vec<Value> = projects
        .map(|project| json!({"id": project.id, "name": project.name, "enabled": project.enabled, "is_domain": false}))
        .collect();
    answer::json(StatusCode::OK, &json!({"links": {"next": null, "previous": null}, "projects": projects}))
}

fn known_id_token(visit: &Visit<'_>, provider: &str, token: &str) -> Result<(), No> {
    let mut tokens = visit.callers.identity.id_tokens.iter();
    let known = tokens.any(|known| known.provider == provider && same_text(&known.token, token));
    known.then_some(()).ok_or_else(|| unauthorized("The ID token is invalid."))
}

fn same_text(known: &Secret, given: &str) -> bool {
    same(known.expose().as_bytes(), given.as_bytes())
}

fn body(visit: &Visit<'_>) -> Result<Value, No> {
    serde_json::from_slice(visit.request.body()).map_err(|_| bad("The body is no JSON."))
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn header<'a>(visit: &Visit<'a>, name: &str) -> &'a str {
    visit.request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// When a key ends that is to last so many seconds.
fn ends(
    clock: i64,
    seconds: Option<&Value>,
    default: i64,
    range: std::ops::RangeInclusive<i64>,
) -> Result<i64, No> {
    let seconds = match seconds {
        None => default,
        Some(seconds) => seconds.as_i64().unwrap_or_default(),
    };
    if !range.contains(&seconds) {
        return Err(bad("duration_seconds is out of its range."));
    }
    Ok(clock.saturating_add(seconds * 1000))
}

fn classic(key: &AccessKey, ends: i64) -> Value {
    let token = key.security_token.as_ref().map(Secret::expose);
    json!({"access": key.id, "secret": key.secret.expose(), "securitytoken": token, "expires_at": written(ends)})
}

/// With six digits of a second, as the identity service has them.
fn written(millis: i64) -> String {
    let text = Timestamp::from_millis(millis).to_string();
    let (seconds, fraction) =
        text.trim_end_matches('Z').split_once('.').unwrap_or((text.trim_end_matches('Z'), ""));
    format!("{seconds}.{fraction:0<6}Z")
}

fn subject_token(token: &str, body: &Value) -> Response<Bytes> {
    let mut answer = answer::json(StatusCode::CREATED, body);
    if let Ok(token) = HeaderValue::from_str(token) {
        answer.headers_mut().insert("x-subject-token", token);
    }
    answer
}

const fn bad(message: &'static str) -> No {
    No::Service(StatusCode::BAD_REQUEST, message)
}

const fn unauthorized(message: &'static str) -> No {
    No::Service(StatusCode::UNAUTHORIZED, message)
}

const fn forbidden(message: &'static str) -> No {
    No::Service(StatusCode::FORBIDDEN, message)
}
