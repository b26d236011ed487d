//! The operations of the service, a file a group.

mod batch;
mod binding;
mod keypair;
mod private_key;
mod task;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use kps_model::ToJson;

use crate::{Draft, Error};

/// A request whose body is the JSON of this value.
fn with_body(value: &(impl ToJson + ?Sized)) -> Result<Draft, Error> {
    let json = kps_model::to_json(value).map_err(|error| Error::input(error.to_string()))?;
    Ok(Draft::new().body(Bytes::from(json)))
}
