use std::time::SystemTime;

use kps_model::CreateKeypair;

use crate::ensure::{EnsuredKeypair, Wanted};
use crate::resolve::{is_since, key_pair};
use crate::{Client, Error};

/// Looks after the calls that make key pairs which came to nothing: were they made all the same, or before?
pub(crate) struct Look<'a> {
    client: &'a Client,
    /// When the first call began whose answer was lost, by the clock of the service: what was made since may be ours.
    lost: Option<SystemTime>,
}

/// Why a look found nothing.
pub(crate) enum Missed {
    /// There is no key pair of that name.
    Missing,
    /// There is another, or it cannot be told from another.
    Other(Error),
    /// It could not be looked.
    Blind(Error),
}

impl<'a> Look<'a> {
    pub(crate) const fn new(client: &'a Client) -> Self {
        Self { client, lost: None }
    }

    /// Remembers when a call began whose answer was lost. Where the service does not tell the time, what is found counts
    /// as found.
    pub(crate) async fn remember(&mut self, error: &Error) {
        if self.lost.is_none() {
            self.lost = self.client.began(error).await.ok();
        }
    }

    /// Looks for what an operation is to make.
    pub(crate) async fn after(&self, operation: &CreateKeypair) -> Result<EnsuredKeypair, Missed> {
        let wanted = Wanted::new(operation).map_err(Missed::Other)?;
        let found = key_pair(self.client, &operation.name).await.map_err(Missed::Blind)?;
        let found = found.ok_or(Missed::Missing)?;
        wanted.is(&found).map_err(Missed::Other)?;
        let ours = self.lost.and_then(|lost| is_since(found.create_time.as_ref(), lost));
        Ok(match ours {
            Some(true) => EnsuredKeypair::made_as(found),
            _ => EnsuredKeypair::Found(Box::new(found)),
        })
    }
}
