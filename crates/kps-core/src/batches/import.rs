use kps_model::{
    BatchImportKeypair, BatchImportKeypairResponse, CreateKeypair, CreatedKeypair, ErrorBody, KeypairName,
};

use crate::batches::run::{one_by_one, run};
use crate::batches::sheet::{Sheet, lots};
use crate::batches::{BatchOptions, Outcomes};
use crate::ensure::{EnsuredKeypair, Look, Missed};
use crate::flight::Job;
use crate::{Answer, Client, Error, Operation as _};

type Imported = Result<EnsuredKeypair, Error>;

impl Client {
    /// Imports any number of key pairs, ten in a call, and tells of each whether it was imported now, was there already
    /// with the same key, or failed.
    ///
    /// It can be called again with the same key pairs, after a crash at any point or to try again those that failed:
    /// what is there is found by its key, and nothing is imported twice. A lost answer is looked up, key pair by key
    /// pair; those that are not there are sent once more, as often as the client makes
    /// [attempts](Client::with_attempts). A call that is refused as a whole is made anew for each of its key pairs by
    /// itself.
    ///
    /// One key pair that fails does not keep the others from being imported. But where all would fail for the same
    /// reason (credentials, permissions, settings), nothing more is sent, and the rest is
    /// [not tried](crate::ErrorKind::NotTried). A name that comes twice is imported as it comes first; the second fails.
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |_: Prepared| async { Ok(http::Response::new(r#"{
    /// #     "succeeded_keypairs": [{"keypair": {"name": "ann"}}],
    /// #     "failed_keypairs": [{"keypair_name": "bob", "failed_reason": "{\"error_code\":\"KPS.6011\",\"error_msg\":\"no match\"}"}]
    /// # }"#.into())) };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let mut imports = Vec::new();
    /// for (name, key) in [("ann", "ssh-ed25519 AAAA"), ("bob", "ssh-rsa AAAA")] {
    ///     imports.push(CreateKeypair::import(KeypairName::new(name)?, PublicKey::new(key)?));
    /// }
    /// let outcomes = kps.import_keypairs(imports, &BatchOptions::new()).await;
    /// assert!(!outcomes.is_complete());
    /// for (name, keypair) in outcomes.succeeded() {
    ///     println!("{name} {}", if keypair.was_made() { "imported" } else { "was there" });
    /// }
    /// let (name, error) = outcomes.failed().next().unwrap();
    /// assert_eq!((name.as_str(), error.code()), ("bob", Some("KPS.6011")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn import_keypairs(
        &self,
        imports: impl IntoIterator<Item = CreateKeypair> + Send,
        options: &BatchOptions,
    ) -> Outcomes<KeypairName, EnsuredKeypair> {
        let sheet = Sheet::new(imports.into_iter().map(|import| (import.name.clone(), importable(import))));
        let split = |items| lots(items, BatchImportKeypair::MAX_ITEMS);
        run(self, options, sheet, split, imported).await
    }
}

/// An import by itself, which has a public key.
fn importable(import: CreateKeypair) -> Result<CreateKeypair, Error> {
    match BatchImportKeypair::new([import.clone()]) {
        Ok(_) => Ok(import),
        Err(_) => Err(of_import(Error::input(format!("`{}` has no public key to import", import.name)))),
    }
}

fn of_import(error: Error) -> Error {
    error.of_operation(BatchImportKeypair::META.name)
}

fn imported(client: Client, items: Vec<CreateKeypair>) -> Job<Vec<Imported>> {
    Box::pin(async move {
        match Lot::new(&client, &items).import().await {
            Some(results) => results,
            None => one_by_one(&client, items, imported_alone).await,
        }
    })
}

fn imported_alone(client: Client, item: CreateKeypair) -> Job<Imported> {
    Box::pin(async move {
        let results = Lot::new(&client, std::slice::from_ref(&item)).import().await;
        let result = results.and_then(|mut results| results.pop());
        result.unwrap_or_else(|| Err(of_import(Error::input("nothing to import"))))
    })
}

/// Up to ten key pairs that are imported together.
struct Lot<'a> {
    client: &'a Client,
    look: Look<'a>,
    /// The key pairs, and what came of those of which it is known.
    items: Vec<(&'a CreateKeypair, Option<Imported>)>,
}

impl<'a> Lot<'a> {
    fn new(client: &'a Client, items: &'a [CreateKeypair]) -> Self {
        let items = items.iter().map(|item| (item, None)).collect();
        Self { client, look: Look::new(client), items }
    }

    /// What came of each, or none if they are to be imported one by one.
    async fn import(mut self) -> Option<Vec<Imported>> {
        let mut last = None;
        for _ in 0..self.client.options().attempts.max(1) {
            let open: Vec<_> = self.open().cloned().collect();
            if open.is_empty() {
                break;
            }
            let began = self.client.inner().transport.ticks();
            match self.call(open).await {
                Ok(answer) => {
                    self.take(&answer).await;
                    last = Some(of_import(Error::untold(&answer, began)));
                }
                Err(error) if error.may_have_been_applied() => last = Some(error),
                Err(error) if error.is_about_an_item() && self.items.len() > 1 => return None,
                // What was lost before counts for more: it may have been applied.
                Err(error) => {
                    last.get_or_insert(error);
                    break;
                }
            }
            let Some(error) = &last else { break };
            if !self.look_after_rest(error).await {
                break;
            }
        }
        if let Some(error) = last {
            self.settle_rest(&error);
        }
        Some(self.items.into_iter().filter_map(|(_, result)| result).collect())
    }

    fn open(&self) -> impl Iterator<Item = &'a CreateKeypair> {
        self.items.iter().filter(|(_, result)| result.is_none()).map(|(item, _)| *item)
    }

    async fn call(&self, open: Vec<CreateKeypair>) -> Result<Answer<BatchImportKeypairResponse>, Error> {
        let batch =
            BatchImportKeypair::new(open).map_err(|invalid| of_import(Error::input(invalid.to_string())))?;
        self.client.answer(batch).await
    }

    /// Takes what an answer tells, whose order is not promised.
    async fn take(&mut self, answer: &Answer<BatchImportKeypairResponse>) {
        let Self { look, items, .. } = self;
        for (item, result) in items.iter_mut().filter(|(_, result)| result.is_none()) {
            if let Some(made) = succeeded(&answer.output, &item.name) {
                *result = Some(Ok(EnsuredKeypair::Made(Box::new(made.clone()))));
            } else if let Some(reason) = failed(&answer.output, &item.name) {
                let refused = of_import(Error::refused_within(answer, reason));
                *result = Some(after_refusal(look, item, refused).await);
            }
        }
    }

    /// Looks for those of which no answer told, and tells whether it could. What is not there stays open.
    async fn look_after_rest(&mut self, error: &Error) -> bool {
        if self.open().next().is_none() {
            return true;
        }
        self.look.remember(error).await;
        let Self { look, items, .. } = self;
        for (item, result) in items.iter_mut().filter(|(_, result)| result.is_none()) {
            match look.after(item).await {
                Ok(ensured) => *result = Some(Ok(ensured)),
                Err(Missed::Missing) => {}
                Err(Missed::Other(error)) => *result = Some(Err(of_import(error))),
                Err(Missed::Blind(_)) => return false,
            }
        }
        true
    }

    fn settle_rest(&mut self, error: &Error) {
        for (_, result) in self.items.iter_mut().filter(|(_, result)| result.is_none()) {
            *result = Some(Err(error.for_item()));
        }
    }
}

fn succeeded<'a>(answer: &'a BatchImportKeypairResponse, name: &KeypairName) -> Option<&'a CreatedKeypair> {
    answer.succeeded_keypairs.iter().find(|made| made.name == *name)
}

fn failed(answer: &BatchImportKeypairResponse, name: &KeypairName) -> Option<ErrorBody> {
    Some(answer.failed_keypairs.iter().find(|failed| failed.keypair_name == *name)?.reason())
}

/// A name that is taken may be so by an earlier import of the same key.
async fn after_refusal(look: &Look<'_>, item: &CreateKeypair, refused: Error) -> Imported {
    if !refused.is_conflict() {
        return Err(refused);
    }
    match look.after(item).await {
        Ok(ensured) => Ok(ensured),
        Err(Missed::Other(error)) => Err(of_import(error)),
        Err(Missed::Missing | Missed::Blind(_)) => Err(refused),
    }
}
