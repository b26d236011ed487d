//! The one list of the service for cloud servers (ECS) that clients of this service ask for: what the servers are called,
//! whether they run, and which key pair each carries.

use http::StatusCode;
use kps_model::{KeypairName, ServerId};
use percent_encoding::percent_decode_str;
use serde::Serialize;

use crate::answer::with_body;
use crate::refusal::Refusal;
use crate::service::{Call, Outcome, Project, Server};

/// How many servers a page has if nothing is said, and at most.
const PAGE: usize = 25;
const MOST: usize = 1000;

/// What is asked for. Other parameters are passed over.
struct Wanted {
    name: Option<String>,
    /// Separated by commas. If there are any, nothing else counts.
    ids: Option<String>,
    /// The id of the last server of the page before.
    marker: Option<String>,
    limit: usize,
}

#[derive(Serialize)]
struct Page<'a> {
    count: usize,
    servers: Vec<Detail<'a>>,
}

/// A server that there is not has an id alone.
#[derive(Serialize)]
struct Detail<'a> {
    id: &'a str,
    name: Option<&'a str>,
    status: Option<&'static str>,
    key_name: Option<&'a KeypairName>,
}

impl Project {
    pub(crate) fn list_servers_details(&self, call: &Call<'_>) -> Outcome {
        let wanted = Wanted::parse(call.query)?;
        let (count, servers) = match &wanted.ids {
            Some(ids) => {
                let servers: Vec<Detail<'_>> = ids.split(',').map(|id| self.detail(id)).collect();
                (servers.len(), servers)
            }
            None => {
                let fit = |(_, server): &(&ServerId, &Server)| wanted.fits(&server.name);
                let behind = |(id, _): &(&ServerId, &Server)| {
                    wanted.marker.as_deref().is_none_or(|marker| id.as_str() > marker)
                };
                let page = self.servers.iter().filter(fit).filter(behind).take(wanted.limit);
                let servers = page.map(|(id, server)| Detail::new(id, server)).collect();
                (self.servers.iter().filter(fit).count(), servers)
            }
        };
        let body = serde_json::to_vec(&Page { count, servers }).unwrap_or_default();
        Ok(with_body(StatusCode::OK, "application/json", body))
    }

    fn detail<'a>(&'a self, id: &'a str) -> Detail<'a> {
        let found = ServerId::new(id).ok().and_then(|id| self.servers.get_key_value(&id));
        match found {
            Some((id, server)) => Detail::new(id, server),
            None => Detail { id, name: None, status: None, key_name: None },
        }
    }
}

impl<'a> Detail<'a> {
    fn new(id: &'a ServerId, server: &'a Server) -> Self {
        Self {
            id: id.as_str(),
            name: Some(&server.name),
            status: Some(if server.running { "ACTIVE" } else { "SHUTOFF" }),
            key_name: server.carried.as_ref().map(|(name, _)| name),
        }
    }
}

impl Wanted {
    fn parse(query: &str) -> Result<Self, Refusal> {
        let mut wanted = Self { name: None, ids: None, marker: None, limit: PAGE };
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8_lossy();
            match name {
                "name" => wanted.name = Some(value.into_owned()),
                "server_id" => wanted.ids = Some(value.into_owned()),
                "marker" => wanted.marker = Some(value.into_owned()),
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=MOST).contains(limit));
                    wanted.limit =
                        limit.ok_or_else(|| Refusal::bad_parameter_of_servers("limit is invalid"))?;
                }
                _ => {}
            }
        }
        Ok(wanted)
    }

    /// Whether what is asked for is part of the name; a dot stands for any character.
    fn fits(&self, name: &str) -> bool {
        let Some(part) = &self.name else { return true };
        let (name, part): (Vec<char>, Vec<char>) = (name.chars().collect(), part.chars().collect());
        let same = |(own, asked): (&char, &char)| *asked == '.' || own == asked;
        part.is_empty() || name.windows(part.len()).any(|own| own.iter().zip(&part).all(same))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Request, Response};
    use serde_json::Value;

    use crate::Emulator;

    fn ask(query: &str) -> Response<Bytes> {
        let target = format!("http://ecs.example.com/v1/{}/cloudservers/detail{query}", Emulator::PROJECT_ID);
        let request = Request::get(target).header("x-auth-token", Emulator::TOKEN);
        Emulator::new().handle(&request.body(Bytes::new()).unwrap(), std::time::UNIX_EPOCH)
    }

    fn told(query: &str) -> (u64, Vec<String>) {
        let page: Value = serde_json::from_slice(ask(query).body()).unwrap();
        let text = |server: &Value| {
            let parts = ["name", "status", "key_name"].map(|field| server[field].as_str().unwrap_or("-"));
            parts.join(" ")
        };
        (page["count"].as_u64().unwrap(), page["servers"].as_array().unwrap().iter().map(text).collect())
    }

    #[test]
    fn servers_are_found_by_part_of_their_names() {
        assert_eq!(
            told("?name=spare"),
            (2, vec!["spare-01 SHUTOFF -".into(), "spare-02 SHUTOFF build-agents".into()])
        );
        assert_eq!(told("?name=ion.01"), (1, vec!["bastion-01 ACTIVE bastion".into()]));
        assert_eq!(told("").1.len(), 7);
        assert_eq!(told("?name=nothing"), (0, vec![]));
    }

    #[test]
    fn pages_are_led_along_by_the_last_id() {
        let (count, first) = told("?limit=2&name=build");
        assert_eq!((count, first.len()), (4, 2));
        let (_, rest) = told("?limit=3&name=build&marker=2d05e1a8-7f3c-4b96-a4e2-81bf68a9d375");
        assert_eq!(rest, ["build-03 ACTIVE -", "build-04 ACTIVE -"]);
    }

    #[test]
    fn of_ids_all_are_told_and_those_that_are_not_there_without_a_name() {
        let (count, told) = told("?server_id=6b49c5ec-b37a-4fda-a8c6-45f3acedb7b9,nothing&name=build");
        assert_eq!((count, told), (2, vec!["spare-01 SHUTOFF -".into(), "- - -".into()]));
    }

    #[test]
    fn a_limit_has_its_range_and_a_caller_credentials() {
        for limit in ["0", "1001", "x"] {
            assert_eq!(ask(&format!("?limit={limit}")).status(), 400);
        }
        let target = format!("http://ecs.example.com/v1/{}/cloudservers/detail", Emulator::PROJECT_ID);
        let unsigned = Request::get(target).body(Bytes::new()).unwrap();
        assert_eq!(Emulator::new().handle(&unsigned, std::time::UNIX_EPOCH).status(), 401);
    }
}
