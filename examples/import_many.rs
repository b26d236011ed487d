//! Imports 250 key pairs, is given up half way, and imports them again: what is there is found by its key.
//!
//! `cargo run --example import_many`
#![allow(clippy::print_stdout, unreachable_pub, reason = "it is a program")]

mod embedded;

use std::sync::Arc;

use kps_reqwest::{BatchOptions, CreateKeypair, KeypairName, PublicKey};
use tokio::sync::Notify;

const COUNT: usize = 250;

fn imports() -> Result<Vec<CreateKeypair>, embedded::Failure> {
    let mut imports = Vec::new();
    for number in 0..COUNT {
        // Made up, and each another.
        let key = format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA{number:0>42} user-{number}");
        imports
            .push(CreateKeypair::import(KeypairName::new(format!("user-{number}"))?, PublicKey::new(key)?));
    }
    // One of them is of another name's key, and one comes twice.
    imports
        .push(CreateKeypair::import(KeypairName::new("build-agents")?, PublicKey::new("ssh-ed25519 AAAA")?));
    imports.push(imports.first().cloned().ok_or("no imports")?);
    Ok(imports)
}

#[tokio::main]
async fn main() -> Result<(), embedded::Failure> {
    let (_emulator, _server, builder) = embedded::start(kps_reqwest::builder())?;
    let kps = builder.build()?;

    let half_way = Arc::new(Notify::new());
    let told = half_way.clone();
    let options = BatchOptions::new().with_progress(move |item| {
        if item.done == COUNT / 2 {
            println!("{} of {}, and then nothing more", item.done, item.total);
            told.notify_one();
        }
    });
    tokio::select! {
        outcomes = kps.import_keypairs(imports()?, &options) => println!("{} of {}", outcomes.len(), COUNT),
        () = half_way.notified() => println!("given up"),
    }

    // The same again, four calls at once.
    let outcomes = kps.import_keypairs(imports()?, &BatchOptions::new().with_calls_at_once(4)).await;
    let made = outcomes.succeeded().filter(|(_, keypair)| keypair.was_made()).count();
    let found = outcomes.succeeded().count() - made;
    println!("imported now: {made}; imported before: {found}; in all {}", made + found);
    for (name, error) in outcomes.failed() {
        println!("{name}: {error}");
    }
    Ok(())
}
