use serde::{Deserialize, Serialize};

use super::{Fault, Way, text};
use crate::{UnknownName, route};

/// A fault, the operation it is for, and when it is due. If nothing else is said, that is every call of every
/// operation of the service; the services that hand out credentials have no such faults.
///
/// A rule counts each call of its operation from its injection on, whatever other rules make of the call.
///
/// ```
/// use kps_core::{CreateKeypair, KeypairName, Region, Resolution, blocking};
/// use kps_emulator::{Emulator, Fault, FaultRule};
///
/// let emulator = Emulator::new();
/// emulator.inject(FaultRule::new(Fault::ResetAfter).on("CreateKeypair")?.nth(1));
/// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
/// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
/// let deploy = CreateKeypair::new(KeypairName::new("deploy")?);
/// let error = kps.send(deploy.clone()).unwrap_err();
/// assert!(error.may_have_been_applied());
/// assert!(matches!(kps.resolve(&deploy, &error)?, Resolution::Done(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    pub(super) fault: Fault,
    #[serde(
        rename = "on",
        default,
        deserialize_with = "text::operation",
        skip_serializing_if = "Option::is_none"
    )]
    operation: Option<Name>,
    #[serde(default)]
    pub(super) when: When,
}

/// One of the names there are. Written as what it is, it would be taken for one that borrows from the text of a rule.
type Name = &'static str;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum When {
    #[default]
    Every,
    Once,
    Nth(#[serde(deserialize_with = "text::from_one")] u64),
    First(#[serde(deserialize_with = "text::from_one")] u64),
    Chance {
        #[serde(deserialize_with = "text::probability")]
        probability: f64,
        seed: u64,
    },
}

impl FaultRule {
    /// This fault, at every call of every operation.
    ///
    /// ```
    /// use kps_emulator::{Fault, FaultRule};
    /// use std::time::Duration;
    ///
    /// let slow = FaultRule::new(Fault::Latency(Duration::from_secs(2)));
    /// assert_eq!(slow, FaultRule::list_from_json(br#"{"faults":[{"fault":{"latency":"2s"}}]}"#)?[0]);
    /// # Ok::<(), kps_emulator::LoadError>(())
    /// ```
    pub const fn new(fault: Fault) -> Self {
        Self { fault, operation: None, when: When::Every }
    }

    /// For the calls of one operation only, by its official name.
    ///
    /// # Errors
    ///
    /// [`UnknownName`], if there is no such operation.
    ///
    /// ```
    /// use kps_emulator::{Fault, FaultRule};
    ///
    /// assert!(FaultRule::new(Fault::Refuse).on("ListKeypairs").is_ok());
    /// let error = FaultRule::new(Fault::Refuse).on("ListKeyPairs").unwrap_err();
    /// assert_eq!(error.to_string(), "there is no operation or code \"ListKeyPairs\"");
    /// ```
    pub fn on(mut self, operation: &str) -> Result<Self, UnknownName> {
        let known = route::name(operation).ok_or_else(|| UnknownName(operation.to_owned()))?;
        self.operation = Some(known);
        Ok(self)
    }

    /// At the n-th call only; the first is 1.
    ///
    /// ```
    /// # use kps_core::{ListKeypairs, Region, blocking};
    /// use kps_emulator::{Emulator, Fault, FaultRule};
    ///
    /// // The first call is refused, and the answer of the second is lost.
    /// let emulator = Emulator::new();
    /// emulator.inject(FaultRule::new(Fault::Refuse).nth(1));
    /// emulator.inject(FaultRule::new(Fault::ResetAfter).nth(2));
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
    /// assert_eq!(kps.answer(ListKeypairs::new())?.attempts, 3);
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    #[must_use]
    pub const fn nth(mut self, n: u64) -> Self {
        self.when = When::Nth(n);
        self
    }

    /// At the first n calls.
    ///
    /// ```
    /// # use kps_core::{ListKeypairs, Region, blocking};
    /// use kps_emulator::{Emulator, Fault, FaultRule};
    ///
    /// // Whoever tries a third time gets through.
    /// let emulator = Emulator::new();
    /// emulator.inject(FaultRule::new(Fault::ResetBefore).first(2));
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
    /// assert_eq!(kps.answer(ListKeypairs::new())?.attempts, 3);
    /// assert_eq!(kps.answer(ListKeypairs::new())?.attempts, 1);
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    #[must_use]
    pub const fn first(mut self, n: u64) -> Self {
        self.when = When::First(n);
        self
    }

    /// At the next call at which it can act: a rule that another gets ahead of keeps waiting. Several such rules act
    /// one after the other.
    ///
    /// ```
    /// # use kps_core::{ListKeypairs, Region, blocking};
    /// use kps_emulator::{Emulator, Fault, FaultRule};
    ///
    /// // Both act, on two calls.
    /// let emulator = Emulator::new();
    /// emulator.inject(FaultRule::new(Fault::CutBody).once());
    /// emulator.inject(FaultRule::new(Fault::CutBody).once());
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
    /// assert_eq!(kps.answer(ListKeypairs::new())?.attempts, 3);
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    #[must_use]
    pub const fn once(mut self) -> Self {
        self.when = When::Once;
        self
    }

    /// At each call with this probability, from 0 to 1. The same seed makes it the same calls.
    ///
    /// ```
    /// # use kps_core::{ListKeypairs, Region, blocking};
    /// use kps_emulator::{Emulator, Fault, FaultRule};
    ///
    /// let fails = || {
    ///     let emulator = Emulator::new();
    ///     emulator.inject(FaultRule::new(Fault::Garbage).chance(0.2, 42));
    /// #   let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #       .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build().unwrap();
    ///     (0..20).map(|_| kps.send(ListKeypairs::new()).is_err()).collect::<Vec<_>>()
    /// };
    /// assert!(fails().contains(&true) && fails().contains(&false));
    /// assert_eq!(fails(), fails());
    /// ```
    #[must_use]
    pub const fn chance(mut self, probability: f64, seed: u64) -> Self {
        self.when = When::Chance { probability, seed };
        self
    }

    /// Whether it is for such a call.
    pub(super) fn is_for(&self, operation: &str, way: Way) -> bool {
        let happens = way == Way::Connection || !self.fault.is_of_connection();
        happens && self.operation.is_none_or(|own| own == operation)
    }
}
