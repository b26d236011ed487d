//! An emulator of the service, inside the example: these examples make and delete things.

use kps_core::{Builder, HttpOptions, Proxy};
use kps_emulator::{Emulator, Server};

pub type Failure = Box<dyn std::error::Error>;

/// An emulator, the server that is in front of it as long as it lives, and a client's builder set up for it.
pub fn start<C>(builder: Builder<C>) -> Result<(Emulator, Server, Builder<C>), Failure> {
    let emulator = Emulator::new();
    let server = Server::start(emulator.clone())?;
    let builder = builder
        .endpoint(server.endpoint())
        .credentials(Emulator::credentials())
        .project_id(Emulator::project_id())
        .http(HttpOptions::new().with_proxy(Proxy::None));
    Ok((emulator, server, builder))
}
