use http::StatusCode;
use serde_json::json;

use super::{Ask, Complaint, Reply, state};
use crate::Snapshot;
use crate::world::World;

/// How many are kept.
const MOST: usize = 64;
const LONGEST_NAME: usize = 64;

pub(super) fn list(world: &mut World, _: &Ask<'_>) -> Reply {
    let names: Vec<_> = world.snapshots.keys().collect();
    Ok(json!({"snapshots": names}))
}

pub(super) fn save(world: &mut World, ask: &Ask<'_>) -> Reply {
    let is_fit = |letter: u8| letter.is_ascii_alphanumeric() || b"._-".contains(&letter);
    if ask.name.len() > LONGEST_NAME || !ask.name.bytes().all(is_fit) {
        let cure =
            format!("use up to {LONGEST_NAME} of the letters A to Z and a to z, digits, `.`, `_` and `-`");
        return Err(Complaint::new(StatusCode::BAD_REQUEST, "the name does not fit", "the path", cure));
    }
    if world.snapshots.len() == MOST && !world.snapshots.contains_key(ask.name) {
        let what = format!("there are {MOST} snapshots already");
        return Err(Complaint::new(StatusCode::CONFLICT, what, "the path", "delete one of them"));
    }
    let snapshot = world.snapshot();
    world.snapshots.insert(ask.name.to_owned(), snapshot);
    list(world, ask)
}

pub(super) fn load(world: &mut World, ask: &Ask<'_>) -> Reply {
    let snapshot = world.snapshots.get(ask.name).cloned().ok_or_else(absent)?;
    world.restore(&snapshot);
    state::summary(world, ask)
}

pub(super) fn delete(world: &mut World, ask: &Ask<'_>) -> Reply {
    world.snapshots.remove(ask.name).ok_or_else(absent)?;
    list(world, ask)
}

fn absent() -> Complaint {
    let what = "there is no snapshot of this name";
    Complaint::new(
        StatusCode::NOT_FOUND,
        what,
        "the path",
        "ask GET /_emulator/snapshots for those there are",
    )
}

pub(super) fn export(world: &mut World, _: &Ask<'_>) -> Reply {
    // What was written is read.
    Ok(serde_json::from_slice(&world.snapshot().to_json()).unwrap_or_default())
}

pub(super) fn import(world: &mut World, ask: &Ask<'_>) -> Reply {
    world.restore(&Snapshot::of(ask.body()?));
    state::summary(world, ask)
}
