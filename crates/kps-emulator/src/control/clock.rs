use std::time::Duration;

use kps_model::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{Ask, Reply};
use crate::faults::text;
use crate::world::World;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    #[serde(with = "text::time")]
    by: Duration,
}

pub(super) fn show(world: &mut World, _: &Ask<'_>) -> Reply {
    let clock = world.service.clock;
    Ok(json!({
        "now": Timestamp::from_millis(clock.now()).to_string(),
        "now_ms": clock.now(),
        "frozen": clock.is_frozen(),
        "ahead_ms": clock.ahead(),
        "next_event_ms": world.service.next_event(),
    }))
}

pub(super) fn freeze(world: &mut World, ask: &Ask<'_>) -> Reply {
    world.service.clock.freeze();
    show(world, ask)
}

pub(super) fn thaw(world: &mut World, ask: &Ask<'_>) -> Reply {
    world.service.clock.thaw();
    show(world, ask)
}

pub(super) fn advance(world: &mut World, ask: &Ask<'_>) -> Reply {
    let Advance { by } = ask.body()?;
    world.service.advance(by);
    show(world, ask)
}

pub(super) fn next(world: &mut World, ask: &Ask<'_>) -> Reply {
    world.service.advance_to_next_event();
    show(world, ask)
}
