//! What an error tells a reader, and a program that reads JSON.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};

use kps_model::FailedTask;
use serde::{Serialize, Serializer};

use super::{Error, Inner};
use crate::TaskState;

impl Error {
    /// What to do next, if there is a cure for the [code](Self::error_code), in English; what stands in
    /// backquotes are names of this library.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let kps = blocking::Client::builder(|_: Prepared| {
    /// #     let mut answer = http::Response::new(r#"{"error_code":"KPS.6008","error_msg":"加密私钥失败"}"#.into());
    /// #     *answer.status_mut() = http::StatusCode::BAD_REQUEST;
    /// #     Ok(answer)
    /// # });
    /// # let kps = kps.region(Region::CN_NORTH_4).project_id(ProjectId::new("0a1b").unwrap());
    /// # let kps = kps.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
    /// let error = kps.send(ListFailedTask::new()).unwrap_err();
    /// assert_eq!(
    ///     error.cure(),
    ///     Some("check that the KMS key exists in this region and is enabled, and that the user may use it"),
    /// );
    /// ```
    pub fn cure(&self) -> Option<&'static str> {
        if self.likely_done() {
            return Some("take it as done: an attempt before this one may have removed it");
        }
        self.error_code()?.cure_of(self.message().unwrap_or_default())
    }

    /// This error and those below it, on one line; of a [code](Self::error_code) that is known, what happened, if the
    /// service did not say it in English, and the [`cure`](Self::cure).
    ///
    /// ```
    /// # use kps_core::*;
    /// # let kps = blocking::Client::builder(|_: Prepared| {
    /// #     Err(Failure::new(FailureKind::Connect, Sent::No, "connection refused"))
    /// # });
    /// # let kps = kps.region(Region::CN_NORTH_4).project_id(ProjectId::new("0a1b").unwrap());
    /// # let kps = kps.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
    /// let error = kps.send(ListFailedTask::new()).unwrap_err();
    /// let text = "ListFailedTask: could not connect to https://kms.cn-north-4.myhuaweicloud.com (3 attempts)";
    /// assert_eq!(error.to_string(), text);
    /// assert_eq!(error.report(), format!("{text}: connection refused"));
    ///
    /// # let kps = blocking::Client::builder(|_: Prepared| {
    /// #     let mut answer = http::Response::new(r#"{"error_code":"KPS.9004","error_msg":"账户已冻结"}"#.into());
    /// #     *answer.status_mut() = http::StatusCode::FORBIDDEN;
    /// #     Ok(answer)
    /// # });
    /// # let kps = kps.region(Region::CN_NORTH_4).project_id(ProjectId::new("0a1b").unwrap());
    /// # let kps = kps.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
    /// let error = kps.send(ListFailedTask::new()).unwrap_err();
    /// assert_eq!(
    ///     error.report(),
    ///     "ListFailedTask: the service answered status 403, code KPS.9004: 账户已冻结: the account is frozen; \
    ///      look into the billing center of the account, or ask the support",
    /// );
    /// ```
    pub fn report(&self) -> String {
        let mut report = self.to_string();
        let mut below = self.source();
        while let Some(error) = below {
            let text = OneLine(&error.to_string()).to_string();
            // Some errors repeat the text of the one below them.
            if !report.contains(&text) {
                report.push_str(": ");
                report.push_str(&text);
            }
            below = error.source();
        }
        let in_english = self.message().is_some_and(str::is_ascii);
        let cause = self.cause().filter(|_| !in_english);
        for (separator, text) in [(": ", cause), ("; ", self.cure())] {
            if let Some(text) = text {
                report.push_str(separator);
                report.push_str(text);
            }
        }
        report
    }

    /// It is not public, since the trait `Error` has a method of that name.
    fn cause(&self) -> Option<&'static str> {
        self.error_code()?.cause_of(self.message().unwrap_or_default())
    }
}

/// What of an error is written.
#[derive(Serialize)]
struct Written<'a> {
    id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'static str>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cure: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    attempts: u32,
    may_have_been_applied: bool,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<&'a TaskState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_task: Option<&'a FailedTask>,
}

/// An object for logs and for the output of tools, without the body. What is not known is left out.
///
/// ```
/// # use kps_core::*;
/// # let kps = blocking::Client::builder(|_: Prepared| {
/// #     let mut answer = http::Response::new(r#"{"error_code":"KPS.9004","error_msg":"frozen"}"#.into());
/// #     *answer.status_mut() = http::StatusCode::FORBIDDEN;
/// #     Ok(answer)
/// # });
/// # let kps = kps.region(Region::CN_NORTH_4).project_id(ProjectId::new("0a1b").unwrap());
/// # let kps = kps.credentials(Credentials::access_key("AK", "SK")).build().unwrap();
/// let error = kps.send(ListFailedTask::new()).unwrap_err();
/// assert_eq!(
///     serde_json::to_value(&error)?,
///     serde_json::json!({
///         "id": "forbidden",
///         "operation": "ListFailedTask",
///         "message": "ListFailedTask: the service answered status 403, code KPS.9004: frozen",
///         "status": 403,
///         "code": "KPS.9004",
///         "cause": "the account is frozen",
///         "cure": "look into the billing center of the account, or ask the support",
///         "attempts": 1,
///         "may_have_been_applied": false,
///     }),
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = Written {
            id: self.id(),
            operation: self.operation(),
            message: self.to_string(),
            status: self.status(),
            code: self.code(),
            cause: self.cause(),
            cure: self.cure(),
            request_id: self.request_id(),
            attempts: self.attempts(),
            may_have_been_applied: self.may_have_been_applied(),
            retry_after: self.retry_after().map(|wait| wait.as_secs_f64()),
            task: self.task_state(),
            failed_task: self.failed_task(),
        };
        written.serialize(serializer)
    }
}

impl Inner {
    /// `status 403, request id 3d9f`, behind a beginning.
    pub(super) fn head(&self, beginning: &str) -> String {
        let mut text = beginning.to_owned();
        if let Some(status) = self.status {
            let _ = write!(text, " {status}");
        }
        if let Some(id) = &self.request_id {
            let _ = write!(text, ", request id {}", OneLine(id));
        }
        text
    }

    pub(super) fn refusal(&self, beginning: &str) -> String {
        let mut text = self.head(beginning);
        let body = self.body.as_ref();
        if let Some(code) = body.and_then(|body| body.code.as_deref()) {
            let _ = write!(text, ", code {}", OneLine(code));
        }
        if let Some(message) = body.and_then(|body| body.message.as_deref()) {
            let _ = write!(text, ": {}", OneLine(message));
        }
        text
    }
}

/// More characters of a text are not shown.
const SHOWN: usize = 4096;

/// A text of somebody else's on one line of a terminal or a log: control characters are escaped, and what is too long is
/// cut.
pub(super) struct OneLine<'a>(pub(super) &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, character) in self.0.chars().enumerate() {
            if at == SHOWN {
                return f.write_char('…');
            }
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        // It may name what stands in a file of settings.
        OneLine(&self.0.text).fmt(f)?;
        let attempts = (self.0.attempts > 1).then(|| format!("{} attempts", self.0.attempts));
        let applied = self.0.may_be_applied.then(|| "it may have been applied".to_owned());
        let remarks = [attempts, self.0.note.map(str::to_owned), applied];
        let remarks: Vec<String> = remarks.into_iter().flatten().collect();
        if remarks.is_empty() { Ok(()) } else { write!(f, " ({})", remarks.join("; ")) }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}, {:?})", self.0.kind, self.report())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kps_model::ErrorBody;

    use super::*;

    #[test]
    fn a_foreign_text_is_not_shown_at_any_length() {
        let long = "é".repeat(1_000_000);
        let body = kps_model::ErrorBody::new(long.as_str(), long.as_str());
        let error = Error::refused(400, Some(long.clone()), body);
        assert_eq!(error.message(), Some(long.as_str()));
        assert!(error.report().ends_with("é…") && error.report().len() < 10_000);
    }

    #[test]
    fn a_text_from_a_file_stays_on_one_line_too() {
        let error = Error::credentials("/\u{7f}\n does not exist");
        assert_eq!(error.to_string(), r"/\u{7f}\n does not exist");
    }

    #[test]
    fn a_foreign_text_stays_on_one_line() {
        let error = Error::refused(502, None, ErrorBody::parse(b"<html>\n\tBad\x1b[31m Gateway"));
        assert_eq!(error.to_string(), r"the service answered status 502: <html>\n\tBad\u{1b}[31m Gateway");
    }

    #[test]
    fn the_header_wins_over_the_body_for_the_request_id() {
        let body = || ErrorBody::parse(br#"{"error_code":"A","error_msg":"a","request_id":"body"}"#);
        assert_eq!(Error::refused(400, Some("header".into()), body()).request_id(), Some("header"));
        assert_eq!(Error::refused(400, None, body()).request_id(), Some("body"));
    }

    #[test]
    fn a_report_does_not_repeat_itself() {
        let fault = kps_model::from_json::<kps_model::ListFailedTaskResponse>(b"[").unwrap_err();
        let error = Error::unreadable(200, None, fault);
        assert_eq!(error.report(), error.to_string());
        assert!(
            error.report().starts_with("the answer, status 200, cannot be read: at `$`, line 1, column 1: ")
        );
    }

    #[test]
    fn a_report_says_in_english_what_the_service_did_not_and_what_to_do() {
        let report = |body: &str| Error::refused(400, None, ErrorBody::parse(body.as_bytes())).report();
        let head = "the service answered status 400";
        for (body, expected) in [
            (
                r#"{"error_code":"KPS.9002","error_msg":"公测"}"#,
                ", code KPS.9002: 公测: the service refuses accounts of a public test; use a regular account",
            ),
            (
                r#"{"error_code":"KPS.9002"}"#,
                ", code KPS.9002: the service refuses accounts of a public test; use a regular account",
            ),
            (
                r#"{"error_code":"KPS.9002","error_msg":"beta"}"#,
                ", code KPS.9002: beta; use a regular account",
            ),
            (r#"{"error_code":"KPS.1234","error_msg":"公测"}"#, ", code KPS.1234: 公测"),
            ("<html>", ": <html>"),
        ] {
            assert_eq!(report(body), format!("{head}{expected}"));
        }
    }

    #[test]
    fn the_json_of_an_error_has_no_body_and_seconds() {
        let body = ErrorBody::parse(
            br#"{"error_code":"APIG.0308","error_msg":"slow","encoded_authorization_message":"ENCODED","details":[{"code":"D"}]}"#,
        );
        let error = Error::refused(429, Some("3d9f".into()), body);
        let error = error.with_retry_after(Some(Duration::from_millis(1500))).of_operation("ListKeypairs");
        let json = serde_json::to_value(&error).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "id": "throttled",
                "operation": "ListKeypairs",
                "message": "ListKeypairs: the service answered status 429, request id 3d9f, code APIG.0308: slow",
                "status": 429,
                "code": "APIG.0308",
                "cause": "calls follow each other too fast",
                "cure": error.cure(),
                "request_id": "3d9f",
                "attempts": 0,
                "may_have_been_applied": false,
                "retry_after": 1.5,
            })
        );
        let json = serde_json::to_value(Error::input("no")).unwrap();
        let expected = serde_json::json!({"id": "input", "message": "no", "attempts": 0, "may_have_been_applied": false});
        assert_eq!(json, expected);
    }
}
