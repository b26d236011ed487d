//! The client that blocks: the same functions, run to their end on the caller's thread.
//!
//! It needs no async runtime and starts none, so it also works within one, though it blocks its thread.

use std::future::Future;
use std::iter::FusedIterator;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::{Builder, Error, HttpOptions, Operation, Paged, Prepared, ProxyRules, Ready, Transport, pages};

/// The client of the service that blocks. The one to be awaited is [`crate::Client`].
///
/// It is cheap to clone, and clones share connections. `kps-ureq` makes one; [`builder`](Self::builder)
/// makes one on any transport.
///
/// ```
/// use kps_core::{Credentials, ListFailedTask, ProjectId, Region, blocking};
///
/// # let transport = |_: kps_core::Prepared| Ok(http::Response::new(r#"{"total":1,"tasks":[{"task_id":"t-1"}]}"#.into()));
/// let kps = blocking::Client::builder(transport)
///     .region(Region::CN_NORTH_4)
///     .credentials(Credentials::access_key("AK", "SK"))
///     .project_id(ProjectId::new("0a1b")?)
///     .build()?;
/// for task in kps.items(ListFailedTask::new()) {
///     println!("{}", task?.task_id);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client(crate::Client);

impl Client {
    pub(crate) fn new(client: crate::Client) -> Self {
        Self(client)
    }

    /// A builder of a client on this transport.
    pub fn builder(transport: impl Transport + 'static) -> Builder<Self> {
        Self::builder_with(move |_, _| Ok(transport))
    }

    /// A builder of a client on a transport that is made last, when the options for it are known: what an
    /// adapter offers its users.
    pub fn builder_with<T: Transport + 'static>(
        connect: impl FnOnce(&HttpOptions, ProxyRules) -> Result<T, Error> + Send + 'static,
    ) -> Builder<Self> {
        Builder::new(Box::new(move |options, proxies| Ok(Arc::new(Ready(connect(options, proxies)?)))))
    }

    /// The same client, whose calls carry one more header, unsigned: `X-Language`, say, for the language of the
    /// service's messages. It shares everything else with this one, so it can be made for a single call.
    ///
    /// # Errors
    ///
    /// A [configuration error](crate::ErrorKind::Config) for a header that the client sets itself, or that cannot be
    /// sent.
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self, Error> {
        self.0.with_header(name, value).map(Self)
    }

    /// Makes one call.
    ///
    /// # Errors
    ///
    /// [`Error`] tells what went wrong, and of a refusal all the service said.
    pub fn send<O: Operation>(&self, operation: O) -> Result<O::Output, Error> {
        run(self.0.send(operation))
    }

    /// Builds and signs the request of a call and does not send it. The signature is good for 15 minutes.
    ///
    /// # Errors
    ///
    /// An [input error](crate::ErrorKind::Input) for a value that cannot be sent.
    pub fn prepare<O: Operation>(&self, operation: O) -> Result<Prepared, Error> {
        run(self.0.prepare(operation))
    }

    /// A list page by page, from the position of the request to its end.
    pub fn pages<O: Paged>(&self, operation: O) -> Pages<O> {
        Pages(self.0.pages(operation))
    }

    /// A list item by item, from the position of the request to its end. Pages are asked for when the items
    /// of the one before are taken.
    ///
    /// A list by offset shifts when what it lists is deleted meanwhile, and items are then passed over: to delete
    /// what is listed, collect it first.
    pub fn items<O: Paged>(&self, operation: O) -> Items<O> {
        Items(self.0.items(operation))
    }
}

/// Runs a future to its end. Over a blocking transport it is ready at once, so that nothing to wake anybody with
/// is set up unless it is needed.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => pollster::block_on(future),
    }
}

/// The pages of a list, in order. An empty page is not handed out; after an error there are no more.
#[derive(Debug)]
pub struct Pages<O: Paged>(pages::Pages<O>);

impl<O: Paged> Iterator for Pages<O> {
    type Item = Result<O::Output, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        run(self.0.next())
    }
}

impl<O: Paged> FusedIterator for Pages<O> {}

/// The items of a list, in order. After an error there are no more.
#[derive(Debug)]
pub struct Items<O: Paged>(pages::Items<O>);

impl<O: Paged> Iterator for Items<O> {
    type Item = Result<O::Item, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.0.take_received() {
            Some(item) => Some(Ok(item)),
            None => run(self.0.next()),
        }
    }
}

impl<O: Paged> FusedIterator for Items<O> {}
