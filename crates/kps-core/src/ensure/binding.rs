use std::time::Duration;

use kps_model::{
    Action, AssociateKeypair, DisassociateKeypair, KeypairName, ListRunningTask, Login, OperateType,
    RunningTask, Server, ServerId, TaskHandle, TaskId, TaskRefused, Timestamp,
};

use crate::batches::associated_alone;
use crate::ensure::BindingOptions;
use crate::{Client, Error, ErrorKind, Operation, Resolution, Resolve, TaskState, WaitOptions};

/// How it came that a server carries the key pair it is to carry, or none.
///
/// ```
/// # use kps_core::*;
/// # let transport = |request: Prepared| Ok(http::Response::new(match request.uri().path().rsplit('/').next() {
/// #     Some("running-tasks") => r#"{"tasks":[]}"#,
/// #     Some("associate") => r#"{"task_id":"t-1"}"#,
/// #     _ => r#"{"task_id":"t-1","task_status":"SUCCESS_BIND"}"#,
/// # }.into()));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let binding = AssociateKeypair::new(KeypairName::new("deploy")?, Server::stopped(ServerId::new("s-1")?));
/// let look = |_: &ServerId| Ok(None); // nothing on it
/// match kps.ensure_bound(binding, &BindingOptions::new().with_blocking_look(look))? {
///     EnsuredBinding::ByTask(state) => assert_eq!(state.handle.task_id, "t-1"),
///     EnsuredBinding::Already => println!("nothing was to do"),
///     _ => {}
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnsuredBinding {
    /// The look said that it was so, at first or after a task that failed.
    Already,
    /// A task brought it about: that of this call, or another's that did the same.
    ByTask(Box<TaskState>),
}

impl Client {
    /// Sees to it that a server carries a key pair, and waits for that. Called by many at once, they all end with the same
    /// state, and follow the task that was accepted first.
    ///
    /// 1. If the [look](BindingOptions::with_look) says that it is so, nothing is sent.
    /// 2. What is under way on the server is waited for. If that puts the key pair on it, nothing is sent.
    /// 3. The operation is sent; a lost answer is looked up. If tasks for the same were accepted before, they are followed
    ///    first.
    /// 4. If all of them failed, the look is asked again, or else the [proof](BindingOptions::with_proof) made.
    ///
    /// The service has no call that tells which key pair a server carries. So without a look a server that carried the
    /// key pair before is bound again: one that is shut off is reset to it, and on one that runs the task fails unless
    /// the login is its private key.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let nobody = |_: Prepared| async { Err(Failure::new(FailureKind::Connect, Sent::No, "nothing is sent")) };
    /// # let kps = Client::builder(nobody).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let server = Server::running(ServerId::new("s-1")?, Login::password("root's password"));
    /// let binding = AssociateKeypair::new(KeypairName::new("deploy")?, server);
    /// # async fn key_name(_: ServerId) -> Result<Option<KeypairName>, Box<dyn std::error::Error + Send + Sync>> { Ok(Some(KeypairName::new("deploy")?)) }
    /// let options = BindingOptions::new().with_look(key_name);
    /// assert_eq!(kps.ensure_bound(binding, &options).await?, EnsuredBinding::Already);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Client::wait), of which one of the kind [`TaskFailed`](crate::ErrorKind::TaskFailed) tells what to
    /// do where nobody could look; a [`Look`](crate::ErrorKind::Look) that failed; or what keeps the client from binding.
    pub async fn ensure_bound(
        &self,
        operation: AssociateKeypair,
        options: &BindingOptions,
    ) -> Result<EnsuredBinding, Error> {
        Settling::new(self, Aim::Bound(&operation), options).settle().await
    }

    /// Sees to it that a server carries no key pair, and waits for that. It goes the way of
    /// [`ensure_bound`](Client::ensure_bound); there is no proof, so without a look the task fails on a server that
    /// carried none before.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let nobody = |_: Prepared| async { Err(Failure::new(FailureKind::Connect, Sent::No, "nothing is sent")) };
    /// # let kps = Client::builder(nobody).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let unbinding = DisassociateKeypair::new(Server::stopped(ServerId::new("s-1")?));
    /// let options = BindingOptions::new().with_blocking_look(|_| Ok(None));
    /// assert_eq!(kps.ensure_unbound(unbinding, &options).await?, EnsuredBinding::Already);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ensure_bound`](Client::ensure_bound).
    pub async fn ensure_unbound(
        &self,
        operation: DisassociateKeypair,
        options: &BindingOptions,
    ) -> Result<EnsuredBinding, Error> {
        Settling::new(self, Aim::Unbound(&operation), options).settle().await
    }
}

/// What is wanted of a server.
#[derive(Clone, Copy)]
enum Aim<'a> {
    Bound(&'a AssociateKeypair),
    Unbound(&'a DisassociateKeypair),
}

impl<'a> Aim<'a> {
    fn server(self) -> &'a ServerId {
        match self {
            Self::Bound(operation) => operation.server.id(),
            Self::Unbound(operation) => operation.server.id(),
        }
    }

    fn keypair(self) -> Option<&'a KeypairName> {
        match self {
            Self::Bound(operation) => Some(&operation.keypair_name),
            Self::Unbound(_) => None,
        }
    }

    /// Whether a task that does this, with that key pair, brings it about.
    fn is_met_by(self, action: Option<Action>, keypair: Option<&KeypairName>) -> bool {
        match (action, self.keypair()) {
            (Some(Action::Unbind), wanted) => wanted.is_none(),
            (Some(_), Some(wanted)) => keypair == Some(wanted),
            _ => false,
        }
    }

    /// The task that was accepted; a lost answer is looked up.
    async fn send(self, client: &Client) -> Result<TaskHandle, Error> {
        match self {
            Self::Bound(operation) => associated_alone(client, operation).await,
            Self::Unbound(operation) => disassociated(client, operation).await,
        }
    }
}

async fn disassociated(client: &Client, operation: &DisassociateKeypair) -> Result<TaskHandle, Error> {
    let of_server = |handle: TaskHandle| handle.with_server(operation.server.id().clone());
    let lost = match client.answer(operation.clone()).await {
        Ok(answer) => {
            let refused = |refused: TaskRefused| Error::refused_within(&answer, refused.into());
            let handle = answer.output.handle().map(of_server).map_err(refused);
            return handle.map_err(|error| error.of_operation(DisassociateKeypair::META.name));
        }
        Err(error) if error.may_have_been_applied() => error,
        Err(error) => return Err(error),
    };
    let Ok(since) = client.began(&lost).await else { return Err(lost) };
    match operation.look(client, since).await {
        Ok(Resolution::Done(task)) => Ok(of_server(TaskHandle::new(task))),
        _ => Err(lost),
    }
}

/// A task on the server.
struct Seen {
    handle: TaskHandle,
    action: Option<Action>,
}

impl Seen {
    fn new(task: &RunningTask) -> Self {
        Self {
            handle: TaskHandle::from(task),
            action: task.operate_type.as_ref().and_then(OperateType::action),
        }
    }

    /// The order in which they were accepted; of two in the same moment all callers take the same one for the first.
    fn order(&self) -> (i64, TaskId) {
        let accepted = self.handle.accepted.as_ref().and_then(Timestamp::millis);
        (accepted.unwrap_or(i64::MAX), self.handle.task_id.clone())
    }
}

/// How the tasks on the server ended.
enum Followed {
    Met(TaskState),
    /// None of them brought it about; perhaps since they failed.
    Missed(Option<Error>),
}

/// A server on its way to what is wanted.
struct Settling<'a> {
    client: &'a Client,
    aim: Aim<'a>,
    options: &'a BindingOptions,
    /// By when all has to be done, in ticks.
    end: Duration,
}

impl<'a> Settling<'a> {
    fn new(client: &'a Client, aim: Aim<'a>, options: &'a BindingOptions) -> Self {
        let end = client.inner().transport.ticks().saturating_add(options.wait.timeout);
        Self { client, aim, options, end }
    }

    async fn settle(self) -> Result<EnsuredBinding, Error> {
        loop {
            if self.is_so().await? == Some(true) {
                return Ok(EnsuredBinding::Already);
            }
            let under_way = self.under_way().await?;
            if under_way.is_empty() {
                break;
            }
            if let Followed::Met(state) = self.follow(under_way, None).await? {
                return Ok(EnsuredBinding::ByTask(Box::new(state)));
            }
        }
        let failure = match self.aim.send(self.client).await {
            Ok(own) => match self.follow_own(own).await? {
                Followed::Met(state) => return Ok(EnsuredBinding::ByTask(Box::new(state))),
                Followed::Missed(failure) => failure.unwrap_or_else(|| Error::mismatch("it is not so")),
            },
            Err(error) => error,
        };
        self.after(failure).await
    }

    /// Whether the look says that it is as wanted; none if there is no look.
    async fn is_so(&self) -> Result<Option<bool>, Error> {
        let carried = self.options.look(self.aim.server()).await?;
        Ok(carried.map(|carried| carried.as_ref() == self.aim.keypair()))
    }

    /// The tasks on the server, those first that were accepted first.
    async fn under_way(&self) -> Result<Vec<Seen>, Error> {
        let mut tasks = Vec::new();
        let mut running = self.client.items(ListRunningTask::new());
        while let Some(task) = running.next().await {
            let task = task?;
            if task.server_id.as_ref() == Some(self.aim.server()) {
                tasks.push(Seen::new(&task));
            }
        }
        tasks.sort_by_key(Seen::order);
        Ok(tasks)
    }

    /// Follows the task of this call, and before it those that were accepted earlier.
    async fn follow_own(&self, own: TaskHandle) -> Result<Followed, Error> {
        // Where it cannot be read who else there is, one's own task is all that is known.
        let mut tasks = self.under_way().await.unwrap_or_default();
        let id = own.task_id.clone();
        if !tasks.iter().any(|task| task.handle.task_id == id) {
            let action = self.aim.keypair().is_none().then_some(Action::Unbind);
            tasks.push(Seen { handle: own, action });
        }
        self.follow(tasks, Some(&id)).await
    }

    /// Waits for the tasks, one after the other, up to one that brings it about. Of the failures that of one's own task
    /// counts.
    async fn follow(&self, tasks: Vec<Seen>, own: Option<&TaskId>) -> Result<Followed, Error> {
        let mut failure = None;
        for Seen { handle, action } in tasks {
            let is_own = own == Some(&handle.task_id);
            let keypair = handle.keypair_name.clone();
            match self.client.wait(handle, &self.left()).await {
                Ok(state) if is_own || self.aim.is_met_by(state.action().or(action), keypair.as_ref()) => {
                    return Ok(Followed::Met(state));
                }
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::TaskFailed | ErrorKind::TaskGone) => {
                    if is_own || failure.is_none() {
                        failure = Some(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Followed::Missed(failure))
    }

    /// The options of a wait, with what is left of the time.
    fn left(&self) -> WaitOptions {
        let now = self.client.inner().transport.ticks();
        self.options.wait.clone().with_timeout(self.end.saturating_sub(now))
    }

    /// After a task that failed, or was not accepted: it may be so all the same.
    async fn after(&self, failure: Error) -> Result<EnsuredBinding, Error> {
        match self.is_so().await {
            Ok(Some(true)) => return Ok(EnsuredBinding::Already),
            Ok(None) => {}
            // What went wrong first counts for more.
            Ok(Some(false)) | Err(_) => return Err(failure),
        }
        if failure.kind() != ErrorKind::TaskFailed {
            return Err(failure);
        }
        match self.proof() {
            None => Err(failure.noted("unless it was so before: give a look, which can tell")),
            Some(proof) => {
                let proven = async {
                    self.client.wait(associated_alone(self.client, &proof).await?, &self.left()).await
                };
                match proven.await {
                    Ok(state) => Ok(EnsuredBinding::ByTask(Box::new(state))),
                    Err(_) => Err(failure),
                }
            }
        }
    }

    /// The replacement of the key pair by itself.
    fn proof(&self) -> Option<AssociateKeypair> {
        let Aim::Bound(AssociateKeypair {
            keypair_name,
            server: Server::Running(server),
            disable_password,
            ..
        }) = self.aim
        else {
            return None;
        };
        let login = Login::private_key(self.options.proof.clone()?);
        let mut running = Server::running(server.id.clone(), login);
        running.port = server.port;
        let mut proof = AssociateKeypair::new(keypair_name.clone(), running);
        proof.disable_password = *disable_password;
        Some(proof)
    }
}
