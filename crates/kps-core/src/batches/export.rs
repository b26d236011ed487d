use kps_model::{BatchExportPrivateKey, ExportPrivateKey, KeypairName, PrivateKey};

use crate::batches::run::{one_by_one, run};
use crate::batches::sheet::{Sheet, lots};
use crate::batches::{BatchOptions, Outcomes};
use crate::flight::Job;
use crate::{Client, Error};

type Exported = Result<PrivateKey, Error>;

impl Client {
    /// Hands out any number of hosted private keys. It changes nothing and can be repeated.
    ///
    /// With the feature `zip` ten are asked for in a call. The service refuses such a call as a whole if one of the key
    /// pairs is not there or not hosted; then, and where an archive cannot be read or lacks a key, each is asked for by
    /// itself, as it is without the feature. So each has a key, or an error of its own.
    ///
    /// Where all would fail for the same reason (credentials, permissions, settings), nothing more is sent, and the rest
    /// is [not tried](crate::ErrorKind::NotTried). A name that comes twice is exported where it comes first; the second
    /// fails.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |request: Prepared| async move {
    /// #     if request.uri().path().ends_with("batch-export") { return Ok(http::Response::new("not a zip file".into())); }
    /// #     Ok(http::Response::new(r#"{"keypair":{"name":"any","private_key":"-----BEGIN RSA PRIVATE KEY-----"}}"#.into()))
    /// # };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let names = vec![KeypairName::new("bastion")?, KeypairName::new("build-agents")?];
    /// for key in kps.export_private_keys(names, &BatchOptions::new().with_calls_at_once(2)).await {
    ///     match key.result {
    ///         Ok(private_key) => assert!(private_key.expose().starts_with("-----BEGIN")),
    ///         Err(error) => println!("{}: {error}", key.item),
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn export_private_keys(
        &self,
        names: impl IntoIterator<Item = KeypairName> + Send,
        options: &BatchOptions,
    ) -> Outcomes<KeypairName, PrivateKey> {
        let sheet = Sheet::new(names.into_iter().map(|name| (name.clone(), Ok(name))));
        let split = |items| lots(items, BatchExportPrivateKey::MAX_ITEMS);
        run(self, options, sheet, split, exported).await
    }
}

fn exported(client: Client, names: Vec<KeypairName>) -> Job<Vec<Exported>> {
    Box::pin(async move {
        match together(&client, &names).await {
            Ok(Some(keys)) => keys.into_iter().map(Ok).collect(),
            Ok(None) => one_by_one(&client, names, exported_alone).await,
            Err(error) => names.iter().map(|_| Err(error.for_item())).collect(),
        }
    })
}

fn exported_alone(client: Client, name: KeypairName) -> Job<Exported> {
    Box::pin(async move { Ok(client.call(&ExportPrivateKey::new(name)).await?.keypair.private_key) })
}

/// All the keys in one call, or none if they are to be asked for one by one.
#[cfg(feature = "zip")]
async fn together(client: &Client, names: &[KeypairName]) -> Result<Option<Vec<PrivateKey>>, Error> {
    let Ok(batch) = BatchExportPrivateKey::new(names.iter().cloned()) else { return Ok(None) };
    if names.len() == 1 {
        return Ok(None);
    }
    match client.call(&batch).await {
        Ok(archive) => Ok(archive.keys().ok().and_then(|keys| in_order(keys, names))),
        Err(error) if error.is_about_an_item() => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(feature = "zip")]
fn in_order(keys: Vec<crate::ExportedKey>, names: &[KeypairName]) -> Option<Vec<PrivateKey>> {
    let mut keys: std::collections::HashMap<_, _> =
        keys.into_iter().map(|key| (key.name, key.private_key)).collect();
    names.iter().map(|name| keys.remove(name.as_str())).collect()
}

/// Without the feature `zip` an archive cannot be read.
#[cfg(not(feature = "zip"))]
async fn together(_: &Client, _: &[KeypairName]) -> Result<Option<Vec<PrivateKey>>, Error> {
    Ok(None)
}
