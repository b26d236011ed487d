//! Imports several key pairs, some of which fail, binds one to several servers, and exports private keys as an archive.
//!
//! `cargo run --example batches`
#![allow(clippy::print_stdout, unreachable_pub, reason = "it is a program")]

mod embedded;

use kps_emulator::Emulator;
use kps_ureq::{
    BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair, BatchServer, CreateKeypair,
    KeypairName, PublicKey,
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
    let answer = kps.send(BatchImportKeypair::new(imports)?)?;
    for keypair in &answer.succeeded_keypairs {
        println!("imported {}", keypair.name);
    }
    for failed in &answer.failed_keypairs {
        println!("not imported {}: {}", failed.keypair_name, failed.reason().message.unwrap_or_default());
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

    let names = [KeypairName::new("bastion")?, KeypairName::new("build-agents")?];
    let archive = kps.send(BatchExportPrivateKey::new(names)?)?;
    println!("an archive of {} bytes", archive.as_bytes().len());
    for key in archive.keys()? {
        println!("{}, {} characters", key.file_name, key.private_key.expose().len());
    }
    Ok(())
}
