//! The way of one call.

use bytes::Bytes;
use http::{Response, StatusCode};
use kps_model::{DecodeError, ErrorBody};

use crate::credentials::Identity;
use crate::operation::Meta;
use crate::redact;
use crate::sign::Date;
use crate::{Client, Draft, Error, FailureKind, Operation, Prepared, Sent};

/// Encode, sign, send, judge, decode.
pub(crate) async fn call<O: Operation>(client: &Client, operation: &O) -> Result<O::Output, Error> {
    let steps = async {
        let answer = exchange(client, &O::META, operation.encode()?).await?;
        O::decode(&answer).map_err(|fault| unreadable(&O::META, &answer, fault))
    };
    steps.await.map_err(|error| error.of_operation(O::META.name))
}

async fn exchange(client: &Client, meta: &Meta, mut draft: Draft) -> Result<Response<Bytes>, Error> {
    let secrets = draft.take_secrets();
    let inner = client.inner();
    let desk = inner.desk();
    let mut identity = inner.keyring.get(&desk).await?;
    let mut answer = attempt(client, meta, &mut draft, &identity).await?;
    // The gateway refused it before the service saw it, so no call is made twice.
    if token_expired(&answer, &identity) && inner.keyring.refuse(&identity) {
        identity = inner.keyring.get(&desk).await?;
        answer = attempt(client, meta, &mut draft, &identity).await?;
    } else if identity.authenticator.signs() && inner.skew.learn(&*inner.transport, &answer) {
        answer = attempt(client, meta, &mut draft, &identity).await?;
    }
    judge(meta, answer, &|text| {
        identity.authenticator.redact(text);
        redact::all(text, &secrets);
    })
}

/// One answer: of the first endpoint that can be reached. Only a request that was not sent goes on to the next, signed
/// anew for that.
async fn attempt(
    client: &Client,
    meta: &Meta,
    draft: &mut Draft,
    identity: &Identity,
) -> Result<Response<Bytes>, Error> {
    let inner = client.inner();
    let mut left = inner.endpoints.count();
    loop {
        let (at, request) = prepare(client, meta, draft, identity).await?;
        let failure = match inner.transport.send(request).await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        left = left.saturating_sub(1);
        let unreached = matches!(failure.kind(), FailureKind::Connect | FailureKind::Tls);
        if !unreached || failure.sent() != Sent::No {
            return Err(Error::failure(failure));
        }
        inner.endpoints.leave(at);
        if left == 0 {
            return Err(Error::unreached(failure, &inner.endpoints));
        }
    }
}

/// The request to the endpoint that is to be tried, and where in their list that is.
pub(crate) async fn prepare(
    client: &Client,
    meta: &Meta,
    draft: &mut Draft,
    identity: &Identity,
) -> Result<(usize, Prepared), Error> {
    let inner = client.inner();
    let project = inner.project.get(&inner.desk(), identity).await?;
    let date = Date::new(inner.skew.now(&*inner.transport))?;
    let (at, endpoint) = inner.endpoints.current();
    let who = &identity.authenticator;
    Ok((at, Prepared::new(meta, draft, endpoint, &project, who, date, client.extras())?))
}

/// Whether a token was refused as expired. A refused signature is never repeated: five of them lock the key.
fn token_expired(answer: &Response<Bytes>, identity: &Identity) -> bool {
    if answer.status() != StatusCode::UNAUTHORIZED || !identity.authenticator.has_token() {
        return false;
    }
    let body = ErrorBody::parse(answer.body());
    let must_be_renewed = matches!(body.code.as_deref(), Some("APIGW.0307" | "APIG.0307"));
    must_be_renewed || body.message.is_some_and(|message| message.contains("token expires"))
}

/// Whether an answer is one. Any 2xx is: the documents of the service do not agree with themselves on which.
///
/// A refusal may quote the request.
fn judge(
    meta: &Meta,
    answer: Response<Bytes>,
    redact: &dyn Fn(&mut String),
) -> Result<Response<Bytes>, Error> {
    if answer.status().is_success() {
        return Ok(redact_success(meta, answer, redact));
    }
    let body = redact::error_body(answer.body(), redact);
    Err(Error::refused(answer.status().as_u16(), request_id(&answer), body))
}

/// Binding is refused with a status of success, and may quote its request as well. Where an answer holds secrets by
/// right it is left alone.
fn redact_success(meta: &Meta, answer: Response<Bytes>, redact: &dyn Fn(&mut String)) -> Response<Bytes> {
    if !meta.secret_request || meta.secret_answer {
        return answer;
    }
    answer.map(|body| match str::from_utf8(&body) {
        Ok(text) => {
            let mut redacted = text.to_owned();
            redact(&mut redacted);
            if redacted == text { body } else { Bytes::from(redacted) }
        }
        Err(_) => body,
    })
}

fn unreadable(meta: &Meta, answer: &Response<Bytes>, fault: DecodeError) -> Error {
    let secret = meta.secret_request || meta.secret_answer;
    let fault = if secret { fault.without_reason() } else { fault };
    Error::unreadable(answer.status().as_u16(), request_id(answer), fault)
}

fn request_id(answer: &Response<Bytes>) -> Option<String> {
    let id = answer.headers().get("x-request-id")?.to_str().ok()?;
    (!id.is_empty()).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use http::Response;
    use kps_model::{ListKeypairs, ProjectId};

    use crate::{Credentials, Failure, FailureKind, Prepared, Sent, blocking};

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
            .build()
            .unwrap();
        (kps, asked)
    }

    #[test]
    fn a_call_goes_on_to_the_next_endpoint_if_it_was_not_sent() {
        for kind in [FailureKind::Connect, FailureKind::Tls] {
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
