use serde_json::{Value, json};

use super::{Ask, Reply, journal};
use crate::CallRecord;
use crate::world::World;

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Reply {
    let calls = journal::asked_for(world, ask, |call| call.signature.is_some())?;
    Ok(json!({"signatures": calls.into_iter().map(told).collect::<Vec<Value>>()}))
}

fn told(call: &CallRecord) -> Value {
    json!({
        "number": call.number,
        "request_id": call.request_id,
        "method": call.method.as_str(),
        "path": call.path,
        "why": call.signature,
    })
}
