//! Batches of any size, and verbs that can be repeated.

use kps_model::{
    AssociateKeypair, CreateKeypair, Description, DisassociateKeypair, KeypairName, PrivateKey, ServerId,
    TaskHandle,
};

use super::{Client, run};
use crate::{
    BatchOptions, BindingOptions, DescribedKeypair, EnsuredBinding, EnsuredKeypair, Error, Outcomes,
};

impl Client {
    /// Imports any number of key pairs, ten in a call, and tells of each whether it was imported now, was there already
    /// with the same key, or failed. It can be called again with the same key pairs: see
    /// [`Client::import_keypairs`](crate::Client::import_keypairs).
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"succeeded_keypairs":[{"keypair":{"name":"ann"}}]}"#.into()));
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let ann = CreateKeypair::import(KeypairName::new("ann")?, PublicKey::new("ssh-ed25519 AAAA ann")?);
    /// let outcomes = kps.import_keypairs([ann], &BatchOptions::new());
    /// assert!(outcomes.is_complete());
    /// assert!(outcomes.succeeded().all(|(_, keypair)| keypair.was_made()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn import_keypairs(
        &self,
        imports: impl IntoIterator<Item = CreateKeypair> + Send,
        options: &BatchOptions,
    ) -> Outcomes<KeypairName, EnsuredKeypair> {
        run(self.0.import_keypairs(imports, options))
    }

    /// Hands out any number of hosted private keys, each with an outcome of its own: see
    /// [`Client::export_private_keys`](crate::Client::export_private_keys).
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"keypair":{"name":"bastion","private_key":"-----BEGIN RSA PRIVATE KEY-----"}}"#.into()));
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let outcomes = kps.export_private_keys([KeypairName::new("bastion")?], &BatchOptions::new());
    /// assert!(outcomes.is_complete());
    /// for (name, private_key) in outcomes.succeeded() {
    ///     println!("{name}, {} characters", private_key.expose().len());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn export_private_keys(
        &self,
        names: impl IntoIterator<Item = KeypairName> + Send,
        options: &BatchOptions,
    ) -> Outcomes<KeypairName, PrivateKey> {
        run(self.0.export_private_keys(names, options))
    }

    /// Sees to it that there is a key pair of this name and this key: see
    /// [`Client::ensure_keypair`](crate::Client::ensure_keypair).
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"keypair":{"name":"laptop","public_key":"ssh-rsa BBBB"}}"#.into()));
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let laptop = CreateKeypair::import(KeypairName::new("laptop")?, PublicKey::new("ssh-ed25519 AAAA ann")?);
    /// let error = kps.ensure_keypair(laptop).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Mismatch); // there is another key under that name
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As that.
    pub fn ensure_keypair(&self, operation: CreateKeypair) -> Result<EnsuredKeypair, Error> {
        run(self.0.ensure_keypair(operation))
    }

    /// Sees to it that there is no key pair of this name, and tells whether this call found one and deleted it: see
    /// [`Client::ensure_absent`](crate::Client::ensure_absent).
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::default());
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let was_there = kps.ensure_absent(KeypairName::new("laptop")?)?;
    /// assert!(was_there);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps the client from deleting it.
    pub fn ensure_absent(&self, name: KeypairName) -> Result<bool, Error> {
        run(self.0.ensure_absent(name))
    }

    /// Makes or imports a key pair and describes it: see
    /// [`Client::create_described`](crate::Client::create_described).
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"keypair":{"name":"deploy"}}"#.into()));
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let deploy = CreateKeypair::new(KeypairName::new("deploy")?);
    /// let described = kps.create_described(deploy, Description::new("CI")?)?;
    /// assert!(described.description.is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What kept the key pair from being made. That it was not described is told beside it.
    pub fn create_described(
        &self,
        operation: CreateKeypair,
        description: Description,
    ) -> Result<DescribedKeypair, Error> {
        run(self.0.create_described(operation, description))
    }

    /// Puts key pairs on any number of servers, and tells of each whether the task was accepted: see
    /// [`Client::associate_keypairs`](crate::Client::associate_keypairs).
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |request: Prepared| {
    /// #     let receipt = request.as_http().method() == "POST";
    /// #     Ok(http::Response::new(if receipt { r#"{"task_id":"t-1"}"# } else { r#"{"task_id":"t-1","task_status":"SUCCESS_BIND"}"# }.into()))
    /// # };
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let server = Server::stopped(ServerId::new("s-1")?);
    /// let binding = AssociateKeypair::new(KeypairName::new("deploy")?, server);
    /// let outcomes = kps.associate_keypairs([binding], &BatchOptions::new());
    /// let tasks: Vec<TaskHandle> = outcomes.succeeded().map(|(_, task)| task.clone()).collect();
    /// for end in kps.wait_all(tasks, &WaitOptions::new()) {
    ///     assert_eq!(end?.phase(), Some(Phase::Success));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn associate_keypairs(
        &self,
        bindings: impl IntoIterator<Item = AssociateKeypair> + Send,
        options: &BatchOptions,
    ) -> Outcomes<ServerId, TaskHandle> {
        run(self.0.associate_keypairs(bindings, options))
    }

    /// Sees to it that a server carries a key pair, and waits for that: see
    /// [`Client::ensure_bound`](crate::Client::ensure_bound).
    ///
    /// ```
    /// # use kps_core::*;
    /// # let transport = |request: Prepared| Ok(http::Response::new(match request.uri().path().rsplit('/').next() {
    /// #     Some("running-tasks") => r#"{"tasks":[]}"#,
    /// #     Some("associate") => r#"{"task_id":"t-1"}"#,
    /// #     _ => r#"{"task_id":"t-1","task_status":"SUCCESS_BIND"}"#,
    /// # }.into()));
    /// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let server = Server::running(ServerId::new("s-1")?, Login::password("root's password"));
    /// let binding = AssociateKeypair::new(KeypairName::new("deploy")?, server);
    /// # fn key_name(_: &ServerId) -> Result<Option<KeypairName>, Box<dyn std::error::Error + Send + Sync>> { Ok(None) }
    /// let options = BindingOptions::new().with_blocking_look(key_name); // which asks the API for cloud servers
    /// let bound = kps.ensure_bound(binding, &options)?;
    /// assert!(matches!(bound, EnsuredBinding::ByTask(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As that.
    pub fn ensure_bound(
        &self,
        operation: AssociateKeypair,
        options: &BindingOptions,
    ) -> Result<EnsuredBinding, Error> {
        run(self.0.ensure_bound(operation, options))
    }

    /// Sees to it that a server carries no key pair, and waits for that: see
    /// [`Client::ensure_unbound`](crate::Client::ensure_unbound).
    ///
    /// ```
    /// # use kps_core::*;
    /// # let nobody = |_: Prepared| Err(Failure::new(FailureKind::Connect, Sent::No, "nothing is sent"));
    /// # let kps = blocking::Client::builder(nobody).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let unbinding = DisassociateKeypair::new(Server::stopped(ServerId::new("s-1")?));
    /// let options = BindingOptions::new().with_blocking_look(|_| Ok(None));
    /// assert_eq!(kps.ensure_unbound(unbinding, &options)?, EnsuredBinding::Already);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As that.
    pub fn ensure_unbound(
        &self,
        operation: DisassociateKeypair,
        options: &BindingOptions,
    ) -> Result<EnsuredBinding, Error> {
        run(self.0.ensure_unbound(operation, options))
    }
}
