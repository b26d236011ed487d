//! From what a person calls a server to the server.

use clap::Args;
use kps_ureq::{Client, Region, ServerId};

use crate::context::Context;
use crate::servers::list::ListServersDetails;
use crate::servers::{CloudServer, State};
use crate::stop::{Exit, Failure, Stop};

/// The variable with the address of the service for cloud servers.
const VARIABLE: &str = "HUAWEICLOUD_SDK_ECS_ENDPOINT";

// How servers are found.
#[derive(Debug, Args)]
pub(crate) struct ServerArgs {
    /// The servers run: nobody is asked, and they are named by their ids
    #[arg(long, conflicts_with = "stopped")]
    running: bool,
    /// The servers are shut off: nobody is asked, and they are named by their ids
    #[arg(long)]
    stopped: bool,
    /// The address of the service for cloud servers (ECS) [else: HUAWEICLOUD_SDK_ECS_ENDPOINT, that of --endpoint, or the region's]
    #[arg(long, value_name = "URL")]
    ecs_endpoint: Option<String>,
}

impl ServerArgs {
    /// The state of the servers, if it is said.
    const fn said(&self) -> Option<State> {
        match (self.running, self.stopped) {
            (true, _) => Some(State::Running),
            (_, true) => Some(State::Stopped),
            _ => None,
        }
    }
}

/// Where servers are looked up.
pub(crate) struct Directory<'a> {
    context: &'a Context,
    kps: &'a Client,
    args: &'a ServerArgs,
}

impl<'a> Directory<'a> {
    pub(crate) const fn new(context: &'a Context, kps: &'a Client, args: &'a ServerArgs) -> Self {
        Self { context, kps, args }
    }

    /// The servers of these names or ids, in their order.
    pub(crate) fn find(&self, texts: &[String]) -> Result<Vec<CloudServer>, Stop> {
        if let Some(state) = self.args.said() {
            let said = |id: &String| Ok(CloudServer::said(id_of(id)?, state.clone()));
            return texts.iter().map(said).collect();
        }
        let ecs = self.client()?;
        let by_id = self.with_ids(&ecs, texts)?;
        let mut found: Vec<CloudServer> = Vec::with_capacity(texts.len());
        for text in texts {
            let server = if is_id(text) {
                let same = by_id.iter().find(|server| server.id == *text.as_str());
                same.cloned().ok_or_else(|| nowhere("id", text))?
            } else {
                self.named(&ecs, text)?
            };
            // One that is named twice is meant once.
            if !found.iter().any(|other| other.id == server.id) {
                found.push(server);
            }
        }
        Ok(found)
    }

    /// Those that are named by their ids, in any order.
    fn with_ids(&self, ecs: &Client, texts: &[String]) -> Result<Vec<CloudServer>, Stop> {
        let ids = texts.iter().filter(|text| is_id(text)).map(|id| id_of(id));
        let ids: Vec<ServerId> = ids.collect::<Result<_, _>>()?;
        let mut servers = Vec::with_capacity(ids.len());
        for some in ids.chunks(ListServersDetails::IDS) {
            servers.extend(self.list(ecs, ListServersDetails::with_ids(some))?);
        }
        Ok(servers)
    }

    fn named(&self, ecs: &Client, name: &str) -> Result<CloudServer, Stop> {
        let told = self.list(ecs, ListServersDetails::named(name))?;
        let mut same: Vec<CloudServer> =
            told.into_iter().filter(|server| server.name.as_deref() == Some(name)).collect();
        if same.len() > 1 {
            let ids: Vec<&str> = same.iter().map(|server| server.id.as_str()).collect();
            let message = format!("{} servers are called {name:?}: {}", ids.len(), ids.join(", "));
            return Err(Failure::usage(message).with_cure("name the one that is meant by its id").into());
        }
        same.pop().ok_or_else(|| nowhere("name", name))
    }

    fn list(&self, ecs: &Client, list: ListServersDetails) -> Result<Vec<CloudServer>, Stop> {
        let mut servers = Vec::new();
        for detail in self.context.items(ecs, list)? {
            let detail = detail.map_err(|error| {
                Failure::from(error)
                    .with_cure("say --running or --stopped and the ids of the servers, and nobody is asked")
            })?;
            servers.extend(detail.server());
        }
        Ok(servers)
    }

    /// The client of the service for cloud servers.
    fn client(&self) -> Result<Client, Stop> {
        let environment = self.context.environment();
        let named = match &self.args.ecs_endpoint {
            Some(endpoint) => Some(endpoint.clone()),
            None => environment.get(VARIABLE)?,
        };
        if let Some(endpoint) = named {
            return Ok(self.kps.with_endpoint(&endpoint)?);
        }
        if self.context.globals.endpoint.is_some() || self.context.is_demo() {
            return Ok(self.kps.clone());
        }
        let unknown = || {
            Failure::usage("it is not known where the service for cloud servers (ECS) is")
                .with_cure(format!("say --ecs-endpoint, or set {VARIABLE}"))
        };
        let region = self.context.region()?.ok_or_else(unknown)?;
        let endpoint = match environment.get(&of_region(&region))? {
            Some(list) => list.split(',').next().unwrap_or_default().trim().to_owned(),
            None if region.is_known() => format!("https://ecs.{region}.myhuaweicloud.com"),
            None => return Err(unknown().into()),
        };
        Ok(self.kps.with_endpoint(&endpoint)?)
    }
}

/// The variable of the official clients for the address of that service in a region: one, or several of which the first is
/// asked.
fn of_region(region: &Region) -> String {
    format!("HUAWEICLOUD_SDK_REGION_ECS_{}", region.id().to_ascii_uppercase().replace('-', "_"))
}

/// Whether it is written as the ids of servers are.
fn is_id(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn id_of(text: &str) -> Result<ServerId, Failure> {
    ServerId::new(text).map_err(|error| Failure::usage(format_args!("the server {text:?}: {error}")))
}

fn nowhere(what: &str, text: &str) -> Stop {
    Failure::new(Exit::NotFound, format_args!("there is no server of the {what} {text:?}"))
        .with_cure("names are compared exactly; look at the region and the project too")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_names_by_their_form() {
        assert!(is_id("1c94d0f7-6e2b-4a85-b3d1-90ae57f8c264"));
        for name in
            ["web-1", "", "1c94d0f7-6e2b-4a85-b3d1-90ae57f8c26", "1c94d0f7-6e2b-4a85-b3d1-90ae57f8c26g"]
        {
            assert!(!is_id(name), "{name}");
        }
    }
}
