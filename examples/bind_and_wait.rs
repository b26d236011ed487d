//! Binding a key pair to a server and waiting for the end of the task, with the blocking client: once with a wrong
//! password, which fails with a reason, and once with the right one.
//!
//! `cargo run --example bind_and_wait`
#![allow(clippy::print_stdout, unreachable_pub, reason = "it is a program")]

mod embedded;

use std::time::Duration;

use kps_emulator::Emulator;
use kps_ureq::{
    AssociateKeypair, CreateKeypair, KeypairName, Login, Server, TaskHandle, TaskState, WaitOptions,
    from_json, to_json,
};

fn main() -> Result<(), embedded::Failure> {
    let (emulator, _server, builder) = embedded::start(kps_ureq::builder())?;
    let kps = builder.build()?;
    let servers = emulator.servers(&Emulator::project_id());
    let server = servers.first().ok_or("no server")?.id.clone();
    let deploy = KeypairName::new("deploy")?;
    kps.send(CreateKeypair::new(deploy.clone()))?;

    // The emulator's tasks take 12 seconds, which pass here when a look has shown something. Before the service itself
    // `WaitOptions::new()` will do.
    let options = WaitOptions::new()
        .with_first_look(Duration::ZERO)
        .with_interval(Duration::ZERO, Duration::ZERO)
        .with_progress(move |state| {
            println!("  {}", status(state));
            emulator.advance(Duration::from_secs(6));
        });

    for password in ["guessed", "Emulator-Only-1"] {
        let login = Login::password(password);
        let bind = AssociateKeypair::new(deploy.clone(), Server::running(server.clone(), login));
        // A program that stores the handle can go on waiting after a restart.
        let stored = to_json(&kps.send(bind)?.handle()?.with_keypair(deploy.clone()))?;
        let handle: TaskHandle = from_json(&stored)?;

        println!("binding");
        match kps.wait(handle, &options) {
            Ok(end) => println!("ended as {} after {} looks", status(&end), end.looks),
            Err(error) if error.is_task_failed() => println!("{}", error.message().unwrap_or("no reason")),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn status(state: &TaskState) -> &str {
    state.status.as_ref().map_or("no status", |status| status.as_str())
}
