//! What is known of a call that is under way.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use kps_model::DecodeError;

use crate::client::Inner;
use crate::credentials::desk::Desk;
use crate::events::Span;
use crate::observe::request_id;
use crate::operation::Meta;
use crate::retry::{Class, Rate};
use crate::{AttemptReport, CallReport, Client, Error};

/// An attempt that came to nothing.
pub(crate) struct Lapse {
    pub(crate) class: Class,
    pub(crate) error: Error,
}

impl Lapse {
    /// What kept a call from being sent: settings, credentials, the project. Another attempt helps where a service
    /// that is asked for them was out of reach.
    pub(crate) fn before_sending(error: Error) -> Self {
        let class = if error.may_pass() { Class::NotSent } else { Class::Unsendable };
        Self { class, error }
    }
}

/// A call under way: how far it is, and how it goes on.
pub(crate) struct Course<'a> {
    pub(crate) client: &'a Client,
    pub(crate) meta: &'static Meta,
    /// When it began, in ticks.
    pub(crate) began: Duration,
    pub(crate) attempts: u32,
    /// Whether some attempt may have changed something.
    pub(crate) may_be_applied: bool,
    /// The moment by which it has to be done, in ticks.
    end: Duration,
}

/// Calls are held back for no longer, whatever a throttling says: a client must not be put to sleep for days.
const LONGEST_GATE: Duration = Duration::from_secs(5 * 60);

/// How far apart calls are after a throttling that does not tell the limit, to begin with.
const APART: Duration = Duration::from_secs(1);

impl<'a> Course<'a> {
    pub(crate) fn new(client: &'a Client, meta: &'static Meta) -> Self {
        let began = client.inner().transport.ticks();
        let end = began.saturating_add(client.options().timeout);
        let end = client.options().end.map_or(end, |all| end.min(all));
        Self { client, meta, began, attempts: 0, may_be_applied: false, end }
    }

    pub(crate) fn inner(&self) -> &'a Inner {
        self.client.inner()
    }

    /// What the sources of credentials work with, who have no more time than the call itself.
    pub(crate) fn desk(&self) -> Desk<'a> {
        self.inner().desk(Some(self.end))
    }

    /// Begins an attempt, after a pause and when it is its turn. If there is no time for it, the call ends with the error
    /// of the attempt before.
    pub(crate) async fn begin(&mut self, pause: Duration, before: Option<Error>) -> Result<(), Error> {
        let now = self.ticks();
        let turn = self.inner().pace.turn(self.meta.name, now.saturating_add(pause), self.end);
        let at = turn.map_err(|at| match before {
            Some(error) => error.noted("no time for another attempt"),
            None if at > now => Error::held_back(at.saturating_sub(now)),
            None => Error::out_of_time(self.client.options().timeout),
        })?;
        if at > now {
            self.wait(at.saturating_sub(now)).await;
        }
        self.attempts += 1;
        Ok(())
    }

    async fn wait(&self, time: Duration) {
        if let Some(observer) = &self.inner().observer {
            observer.wait(self.meta.name, time);
        }
        Span::wait(time).around(self.inner().transport.sleep(time)).await;
    }

    /// How long a request may take that is sent now.
    pub(crate) fn time_limit(&self) -> Result<Duration, Error> {
        let options = self.client.options();
        let left = self.end.saturating_sub(self.ticks());
        match left.is_zero() {
            true => Err(Error::out_of_time(options.timeout)),
            false => Ok(left.min(options.attempt_timeout)),
        }
    }

    /// The pause before another attempt, and the error if there will be no time for it; or the error that ends the call.
    pub(crate) fn repeat(&mut self, lapse: Lapse) -> Result<(Duration, Error), Error> {
        let Lapse { class, error } = lapse;
        let verdict = class.verdict(self.meta.replay);
        self.may_be_applied |= verdict.may_be_applied;
        let asked = error.retry_after().unwrap_or_default();
        let pause = match class {
            Class::Throttled => self.slow_down(&error, asked),
            _ => self.inner().backoff.pause(self.attempts),
        };
        if !verdict.repeat || self.attempts >= self.client.options().attempts {
            return Err(error);
        }
        if !self.inner().budget.spend() {
            return Err(error.noted("the client has no repetitions left to spend"));
        }
        Ok((pause.max(asked), error))
    }

    /// Has all calls of the operation wait, and tells for how long.
    fn slow_down(&self, refusal: &Error, asked: Duration) -> Duration {
        let rate = refusal.message().and_then(Rate::in_text);
        let pause = self.inner().backoff.throttled(self.attempts, rate.map_or(APART, Rate::spacing));
        let pause = pause.max(asked).min(LONGEST_GATE);
        let open = self.ticks().saturating_add(pause);
        self.inner().pace.throttled(self.meta.name, open, rate);
        pause
    }

    /// The error of an answer that cannot be read. The call was applied.
    pub(crate) fn unreadable(&mut self, answer: &Response<Bytes>, fault: DecodeError) -> Error {
        self.may_be_applied |= Class::Unreadable.verdict(self.meta.replay).may_be_applied;
        let secret = self.meta.secret_request || self.meta.secret_answer;
        let fault = if secret { fault.without_reason() } else { fault };
        Error::unreadable(answer.status().as_u16(), request_id(answer).map(str::to_owned), fault)
    }

    pub(crate) fn ticks(&self) -> Duration {
        self.inner().transport.ticks()
    }

    /// Takes note of how an attempt ended, and tells who wants to know.
    pub(crate) fn end_attempt(&self, span: &Span, began: Duration, outcome: &Result<Response<Bytes>, Lapse>) {
        if outcome.is_ok() && self.attempts == 1 {
            self.inner().budget.earn();
        }
        let observer = self.inner().observer.as_deref();
        if observer.is_some() || span.is_on() {
            let took = self.ticks().saturating_sub(began);
            let report = AttemptReport::new(self.meta.name, self.attempts, outcome, took);
            span.end_attempt(&report);
            observer.inspect(|observer| observer.attempt(&report));
        }
    }

    /// Tells who wants to know how the call ended.
    pub(crate) fn end(&self, span: &Span, outcome: Result<&Response<Bytes>, &Error>) {
        let observer = self.inner().observer.as_deref();
        if observer.is_some() || span.is_on() {
            let took = self.ticks().saturating_sub(self.began);
            let report = CallReport::new(self.meta.name, self.attempts, outcome, took);
            span.end_call(&report);
            observer.inspect(|observer| observer.call(&report));
        }
    }
}
