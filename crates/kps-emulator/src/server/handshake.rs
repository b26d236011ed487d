//! What a client needs to know to call a server.

use kps_model::{KeypairName, ProjectId, ServerId};
use serde::Serialize;

use crate::exposed;
use crate::service::Project;
use crate::world::World;

/// The region a project is taken to be in whose name is not known.
const REGION: &str = "cn-north-4";

#[derive(Serialize)]
struct Handshake<'a> {
    endpoint: &'a str,
    region: &'a str,
    project_id: Option<&'a ProjectId>,
    access_key: Option<&'a str>,
    secret_key: Option<&'a str>,
    iam_endpoint: &'a str,
    metadata_endpoint: &'a str,
    servers: Vec<Server<'a>>,
}

#[derive(Serialize)]
struct Server<'a> {
    id: &'a ServerId,
    name: &'a str,
    status: &'static str,
    #[serde(serialize_with = "exposed::if_any")]
    password: &'a Option<kps_model::Secret>,
    keypair_name: Option<&'a KeypairName>,
}

pub(super) fn handshake(world: &World, endpoint: &str) -> String {
    let projects = &world.service.projects;
    let with_servers = projects.iter().find(|(_, project)| !project.servers.is_empty());
    let project = with_servers.or_else(|| projects.iter().next());
    let key = world.callers.access_keys.iter().find(|key| key.security_token.is_none());
    let name = project.and_then(|(id, _)| world.callers.identity.project_name(id));
    let handshake = Handshake {
        endpoint,
        // A project besides the one of the region is named by it, and `_`, and a name of its own.
        region: name.and_then(|name| name.split('_').next()).unwrap_or(REGION),
        project_id: project.map(|(id, _)| id),
        access_key: key.map(|key| key.id.as_str()),
        secret_key: key.map(|key| key.secret.expose()),
        iam_endpoint: endpoint,
        metadata_endpoint: endpoint,
        servers: project.map(|(_, project)| servers(project)).unwrap_or_default(),
    };
    // No value of it fails to be written.
    serde_json::to_string(&handshake).unwrap_or_default()
}

fn servers(project: &Project) -> Vec<Server<'_>> {
    let server = |(id, server)| -> Server<'_> {
        let (id, server): (&ServerId, &crate::service::Server) = (id, server);
        Server {
            id,
            name: &server.name,
            status: server.status(),
            password: &server.password,
            keypair_name: server.carried.as_ref().map(|(name, _)| name),
        }
    };
    project.servers.iter().map(server).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Emulator, Seed};

    fn of(seed: Seed) -> Value {
        let line = handshake(&Emulator::with_seed(seed).world(), "http://127.0.0.1:1");
        assert!(!line.contains('\n'));
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn of_the_built_in_seed_it_tells_enough_to_play_every_part() {
        let told = of(Seed::built_in());
        assert_eq!(told["project_id"], Emulator::PROJECT_ID);
        assert_eq!(told["secret_key"], Emulator::SECRET_ACCESS_KEY);
        assert_eq!(told["region"], "cn-north-4");
        let servers = told["servers"].as_array().unwrap();
        let count = |status: &str, bare: bool| {
            let fits =
                |server: &&Value| server["status"] == status && server["keypair_name"].is_null() == bare;
            servers.iter().filter(fits).count()
        };
        assert!(count("running", true) >= 4, "{servers:?}");
        assert!(count("stopped", true) + count("stopped", false) >= 2, "{servers:?}");
        let build = json!({"id": "1c94d0f7-6e2b-4a85-b3d1-90ae57f8c264", "name": "build-01", "status": "running",
            "password": "Emulator-Only-1", "keypair_name": null});
        assert_eq!(servers[0], build);
    }

    #[test]
    fn of_a_seed_of_ones_own_it_tells_what_there_is() {
        let seed = br#"{
            "access_keys": [{"id": "T", "secret": "t", "security_token": "x"}, {"id": "AK", "secret": "SK"}],
            "identity": {"projects": [{"id": "q", "name": "eu-west-101_team"}]},
            "projects": {"p": {}, "q": {"servers": [{"id": "s", "status": "stopped"}]}}
        }"#;
        let endpoint = "http://127.0.0.1:1";
        let server =
            json!({"id": "s", "name": "s", "status": "stopped", "password": null, "keypair_name": null});
        let expected = json!({
            "endpoint": endpoint, "region": "eu-west-101", "project_id": "q", "access_key": "AK", "secret_key": "SK",
            "iam_endpoint": endpoint, "metadata_endpoint": endpoint, "servers": [server],
        });
        assert_eq!(of(Seed::from_json(seed).unwrap()), expected);
        let nothing = of(Seed::empty());
        assert_eq!((&nothing["project_id"], &nothing["access_key"]), (&Value::Null, &Value::Null));
        assert_eq!((&nothing["servers"], &nothing["region"]), (&json!([]), &json!("cn-north-4")));
    }
}
