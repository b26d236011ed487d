//! What a program sets for its calls, all of them or some.

use std::sync::Arc;
use std::time::Duration;

use crate::endpoints::Endpoints;
use crate::extras::Extras;

/// What may differ from one call of a client to the next.
#[derive(Clone, Debug)]
pub(crate) struct CallOptions {
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) extras: Extras,
    /// How many attempts, the first one included.
    pub(crate) attempts: u32,
    pub(crate) attempt_timeout: Duration,
    /// How long a call may take in sum, with all its attempts, pauses and what they need.
    pub(crate) timeout: Duration,
    /// The moment by which all calls have to be done, in ticks, if they are part of something larger.
    pub(crate) end: Option<Duration>,
}
