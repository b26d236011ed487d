//! Imports several key pairs, some of which fail, binds one to several servers, and exports private keys.
//!
//! `cargo run --example batches`
#![allow(clippy::print_stdout, unreachable_pub, reason = "it is a program")]

mod embedded;

use kps_emulator::Emulator;
use kps_ureq::{
    BatchAssociateKeypair, BatchExportPrivateKey, BatchOptions, BatchServer, CreateKeypair, KeypairName,
    PublicKey,
};

const LAPTOP: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P ann@laptop";

fn main() -> Result<(), embedded::Failure> {
    let (emulator, _server, builder) = embedded::start(kps_ureq::builder())?;
    let kps = builder.build()?;

    let mut imports = Vec::new();
    for name in ["ann", "bob", "build-agents"] {
        imports.push(CreateKeypair::import(KeypairName::new(name)?, PublicKey::new(LAPTOP)?));
    }
    let outcomes = kps.import_keypairs(imports, &BatchOptions::new());
    for (name, keypair) in outcomes.succeeded() {
        println!("{} {name}", if keypair.was_made() { "imported" } else { "was there:" });
    }
    for (name, error) in outcomes.failed() {
        println!("not imported {name}: {error}");
    }

    // The first servers of the emulator run and carry no key pair; one of these passwords is wrong.
    let servers = emulator.servers(&Emulator::project_id()).into_iter().map(|server| server.id);
    let passwords = ["Emulator-Only-1", "Emulator-Only-2", "guessed"];
    let servers = servers.zip(passwords).map(|(id, password)| BatchServer::new(id, password));
    let answer = kps.send(BatchAssociateKeypair::new(KeypairName::new("ann")?, servers)?)?;
    for receipt in &answer.tasks {
        match receipt.accepted() {
            Ok(task) => println!("accepted task {task}"),
            Err(refused) => println!("{refused}"),
        }
    }

    // An archive as the service sends it, to be written to a file.
    let names = vec![KeypairName::new("bastion")?, KeypairName::new("build-agents")?];
    let archive = kps.send(BatchExportPrivateKey::new(names.clone())?)?;
    println!("an archive of {} bytes", archive.as_bytes().len());

    // Any number of private keys, each with an outcome of its own.
    let names = names.into_iter().chain([KeypairName::new("ann")?]);
    for key in kps.export_private_keys(names, &BatchOptions::new()) {
        match key.result {
            Ok(private_key) => println!("{}, {} characters", key.item, private_key.expose().len()),
            Err(error) => println!("{}: {error}", key.item),
        }
    }
    Ok(())
}
