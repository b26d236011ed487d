use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::json;

use super::{Ask, Reply};
use crate::Quirks;
use crate::faults::text;
use crate::world::World;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default, deserialize_with = "time")]
    task_time: Option<Duration>,
    lenient_auth: Option<bool>,
    quirks: Option<Quirks>,
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    text::time::deserialize(deserializer).map(Some)
}

pub(super) fn show(world: &mut World, _: &Ask<'_>) -> Reply {
    let task_time = humantime::format_duration(world.service.ids.task_time).to_string();
    Ok(json!({"task_time": task_time, "lenient_auth": world.lenient_auth, "quirks": world.quirks}))
}

pub(super) fn change(world: &mut World, ask: &Ask<'_>) -> Reply {
    let Change { task_time, lenient_auth, quirks } = ask.body()?;
    world.service.ids.task_time = task_time.unwrap_or(world.service.ids.task_time);
    world.lenient_auth = lenient_auth.unwrap_or(world.lenient_auth);
    world.quirks = quirks.unwrap_or(world.quirks);
    show(world, ask)
}
