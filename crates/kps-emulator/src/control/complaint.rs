use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;

/// Why a request is not followed: what is wrong, where, and what to do.
#[derive(Debug)]
pub(crate) struct Complaint {
    pub(super) status: StatusCode,
    pub(super) what: String,
    pub(super) place: String,
    pub(super) cure: String,
}

impl Complaint {
    pub(super) fn new(
        status: StatusCode,
        what: impl Into<String>,
        place: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self { status, what: what.into(), place: place.into(), cure: cure.into() }
    }

    pub(super) fn answer(self) -> Response<Bytes> {
        let error = json!({"what": self.what, "where": self.place, "do": self.cure});
        super::told(self.status, &json!({"error": error}))
    }
}
