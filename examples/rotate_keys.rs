//! Puts a new key pair on 50 running servers in place of the one they carry, and waits for all of them. One does not let it
//! be replaced, so the old key pair stays.
//!
//! `cargo run --example rotate_keys`
#![allow(clippy::print_stdout, unreachable_pub, reason = "it is a program")]

use std::time::Duration;

use kps_emulator::{Emulator, Seed, Server as EmulatorServer};
use kps_ureq::{
    AssociateKeypair, BatchOptions, Client, CreateKeypair, Credentials, DeleteKeypair, Encryption,
    ExportPrivateKey, HttpOptions, KeypairName, Login, ProjectId, Proxy, Server, ServerId, WaitOptions,
};
use serde_json::json;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let (_emulator, kps, servers) = start()?;
    let (old, new) = (KeypairName::new("team-2025")?, KeypairName::new("team-2026")?);
    // The service hosts its private half, too.
    kps.send(CreateKeypair::new_hosted(new.clone(), Encryption::Default))?;

    // A server that carries a key pair is logged in to with the private key of that.
    let login = Login::private_key(kps.send(ExportPrivateKey::new(old.clone()))?.keypair.private_key);
    let binding =
        |id: &ServerId| AssociateKeypair::new(new.clone(), Server::running(id.clone(), login.clone()));
    let options = BatchOptions::new().with_calls_at_once(8);
    let accepted = kps.associate_keypairs(servers.iter().map(binding), &options);
    for (server, error) in accepted.failed() {
        println!("{server}: not accepted: {error}");
    }

    let (carriers, handles): (Vec<_>, Vec<_>) =
        accepted.succeeded().map(|(id, handle)| (id, handle.clone())).unzip();
    // The emulator's tasks are over at once. Before the service itself `WaitOptions::new()` will do.
    let options =
        WaitOptions::new().with_first_look(Duration::ZERO).with_interval(Duration::ZERO, Duration::ZERO);
    let mut replaced = 0;
    for (server, end) in carriers.iter().zip(kps.wait_all(handles, &options)) {
        match end {
            Ok(_) => replaced += 1,
            Err(error) => println!("{server}: {}", error.message().unwrap_or("no reason given")),
        }
    }

    println!("{replaced} of {} servers carry {new}", servers.len());
    if replaced < servers.len() {
        println!("{old} stays, since it is in use");
        return Ok(());
    }
    kps.send(DeleteKeypair::new(old))?;
    Ok(())
}

/// An emulator with 50 servers that carry a key pair, on one of which somebody changed the file of keys.
fn start() -> Result<(EmulatorServer, Client, Vec<ServerId>), Failure> {
    let servers = (1..=50).map(|number| {
        let trouble = (number == 17).then_some("authorized_keys_changed");
        json!({"id": format!("web-{number}"), "status": "running", "keypair_name": "team-2025", "trouble": trouble})
    });
    let seed = json!({
        "access_keys": [{"id": "AKEXAMPLE", "secret": "SKexample"}],
        "projects": {"0a1b": {
            "keypairs": [{"name": "team-2025", "hosted": true}],
            "servers": servers.collect::<Vec<_>>(),
        }},
    });
    let seed = Seed::from_json(seed.to_string().as_bytes())?;
    let server = Emulator::builder().seed(seed).task_time(Duration::ZERO).start()?;
    let kps = kps_ureq::builder()
        .endpoint(server.endpoint())
        .credentials(Credentials::access_key("AKEXAMPLE", "SKexample"))
        .project_id(ProjectId::new("0a1b")?)
        .http(HttpOptions::new().with_proxy(Proxy::None))
        .build()?;
    let ids = (1..=50).map(|number| ServerId::new(format!("web-{number}")));
    Ok((server, kps, ids.collect::<Result<_, _>>()?))
}
