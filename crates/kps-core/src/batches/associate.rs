use kps_model::{
    AssociateKeypair, BatchAssociateKeypair, BatchAssociateKeypairResponse, BatchServer, KeypairName, Login,
    Server, ServerId, TaskHandle, TaskReceipt,
};

use crate::batches::run::{one_by_one, run};
use crate::batches::sheet::{Placed, Sheet};
use crate::batches::{BatchOptions, Outcomes};
use crate::flight::Job;
use crate::{Answer, Client, Error, Operation, Resolution, Resolve};

type Accepted = Result<TaskHandle, Error>;

impl Client {
    /// Puts key pairs on any number of servers, and tells of each whether the task was accepted.
    /// [`wait_all`](Client::wait_all) waits for the tasks.
    ///
    /// Servers that are logged in to with a password are bound ten in a call, those of a key pair together; they must
    /// carry none. All others are bound one by one. A lost answer is looked up in the lists of tasks. A call that is
    /// refused as a whole is made anew for each of its servers by itself, unless the key pair is not there.
    ///
    /// Where all would fail for the same reason (credentials, permissions, settings), nothing more is sent, and the rest
    /// is [not tried](crate::ErrorKind::NotTried). A server that comes twice is bound as it comes first; the second
    /// fails. What is bound already is not told: for that see [`ensure_bound`](Client::ensure_bound).
    ///
    /// ```
    /// # use kps_core::*;
    /// # pollster::block_on(async {
    /// # let transport = |_: Prepared| async { Ok(http::Response::new(r#"{"tasks":[
    /// #     {"task_id":"t-2","server_id":"s-2","status":"SUCCESS"},
    /// #     {"server_id":"s-1","status":"Failed","error_code":"KPS.0002","error_msg":"it carries a key pair"}
    /// # ]}"#.into())) };
    /// # let kps = Client::builder(transport).region(Region::CN_NORTH_4)
    /// #     .credentials(Credentials::access_key("AK", "SK")).project_id(ProjectId::new("0a1b").unwrap()).build().unwrap();
    /// let mut bindings = Vec::new();
    /// for (server, password) in [("s-1", "first"), ("s-2", "second")] {
    ///     let server = Server::running(ServerId::new(server)?, Login::password(password));
    ///     bindings.push(AssociateKeypair::new(KeypairName::new("deploy")?, server));
    /// }
    /// let outcomes = kps.associate_keypairs(bindings, &BatchOptions::new()).await;
    /// for (server, error) in outcomes.failed() {
    ///     println!("{server}: {error}");
    /// }
    /// let tasks: Vec<TaskHandle> = outcomes.succeeded().map(|(_, task)| task.clone()).collect();
    /// assert_eq!(tasks[0].to_string(), "task t-2, server s-2, key pair deploy");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn associate_keypairs(
        &self,
        bindings: impl IntoIterator<Item = AssociateKeypair> + Send,
        options: &BatchOptions,
    ) -> Outcomes<ServerId, TaskHandle> {
        let sheet =
            Sheet::new(bindings.into_iter().map(|binding| (binding.server.id().clone(), Ok(binding))));
        run(self, options, sheet, together, associated).await
    }
}

/// Those that one call can bind, up to ten of a key pair, and each of the others by itself.
fn together(items: Vec<Placed<AssociateKeypair>>) -> Vec<Vec<Placed<AssociateKeypair>>> {
    let mut lots: Vec<Vec<Placed<AssociateKeypair>>> = Vec::new();
    for (at, item) in items {
        let takes = |lot: &&mut Vec<Placed<AssociateKeypair>>| {
            let first = lot.first().map(|(_, first)| first);
            first.is_some_and(|first| first.keypair_name == item.keypair_name && in_batch(first).is_some())
                && lot.len() < BatchAssociateKeypair::MAX_ITEMS
        };
        let lot = in_batch(&item).and_then(|_| lots.iter_mut().rev().find(takes));
        match lot {
            Some(lot) => lot.push((at, item)),
            None => lots.push(vec![(at, item)]),
        }
    }
    lots
}

/// The server as it stands in a batch, if it can: it must run, and be logged in to with its password.
fn in_batch(item: &AssociateKeypair) -> Option<BatchServer> {
    let Server::Running(server) = &item.server else { return None };
    let Login::Password(password) = &server.login else { return None };
    let mut batched = BatchServer::new(server.id.clone(), password.clone());
    batched.port = server.port;
    batched.disable_password = item.disable_password;
    Some(batched)
}

fn associated(client: Client, items: Vec<AssociateKeypair>) -> Job<Vec<Accepted>> {
    Box::pin(async move {
        let batch = batch_of(&items);
        let Some(batch) = batch.filter(|_| items.len() > 1) else {
            return one_by_one(&client, items, alone).await;
        };
        let began = client.inner().transport.ticks();
        let error = match client.answer(batch).await {
            Ok(answer) => {
                let untold = of_batch(Error::untold(&answer, began));
                let of = |item: &AssociateKeypair| accepted(&answer, item);
                return completed(&client, &items, items.iter().map(of).collect(), &untold).await;
            }
            Err(error) => error,
        };
        if error.may_have_been_applied() {
            return completed(&client, &items, items.iter().map(|_| None).collect(), &error).await;
        }
        if error.is_about_an_item() && !error.is_not_found() {
            return one_by_one(&client, items, alone).await;
        }
        items.iter().map(|_| Err(error.for_item())).collect()
    })
}

fn batch_of(items: &[AssociateKeypair]) -> Option<BatchAssociateKeypair> {
    let name: &KeypairName = &items.first()?.keypair_name;
    let servers: Option<Vec<BatchServer>> = items.iter().map(in_batch).collect();
    BatchAssociateKeypair::new(name.clone(), servers?).ok()
}

fn of_batch(error: Error) -> Error {
    error.of_operation(BatchAssociateKeypair::META.name)
}

/// What the answer tells of a server, by its id: the order is not promised.
fn accepted(answer: &Answer<BatchAssociateKeypairResponse>, item: &AssociateKeypair) -> Option<Accepted> {
    let receipt = answer.output.of(item.server.id())?;
    Some(told(answer, receipt, item).map_err(of_batch))
}

/// Looks for the tasks of those of which no answer told.
async fn completed(
    client: &Client,
    items: &[AssociateKeypair],
    told: Vec<Option<Accepted>>,
    lost: &Error,
) -> Vec<Accepted> {
    let mut results = Vec::with_capacity(items.len());
    for (item, told) in items.iter().zip(told) {
        results.push(match told {
            Some(result) => result,
            None => traced(client, item, lost.for_item()).await,
        });
    }
    results
}

fn alone(client: Client, item: AssociateKeypair) -> Job<Accepted> {
    Box::pin(async move { associated_alone(&client, &item).await })
}

/// Binds one server, and looks for the task if the answer was lost.
pub(crate) async fn associated_alone(client: &Client, item: &AssociateKeypair) -> Accepted {
    match client.answer(item.clone()).await {
        Ok(answer) => {
            let told = told(&answer, &answer.output, item);
            told.map_err(|error| error.of_operation(AssociateKeypair::META.name))
        }
        Err(error) if error.may_have_been_applied() => traced(client, item, error).await,
        Err(error) => Err(error),
    }
}

/// The task that an answer which was lost would have told of, or else the error.
async fn traced(client: &Client, item: &AssociateKeypair, lost: Error) -> Accepted {
    let Ok(since) = client.began(&lost).await else { return Err(lost) };
    match item.look(client, since).await {
        Ok(Resolution::Done(task)) => Ok(of_item(TaskHandle::new(task), item)),
        _ => Err(lost),
    }
}

fn told<T>(answer: &Answer<T>, receipt: &TaskReceipt, item: &AssociateKeypair) -> Accepted {
    match receipt.handle() {
        Ok(handle) => Ok(of_item(handle, item)),
        Err(refused) => Err(Error::refused_within(answer, refused.into())),
    }
}

fn of_item(handle: TaskHandle, item: &AssociateKeypair) -> TaskHandle {
    handle.with_server(item.server.id().clone()).with_keypair(item.keypair_name.clone())
}

#[cfg(test)]
mod tests {
    use kps_model::{Port, PrivateKey};

    use super::*;

    fn binding(name: &str, server: impl Into<Server>) -> AssociateKeypair {
        AssociateKeypair::new(KeypairName::new(name).unwrap(), server)
    }

    fn id(number: usize) -> ServerId {
        ServerId::new(format!("s-{number}")).unwrap()
    }

    #[test]
    fn those_of_a_key_pair_go_together_if_they_can() {
        let password = |name, number| binding(name, Server::running(id(number), Login::password("p")));
        let key = || Login::private_key(PrivateKey::new("-----BEGIN RSA PRIVATE KEY-----").unwrap());
        let mut items = vec![
            binding("a", Server::stopped(id(0))),
            password("a", 1),
            password("b", 2),
            binding("a", Server::running(id(3), key())),
            password("a", 4),
            binding("a", Server::stopped(id(5))),
        ];
        items.extend((6..20).map(|number| password("a", number)));
        let lots = together(items.into_iter().enumerate().collect());
        let places: Vec<Vec<usize>> =
            lots.iter().map(|lot| lot.iter().map(|(at, _)| *at).collect()).collect();
        let tens = |first: Vec<usize>, rest: std::ops::Range<usize>| first.into_iter().chain(rest).collect();
        let expected: Vec<Vec<usize>> =
            vec![vec![0], tens(vec![1, 4], 6..14), vec![2], vec![3], vec![5], (14..20).collect()];
        assert_eq!(places, expected);
    }

    #[test]
    fn all_that_is_told_of_a_server_goes_along() {
        let server = Server::running(id(1), Login::password("p")).with_port(Port::new(2222).unwrap());
        let server = in_batch(&binding("a", server).with_disable_password(true)).unwrap();
        assert_eq!((server.port, server.disable_password), (Port::new(2222).ok(), Some(true)));
        assert_eq!((server.id, server.password.expose()), (id(1), "p"));
    }
}
