//! Answers that the service did not give.

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::answer;

/// As load balancers have it: no JSON, and no request id.
pub(crate) fn of_front(status: StatusCode) -> Response<Bytes> {
    // These have no body by the rules of HTTP.
    if status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        return answer::empty(status);
    }
    let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("Unknown"));
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n",
    );
    answer::with_body(status, "text/html", page.into_bytes())
}

/// A success that nobody can read.
pub(crate) fn garbage() -> Response<Bytes> {
    let page = b"<html>\r\n<head><title>\xff\xfe\xc3(</title></head>\r\n<body>\x00</body>\r\n</html>\r\n";
    answer::with_body(StatusCode::OK, "text/html", page.to_vec())
}
