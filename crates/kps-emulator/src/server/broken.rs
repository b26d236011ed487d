//! Bodies of answers with which a connection breaks.

use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::Response;
use http_body::{Frame, SizeHint};

/// An answer of which not a byte arrives: what is written stays in a buffer, which is dropped with the connection.
pub(super) fn reset() -> Response<Body> {
    Response::new(Body::new(Broken { length: 1, half: Bytes::new(), goes_out: false }))
}

/// An answer whose head and half of whose body arrive.
pub(super) fn cut(answer: Response<Bytes>) -> Response<Body> {
    answer.map(|body| {
        let length = body.len();
        let half = body.slice(..length / 2);
        Body::new(Broken { length, half, goes_out: true })
    })
}

struct Broken {
    /// What the head tells.
    length: usize,
    half: Bytes,
    /// Whether what was written is to be sent before the connection breaks.
    goes_out: bool,
}

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !self.half.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(mem::take(&mut self.half)))));
        }
        // The buffer is sent when there is nothing to add to it for a moment.
        if mem::take(&mut self.goes_out) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.length).unwrap_or(u64::MAX))
    }
}
