//! The way of one call.

use bytes::Bytes;
use http::{Response, StatusCode};
use kps_model::{DecodeError, ErrorBody};

use crate::client::Inner;
use crate::credentials::Identity;
use crate::operation::Meta;
use crate::redact;
use crate::sign::Date;
use crate::{Draft, Error, Operation, Prepared};

/// Encode, sign, send, judge, decode.
pub(crate) async fn call<O: Operation>(client: &Inner, operation: &O) -> Result<O::Output, Error> {
    let steps = async {
        let answer = exchange(client, &O::META, operation.encode()?).await?;
        O::decode(&answer).map_err(|fault| unreadable(&O::META, &answer, fault))
    };
    steps.await.map_err(|error| error.of_operation(O::META.name))
}

async fn exchange(client: &Inner, meta: &Meta, mut draft: Draft) -> Result<Response<Bytes>, Error> {
    let secrets = draft.take_secrets();
    let desk = client.desk();
    let mut identity = client.keyring.get(&desk).await?;
    let mut answer = attempt(client, meta, &mut draft, &identity).await?;
    // The gateway refused it before the service saw it, so no call is made twice.
    if token_expired(&answer, &identity) && client.keyring.refuse(&identity) {
        identity = client.keyring.get(&desk).await?;
        answer = attempt(client, meta, &mut draft, &identity).await?;
    } else if identity.authenticator.signs() && client.skew.learn(&*client.transport, &answer) {
        answer = attempt(client, meta, &mut draft, &identity).await?;
    }
    judge(meta, answer, &|text| {
        identity.authenticator.redact(text);
        redact::all(text, &secrets);
    })
}

async fn attempt(
    client: &Inner,
    meta: &Meta,
    draft: &mut Draft,
    identity: &Identity,
) -> Result<Response<Bytes>, Error> {
    let request = prepare(client, meta, draft, identity).await?;
    client.transport.send(request).await.map_err(Error::failure)
}

pub(crate) async fn prepare(
    client: &Inner,
    meta: &Meta,
    draft: &mut Draft,
    identity: &Identity,
) -> Result<Prepared, Error> {
    let project = client.project.get(&client.desk(), identity).await?;
    let date = Date::new(client.skew.now(&*client.transport))?;
    Prepared::new(meta, draft, &client.endpoint, &project, &identity.authenticator, date)
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
/// A refusal may quote the request. Its text is redacted before it is read, since only so much of a text in no
/// known shape is kept, and again afterwards, for what was escaped.
fn judge(
    meta: &Meta,
    answer: Response<Bytes>,
    redact: &dyn Fn(&mut String),
) -> Result<Response<Bytes>, Error> {
    if answer.status().is_success() {
        return Ok(redact_success(meta, answer, redact));
    }
    let mut text = String::from_utf8_lossy(answer.body()).into_owned();
    redact(&mut text);
    let mut body = ErrorBody::parse(text.as_bytes());
    redact_body(&mut body, redact);
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

fn redact_body(body: &mut ErrorBody, redact: &dyn Fn(&mut String)) {
    let texts =
        [&mut body.code, &mut body.message, &mut body.request_id, &mut body.encoded_authorization_message];
    texts.into_iter().flatten().for_each(redact);
    body.details.iter_mut().for_each(|detail| redact_body(detail, redact));
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
