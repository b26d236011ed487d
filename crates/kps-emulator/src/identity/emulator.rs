use http::StatusCode;

use crate::Emulator;

impl Emulator {
    /// Makes all tokens and temporary keys that were handed out useless, as when the user's password changes: they are
    /// refused with `APIGW.0307` from now on.
    ///
    /// ```
    /// use kps_core::{Agency, CredentialsSource, ListKeypairs, Region, blocking};
    /// use kps_emulator::Emulator;
    ///
    /// let emulator = Emulator::new();
    /// let agency = Agency::new("deployers", "emulator"); // of the built-in seed
    /// let kps = blocking::Client::builder(emulator.in_process())
    ///     .region(Region::CN_NORTH_4)
    ///     .credentials(CredentialsSource::agency(Emulator::credentials().into(), agency))
    ///     .project_id(Emulator::project_id())
    ///     .build()?;
    /// kps.send(ListKeypairs::new())?;
    /// emulator.revoke_issued();
    /// kps.send(ListKeypairs::new())?; // the client fetches new ones
    /// assert_eq!(emulator.identity_calls(), 2);
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    pub fn revoke_issued(&self) {
        self.world().identity.issued.revoke();
    }

    /// Ends one access key, and tells whether there was such a one. A key that was handed out is refused with `APIGW.0307`
    /// from now on, and must be renewed; one of the seed is not known any more, until a [reset](Self::reset).
    ///
    /// ```
    /// # use kps_core::{ListKeypairs, Region, blocking};
    /// # use kps_emulator::Emulator;
    /// # let emulator = Emulator::new();
    /// # let kps = blocking::Client::builder(emulator.in_process()).region(Region::CN_NORTH_4)
    /// #     .credentials(Emulator::credentials()).project_id(Emulator::project_id()).build()?;
    /// assert!(kps.send(ListKeypairs::new()).is_ok());
    /// assert!(emulator.revoke_key(Emulator::ACCESS_KEY_ID));
    /// assert_eq!(kps.send(ListKeypairs::new()).unwrap_err().status(), Some(401));
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    pub fn revoke_key(&self, id: &str) -> bool {
        self.world().revoke_key(id)
    }

    /// How many calls there were to the services that hand out credentials.
    pub fn identity_calls(&self) -> usize {
        self.world().identity.calls
    }

    /// Refuses the next call to a service that hands out credentials with this status. Several are refused one after
    /// the other.
    ///
    /// ```
    /// use kps_core::{Agency, CredentialsSource, ListKeypairs, Region, blocking};
    /// use kps_emulator::Emulator;
    ///
    /// let emulator = Emulator::new();
    /// let agency = Agency::new("deployers", "emulator"); // of the built-in seed
    /// let kps = blocking::Client::builder(emulator.in_process())
    ///     .region(Region::CN_NORTH_4)
    ///     .credentials(CredentialsSource::agency(Emulator::credentials().into(), agency))
    ///     .project_id(Emulator::project_id())
    ///     .build()?;
    /// emulator.fail_next_identity_call(http::StatusCode::FORBIDDEN);
    /// assert!(kps.send(ListKeypairs::new()).unwrap_err().is_auth());
    /// assert!(kps.send(ListKeypairs::new()).is_ok());
    /// assert_eq!(emulator.identity_calls(), 2);
    /// # Ok::<(), kps_core::Error>(())
    /// ```
    pub fn fail_next_identity_call(&self, status: StatusCode) {
        self.world().identity.failures.push(status);
    }
}
