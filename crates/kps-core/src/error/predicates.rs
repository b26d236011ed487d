//! What a program decides by.

use kps_model::{ErrorCode, ErrorOrigin};

use super::Error;
use crate::ErrorKind;
use crate::retry::Class;

/// What a refusal comes to. Codes are known to come with other statuses than the documents say, so the code counts for
/// more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NotFound,
    NoSuchApi,
    Conflict,
    Throttled,
    Unauthenticated,
    Forbidden,
    Unavailable,
    Other,
}

impl Refusal {
    fn new(status: u16, code: Option<&str>) -> Self {
        let status = Self::documented(status, code);
        let class = Class::of_refusal(status, code);
        let code = code.map(ErrorCode::from);
        let by_gateway = code.as_ref().and_then(ErrorCode::origin) == Some(ErrorOrigin::Gateway);
        // How the calls are repeated is up to the class, which must not tell otherwise.
        if class == Class::Throttled {
            return Self::Throttled;
        }
        let by_code = code.as_ref().and_then(Self::by_code);
        by_code.unwrap_or_else(|| match status {
            _ if class == Class::Failed => Self::Unavailable,
            401 => Self::Unauthenticated,
            403 => Self::Forbidden,
            404 if by_gateway => Self::NoSuchApi,
            404 => Self::NotFound,
            409 if !by_gateway => Self::Conflict,
            _ => Self::Other,
        })
    }

    /// A refusal within a success has no status of its own, but for the one its code is documented with.
    fn documented(status: u16, code: Option<&str>) -> u16 {
        if !(200..300).contains(&status) {
            return status;
        }
        code.and_then(|code| ErrorCode::from(code).statuses().first().copied()).unwrap_or(status)
    }

    fn by_code(code: &ErrorCode) -> Option<Self> {
        use ErrorCode as C;
        Some(match code {
            C::Kps0005 | C::Kps0006 | C::Kps4016 | C::Kps6004 => Self::NotFound,
            C::Kps7004 => Self::Conflict,
            C::Kps9001 | C::Apigw0301 | C::Apigw0303 | C::Apigw0305 | C::Apigw0307 => Self::Unauthenticated,
            // Other credentials of the same account would not help a public test, whatever its status.
            C::Kps9002 | C::Kps9003 | C::Kps9004 | C::Kps9005 | C::Kps9006 => Self::Forbidden,
            C::Apigw0302 | C::Apigw0304 | C::Apigw0306 | C::Apigw0310 => Self::Forbidden,
            C::Apigw0401 | C::Apigw0402 | C::Apigw0404 | C::Apigw0802 => Self::Forbidden,
            C::Apigw0101 => Self::NoSuchApi,
            // It has the status 403, and is about a key and not about who calls.
            C::Kps6009 => Self::Other,
            _ => return None,
        })
    }

    const fn id(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NoSuchApi => "no_such_api",
            Self::Conflict => "conflict",
            Self::Throttled => "throttled",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::Unavailable => "unavailable",
            Self::Other => "refused",
        }
    }
}

impl Error {
    pub(super) fn refusal(&self) -> Option<Refusal> {
        let status = self.status().filter(|_| self.kind() == ErrorKind::Service)?;
        Some(Refusal::new(status, self.code()))
    }

    /// What went wrong in one word, for programs, logs and metrics: one for each [kind](Self::kind), and for a refusal
    /// what it comes to. A word keeps its meaning; there may be more of them some day.
    ///
    /// | word | what it is |
    /// | --- | --- |
    /// | `input`, `config`, `credentials`, `connect`, `tls`, `timeout`, `interrupted`, `too_large`, `transport`, `decode`, `paging`, `mismatch`, `look`, `not_tried` | the kind of that name |
    /// | `held_back` | the kind `Throttled` |
    /// | `task_failed`, `task_timeout`, `task_gone` | the kinds of those names, of a wait for a task |
    /// | `not_found`, `conflict`, `throttled`, `forbidden` | a refusal of which the predicate of that name is true |
    /// | `unauthenticated` | a refusal of which [`is_auth`](Self::is_auth) is true |
    /// | `no_such_api` | the gateway knows no such address |
    /// | `unavailable` | the service, or something before it, failed |
    /// | `refused` | any other refusal |
    ///
    /// ```
    /// assert_eq!(kps_core::Error::config("no region").id(), "config");
    /// ```
    pub fn id(&self) -> &'static str {
        match self.kind() {
            ErrorKind::Input => "input",
            ErrorKind::Config => "config",
            ErrorKind::Credentials => "credentials",
            ErrorKind::Connect => "connect",
            ErrorKind::Tls => "tls",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Interrupted => "interrupted",
            ErrorKind::TooLarge => "too_large",
            ErrorKind::Throttled => "held_back",
            ErrorKind::Transport => "transport",
            ErrorKind::Service => self.refusal().map_or("refused", Refusal::id),
            ErrorKind::Decode => "decode",
            ErrorKind::Paging => "paging",
            ErrorKind::TaskFailed => "task_failed",
            ErrorKind::TaskTimeout => "task_timeout",
            ErrorKind::TaskGone => "task_gone",
            ErrorKind::Mismatch => "mismatch",
            ErrorKind::Look => "look",
            ErrorKind::NotTried => "not_tried",
        }
    }

    /// Whether the project was looked up by the name of the region, and the account has none there.
    ///
    /// # Troubleshooting
    ///
    /// A project of a region comes about when the region is first used in the console. Of a program that goes through all
    /// regions it is no failure.
    pub fn is_no_project(&self) -> bool {
        self.0.no_project
    }

    /// Whether what was to be removed is not there, and an attempt before this one may have removed it.
    ///
    /// ```
    /// # use kps_core::*;
    /// # let attempts = std::sync::atomic::AtomicUsize::new(0);
    /// # let transport = move |_: Prepared| match attempts.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
    /// #     0 => Err(Failure::new(FailureKind::Timeout, Sent::Maybe, "too late")),
    /// #     _ => Ok(http::Response::builder().status(404).body(r#"{"error_code":"KPS.4016"}"#.into()).unwrap()),
    /// # };
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
    /// let error = kps.send(DeleteKeypair::new(KeypairName::new("deploy")?)).unwrap_err();
    /// assert!(error.is_not_found() && error.likely_done());
    /// assert_eq!(error.attempts(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Troubleshooting
    ///
    /// The answer to the first attempt was lost, and the second one found nothing to do. Take it as done.
    pub fn likely_done(&self) -> bool {
        self.0.removes && self.0.may_be_applied && self.is_not_found()
    }

    /// Whether the service says that what is named does not exist. It does so with the status 400 and a code, or with a
    /// 404; that of the gateway means a wrong address. A task that was waited for and is [gone](ErrorKind::TaskGone) is
    /// not found either.
    ///
    /// # Troubleshooting
    ///
    /// Names are compared exactly, and key pairs of one user are not seen by others. It may be in another project or
    /// region. How long the service knows a task that has ended is not documented: look what the server carries.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::TaskGone || self.refusal() == Some(Refusal::NotFound)
    }

    /// Whether the service says that what is to be made is there already: `KPS.7004`, or a 409.
    ///
    /// # Troubleshooting
    ///
    /// Take another name, or delete what is there. If [`may_have_been_applied`](Self::may_have_been_applied) is true, or
    /// a call before this one had no answer, it may be one's own: [`Client::resolve`](crate::Client::resolve) looks.
    pub fn is_conflict(&self) -> bool {
        self.refusal() == Some(Refusal::Conflict)
    }

    /// Whether there are no credentials, none that are accepted, or none to be had: the kind
    /// [`Credentials`](ErrorKind::Credentials), or a refusal with 401 or a code such as `KPS.9001` or `APIGW.0301`.
    ///
    /// # Troubleshooting
    ///
    /// Do not just repeat the call: five wrong signatures in a row lock the access key for minutes. The
    /// [`cure`](Self::cure) tells a wrong secret from a wrong clock and an old token; `docs/credentials.md` has a list.
    pub fn is_auth(&self) -> bool {
        self.kind() == ErrorKind::Credentials || self.refusal() == Some(Refusal::Unauthenticated)
    }

    /// Whether the service knows who calls and does not let them: a 403 or a code such as `KPS.9003` or `APIGW.0302`.
    ///
    /// # Troubleshooting
    ///
    /// An administrator has to grant the user permissions for key pairs in that project, or the account is frozen,
    /// restricted, or shut out by its address; the [`cure`](Self::cure) tells which. An encoded reason is in the
    /// [`error_body`](Self::error_body).
    pub fn is_forbidden(&self) -> bool {
        self.refusal() == Some(Refusal::Forbidden)
    }

    /// Whether calls follow each other too fast: the service says so, or the client held this one back since it did
    /// before.
    ///
    /// # Troubleshooting
    ///
    /// Wait for as long as [`retry_after`](Self::retry_after) says, make fewer calls at once, or tell the client the limit
    /// with [`rate_limit`](crate::Builder::rate_limit).
    pub fn is_throttled(&self) -> bool {
        self.kind() == ErrorKind::Throttled || self.refusal() == Some(Refusal::Throttled)
    }

    /// Whether one of the time-outs ran out: of a call, or of a [wait](ErrorKind::TaskTimeout).
    ///
    /// # Troubleshooting
    ///
    /// The service, or the way to it, is slow or gone. See [`HttpOptions`](crate::HttpOptions) for the time-outs of an
    /// attempt and [`timeout`](crate::Builder::timeout) for that of a call. A task goes on when a wait for it is over: wait
    /// again with the handle in [`task_state`](Self::task_state), or longer
    /// ([`with_timeout`](crate::WaitOptions::with_timeout)).
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind(), ErrorKind::Timeout | ErrorKind::TaskTimeout)
    }

    /// Whether a task that was waited for failed.
    ///
    /// # Troubleshooting
    ///
    /// [`failed_task`](Self::failed_task) has the reason in the service's words. Mostly it is the login: a wrong password
    /// or private key, another port, a security group that does not admit the service; or the server was started or
    /// stopped meanwhile. Mend it and bind again: the same task is not repeated.
    pub fn is_task_failed(&self) -> bool {
        self.kind() == ErrorKind::TaskFailed
    }

    /// Whether the same call may succeed later, and does no harm: what went wrong passes, and nothing was
    /// [changed](Self::may_have_been_applied). The client has spent its own attempts on it by then.
    ///
    /// # Troubleshooting
    ///
    /// Call again after seconds to minutes, and not before [`retry_after`](Self::retry_after) is over. If it is false since
    /// the call may have been applied, ask [`Client::resolve`](crate::Client::resolve) first.
    pub fn is_retryable(&self) -> bool {
        let passes = match self.kind() {
            ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::TaskTimeout => true,
            ErrorKind::Service => matches!(self.refusal(), Some(Refusal::Throttled | Refusal::Unavailable)),
            ErrorKind::TaskGone => false,
            _ => self.may_pass(),
        };
        passes && !self.may_have_been_applied()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::time::Duration;

    use kps_model::{ErrorBody, TaskId};

    use super::*;
    use crate::{Failure, FailureKind, Sent, TaskState};

    fn refused(status: u16, code: &str) -> Error {
        Error::refused(status, None, ErrorBody::new(code, "x"))
    }

    /// The word, and the predicates that are true.
    fn told(error: &Error) -> (&'static str, String) {
        let told = [
            (error.is_not_found(), "is_not_found"),
            (error.is_conflict(), "is_conflict"),
            (error.is_auth(), "is_auth"),
            (error.is_forbidden(), "is_forbidden"),
            (error.is_throttled(), "is_throttled"),
            (error.is_timeout(), "is_timeout"),
            (error.is_task_failed(), "is_task_failed"),
            (error.is_retryable(), "is_retryable"),
        ];
        let names: Vec<&str> = told.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name).collect();
        (error.id(), names.join(" "))
    }

    /// Status, code, the word, the predicates that are true.
    const REFUSALS: [(u16, &str, &str, &str); 26] = [
        (400, "KPS.4016", "not_found", "is_not_found"),
        (500, "KPS.6004", "not_found", "is_not_found"),
        (404, "KPS.0001", "not_found", "is_not_found"),
        (404, "new", "not_found", "is_not_found"),
        (404, "APIG.0101", "no_such_api", ""),
        (404, "APIC.0101", "no_such_api", ""),
        (404, "APIGW.9999", "no_such_api", ""),
        (400, "KPS.7004", "conflict", "is_conflict"),
        (409, "new", "conflict", "is_conflict"),
        (409, "APIGW.9999", "refused", ""),
        (429, "KPS.4016", "throttled", "is_throttled is_retryable"),
        (400, "APIG.0308", "throttled", "is_throttled is_retryable"),
        (401, "401", "unauthenticated", "is_auth"),
        (401, "APIGW.0301", "unauthenticated", "is_auth"),
        (400, "KPS.9001", "unauthenticated", "is_auth"),
        (401, "KPS.9002", "forbidden", "is_forbidden"),
        (403, "KPS.9003", "forbidden", "is_forbidden"),
        (403, "new", "forbidden", "is_forbidden"),
        (400, "APIG.0302", "forbidden", "is_forbidden"),
        (403, "KPS.6009", "refused", ""),
        (400, "KPS.0002", "refused", ""),
        (501, "new", "refused", ""),
        (500, "KPS.5001", "unavailable", "is_retryable"),
        (503, "new", "unavailable", "is_retryable"),
        (408, "new", "unavailable", "is_retryable"),
        (502, "APIGW.0610", "unavailable", "is_retryable"),
    ];

    #[test]
    fn what_a_refusal_comes_to() {
        for (status, code, id, predicates) in REFUSALS {
            assert_eq!(told(&refused(status, code)), (id, predicates.into()), "{status} {code}");
        }
    }

    /// A code that is not known comes to what its status does. So do the known ones, but for these.
    #[test]
    fn known_codes_come_to_what_their_status_does() {
        let mut exceptions = BTreeSet::new();
        for code in ErrorCode::KNOWN {
            for status in code.statuses() {
                if refused(*status, code.as_str()).id() != refused(*status, "new").id() {
                    exceptions.insert((code.as_str().to_owned(), *status));
                }
                // About who calls the code tells enough, whatever status it comes with.
                if matches!(status, 401 | 403) {
                    let (one, other) = (refused(*status, code.as_str()), refused(400, code.as_str()));
                    assert_eq!(told(&one), told(&other), "{code}");
                }
            }
        }
        let expected = [
            // A 404 of the gateway is about the address.
            ("APIGW.0101", 404),
            ("APIGW.0103", 404),
            ("APIGW.0104", 404),
            ("APIGW.0105", 404),
            ("APIGW.0106", 404),
            // What is not found has the status 400.
            ("KPS.0005", 400),
            ("KPS.0006", 400),
            ("KPS.4016", 400),
            ("KPS.6004", 400),
            ("KPS.6009", 403),
            ("KPS.9002", 401),
        ];
        let exceptions: Vec<_> = exceptions.iter().map(|(code, status)| (code.as_str(), *status)).collect();
        assert_eq!(exceptions, expected);
    }

    #[test]
    fn each_kind_has_a_word_and_the_table_in_the_documents_is_that_of_the_code() {
        let failure = |kind, sent| Error::failure(Failure::new(kind, sent, "x"));
        let fault = kps_model::from_json::<kps_model::ListFailedTaskResponse>(b"[").unwrap_err();
        let task = || TaskState::unseen(TaskId::new("t-1").unwrap().into());
        let busy = Error::refused(503, None, ErrorBody::default()).about_credentials("a token");
        let mut words: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut add = |id, predicates: &str| {
            words.entry(id).or_default().extend(predicates.split_whitespace().map(str::to_owned));
        };
        for (error, id, predicates) in [
            (Error::input("x"), "input", ""),
            (Error::config("x"), "config", ""),
            (Error::credentials("x"), "credentials", "is_auth"),
            (busy, "credentials", "is_auth is_retryable"),
            (failure(FailureKind::Connect, Sent::No), "connect", "is_retryable"),
            (failure(FailureKind::Tls, Sent::No), "tls", ""),
            (failure(FailureKind::Tls, Sent::Maybe), "tls", "is_retryable"),
            (failure(FailureKind::Timeout, Sent::Maybe), "timeout", "is_timeout is_retryable"),
            (Error::out_of_time(Duration::from_secs(1)), "timeout", "is_timeout is_retryable"),
            (failure(FailureKind::Interrupted, Sent::Maybe), "interrupted", "is_retryable"),
            (failure(FailureKind::TooLarge, Sent::Maybe), "too_large", ""),
            (Error::held_back(Duration::from_secs(1)), "held_back", "is_throttled is_retryable"),
            (failure(FailureKind::Other, Sent::No), "transport", ""),
            (failure(FailureKind::Other, Sent::Maybe), "transport", "is_retryable"),
            (Error::unreadable(200, None, fault), "decode", ""),
            (Error::paging("x"), "paging", ""),
            (Error::task_failed(task(), None, None), "task_failed", "is_task_failed"),
            (
                Error::task_timeout(task(), Duration::from_secs(1), None),
                "task_timeout",
                "is_timeout is_retryable",
            ),
            (Error::task_gone(task(), refused(404, "new")), "task_gone", "is_not_found"),
            (Error::mismatch("x"), "mismatch", ""),
            (Error::look("x".into()), "look", ""),
            (Error::not_tried(&Error::config("x")), "not_tried", ""),
        ] {
            assert_eq!(told(&error), (id, predicates.into()), "{error}");
            add(id, predicates);
        }
        REFUSALS.iter().for_each(|(_, _, id, predicates)| add(id, predicates));
        assert_eq!(
            words.len(),
            18 + 8,
            "one for each kind but `Service`, and for each that a refusal comes to"
        );

        let document = include_str!("../../../../docs/errors-and-retries.md");
        let (_, behind) = document.split_once("| `id()` | when | predicates |").unwrap();
        let rows = behind.lines().skip(2).take_while(|line| line.starts_with('|'));
        let quoted =
            |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
        let documented: Vec<(&str, BTreeSet<String>)> = rows
            .map(|row| {
                let cells: Vec<&str> = row.split('|').collect();
                (cells[1].trim_matches([' ', '`']), quoted(cells[3]))
            })
            .collect();
        assert_eq!(documented.len(), words.len());
        assert_eq!(documented.into_iter().collect::<BTreeMap<_, _>>(), words);
    }

    #[test]
    fn what_may_have_been_applied_is_not_just_repeated() {
        let mut error = refused(503, "new");
        assert!(error.is_retryable());
        error.0.may_be_applied = true;
        assert!(!error.is_retryable());
    }

    #[test]
    fn a_removal_that_is_likely_done_is_no_reason_to_look_for_a_name() {
        let mut error = refused(400, "KPS.4016");
        assert!(error.cure().unwrap().starts_with("look into"));
        (error.0.may_be_applied, error.0.removes) = (true, true);
        assert!(error.cure().unwrap().starts_with("take it as done"));
    }
}
