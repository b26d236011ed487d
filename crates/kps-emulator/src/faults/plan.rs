use std::time::Duration;

use bytes::Bytes;
use http::Response;

use super::{End, Fault, RefusalCode, page, throttle};
use crate::refusal::Refusal;

/// What goes wrong with one call.
#[derive(Debug)]
pub(crate) struct Plan {
    along: Vec<Struck>,
    strike: Option<Struck>,
}

/// A fault, and the rule it is of.
#[derive(Debug)]
pub(super) struct Struck {
    pub(super) id: u64,
    pub(super) fault: Fault,
}

impl Plan {
    pub(super) fn new(mut along: Vec<Struck>, strike: Option<Struck>) -> Self {
        // Where nobody listens, nothing is slow or has a clock.
        if strike.as_ref().is_some_and(|strike| strike.fault == Fault::Refuse) {
            along.clear();
        }
        Self { along, strike }
    }

    pub(super) fn into_struck(self) -> Vec<Struck> {
        self.along.into_iter().chain(self.strike).collect()
    }

    pub(crate) fn delay(&self) -> Duration {
        self.along.iter().fold(Duration::ZERO, |sum, struck| match struck.fault {
            Fault::Latency(time) => sum.saturating_add(time),
            _ => sum,
        })
    }

    /// By how many seconds the service's clock is off.
    pub(crate) fn skew(&self) -> i64 {
        self.along.iter().fold(0, |sum: i64, struck| match struck.fault {
            Fault::ClockSkew(seconds) => sum.saturating_add(seconds),
            _ => sum,
        })
    }

    fn strike(&self) -> Option<&Fault> {
        self.strike.as_ref().map(|strike| &strike.fault)
    }

    /// How the call ends, if it does before anybody has looked who calls.
    pub(crate) fn before(&self) -> Option<Result<End, Refusal>> {
        Some(match self.strike()? {
            Fault::Refuse => Ok(End::Refused),
            Fault::ResetBefore => Ok(End::Reset),
            Fault::Status(status) => Ok(End::Answer(page::of_front(*status))),
            Fault::Throttle { limit, window } => Err(Refusal::throttled(&throttle::message(*limit, *window))),
            Fault::Auth(fault) => Err(fault.refusal()),
            _ => return None,
        })
    }

    /// The code with which the service is to refuse.
    pub(crate) fn code(&self) -> Option<RefusalCode> {
        if let Some(Fault::Code(code)) = self.strike() { Some(*code) } else { None }
    }

    /// Leaves the refusal of the service for another call: this one did not get that far.
    pub(crate) fn spare_code(&mut self) {
        self.strike.take_if(|strike| matches!(strike.fault, Fault::Code(_)));
    }

    /// What arrives of an answer.
    pub(crate) fn after(&self, answer: Response<Bytes>) -> End {
        match self.strike() {
            Some(Fault::ResetAfter) => End::Reset,
            Some(Fault::CutBody) => End::cut(answer),
            Some(Fault::Garbage) => End::Answer(page::garbage()),
            Some(Fault::StatusAfter(status)) => End::Answer(page::of_front(*status)),
            _ => End::Answer(answer),
        }
    }
}
