//! Makes a key pair, imports one, describes, lists and deletes them.
//!
//! `cargo run --example key_pairs`
#![allow(clippy::print_stdout, unreachable_pub, reason = "it is a program")]

mod embedded;

use kps_ureq::{
    CreateKeypair, DeleteKeypair, Description, KeypairName, ListKeypairDetail, ListKeypairs, PublicKey,
    Scope, UpdateKeypairDescription,
};

const LAPTOP: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqV9NLhPWbvs6KXjGpYV7Ezh+hIMZhziYyOJ6g7u25P ann@laptop";

fn main() -> Result<(), embedded::Failure> {
    let (_emulator, _server, builder) = embedded::start(kps_ureq::builder())?;
    let kps = builder.build()?;

    // The private half is in this answer and nowhere else.
    let deploy = KeypairName::new("deploy")?;
    let created = kps.send(CreateKeypair::new(deploy.clone()).with_scope(Scope::Domain))?.keypair;
    let private_key = created.private_key.ok_or("no private key")?;
    println!("made {}, a private key of {} characters", created.name, private_key.expose().len());

    let laptop = KeypairName::new("ann-laptop")?;
    kps.send(CreateKeypair::import(laptop.clone(), PublicKey::new(LAPTOP)?))?;
    let description = Description::new("Ann's laptop, until the new one comes")?;
    kps.send(UpdateKeypairDescription::new(laptop.clone(), description))?;

    for keypair in kps.items(ListKeypairs::new()) {
        let detail = kps.send(ListKeypairDetail::new(keypair?.name))?.keypair;
        let text = |value: Option<String>| value.unwrap_or_else(|| "-".into());
        println!(
            "{}\t{}\t{}\t{}",
            detail.name,
            text(detail.algorithm.map(|algorithm| algorithm.to_string())),
            text(detail.fingerprint.map(|fingerprint| fingerprint.to_string())),
            text(detail.description.map(|description| description.to_string())),
        );
    }

    kps.send(DeleteKeypair::new(laptop))?;
    let gone =
        kps.send(DeleteKeypair::new(deploy.clone())).and_then(|()| kps.send(ListKeypairDetail::new(deploy)));
    if let Err(error) = gone {
        println!("{error}");
    }
    Ok(())
}
