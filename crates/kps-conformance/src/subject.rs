//! A client in either colour, seen the same.

use std::future::Future;

use kps_core::{
    AssociateKeypair, BatchOptions, BindingOptions, Builder, Client, CreateKeypair, CredentialsSource,
    DescribedKeypair, Description, DisassociateKeypair, EnsuredBinding, EnsuredKeypair, Environment, Error,
    HttpOptions, KeypairName, Operation, Outcomes, Paged, PrivateKey, ProjectId, Proxy, Region, Resolution,
    Resolve, Retries, ServerId, TaskHandle, TaskState, WaitOptions, blocking,
};
use tokio::runtime::Runtime;

/// For whom and for what a client is made.
#[derive(Clone, Debug)]
pub struct Site {
    pub(crate) credentials: CredentialsSource,
    pub(crate) environment: Environment,
    /// None where the source of the credentials or the environment tells of one.
    pub(crate) project_id: Option<ProjectId>,
    pub(crate) endpoint: String,
}

impl Site {
    /// Sets all of it on a builder, whose transport is the caller's.
    pub fn build_on<C>(&self, builder: Builder<C>) -> Builder<C> {
        let builder = builder
            .region(Region::CN_NORTH_4)
            .endpoint(&self.endpoint)
            .iam_endpoint(&self.endpoint)
            .sts_endpoint(&self.endpoint)
            .metadata_endpoint(&self.endpoint)
            .environment(self.environment.clone())
            .http(HttpOptions::new().with_proxy(Proxy::None))
            // What is counted and refused here is one attempt.
            .retries(Retries::none())
            .credentials(self.credentials.clone());
        self.project_id.iter().cloned().fold(builder, Builder::project_id)
    }
}

/// What the suite asks of a client.
pub trait Subject {
    /// One call.
    fn send<O: Operation>(&self, operation: O) -> Result<O::Output, Error>;
    /// What became of a call whose answer was lost.
    fn resolve<O: Resolve>(&self, operation: &O, error: &Error) -> Result<Resolution<O::Found>, Error>;
    /// All pages of a list.
    fn pages<O: Paged>(&self, operation: O) -> Vec<Result<O::Output, Error>>;
    /// All items of a list.
    fn items<O: Paged>(&self, operation: O) -> Vec<Result<O::Item, Error>>;
    /// How a task ends.
    fn wait(&self, handle: TaskHandle, options: &WaitOptions) -> Result<TaskState, Error>;
    /// All states of a task.
    fn watch(&self, handle: TaskHandle, options: &WaitOptions) -> Vec<Result<TaskState, Error>>;
    /// How many tasks end.
    fn wait_all(&self, handles: Vec<TaskHandle>, options: &WaitOptions) -> Vec<Result<TaskState, Error>>;
    /// A batch of imports of any size.
    fn import_keypairs(
        &self,
        imports: Vec<CreateKeypair>,
        options: &BatchOptions,
    ) -> Outcomes<KeypairName, EnsuredKeypair>;
    /// A batch of exports of any size.
    fn export_private_keys(
        &self,
        names: Vec<KeypairName>,
        options: &BatchOptions,
    ) -> Outcomes<KeypairName, PrivateKey>;
    /// A batch of bindings of any size.
    fn associate_keypairs(
        &self,
        bindings: Vec<AssociateKeypair>,
        options: &BatchOptions,
    ) -> Outcomes<ServerId, TaskHandle>;
    /// That a server carries a key pair.
    fn ensure_bound(
        &self,
        operation: AssociateKeypair,
        options: &BindingOptions,
    ) -> Result<EnsuredBinding, Error>;
    /// That a server carries none.
    fn ensure_unbound(
        &self,
        operation: DisassociateKeypair,
        options: &BindingOptions,
    ) -> Result<EnsuredBinding, Error>;
    /// That there is this key pair.
    fn ensure_keypair(&self, operation: CreateKeypair) -> Result<EnsuredKeypair, Error>;
    /// That there is no such key pair.
    fn ensure_absent(&self, name: KeypairName) -> Result<bool, Error>;
    /// A key pair with a description.
    fn create_described(
        &self,
        operation: CreateKeypair,
        description: Description,
    ) -> Result<DescribedKeypair, Error>;
}

impl Subject for blocking::Client {
    fn send<O: Operation>(&self, operation: O) -> Result<O::Output, Error> {
        self.send(operation)
    }

    fn resolve<O: Resolve>(&self, operation: &O, error: &Error) -> Result<Resolution<O::Found>, Error> {
        self.resolve(operation, error)
    }

    fn pages<O: Paged>(&self, operation: O) -> Vec<Result<O::Output, Error>> {
        self.pages(operation).collect()
    }

    fn items<O: Paged>(&self, operation: O) -> Vec<Result<O::Item, Error>> {
        self.items(operation).collect()
    }

    fn wait(&self, handle: TaskHandle, options: &WaitOptions) -> Result<TaskState, Error> {
        self.wait(handle, options)
    }

    fn watch(&self, handle: TaskHandle, options: &WaitOptions) -> Vec<Result<TaskState, Error>> {
        self.watch(handle, options).collect()
    }

    fn wait_all(&self, handles: Vec<TaskHandle>, options: &WaitOptions) -> Vec<Result<TaskState, Error>> {
        self.wait_all(handles, options)
    }

    fn import_keypairs(
        &self,
        imports: Vec<CreateKeypair>,
        options: &BatchOptions,
    ) -> Outcomes<KeypairName, EnsuredKeypair> {
        self.import_keypairs(imports, options)
    }

    fn export_private_keys(
        &self,
        names: Vec<KeypairName>,
        options: &BatchOptions,
    ) -> Outcomes<KeypairName, PrivateKey> {
        self.export_private_keys(names, options)
    }

    fn associate_keypairs(
        &self,
        bindings: Vec<AssociateKeypair>,
        options: &BatchOptions,
    ) -> Outcomes<ServerId, TaskHandle> {
        self.associate_keypairs(bindings, options)
    }

    fn ensure_bound(
        &self,
        operation: AssociateKeypair,
        options: &BindingOptions,
    ) -> Result<EnsuredBinding, Error> {
        self.ensure_bound(operation, options)
    }

    fn ensure_unbound(
        &self,
        operation: DisassociateKeypair,
        options: &BindingOptions,
    ) -> Result<EnsuredBinding, Error> {
        self.ensure_unbound(operation, options)
    }

    fn ensure_keypair(&self, operation: CreateKeypair) -> Result<EnsuredKeypair, Error> {
        self.ensure_keypair(operation)
    }

    fn ensure_absent(&self, name: KeypairName) -> Result<bool, Error> {
        self.ensure_absent(name)
    }

    fn create_described(
        &self,
        operation: CreateKeypair,
        description: Description,
    ) -> Result<DescribedKeypair, Error> {
        self.create_described(operation, description)
    }
}

/// The async client, run to its end on a runtime of its own.
#[derive(Debug)]
pub struct Awaited {
    client: Client,
    runtime: Runtime,
}

impl Awaited {
    /// A subject of a client that is made within the runtime.
    ///
    /// # Panics
    ///
    /// If there is no runtime to be had.
    pub fn new(client: impl FnOnce() -> Client) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async { client() });
        Self { client, runtime }
    }

    fn run<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }
}

impl Subject for Awaited {
    fn send<O: Operation>(&self, operation: O) -> Result<O::Output, Error> {
        self.run(self.client.send(operation))
    }

    fn resolve<O: Resolve>(&self, operation: &O, error: &Error) -> Result<Resolution<O::Found>, Error> {
        self.run(self.client.resolve(operation, error))
    }

    fn pages<O: Paged>(&self, operation: O) -> Vec<Result<O::Output, Error>> {
        let mut pages = self.client.pages(operation);
        std::iter::from_fn(|| self.run(pages.next())).collect()
    }

    fn items<O: Paged>(&self, operation: O) -> Vec<Result<O::Item, Error>> {
        let mut items = self.client.items(operation);
        std::iter::from_fn(|| self.run(items.next())).collect()
    }

    fn wait(&self, handle: TaskHandle, options: &WaitOptions) -> Result<TaskState, Error> {
        self.run(self.client.wait(handle, options))
    }

    fn watch(&self, handle: TaskHandle, options: &WaitOptions) -> Vec<Result<TaskState, Error>> {
        let mut watch = self.client.watch(handle, options);
        std::iter::from_fn(|| self.run(watch.next())).collect()
    }

    fn wait_all(&self, handles: Vec<TaskHandle>, options: &WaitOptions) -> Vec<Result<TaskState, Error>> {
        self.run(self.client.wait_all(handles, options))
    }

    fn import_keypairs(
        &self,
        imports: Vec<CreateKeypair>,
        options: &BatchOptions,
    ) -> Outcomes<KeypairName, EnsuredKeypair> {
        self.run(self.client.import_keypairs(imports, options))
    }

    fn export_private_keys(
        &self,
        names: Vec<KeypairName>,
        options: &BatchOptions,
    ) -> Outcomes<KeypairName, PrivateKey> {
        self.run(self.client.export_private_keys(names, options))
    }

    fn associate_keypairs(
        &self,
        bindings: Vec<AssociateKeypair>,
        options: &BatchOptions,
    ) -> Outcomes<ServerId, TaskHandle> {
        self.run(self.client.associate_keypairs(bindings, options))
    }

    fn ensure_bound(
        &self,
        operation: AssociateKeypair,
        options: &BindingOptions,
    ) -> Result<EnsuredBinding, Error> {
        self.run(self.client.ensure_bound(operation, options))
    }

    fn ensure_unbound(
        &self,
        operation: DisassociateKeypair,
        options: &BindingOptions,
    ) -> Result<EnsuredBinding, Error> {
        self.run(self.client.ensure_unbound(operation, options))
    }

    fn ensure_keypair(&self, operation: CreateKeypair) -> Result<EnsuredKeypair, Error> {
        self.run(self.client.ensure_keypair(operation))
    }

    fn ensure_absent(&self, name: KeypairName) -> Result<bool, Error> {
        self.run(self.client.ensure_absent(name))
    }

    fn create_described(
        &self,
        operation: CreateKeypair,
        description: Description,
    ) -> Result<DescribedKeypair, Error> {
        self.run(self.client.create_described(operation, description))
    }
}
