use kps_model::{KeypairName, ServerId};
use serde_json::{Map, Value, json};

use super::{Ask, Reply, clock};
use crate::Seed;
use crate::service::{Keypair, Project, Server, Task};
use crate::world::World;

/// How many tasks and failed tasks of a project are told if nothing is said, and at most. The lists of the service tell
/// them all, and what is told here is made while no call is answered.
const DEFAULT: u64 = 100;
const MOST: u64 = 1000;

pub(super) fn show(world: &mut World, ask: &Ask<'_>) -> Reply {
    let latest = ask.number("latest")?.unwrap_or(DEFAULT).min(MOST);
    let latest = usize::try_from(latest).unwrap_or(usize::MAX);
    world.service.settle();
    let now = world.service.clock.now();
    let projects = world.service.projects.iter();
    let projects: Map<_, _> = projects.map(|(id, own)| (id.to_string(), project(own, now, latest))).collect();
    Ok(json!({"clock": clock::show(world, ask)?, "projects": projects}))
}

pub(super) fn reset(world: &mut World, ask: &Ask<'_>) -> Reply {
    world.reset();
    summary(world, ask)
}

pub(super) fn replace(world: &mut World, ask: &Ask<'_>) -> Reply {
    let seed: Seed = ask.body()?;
    world.replace_seed(seed);
    summary(world, ask)
}

/// How much there is.
pub(super) fn summary(world: &mut World, _: &Ask<'_>) -> Reply {
    let projects = world.service.projects.iter();
    let projects: Map<_, _> = projects.map(|(id, own)| (id.to_string(), counts(own))).collect();
    Ok(json!({"projects": projects}))
}

fn counts(project: &Project) -> Value {
    json!({
        "keypairs": project.keypairs.len(),
        "servers": project.servers.len(),
        "tasks": project.tasks.len(),
        "failed_tasks": project.failed.len(),
    })
}

/// With so many of the tasks and of the failed tasks, from the end of their lists.
fn project(project: &Project, now: i64, latest: usize) -> Value {
    let keypairs: Vec<_> = project.keypairs.iter().map(|(name, own)| keypair(name, own)).collect();
    let servers: Vec<_> = project.servers.iter().map(|(id, own)| server(id, own)).collect();
    let before = |count: usize| count.saturating_sub(latest);
    let tasks = project.tasks.iter().skip(before(project.tasks.len()));
    let tasks: Vec<_> = tasks.map(|own| task(own, now)).collect();
    let failed: Vec<_> = project.failed.behind(before(project.failed.len())).collect();
    json!({
        "counts": counts(project),
        "keypairs": keypairs,
        "servers": servers,
        "tasks": tasks,
        "failed_tasks": failed,
    })
}

/// Without its private half, of which it is told whether there is one.
fn keypair(name: &KeypairName, keypair: &Keypair) -> Value {
    json!({
        "name": name,
        "type": keypair.keypair_type,
        "scope": keypair.scope,
        "description": keypair.description,
        "public_key": keypair.public_key,
        "fingerprint": keypair.half.sha256(),
        "algorithm": keypair.half.algorithm(),
        "hosted": keypair.hosted.is_some(),
        "created_ms": keypair.created,
        "updated_ms": keypair.updated,
    })
}

pub(super) fn server(id: &ServerId, server: &Server) -> Value {
    let carried = server.carried.as_ref();
    json!({
        "id": id,
        "name": server.name,
        "status": server.status(),
        "port": server.port,
        "takes_passwords": server.takes_passwords,
        "trouble": server.trouble,
        "keypair_name": carried.map(|(name, _)| name),
        "fingerprint": carried.map(|(_, half)| half.sha256()),
    })
}

fn task(task: &Task, now: i64) -> Value {
    json!({
        "task_id": task.id,
        "status": task.status(now),
        "server_id": task.server_id,
        "keypair_name": task.keypair_name,
        "accepted_ms": task.accepted,
        "starts_ms": task.starts,
        "ends_ms": task.ends,
    })
}
