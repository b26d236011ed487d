use kps_model::{CreateKeypair, CreatedKeypair, Description, UpdateKeypairDescription};

use crate::{Client, Error};

/// A key pair that was made, and whether it was described as well. It may hold the only copy of a private key, so it is
/// no error where the description failed.
///
/// ```
/// # use kps_core::*;
/// # let transport = |request: Prepared| {
/// #     let mut answer = http::Response::new(r#"{"keypair":{"name":"deploy","private_key":"-----BEGIN RSA PRIVATE KEY-----"}}"#.into());
/// #     if request.as_http().method() == "PUT" { *answer.status_mut() = http::StatusCode::FORBIDDEN; }
/// #     Ok(answer)
/// # };
/// # let kps = blocking::Client::builder(transport).region(Region::CN_NORTH_4)
/// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b")?).build()?;
/// let text = Description::new("CI, until autumn")?;
/// let described = kps.create_described(CreateKeypair::new(KeypairName::new("deploy")?), text.clone())?;
/// assert!(described.keypair.private_key.is_some()); // to be kept first of all
/// if let Err(error) = described.description {
///     assert!(error.is_forbidden());
///     let again = UpdateKeypairDescription::new(described.keypair.name, text);
/// #   let _ = again;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "it may hold the only copy of a private key"]
#[non_exhaustive]
pub struct DescribedKeypair {
    /// The new key pair.
    pub keypair: CreatedKeypair,
    /// Whether it was described, or why not. To try again, send [`UpdateKeypairDescription`].
    pub description: Result<(), Error>,
}

impl Client {
    /// Makes or imports a key pair and describes it, which the service takes two calls for.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |request: Prepared| {
    /// #     let mut answer = http::Response::new(r#"{"keypair":{"name":"deploy","private_key":"-----BEGIN RSA PRIVATE KEY-----"}}"#.into());
    /// #     if request.as_http().method() == "PUT" { *answer.status_mut() = http::StatusCode::FORBIDDEN; }
    /// #     async { Ok(answer) }
    /// # };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let deploy = CreateKeypair::new(KeypairName::new("deploy")?);
    /// let described = kps.create_described(deploy, Description::new("CI, until autumn")?).await?;
    /// let private_key = described.keypair.private_key.ok_or("no private key")?; // it is there, described or not
    /// assert!(private_key.expose().starts_with("-----BEGIN"));
    /// assert!(described.description.unwrap_err().is_forbidden());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// What kept the key pair from being made. That it was not described is told beside it.
    pub async fn create_described(
        &self,
        operation: CreateKeypair,
        description: Description,
    ) -> Result<DescribedKeypair, Error> {
        let keypair = self.call(&operation).await?.keypair;
        let description = self.call(&UpdateKeypairDescription::new(keypair.name.clone(), description)).await;
        Ok(DescribedKeypair { keypair, description })
    }
}
