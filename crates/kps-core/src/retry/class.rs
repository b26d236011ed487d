//! What sort of end an attempt came to, and what follows from it.

use kps_model::ErrorCode;

use crate::{Failure, FailureKind, Replay, Sent};

/// How an attempt came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Nobody was reached, so nothing was sent.
    NotSent,
    /// The certificate was refused, or no TLS agreed on, and will be.
    Untrusted,
    /// It cannot be sent as it is.
    Unsendable,
    /// It may have been sent, and there is no answer.
    Lost,
    /// The gateway refused it before the service saw it: too many calls.
    Throttled,
    /// The service, or something before it, failed.
    Failed,
    /// The service said no.
    Refused,
    /// There is an answer, and it cannot be taken in.
    Unreadable,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether another attempt does no harm and may help.
    pub(crate) repeat: bool,
    /// Whether the attempt may have changed something.
    pub(crate) may_be_applied: bool,
}

impl Class {
    pub(crate) fn of_failure(failure: &Failure) -> Self {
        match (failure.kind(), failure.sent()) {
            (FailureKind::TooLarge, _) => Self::Unreadable,
            (_, Sent::Maybe) => Self::Lost,
            (FailureKind::Tls, Sent::No) => Self::Untrusted,
            (FailureKind::Other, Sent::No) => Self::Unsendable,
            (_, Sent::No) => Self::NotSent,
        }
    }

    /// Of an answer that is no success.
    pub(crate) fn of_refusal(status: u16, code: Option<&str>) -> Self {
        if is_throttling(status, code) {
            return Self::Throttled;
        }
        match status {
            408 | 500 | 502 | 503 | 504 => Self::Failed,
            _ => Self::Refused,
        }
    }

    pub(crate) const fn verdict(self, replay: Replay) -> Verdict {
        let (repeat, may_be_applied) = match (self, replay) {
            (Self::NotSent | Self::Throttled, _) => (true, false),
            (Self::Untrusted | Self::Unsendable | Self::Refused, _) => (false, false),
            (Self::Lost | Self::Failed, Replay::Safe) => (true, false),
            (Self::Lost | Self::Failed, Replay::Idempotent) => (true, true),
            (Self::Lost | Self::Failed, Replay::Never) => (false, true),
            (Self::Unreadable, Replay::Safe) => (false, false),
            (Self::Unreadable, Replay::Idempotent | Replay::Never) => (false, true),
        };
        Verdict { repeat, may_be_applied }
    }
}

/// Whether a refusal is the gateway's way to say that there are too many calls.
fn is_throttling(status: u16, code: Option<&str>) -> bool {
    status == 429 || code.is_some_and(|code| ErrorCode::from(code) == ErrorCode::Apigw0308)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The classes, and how the documents call them.
    const CLASSES: [(Class, &str); 8] = [
        (Class::NotSent, "not sent: the name, the connection"),
        (Class::Untrusted, "TLS: the certificate is refused, or none is agreed on"),
        (Class::Unsendable, "it cannot be sent as it is"),
        (Class::Lost, "maybe sent: a time-out, a cut"),
        (Class::Throttled, "429, `APIGW.0308`"),
        (Class::Failed, "408, 500, 502, 503, 504"),
        (Class::Refused, "any other status, 401 among them"),
        (Class::Unreadable, "a 2xx that cannot be read, an answer that is too large"),
    ];

    #[test]
    fn the_table_in_the_documents_is_that_of_the_code() {
        let document = include_str!("../../../../docs/errors-and-retries.md");
        for (class, told) in CLASSES {
            let row = document
                .lines()
                .find(|line| line.starts_with(&format!("| {told} |")))
                .unwrap_or_else(|| panic!("no row {told}"));
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).skip(1).collect();
            let expected =
                [Replay::Safe, Replay::Idempotent, Replay::Never].map(|replay| match class.verdict(replay) {
                    Verdict { repeat: true, may_be_applied: false } => "again",
                    Verdict { repeat: true, may_be_applied: true } => "again, *uncertain*",
                    Verdict { repeat: false, may_be_applied: false } => "stop",
                    Verdict { repeat: false, may_be_applied: true } => "stop, *uncertain*",
                });
            assert_eq!(cells, expected, "{told}");
        }
    }

    #[test]
    fn the_class_of_an_end() {
        let failure = |kind, sent| Class::of_failure(&Failure::new(kind, sent, "x"));
        for (kind, not_sent, maybe) in [
            (FailureKind::Connect, Class::NotSent, Class::Lost),
            (FailureKind::Timeout, Class::NotSent, Class::Lost),
            (FailureKind::Interrupted, Class::NotSent, Class::Lost),
            (FailureKind::Tls, Class::Untrusted, Class::Lost),
            (FailureKind::Other, Class::Unsendable, Class::Lost),
            (FailureKind::TooLarge, Class::Unreadable, Class::Unreadable),
        ] {
            assert_eq!((failure(kind, Sent::No), failure(kind, Sent::Maybe)), (not_sent, maybe), "{kind:?}");
        }
        for status in 100..1000 {
            let expected = match status {
                429 => Class::Throttled,
                408 | 500 | 502..=504 => Class::Failed,
                _ => Class::Refused,
            };
            assert_eq!(Class::of_refusal(status, Some("KPS.5001")), expected, "{status}");
            assert_eq!(Class::of_refusal(status, Some("APIGW.0308")), Class::Throttled, "{status}");
        }
    }
}
