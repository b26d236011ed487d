use super::CallRecord;
use crate::Emulator;

impl Emulator {
    /// The latest requests, 10,000 if [nothing else is said](crate::Builder::kept_calls), in their order and without
    /// secrets. A call that was [refused the connection](crate::Fault::Refuse) did not get that far. Their numbers tell how
    /// many there were before.
    ///
    /// ```
    /// # use kps_core::{ListKeypairs, Region, blocking};
    /// # use kps_emulator::Emulator;
    /// # let emulator = Emulator::new();
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
    /// assert!(emulator.calls().is_empty());
    /// kps.send(ListKeypairs::new())?;
    /// let call = &emulator.calls()[0];
    /// assert_eq!((call.number, call.operation), (1, Some("ListKeypairs")));
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    pub fn calls(&self) -> Vec<CallRecord> {
        self.world().journal.calls().cloned().collect()
    }

    /// How often the service has done what this operation asks for and answered 2xx, whatever of the answer arrived.
    /// It is 0 for a name there is no operation of.
    ///
    /// ```
    /// # use kps_core::{ListKeypairs, Region, blocking};
    /// use kps_emulator::{Emulator, Fault, FaultRule};
    /// # let emulator = Emulator::new();
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).retries(kps_core::Retries::none()).build()?;
    ///
    /// emulator.inject(FaultRule::new(Fault::ResetBefore).nth(1));
    /// emulator.inject(FaultRule::new(Fault::ResetAfter).nth(2));
    /// for _ in 0..3 {
    ///     let _ = kps.send(ListKeypairs::new());
    /// }
    /// assert_eq!(emulator.applied("ListKeypairs"), 2);
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    pub fn applied(&self, operation: &str) -> usize {
        self.world().journal.applied(operation)
    }
}
