//! An operation that the vocabulary does not have: it is signed, sent, repeated and read like the others.
//!
//! `cargo run --example own_operation`
#![allow(clippy::print_stdout, unreachable_pub, reason = "it is a program")]

mod embedded;

use bytes::Bytes;
use kps_ureq::{DecodeError, Draft, Error, Meta, Operation, Replay, Verb, from_json};
use serde::Deserialize;

/// How many tasks failed, without the tasks.
struct CountFailedTasks;

#[derive(Deserialize)]
struct Count {
    total: u64,
}

impl Operation for CountFailedTasks {
    /// The name for errors and reports, the method, the path, whether it may be repeated, and the documented status.
    const META: Meta =
        Meta::new("CountFailedTasks", Verb::Get, "/v3/{project_id}/failed-tasks", Replay::Safe, 200);
    type Output = u64;

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new().query("limit", "1"))
    }

    fn decode(answer: &http::Response<Bytes>) -> Result<u64, DecodeError> {
        from_json::<Count>(answer.body()).map(|count| count.total)
    }
}

fn main() -> Result<(), embedded::Failure> {
    let (_emulator, _server, builder) = embedded::start(kps_ureq::builder())?;
    let kps = builder.build()?;
    println!("{} tasks failed", kps.send(CountFailedTasks)?);
    Ok(())
}
