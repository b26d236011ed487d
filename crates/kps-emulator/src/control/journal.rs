use serde_json::{Value, json};

use super::{Ask, Complaint, Reply};
use crate::CallRecord;
use crate::world::World;

/// How many are told if nothing is said, and at most.
const DEFAULT: u64 = 100;
const MOST: u64 = 1000;

pub(super) fn list(world: &mut World, ask: &Ask<'_>) -> Reply {
    let calls = asked_for(world, ask, |_| true)?;
    let calls: Vec<Value> = calls.into_iter().map(told).collect();
    Ok(json!({"dropped": world.journal.dropped(), "last": world.journal.last(), "calls": calls}))
}

/// The calls after a number, and at most so many, as the query has it.
pub(super) fn asked_for<'w>(
    world: &'w World,
    ask: &Ask<'_>,
    is_meant: impl Fn(&CallRecord) -> bool,
) -> Result<Vec<&'w CallRecord>, Complaint> {
    let since = ask.number("since")?.unwrap_or_default();
    let limit = ask.number("limit")?.unwrap_or(DEFAULT).min(MOST);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let behind = world.journal.calls().filter(|call| call.number > since && is_meant(call));
    Ok(behind.take(limit).collect())
}

fn told(call: &CallRecord) -> Value {
    let headers: Vec<_> = call.headers.iter().map(|(name, value)| json!([name, value])).collect();
    // It was JSON when it was masked, and is a text where it had to be cut.
    let body = call.body.as_deref().map(|body| serde_json::from_str(body).unwrap_or_else(|_| body.into()));
    json!({
        "number": call.number,
        "time": call.time.to_string(),
        "request_id": call.request_id,
        "method": call.method.as_str(),
        "path": call.path,
        "query": call.query,
        "headers": headers,
        "body": body.unwrap_or(Value::Null),
        "operation": call.operation,
        "status": call.status.map(|status| status.as_u16()),
        "sent": call.sent.map(|status| status.as_u16()),
        "faults": call.faults,
    })
}
