use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;

use kps_model::{KeypairName, PrivateKey, ServerId};

use crate::{Error, WaitOptions};

/// How [`ensure_bound`](crate::Client::ensure_bound) and [`ensure_unbound`](crate::Client::ensure_unbound) find out what
/// a server carries, and how long they wait.
///
/// The service has no call that tells which key pair a server carries. Another one has, such as that for the details of a
/// cloud server, whose `key_name` it is; a program that asks it gives a **look**.
///
/// ```
/// # use kps_core::{BindingOptions, KeypairName, ServerId};
/// # async fn key_name(_: ServerId) -> Result<Option<KeypairName>, Box<dyn std::error::Error + Send + Sync>> { Ok(None) }
/// let options = BindingOptions::new().with_look(|server| async move {
///     key_name(server).await // of the API for cloud servers
/// });
/// # let _ = options;
/// ```
#[derive(Clone, Default)]
pub struct BindingOptions {
    pub(super) wait: WaitOptions,
    look: Option<Look>,
    pub(super) proof: Option<PrivateKey>,
}

/// What a server carries, or why that could not be found out.
type Looked = Result<Option<KeypairName>, Box<dyn StdError + Send + Sync>>;
type Look = Arc<dyn Fn(ServerId) -> Pin<Box<dyn Future<Output = Looked> + Send>> + Send + Sync>;

impl BindingOptions {
    /// The defaults of [`WaitOptions`], and no look.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long to wait for tasks, all in sum, and how often to look at them.
    #[must_use]
    pub fn with_wait(mut self, wait: WaitOptions) -> Self {
        self.wait = wait;
        self
    }

    /// Finds out with this which key pair a server carries, if any. It is asked before anything is sent, and after a task
    /// that failed.
    #[must_use]
    pub fn with_look<F>(mut self, look: impl Fn(ServerId) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Looked> + Send + 'static,
    {
        self.look = Some(Arc::new(move |server| Box::pin(look(server))));
        self
    }

    /// As [`with_look`](Self::with_look), with a function that blocks.
    ///
    /// ```
    /// # use kps_core::{BindingOptions, KeypairName};
    /// let carried = KeypairName::new("deploy")?;
    /// let options = BindingOptions::new().with_blocking_look(move |_| Ok(Some(carried.clone())));
    /// # let _ = options;
    /// # Ok::<(), kps_core::InvalidId>(())
    /// ```
    #[must_use]
    pub fn with_blocking_look(self, look: impl Fn(&ServerId) -> Looked + Send + Sync + 'static) -> Self {
        self.with_look(move |server| ready(look(&server)))
    }

    /// Proves with the private key of the wanted key pair that a running server carries it, where a task failed and there
    /// is no look: a replacement of the key pair by itself succeeds only then.
    #[must_use]
    pub fn with_proof(mut self, private_key: PrivateKey) -> Self {
        self.proof = Some(private_key);
        self
    }

    /// Which key pair a server carries, or `None` without a look.
    pub(super) async fn look(&self, server: &ServerId) -> Result<Option<Option<KeypairName>>, Error> {
        match &self.look {
            None => Ok(None),
            Some(look) => look(server.clone()).await.map(Some).map_err(Error::look),
        }
    }
}

impl fmt::Debug for BindingOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BindingOptions")
            .field("wait", &self.wait)
            .field("look", &self.look.is_some())
            .field("proof", &self.proof)
            .finish()
    }
}
