//! The way of one call.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Response, StatusCode};
use kps_model::{DecodeError, ErrorBody, ErrorCode, ListRunningTask, Secret};

use crate::clock::{Known, date_of};
use crate::course::{Course, Lapse};
use crate::credentials::Identity;
use crate::credentials::desk::Desk;
use crate::events::Span;
use crate::observe::request_id;
use crate::operation::Meta;
use crate::redact;
use crate::retry::Class;
use crate::sign::Date;
use crate::{Answer, Client, Draft, Error, Operation, Prepared};

/// Makes a call, and tells how its answer came.
pub(crate) async fn answer<O: Operation>(client: &Client, operation: &O) -> Result<Answer<O::Output>, Error> {
    let Made { output, answer, attempts } = made(client, operation).await?;
    let request_id = request_id(&answer).map(str::to_owned);
    Ok(Answer { output, status: answer.status().as_u16(), request_id, attempts })
}

/// The time by the service's clock, as any answer of it tells, else by the client's.
pub(crate) async fn date(client: &Client) -> Result<SystemTime, Error> {
    let Made { answer, .. } = made(client, &ListRunningTask::new()).await?;
    let inner = client.inner();
    Ok(date_of(&answer).unwrap_or_else(|| inner.skew.now(&*inner.transport)))
}

/// A call that was made.
pub(crate) struct Made<T> {
    pub(crate) output: T,
    answer: Response<Bytes>,
    attempts: u32,
}

/// Makes a call: encode, sign, send, judge, perhaps once more, decode. This is compiled for each operation, and what it
/// calls once.
pub(crate) async fn made<O: Operation>(client: &Client, operation: &O) -> Result<Made<O::Output>, Error> {
    let mut call = Call { course: Course::new(client, &O::META), span: Span::call(O::META.name) };
    let draft = call.span.within(|| operation.encode());
    let answer = call.answer(draft).await?;
    let output = call.span.within(|| O::decode(&answer));
    let output = output.map_err(|fault| call.unreadable(&answer, fault))?;
    call.course.end(&call.span, Ok(&answer));
    Ok(Made { output, answer, attempts: call.course.attempts })
}

/// A call under way.
struct Call<'a> {
    course: Course<'a>,
    span: Span,
}

impl Call<'_> {
    async fn answer(&mut self, draft: Result<Draft, Error>) -> Result<Response<Bytes>, Error> {
        let answer = match draft {
            Ok(draft) => self.span.around(exchange(&mut self.course, draft)).await,
            Err(error) => Err(error),
        };
        answer.map_err(|error| self.failed(error))
    }

    fn unreadable(&mut self, answer: &Response<Bytes>, fault: DecodeError) -> Error {
        let error = self.course.unreadable(answer, fault);
        self.failed(error)
    }

    fn failed(&self, error: Error) -> Error {
        let error = error.of_call(&self.course);
        self.course.end(&self.span, Err(&error));
        error
    }
}

async fn exchange(course: &mut Course<'_>, mut draft: Draft) -> Result<Response<Bytes>, Error> {
    let secrets = draft.take_secrets();
    let (mut pause, mut before) = Default::default();
    loop {
        course.begin(pause, before).await?;
        let span = Span::attempt(course.attempts);
        let began = course.ticks();
        let outcome = span.around(attempt(course, &draft, &secrets)).await;
        course.end_attempt(&span, began, &outcome);
        match outcome {
            Ok(answer) => return Ok(answer),
            Err(lapse) => {
                let (next, error) = course.repeat(lapse)?;
                (pause, before) = (next, Some(error));
            }
        }
    }
}

/// One attempt, signed anew. What the gateway refuses for an old token or a wrong clock the service never saw, so that
/// it is sent once more within the attempt.
async fn attempt(course: &Course<'_>, draft: &Draft, secrets: &[Secret]) -> Result<Response<Bytes>, Lapse> {
    let (inner, desk) = (course.inner(), course.desk());
    let mut identity = inner.keyring.get(&desk).await.map_err(Lapse::before_sending)?;
    let (mut answer, signed_by) = send(course, draft, &identity).await?;
    if token_expired(&answer, &identity) && inner.keyring.refuse(&identity) {
        identity = inner.keyring.get(&desk).await.map_err(Lapse::before_sending)?;
        (answer, _) = send(course, draft, &identity).await?;
    } else if identity.authenticator.signs() && inner.skew.learn(&*inner.transport, signed_by, &answer) {
        (answer, _) = send(course, draft, &identity).await?;
    }
    judge(course, answer, &|text| {
        identity.authenticator.redact(text);
        redact::all(text, secrets);
    })
}

/// One answer: of the first endpoint that can be reached. Only a request that was not sent goes on to the next, signed
/// anew for that. With it, what was known of the clock when it was signed.
async fn send(
    course: &Course<'_>,
    draft: &Draft,
    identity: &Identity,
) -> Result<(Response<Bytes>, Known), Lapse> {
    let (inner, endpoints) = (course.inner(), &course.client.options().endpoints);
    let mut left = endpoints.count();
    loop {
        let prepared = prepare(course.client, course.meta, draft, identity, &course.desk()).await;
        let (request, at, signed_by) = prepared.map_err(Lapse::before_sending)?;
        let limit = course.time_limit().map_err(Lapse::before_sending)?;
        let failure = match inner.transport.send(request.with_time_limit(limit)).await {
            Ok(answer) => return Ok((answer, signed_by)),
            Err(failure) => failure,
        };
        left = left.saturating_sub(1);
        let class = Class::of_failure(&failure);
        let unreached = matches!(class, Class::NotSent | Class::Untrusted);
        if !unreached {
            return Err(Lapse { class, error: Error::failure(failure) });
        }
        endpoints.leave(at);
        if left == 0 {
            return Err(Lapse { class, error: Error::unreached(failure, endpoints) });
        }
    }
}

/// The request to the endpoint that is to be tried, where in their list that is, and what was known of the clock.
pub(crate) async fn prepare(
    client: &Client,
    meta: &Meta,
    draft: &Draft,
    identity: &Identity,
    desk: &Desk<'_>,
) -> Result<(Prepared, usize, Known), Error> {
    let (inner, options) = (client.inner(), client.options());
    let project = inner.project.get(desk, identity).await?;
    let signed_by = inner.skew.known();
    let date = Date::new(signed_by.now(&*inner.transport))?;
    let (at, endpoint) = options.endpoints.current();
    let who = &identity.authenticator;
    let prepared = Prepared::new(meta, draft, endpoint, &project, who, date, &options.extras)?;
    Ok((prepared, at, signed_by))
}

/// Whether a token was refused as expired. A refused signature is never repeated: five of them lock the key.
fn token_expired(answer: &Response<Bytes>, identity: &Identity) -> bool {
    if answer.status() != StatusCode::UNAUTHORIZED || !identity.authenticator.has_token() {
        return false;
    }
    let body = ErrorBody::parse(answer.body());
    body.error_code() == Some(ErrorCode::Apigw0307)
        || body.message.is_some_and(|message| message.contains("token expires"))
}

/// Whether an answer is one. Any 2xx is: the documents of the service do not agree with themselves on which.
///
/// A refusal may quote the request.
fn judge(
    course: &Course<'_>,
    answer: Response<Bytes>,
    redact: &dyn Fn(&mut String),
) -> Result<Response<Bytes>, Lapse> {
    if answer.status().is_success() {
        return Ok(redact_success(course.meta, answer, redact));
    }
    let body = redact::error_body(answer.body(), redact);
    let class = Class::of_refusal(answer.status().as_u16(), body.code.as_deref());
    let error = Error::refused(answer.status().as_u16(), request_id(&answer).map(str::to_owned), body);
    Err(Lapse { class, error: error.with_retry_after(retry_after(course, &answer)) })
}

/// How long the service asks to wait: seconds, or a date.
fn retry_after(course: &Course<'_>, answer: &Response<Bytes>) -> Option<Duration> {
    let text = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let (date, inner) = (httpdate::parse_http_date(text).ok()?, course.inner());
    Some(date.duration_since(inner.skew.now(&*inner.transport)).unwrap_or_default())
}

/// Binding is refused with a status of success, and so is each key pair of a batch; a refusal may quote the request.
fn redact_success(meta: &Meta, answer: Response<Bytes>, redact: &dyn Fn(&mut String)) -> Response<Bytes> {
    if !meta.secret_request {
        return answer;
    }
    answer.map(|body| redact::answer(&body, meta.secret_answer, redact).unwrap_or(body))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use http::Response;
    use kps_model::{ListKeypairs, ProjectId};

    use crate::{Credentials, Failure, FailureKind, Prepared, Retries, Sent, blocking};

    /// A client of two endpoints, of which the first fails so, and the hosts that were asked.
    fn client(kind: FailureKind, sent: Sent, both: bool) -> (blocking::Client, Arc<Mutex<Vec<String>>>) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = asked.clone();
        let transport = move |request: Prepared| {
            let host = request.headers()["host"].to_str().unwrap().to_owned();
            assert_eq!(request.uri().host(), Some(host.as_str()), "the signed host is the one that is asked");
            noted.lock().unwrap().push(host.clone());
            if both || host == "a.example" {
                return Err(Failure::new(kind, sent, "as the test wants it"));
            }
            Ok(Response::new(r#"{"keypairs":[]}"#.into()))
        };
        let kps = blocking::Client::builder(transport)
            .endpoints(["a.example", "b.example"])
            .credentials(Credentials::access_key("AK", "SK"))
            .project_id(ProjectId::new("0a1b").unwrap())
            .retries(Retries::none())
            .build()
            .unwrap();
        (kps, asked)
    }

    #[test]
    fn a_call_goes_on_to_the_next_endpoint_if_it_was_not_sent() {
        // A time-out of connecting, say.
        for kind in [FailureKind::Connect, FailureKind::Tls, FailureKind::Timeout] {
            let (kps, asked) = client(kind, Sent::No, false);
            for _ in 0..3 {
                kps.send(ListKeypairs::new()).unwrap();
            }
            assert_eq!(*asked.lock().unwrap(), ["a.example", "b.example", "b.example", "b.example"]);
        }
        for (kind, sent) in [
            (FailureKind::Connect, Sent::Maybe),
            (FailureKind::Timeout, Sent::Maybe),
            (FailureKind::Interrupted, Sent::Maybe),
            (FailureKind::Other, Sent::No),
        ] {
            let (kps, asked) = client(kind, sent, false);
            assert!(kps.send(ListKeypairs::new()).is_err());
            assert_eq!(*asked.lock().unwrap(), ["a.example"], "{kind:?}");
        }
    }

    #[test]
    fn where_none_can_be_reached_all_are_named() {
        let (kps, asked) = client(FailureKind::Connect, Sent::No, true);
        for _ in 0..2 {
            let error = kps.send(ListKeypairs::new()).unwrap_err();
            assert_eq!(
                error.to_string(),
                "ListKeypairs: none of https://a.example, https://b.example could be reached: could not connect",
            );
        }
        assert_eq!(*asked.lock().unwrap(), ["a.example", "b.example", "a.example", "b.example"]);
    }
}
