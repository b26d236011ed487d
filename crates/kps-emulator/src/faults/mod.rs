//! What goes wrong on the way to the service and back, when a test asks for it.

mod armed;
mod auth;
mod code;
mod emulator;
mod outcome;
mod page;
mod plan;
mod random;
mod rule;
pub(crate) mod text;
mod throttle;

#[cfg(test)]
mod tests;

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};

pub(crate) use armed::Faults;
pub use auth::AuthFault;
pub use code::RefusalCode;
pub(crate) use outcome::{End, Outcome};
pub(crate) use plan::Plan;
pub use rule::FaultRule;

/// One thing that goes wrong with a call. When it does is said by a [`FaultRule`].
///
/// If several are due for one call, [`Latency`](Self::Latency) and [`ClockSkew`](Self::ClockSkew) add up and go with
/// any other. Of the others the one acts that comes first on the way of the call, which is the order in which they
/// stand here; of two alike, the one that was injected first.
///
/// ```
/// use kps_core::{CreateKeypair, KeypairName, Region, blocking};
/// use kps_emulator::{Emulator, Fault, FaultRule};
///
/// let emulator = Emulator::new();
/// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
/// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
/// emulator.inject(FaultRule::new(Fault::ResetAfter).on("CreateKeypair")?.nth(1));
///
/// // The key pair is there, and its private key is lost.
/// assert!(kps.send(CreateKeypair::new(KeypairName::new("deploy")?)).is_err());
/// assert_eq!(emulator.applied("CreateKeypair"), 1);
/// assert_eq!(emulator.injected(), [("CreateKeypair", Fault::ResetAfter)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// The answer comes that much later, after the service has acted. A client that waits less has timed out.
    Latency(#[serde(with = "text::time")] Duration),
    /// The service's clock is off by so many seconds from the one requests are handed over with: signatures are judged
    /// by it, and the `Date` header tells it. The clock of the tasks stays as it is.
    ClockSkew(i64),
    /// Nobody listens: nothing of the call reaches the service. Over HTTP, where the connection stands by then, it is
    /// [`ResetBefore`](Self::ResetBefore).
    Refuse,
    /// The connection breaks before the service acts.
    ResetBefore,
    /// Something in front of the service answers with this status and a page of HTML; the service does not act.
    Status(#[serde(with = "text::status")] StatusCode),
    /// The gateway refuses each call with `APIGW.0308` that is more than `limit` within `window`. All calls the rule is
    /// for count together. The window opens with a call; once it is over, by the clock that
    /// [`advance`](crate::Emulator::advance) sets forward, the next call opens another.
    Throttle {
        /// How many calls are let through.
        limit: u32,
        /// In how much time.
        #[serde(with = "text::time")]
        window: Duration,
    },
    /// The gateway refuses the credentials, such as a token that has ended.
    Auth(AuthFault),
    /// The service refuses the call with this code and does not act. A call that does not get as far as the service,
    /// because its signature is wrong or its project is unknown, is refused for that instead.
    Code(RefusalCode),
    /// The service acts, and the connection breaks before a byte of the answer.
    ResetAfter,
    /// The service acts, and the connection breaks after half the body of the answer, whose head told the length of the
    /// whole. An answer without a body is lost whole.
    CutBody,
    /// The service acts, and what comes is a 200 whose body is neither JSON nor UTF-8.
    Garbage,
    /// The service acts, and instead of its answer comes this status from something in front of it, with a page of HTML.
    StatusAfter(#[serde(with = "text::status")] StatusCode),
}

/// Where on the way of a call a fault strikes, in the order of that way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Connect,
    Connection,
    Front,
    Throttle,
    Credentials,
    Service,
    Answer,
}

impl Fault {
    /// `None` for what goes with any other fault.
    pub(crate) const fn place(&self) -> Option<Place> {
        Some(match self {
            Self::Latency(_) | Self::ClockSkew(_) => return None,
            Self::Refuse => Place::Connect,
            Self::ResetBefore => Place::Connection,
            Self::Status(_) => Place::Front,
            Self::Throttle { .. } => Place::Throttle,
            Self::Auth(_) => Place::Credentials,
            Self::Code(_) => Place::Service,
            Self::ResetAfter | Self::CutBody | Self::Garbage | Self::StatusAfter(_) => Place::Answer,
        })
    }

    /// Whether it can only happen where there is a connection.
    const fn is_of_connection(&self) -> bool {
        matches!(self, Self::Latency(_) | Self::Refuse | Self::ResetBefore | Self::ResetAfter | Self::CutBody)
    }
}

/// By what way a request is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By a call, which cannot break.
    Direct,
    /// By a transport, in process or over HTTP.
    Connection,
}
