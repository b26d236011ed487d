//! What becomes of a request that comes over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, HttpBody, to_bytes};
use bytes::Bytes;
use http::{Request, Response};

use super::broken;
use crate::clock::system_clock;
use crate::faults::{End, Way};
use crate::{Emulator, control};

/// The largest body the gateway takes.
pub(super) const MAX_BODY: usize = 12 << 20;
/// The largest body by which it is steered: a snapshot.
pub(super) const MAX_CONTROL_BODY: usize = 64 << 20;

/// Where it listens, and whether it can be steered there.
pub(super) struct Door {
    pub(super) address: SocketAddr,
    pub(super) control: bool,
}

pub(super) async fn answer(emulator: Emulator, door: Arc<Door>, request: Request<Body>) -> Response<Body> {
    if door.control && control::is_at(request.uri().path()) {
        return steer(&emulator, door.address, request).await.map(Body::from);
    }
    let Some(request) = read(request, MAX_BODY).await else {
        return emulator.refuse_too_large().map(Body::from);
    };
    let outcome = emulator.respond(&request, system_clock(), Way::Connection);
    if !outcome.delay.is_zero() {
        tokio::time::sleep(outcome.delay).await;
    }
    match outcome.end {
        End::Answer(answer) => answer.map(Body::from),
        End::Refused | End::Reset => broken::reset(),
        End::Cut(answer) => broken::cut(answer),
    }
}

async fn steer(emulator: &Emulator, address: SocketAddr, request: Request<Body>) -> Response<Bytes> {
    if let Some(refusal) = control::refusal(request.headers(), address) {
        return refusal;
    }
    match read(request, MAX_CONTROL_BODY).await {
        Some(request) => emulator.control(&request, system_clock()),
        None => control::too_large(MAX_CONTROL_BODY),
    }
}

/// A request with its body, unless that is too large, or the connection broke, and nobody reads the answer.
async fn read(request: Request<Body>, most: usize) -> Option<Request<Bytes>> {
    let (parts, body) = request.into_parts();
    // Reading would tell as well, but only after all of an announced body was waited for.
    if usize::try_from(body.size_hint().lower()).is_ok_and(|announced| announced > most) {
        return None;
    }
    let body = to_bytes(body, most).await.ok()?;
    Some(Request::from_parts(parts, body))
}
