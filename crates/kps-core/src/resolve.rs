//! Looking whether a call was applied whose answer was lost.

use std::time::SystemTime;

use kps_model::{
    Action, AssociateKeypair, CreateKeypair, DeleteFailedTask, DeleteKeypair, DisassociateKeypair,
    KeyMaterial, KeypairDetail, KeypairName, ListFailedTask, ListKeypairDetail, ListRunningTask, OperateType,
    PublicKey, ServerId, TaskId, Timestamp,
};

use crate::{Client, Error, Operation, Paged, TaskRecord, exchange, list};

/// What became of a call whose answer was lost. It says what is so at the moment: a request that is still on its way
/// may be applied later.
///
/// ```
/// # use kps_core::*;
/// # let transport = |request: Prepared| {
/// #     if request.as_http().method() == "DELETE" { return Err(Failure::new(FailureKind::Timeout, Sent::Maybe, "gone")); }
/// #     let status = if request.uri().path().ends_with("/deploy") { 404 } else { 200 };
/// #     Ok(http::Response::builder().status(status).body("{}".into()).unwrap())
/// # };
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let operation = DeleteKeypair::new(KeypairName::new("deploy")?);
/// if let Err(error) = kps.send(operation.clone()) {
///     let text = match kps.resolve(&operation, &error)? {
///         Resolution::Done(()) => "it is deleted",
///         Resolution::NotDone => "it is still there: try again",
///         _ => "look at it yourself",
///     };
///     assert_eq!(text, "it is deleted");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolution<T> {
    /// It was applied, and this is what came of it.
    Done(T),
    /// It was not.
    NotDone,
    /// The service does not tell.
    Unknown,
}

/// An operation of which the service lets one look whether it was applied: making and deleting key pairs, binding and
/// unbinding, deleting the record of a task.
///
/// ```
/// use kps_core::{Error, Resolution, Resolve, blocking};
///
/// /// Makes a call whose answer may be lost, and tells whether it was applied.
/// fn apply<O: Resolve + Clone>(kps: &blocking::Client, operation: O) -> Result<bool, Error> {
///     match kps.send(operation.clone()) {
///         Ok(_) => Ok(true),
///         Err(error) if error.may_have_been_applied() => {
///             Ok(matches!(kps.resolve(&operation, &error)?, Resolution::Done(_)))
///         }
///         Err(error) => Err(error),
///     }
/// }
/// # use kps_core::*;
/// # let transport = |request: Prepared| {
/// #     if request.as_http().method() == "DELETE" { return Err(Failure::new(FailureKind::Timeout, Sent::Maybe, "gone")); }
/// #     Ok(http::Response::new(r#"{"total":0,"tasks":[]}"#.into()))
/// # };
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
///
/// assert!(apply(&kps, DeleteFailedTask::new(TaskId::new("t-1")?))?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Resolve: Operation {
    /// What is known of a call that was applied.
    type Found: Send;

    /// Looks whether a call was applied that began at this time of the service's clock, or up to two seconds later.
    ///
    /// # Errors
    ///
    /// What keeps the client from looking.
    fn look(
        &self,
        client: &Client,
        since: SystemTime,
    ) -> impl Future<Output = Result<Resolution<Self::Found>, Error>> + Send;
}

impl Client {
    /// Looks whether a call was applied that [may have been](Error::may_have_been_applied). Where the error says
    /// that it was not, nothing is asked.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |request: Prepared| async move {
    /// #     if request.as_http().method() == "POST" { return Err(Failure::new(FailureKind::Timeout, Sent::Maybe, "gone")); }
    /// #     let key_pair = r#"{"keypair":{"name":"deploy","create_time":99999999999999}}"#;
    /// #     Ok(http::Response::new(if request.uri().path().ends_with("/deploy") { key_pair } else { "{}" }.into()))
    /// # };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let operation = CreateKeypair::new(KeypairName::new("deploy").unwrap());
    /// let error = kps.send(operation.clone()).await.unwrap_err();
    /// assert!(error.may_have_been_applied());
    /// assert!(matches!(kps.resolve(&operation, &error).await.unwrap(), Resolution::Done(_)));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps the client from looking, or an [input error](crate::ErrorKind::Input) if the error is that of another
    /// operation.
    pub async fn resolve<O: Resolve>(
        &self,
        operation: &O,
        error: &Error,
    ) -> Result<Resolution<O::Found>, Error> {
        if error.operation() != Some(O::META.name) {
            let text = format!("an error of {} says nothing of it", error.operation().unwrap_or("no call"));
            return Err(Error::input(text).of_operation(O::META.name));
        }
        if !error.may_have_been_applied() {
            return Ok(Resolution::NotDone);
        }
        operation.look(self, self.began(error).await?).await
    }

    /// When a call began, by the clock of the service: its present time, less what has passed since.
    pub(crate) async fn began(&self, error: &Error) -> Result<SystemTime, Error> {
        let now = exchange::date(self).await?;
        let passed = self.inner().transport.ticks().saturating_sub(error.began());
        Ok(now.checked_sub(passed).unwrap_or(SystemTime::UNIX_EPOCH))
    }
}

/// What is known of the key pair of this name.
pub(crate) async fn key_pair(client: &Client, name: &KeypairName) -> Result<Option<KeypairDetail>, Error> {
    match client.call(&ListKeypairDetail::new(name.clone())).await {
        Ok(answer) => Ok(Some(answer.keypair)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether something is of this time or later, if it says of when it is.
pub(crate) fn is_since(time: Option<&Timestamp>, since: SystemTime) -> Option<bool> {
    Some(list::time_of(time?)? >= since)
}

pub(crate) fn is_same_key(one: &PublicKey, other: &PublicKey) -> bool {
    // The comment behind the key may be left out or made up by the service.
    (one.algorithm(), one.base64()) == (other.algorithm(), other.base64())
}

impl Resolve for CreateKeypair {
    type Found = Box<KeypairDetail>;

    async fn look(&self, client: &Client, since: SystemTime) -> Result<Resolution<Self::Found>, Error> {
        let Some(found) = key_pair(client, &self.name).await? else { return Ok(Resolution::NotDone) };
        let imported = match &self.material {
            KeyMaterial::Imported(public_key) | KeyMaterial::ImportedAndHosted { public_key, .. } => {
                found.public_key.as_ref().map(|there| is_same_key(public_key, there))
            }
            _ => None,
        };
        Ok(match imported.or_else(|| is_since(found.create_time.as_ref(), since)) {
            Some(true) => Resolution::Done(Box::new(found)),
            Some(false) => Resolution::NotDone,
            None => Resolution::Unknown,
        })
    }
}

impl Resolve for DeleteKeypair {
    type Found = ();

    async fn look(&self, client: &Client, since: SystemTime) -> Result<Resolution<()>, Error> {
        let Some(found) = key_pair(client, &self.keypair_name).await? else {
            return Ok(Resolution::Done(()));
        };
        Ok(match is_since(found.create_time.as_ref(), since) {
            // Another of that name was made meanwhile, which takes that the old one was gone.
            Some(true) => Resolution::Done(()),
            Some(false) => Resolution::NotDone,
            None => Resolution::Unknown,
        })
    }
}

impl Resolve for AssociateKeypair {
    type Found = TaskId;

    async fn look(&self, client: &Client, since: SystemTime) -> Result<Resolution<TaskId>, Error> {
        let puts_on = |action| action != Action::Unbind;
        let key_pair = Some(&self.keypair_name);
        Trace { server: self.server.id(), key_pair, action: puts_on, since }.follow(client).await
    }
}

impl Resolve for DisassociateKeypair {
    type Found = TaskId;

    async fn look(&self, client: &Client, since: SystemTime) -> Result<Resolution<TaskId>, Error> {
        let takes_off = |action| action == Action::Unbind;
        Trace { server: self.server.id(), key_pair: None, action: takes_off, since }.follow(client).await
    }
}

impl Resolve for DeleteFailedTask {
    type Found = ();

    async fn look(&self, client: &Client, _: SystemTime) -> Result<Resolution<()>, Error> {
        let found = first(client, ListFailedTask::new(), |task| task.task_id == self.task_id).await?;
        Ok(found.map_or(Resolution::Done(()), |_| Resolution::NotDone))
    }
}

/// By what the task of a call is known.
struct Trace<'a> {
    server: &'a ServerId,
    key_pair: Option<&'a KeypairName>,
    action: fn(Action) -> bool,
    since: SystemTime,
}

impl Trace<'_> {
    fn fits(&self, task: &impl TaskRecord) -> bool {
        task.server_id() == Some(self.server)
            && self
                .key_pair
                .is_none_or(|name| task.keypair_name().is_some_and(|there| *there == *name.as_str()))
            && task.operate_type().and_then(OperateType::action).is_some_and(self.action)
            && is_since(task.task_time(), self.since) == Some(true)
    }

    /// The task, as long as it is under way, or if it failed. Of those that ended well there is no list.
    async fn follow(&self, client: &Client) -> Result<Resolution<TaskId>, Error> {
        // First those that run: one that fails meanwhile is found among the failed.
        if let Some(task) = first(client, ListRunningTask::new(), |task| self.fits(task)).await? {
            return Ok(Resolution::Done(task.task_id));
        }
        let failed = first(client, ListFailedTask::new(), |task| self.fits(task)).await?;
        Ok(failed.map_or(Resolution::Unknown, |task| Resolution::Done(task.task_id)))
    }
}

/// The first of a list that fits.
async fn first<O: Paged>(
    client: &Client,
    operation: O,
    fits: impl Fn(&O::Item) -> bool + Send,
) -> Result<Option<O::Item>, Error> {
    let mut items = client.items(operation);
    while let Some(item) = items.next().await {
        let item = item?;
        if fits(&item) {
            return Ok(Some(item));
        }
    }
    Ok(None)
}
