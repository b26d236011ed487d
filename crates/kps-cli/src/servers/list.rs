//! `ListServersDetails`, the one operation of the service for cloud servers that is called.

use bytes::Bytes;
use http::Response;
use kps_ureq::{
    DecodeError, Draft, Error, Glimpse, Meta, Operation, Paged, Position, Replay, ServerId, Verb, from_json,
};
use serde::Deserialize;

use crate::servers::{Carries, CloudServer, State};

/// Lists servers. Pages are led along by the id of the last server: the number of the page, which the service also takes,
/// is documented as given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListServersDetails {
    wanted: Wanted,
    marker: String,
    limit: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// Whose names have this part. A dot stands for any character.
    Name(String),
    Ids(String),
}

impl ListServersDetails {
    /// As many as one page may have.
    const PAGE: usize = 1000;
    /// So many ids go into one request, by the documents, lest its address becomes too long.
    pub(super) const IDS: usize = 100;

    /// Those whose names have this part, among others the one that has it as its name.
    pub(super) fn named(name: &str) -> Self {
        Self::new(Wanted::Name(name.to_owned()))
    }

    /// Those with these ids. One that there is not comes without a name and a state.
    pub(super) fn with_ids(ids: &[ServerId]) -> Self {
        let ids: Vec<&str> = ids.iter().map(ServerId::as_str).collect();
        Self::new(Wanted::Ids(ids.join(",")))
    }

    const fn new(wanted: Wanted) -> Self {
        Self { wanted, marker: String::new(), limit: Self::PAGE }
    }
}

impl Operation for ListServersDetails {
    const META: Meta =
        Meta::new("ListServersDetails", Verb::Get, "/v1/{project_id}/cloudservers/detail", Replay::Safe, 200);
    type Output = Page;

    fn encode(&self) -> Result<Draft, Error> {
        // Of servers that are asked for by their ids nothing else is taken.
        let (name, value) = match &self.wanted {
            Wanted::Ids(ids) => return Ok(Draft::new().query("server_id", ids.clone())),
            Wanted::Name(name) => ("name", name),
        };
        let draft = Draft::new().query("limit", self.limit.to_string()).query(name, value.clone());
        if self.marker.is_empty() {
            return Ok(draft);
        }
        Ok(draft.query("marker", self.marker.clone()))
    }

    fn decode(answer: &Response<Bytes>) -> Result<Page, DecodeError> {
        from_json(answer.body())
    }
}

impl Paged for ListServersDetails {
    type Item = Detail;

    fn at(&self, position: &Position) -> Self {
        match position {
            Position::Marker(marker) => Self { marker: marker.clone(), ..self.clone() },
            _ => self.clone(),
        }
    }

    fn glimpse(&self, page: &Page) -> Glimpse {
        let id = |server: &Detail| server.id.as_str().to_owned();
        let ends = page.servers.first().map(id).zip(page.servers.last().map(id));
        // A page that is not full is the last.
        let is_full = matches!(self.wanted, Wanted::Name(_)) && page.servers.len() >= self.limit;
        let next = ends.as_ref().filter(|_| is_full).map(|(_, last)| last.clone());
        Glimpse::Marker { here: self.marker.clone(), received: page.servers.len(), ends, next }
    }

    fn items(page: Page) -> Vec<Detail> {
        page.servers
    }

    fn id(server: &Detail) -> &str {
        server.id.as_str()
    }
}

/// A page of the list. How many there are in sum is not read: it is not needed.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    servers: Vec<Detail>,
}

/// What is read of a server.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Detail {
    pub(super) id: ServerId,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    key_name: Option<String>,
}

impl Detail {
    /// The server, if there is such a one.
    pub(super) fn server(self) -> Option<CloudServer> {
        let state = State::of(&self.status?);
        Some(CloudServer { id: self.id, name: self.name, state, carries: Carries::of(self.key_name) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kps_ureq::{Client, Credentials, Prepared, ProjectId, Region};

    fn client(answers: impl Fn(&str) -> String + Send + Sync + 'static) -> Client {
        let transport =
            move |request: Prepared| Ok(Response::new(answers(&request.uri().to_string()).into()));
        let builder = Client::builder(transport).region(Region::CN_NORTH_4);
        let builder = builder.project_id(ProjectId::new("0a1b").unwrap());
        builder.credentials(Credentials::access_key("AK", "SK")).build().unwrap()
    }

    fn page(ids: std::ops::Range<usize>) -> String {
        let server = |id| format!(r#"{{"id":"s-{id}","name":"web","status":"ACTIVE","key_name":null}}"#);
        format!(r#"{{"count":"7","servers":[{}]}}"#, ids.map(server).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn a_full_page_is_followed_by_what_is_behind_its_last_server() {
        let kps = client(|uri| match (uri.contains("marker="), uri.contains("marker=s-1")) {
            (false, _) => page(0..2),
            (_, true) => page(2..3),
            _ => panic!("{uri}"),
        });
        let list = ListServersDetails { limit: 2, ..ListServersDetails::named("web") };
        let ids: Vec<String> = kps.items(list).map(|server| server.unwrap().id.to_string()).collect();
        assert_eq!(ids, ["s-0", "s-1", "s-2"]);
    }

    #[test]
    fn a_service_that_does_not_know_markers_is_no_endless_list() {
        let kps = client(|_| page(0..2));
        let list = ListServersDetails { limit: 2, ..ListServersDetails::named("web") };
        let end = kps.items(list).last().unwrap();
        assert!(end.unwrap_err().to_string().contains("advance"), "the list does not advance");
    }

    #[test]
    fn states_and_key_pairs_are_read_and_what_there_is_not_is_left_out() {
        let detail = |json: &str| from_json::<Detail>(json.as_bytes()).unwrap().server();
        let server = |name: Option<&str>, state, carries| {
            let id = ServerId::new("s").unwrap();
            Some(CloudServer { id, name: name.map(str::to_owned), state, carries })
        };
        for (json, expected) in [
            (
                r#"{"id":"s","name":"a","status":"ACTIVE","key_name":"team","flavor":{}}"#,
                server(Some("a"), State::Running, Carries::Keypair("team".into())),
            ),
            (
                r#"{"id":"s","name":"a","status":"SHUTOFF","key_name":""}"#,
                server(Some("a"), State::Stopped, Carries::Nothing),
            ),
            (
                r#"{"id":"s","status":"REBOOT"}"#,
                server(None, State::Other("REBOOT".into()), Carries::Nothing),
            ),
            (r#"{"id":"s","name":null,"status":null,"fault":{"code":404}}"#, None),
        ] {
            assert_eq!(detail(json), expected, "{json}");
        }
    }

    #[test]
    fn names_and_ids_are_asked_for_by_themselves() {
        let id = ServerId::new("s-1").unwrap();
        let kps = client(|_| String::new());
        for (list, query) in [
            (ListServersDetails::named("web 1"), "limit=1000&name=web%201"),
            (ListServersDetails::with_ids(&[id.clone(), id]), "server_id=s-1%2Cs-1"),
        ] {
            let request = kps.prepare(list).unwrap();
            assert_eq!(request.uri().query(), Some(query));
            assert_eq!(request.uri().path(), "/v1/0a1b/cloudservers/detail");
        }
    }
}
