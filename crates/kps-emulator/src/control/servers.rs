use http::StatusCode;
use kps_model::ServerId;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Ask, Complaint, Reply, state};
use crate::world::World;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    status: Status,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Running,
    Stopped,
}

/// Of each project that has one of this id.
pub(super) fn switch(world: &mut World, ask: &Ask<'_>) -> Reply {
    let Switch { status } = ask.body()?;
    world.service.settle();
    let id = percent_decode_str(ask.name).decode_utf8_lossy();
    let id = ServerId::new(id).map_err(|_| absent())?;
    let mut told = Value::Null;
    for project in world.service.projects.values_mut() {
        let Some(server) = project.servers.get_mut(&id) else { continue };
        server.set_running(status == Status::Running);
        told = state::server(&id, server);
    }
    if told.is_null() { Err(absent()) } else { Ok(json!({"server": told})) }
}

fn absent() -> Complaint {
    let what = "there is no server of this id";
    Complaint::new(StatusCode::NOT_FOUND, what, "the path", "ask GET /_emulator/state for those there are")
}
