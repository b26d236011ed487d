//! Errors of single items, where a call is about several.

use std::error::Error as StdError;
use std::time::Duration;

use kps_model::ErrorBody;

use super::predicates::Refusal;
use super::{Error, ErrorKind};
use crate::Answer;

impl Error {
    /// What is there is something else than is wanted.
    pub(crate) fn mismatch(text: impl Into<String>) -> Self {
        Self::new(ErrorKind::Mismatch, text)
    }

    /// What was given to look at a server failed.
    pub(crate) fn look(below: Box<dyn StdError + Send + Sync>) -> Self {
        let mut error = Self::new(ErrorKind::Look, "what looks at the server failed");
        error.0.source = Some(below);
        error
    }

    /// A call that was not made, since it would have come to the same as one before it.
    pub(crate) fn not_tried(before: &Self) -> Self {
        Self::new(ErrorKind::NotTried, format!("not tried, since another call ended so: {before}"))
    }

    /// An item that is refused within an answer that is a success.
    pub(crate) fn refused_within<T>(answer: &Answer<T>, body: ErrorBody) -> Self {
        let mut error = Self::refused(answer.status, answer.request_id.clone(), body);
        error.0.text = error.0.refusal("refused within an answer of status");
        error.0.attempts = answer.attempts;
        error
    }

    /// An item that the answer to a call says nothing of, so that nobody knows what became of it. The call began so many
    /// ticks in.
    pub(crate) fn untold<T>(answer: &Answer<T>, began: Duration) -> Self {
        let mut error = Self::new(ErrorKind::Decode, "the answer says nothing of this item");
        error.0.status = Some(answer.status);
        error.0.request_id.clone_from(&answer.request_id);
        error.0.attempts = answer.attempts;
        error.0.began = began;
        error.0.may_be_applied = true;
        error
    }

    /// The same error for another item of the same call; what lies below is a text in it.
    pub(crate) fn for_item(&self) -> Self {
        let mut error = self.again();
        error.0.attempts = self.0.attempts;
        error.0.began = self.0.began;
        error.0.may_be_applied = self.0.may_be_applied;
        error.0.note = self.0.note;
        error
    }

    /// Whether any call like it would come to the same: it is about who calls, or about the way there.
    pub(crate) fn is_about_all(&self) -> bool {
        if self.status().is_some_and(|status| (200..300).contains(&status)) {
            return false;
        }
        let kind = self.kind() == ErrorKind::Config || self.kind() == ErrorKind::Tls && !self.may_pass();
        kind || self.is_auth() || self.is_forbidden() || self.refusal() == Some(Refusal::NoSuchApi)
    }

    /// Whether a call for several items came to nothing for what may be wrong with one of them alone.
    pub(crate) fn is_about_an_item(&self) -> bool {
        let refused = matches!(self.refusal(), Some(Refusal::NotFound | Refusal::Conflict | Refusal::Other));
        (refused || self.kind() == ErrorKind::Input) && !self.may_have_been_applied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Failure, FailureKind, Sent};

    fn answer() -> Answer<()> {
        Answer { output: (), status: 200, request_id: Some("3d9f".into()), attempts: 2 }
    }

    #[test]
    fn a_refusal_within_a_success_comes_to_what_its_code_does() {
        for (code, id, retryable) in [
            ("KPS.7004", "conflict", false),
            ("KPS.5001", "unavailable", true),
            ("KPS.9003", "forbidden", false),
            ("KPS.6011", "refused", false),
            ("new", "refused", false),
        ] {
            let error = Error::refused_within(&answer(), ErrorBody::new(code, "no"));
            assert_eq!((error.id(), error.is_retryable()), (id, retryable), "{code}");
            assert!(!error.is_about_all(), "{code}");
        }
        let error = Error::refused_within(&answer(), ErrorBody::new("KPS.7004", "it exists"));
        let text =
            "refused within an answer of status 200, request id 3d9f, code KPS.7004: it exists (2 attempts)";
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn what_is_about_all_is_told_from_what_is_about_one() {
        let refused = |status, code| Error::refused(status, None, ErrorBody::new(code, "x"));
        let failure = |kind, sent| Error::failure(Failure::new(kind, sent, "x"));
        for (error, all, one) in [
            (Error::config("x"), true, false),
            (Error::credentials("x"), true, false),
            (Error::input("x"), false, true),
            (refused(401, "APIGW.0301"), true, false),
            (refused(403, "KPS.9003"), true, false),
            (refused(404, "APIGW.0101"), true, false),
            (refused(400, "KPS.0002"), false, true),
            (refused(400, "KPS.4016"), false, true),
            (refused(413, "APIGW.0201"), false, true),
            (refused(429, "APIGW.0308"), false, false),
            (refused(500, "KPS.5002"), false, false),
            (failure(FailureKind::Tls, Sent::No), true, false),
            (failure(FailureKind::Connect, Sent::No), false, false),
            (failure(FailureKind::Timeout, Sent::Maybe), false, false),
        ] {
            assert_eq!((error.is_about_all(), error.is_about_an_item()), (all, one), "{error}");
        }
    }

    #[test]
    fn each_item_is_told_the_same() {
        let error = Error::untold(&answer(), Duration::ZERO).of_operation("BatchImportKeypair").noted("x");
        let copy = error.for_item();
        assert_eq!((copy.to_string(), copy.kind()), (error.to_string(), ErrorKind::Decode));
        assert!(copy.may_have_been_applied() && copy.attempts() == 2);
        assert!(Error::no_project("x").for_item().is_no_project());
    }
}
