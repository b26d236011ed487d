use super::{AuthFault, Fault, FaultRule, RefusalCode};
use crate::{Emulator, UnknownName};

impl Emulator {
    /// Refuses the next call of an operation with this code of the service, such as `KPS.5001`, or with
    /// `APIGW.0308`, by which the gateway throttles. Several of an operation are refused one after the other. It is
    /// short for a [`FaultRule`] with [`Fault::Code`] that acts [once](FaultRule::once).
    ///
    /// # Errors
    ///
    /// [`UnknownName`], if there is no such operation or code.
    ///
    /// ```
    /// # use kps_core::{ListKeypairs, Region, blocking};
    /// # use kps_emulator::Emulator;
    /// # let emulator = Emulator::new();
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
    /// emulator.refuse_next("ListKeypairs", "KPS.9004")?;
    /// let error = kps.send(ListKeypairs::new()).unwrap_err();
    /// assert_eq!((error.status(), error.code()), (Some(403), Some("KPS.9004")));
    /// assert!(kps.send(ListKeypairs::new()).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn refuse_next(&self, operation: &str, code: &str) -> Result<(), UnknownName> {
        let fault = Fault::Code(RefusalCode::new(code)?);
        self.inject(FaultRule::new(fault).on(operation)?.once());
        Ok(())
    }

    /// Makes something go wrong from now on, as often as the rule says.
    ///
    /// ```
    /// # use kps_core::{ListKeypairs, Region, blocking};
    /// use kps_emulator::{Emulator, Fault, FaultRule};
    /// use std::time::Duration;
    /// # let emulator = Emulator::new();
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).retries(kps_core::Retries::none()).build()?;
    ///
    /// let throttle = Fault::Throttle { limit: 1, window: Duration::from_secs(60) };
    /// emulator.inject(FaultRule::new(throttle).on("ListKeypairs")?);
    /// assert!(kps.send(ListKeypairs::new()).is_ok());
    /// assert_eq!(kps.send(ListKeypairs::new()).unwrap_err().status(), Some(429));
    /// emulator.advance(Duration::from_secs(60));
    /// assert!(kps.send(ListKeypairs::new()).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn inject(&self, rule: FaultRule) {
        self.world().faults.inject(rule);
    }

    /// Takes back all rules. What was injected so far stays told.
    ///
    /// ```
    /// # use kps_core::{ListKeypairs, Region, blocking};
    /// use kps_emulator::{Emulator, Fault, FaultRule};
    /// # let emulator = Emulator::new();
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
    ///
    /// emulator.inject(FaultRule::new(Fault::Refuse));
    /// assert!(kps.send(ListKeypairs::new()).is_err());
    /// emulator.clear_faults();
    /// assert!(kps.send(ListKeypairs::new()).is_ok());
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    pub fn clear_faults(&self) {
        self.world().faults.clear();
    }

    /// The faults that were really injected, in the order of the calls, and into which operation. Only those of the
    /// [kept calls](Self::calls) are.
    ///
    /// ```
    /// # use kps_core::{ListKeypairs, Region, blocking};
    /// use kps_emulator::{Emulator, Fault, FaultRule};
    /// # let emulator = Emulator::new();
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).retries(kps_core::Retries::none()).build()?;
    ///
    /// emulator.inject(FaultRule::new(Fault::Refuse).on("ListKeypairs")?);
    /// emulator.inject(FaultRule::new(Fault::Refuse).on("CreateKeypair")?);
    /// assert!(kps.send(ListKeypairs::new()).is_err());
    /// assert_eq!(emulator.injected(), [("ListKeypairs", Fault::Refuse)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn injected(&self) -> Vec<(&'static str, Fault)> {
        self.world().journal.injected()
    }

    /// Refuses the next call to the service itself as if there were something wrong with its credentials. Several are
    /// refused one after the other. It is short for a [`FaultRule`] with [`Fault::Auth`] that acts
    /// [once](FaultRule::once).
    ///
    /// ```
    /// # use kps_core::{ListKeypairs, Region, blocking};
    /// use kps_emulator::{AuthFault, Emulator};
    /// # let emulator = Emulator::new();
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
    ///
    /// emulator.fail_next_authentication(AuthFault::Locked);
    /// let error = kps.send(ListKeypairs::new()).unwrap_err();
    /// assert!(error.message().unwrap().ends_with("AK access failed to reach the limit,forbidden"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fail_next_authentication(&self, fault: AuthFault) {
        self.inject(FaultRule::new(Fault::Auth(fault)).once());
    }
}
