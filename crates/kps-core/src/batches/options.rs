use std::fmt;
use std::sync::Arc;

use crate::Error;

/// How a batch of any size is made: how many calls at once, and who is told of its progress.
///
/// ```
/// use kps_core::BatchOptions;
///
/// let options = BatchOptions::new()
///     .with_calls_at_once(4)
///     .with_progress(|item| println!("{} of {}: {}", item.done, item.total, item.item));
/// # let _ = options;
/// ```
#[derive(Clone)]
pub struct BatchOptions {
    pub(super) at_once: usize,
    pub(super) progress: Option<Progress>,
}

pub(super) type Progress = Arc<dyn Fn(&ItemReport<'_>) + Send + Sync>;

impl BatchOptions {
    /// The most calls that are made at once.
    pub const MAX_CALLS_AT_ONCE: usize = 16;

    /// One call after the other, and nobody is told.
    pub const fn new() -> Self {
        Self { at_once: 1, progress: None }
    }

    /// Makes so many calls at once, 1 to [`MAX_CALLS_AT_ONCE`](Self::MAX_CALLS_AT_ONCE); what is beyond is taken as the
    /// nearest. The client that blocks makes each of several on a thread.
    #[must_use]
    pub fn with_calls_at_once(mut self, calls: usize) -> Self {
        self.at_once = calls.clamp(1, Self::MAX_CALLS_AT_ONCE);
        self
    }

    /// Tells of each item when its outcome is known, one after the other, in no promised order. It is called while the
    /// batch goes on, so it must be quick, and must not panic.
    #[must_use]
    pub fn with_progress(mut self, progress: impl Fn(&ItemReport<'_>) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }
}

impl Default for BatchOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for BatchOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchOptions").field("calls_at_once", &self.at_once).finish_non_exhaustive()
    }
}

/// An item of a batch whose outcome is known.
///
/// ```
/// # use kps_core::*;
/// # let transport = |_: Prepared| Ok(http::Response::new(r#"{"keypair":{"name":"bastion","private_key":"-----BEGIN RSA PRIVATE KEY-----"}}"#.into()));
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let (tell, told) = std::sync::mpsc::channel();
/// let options = BatchOptions::new().with_progress(move |item| {
///     let end = item.error.map_or("is exported", Error::id);
///     let _ = tell.send(format!("{} of {}: {} {end}", item.done, item.total, item.item));
/// });
/// let outcomes = kps.export_private_keys([KeypairName::new("bastion")?], &options);
/// assert!(outcomes.is_complete());
/// assert_eq!(told.recv()?, "1 of 1: bastion is exported");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ItemReport<'a> {
    /// The name of the key pair, or the id of the server.
    pub item: &'a str,
    /// Why it failed, if it did.
    pub error: Option<&'a Error>,
    /// The outcomes of how many items are known, with this one.
    pub done: usize,
    /// How many items there are.
    pub total: usize,
}
