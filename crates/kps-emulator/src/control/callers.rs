use http::StatusCode;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Ask, Complaint, Reply};
use crate::world::World;

/// Those of the seed first, without their secrets.
pub(super) fn list(world: &mut World, _: &Ask<'_>) -> Reply {
    let of_the_seed = world.callers.access_keys.iter().map(
        |key| json!({"id": key.id, "temporary": key.security_token.is_some(), "ends_ms": null, "revoked": false}),
    );
    let handed_out = world.identity.issued.keys().into_iter().map(
        |(id, life)| json!({"id": id, "temporary": true, "ends_ms": life.ends, "revoked": life.revoked}),
    );
    Ok(json!({"access_keys": of_the_seed.chain(handed_out).collect::<Vec<Value>>()}))
}

pub(super) fn revoke(world: &mut World, ask: &Ask<'_>) -> Reply {
    if world.revoke_key(&percent_decode_str(ask.name).decode_utf8_lossy()) {
        return list(world, ask);
    }
    let what = "there is no access key of this id";
    let cure = "ask GET /_emulator/callers for those there are";
    Err(Complaint::new(StatusCode::NOT_FOUND, what, "the path", cure))
}

pub(super) fn revoke_issued(world: &mut World, ask: &Ask<'_>) -> Reply {
    world.identity.issued.revoke();
    list(world, ask)
}
