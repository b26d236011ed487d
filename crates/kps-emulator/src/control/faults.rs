use http::StatusCode;
use serde_json::json;

use super::{Ask, Complaint, Reply};
use crate::faults::text;
use crate::world::World;

pub(super) fn list(world: &mut World, _: &Ask<'_>) -> Reply {
    let rules: Vec<_> = world.faults.in_force().collect();
    Ok(json!({"faults": rules}))
}

pub(super) fn add(world: &mut World, ask: &Ask<'_>) -> Reply {
    let text::List { faults } = ask.body()?;
    faults.into_iter().for_each(|rule| world.faults.inject(rule));
    list(world, ask)
}

pub(super) fn clear(world: &mut World, ask: &Ask<'_>) -> Reply {
    world.faults.clear();
    list(world, ask)
}

pub(super) fn take_back(world: &mut World, ask: &Ask<'_>) -> Reply {
    if ask.name.parse().is_ok_and(|number| world.faults.take_back(number)) {
        return list(world, ask);
    }
    let what = "no fault of this number waits for calls";
    let cure = "ask GET /_emulator/faults for those that do";
    Err(Complaint::new(StatusCode::NOT_FOUND, what, "the path", cure))
}

pub(super) fn injected(world: &mut World, _: &Ask<'_>) -> Reply {
    let injected = world.journal.injected();
    let injected: Vec<_> =
        injected.iter().map(|(operation, fault)| json!({"operation": operation, "fault": fault})).collect();
    Ok(json!({"injected": injected}))
}
