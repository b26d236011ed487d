//! A client on a transport of one's own; `transport.rs` is all of it, and the suite of the adapters passes with it.
//!
//! `cargo run --example own_transport`
#![allow(clippy::print_stdout, unreachable_pub, reason = "it is a program")]

#[path = "../embedded/mod.rs"]
mod embedded;
mod transport;

use kps_core::ListKeypairs;
use kps_core::blocking::Client;

fn main() -> Result<(), embedded::Failure> {
    let (_emulator, _server, builder) = embedded::start(Client::builder(transport::Minreq))?;
    let kps = builder.build()?;
    for keypair in kps.items(ListKeypairs::new()) {
        println!("{}", keypair?.name);
    }
    Ok(())
}
