use kps_model::{DeleteKeypair, KeypairName};

use crate::resolve::key_pair;
use crate::{Client, Error};

impl Client {
    /// Sees to it that there is no key pair of this name, and tells whether this call found one and deleted it. A hosted
    /// private key is deleted with it; servers that carry the public half keep it.
    ///
    /// Where the answer was lost and the key pair is gone, it counts as deleted by this call.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |_: Prepared| async {
    /// #     let mut answer = http::Response::new(r#"{"error_code":"KPS.4016","error_msg":"no such key pair"}"#.into());
    /// #     *answer.status_mut() = http::StatusCode::BAD_REQUEST;
    /// #     Ok(answer)
    /// # };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let was_there = kps.ensure_absent(KeypairName::new("laptop")?).await?;
    /// assert!(!was_there);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps the client from deleting it.
    pub async fn ensure_absent(&self, name: KeypairName) -> Result<bool, Error> {
        let operation = DeleteKeypair::new(name);
        let error = match self.call(&operation).await {
            Ok(()) => return Ok(true),
            Err(error) if error.is_not_found() => return Ok(error.likely_done()),
            Err(error) => error,
        };
        if !error.may_have_been_applied() {
            return Err(error);
        }
        match key_pair(self, &operation.keypair_name).await {
            Ok(None) => Ok(true),
            _ => Err(error),
        }
    }
}
