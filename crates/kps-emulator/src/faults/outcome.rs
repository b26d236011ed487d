use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::page;

/// What a transport is to do with a request.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// How long it takes.
    pub(crate) delay: Duration,
    pub(crate) end: End,
}

/// How a call ends.
#[derive(Debug)]
pub(crate) enum End {
    Answer(Response<Bytes>),
    /// Nobody listens.
    Refused,
    /// The connection breaks before a byte of an answer.
    Reset,
    /// It breaks after half the body, which is not empty.
    Cut(Response<Bytes>),
}

impl Outcome {
    pub(crate) const fn at_once(end: End) -> Self {
        Self { delay: Duration::ZERO, end }
    }
}

impl End {
    /// The answer with half its body, or with none of anything if there is nothing to halve.
    pub(crate) fn cut(answer: Response<Bytes>) -> Self {
        if answer.body().is_empty() { Self::Reset } else { Self::Cut(answer) }
    }

    /// The answer; where none arrives, what somebody between would say of that.
    pub(crate) fn into_answer(self) -> Response<Bytes> {
        match self {
            Self::Answer(answer) | Self::Cut(answer) => answer,
            Self::Refused | Self::Reset => page::of_front(StatusCode::BAD_GATEWAY),
        }
    }

    /// The answer, whether all of it arrives or half.
    pub(crate) const fn answer_mut(&mut self) -> Option<&mut Response<Bytes>> {
        match self {
            Self::Answer(answer) | Self::Cut(answer) => Some(answer),
            Self::Refused | Self::Reset => None,
        }
    }
}
