//! Lets the service keep a private key, gets it back, takes it away and gives it again.
//!
//! `cargo run --example private_keys`
#![allow(clippy::print_stdout, unreachable_pub, reason = "it is a program")]

mod embedded;

use kps_ureq::{
    ClearPrivateKey, CreateKeypair, Encryption, ExportPrivateKey, ImportPrivateKey, KeypairName, KmsKey,
    KmsKeyName, ListKeypairDetail,
};

fn main() -> Result<(), embedded::Failure> {
    let (_emulator, _server, builder) = embedded::start(kps_ureq::builder())?;
    let kps = builder.build()?;
    let name = KeypairName::new("deploy")?;
    let is_hosted = || -> Result<_, embedded::Failure> {
        let detail = kps.send(ListKeypairDetail::new(name.clone()))?.keypair;
        Ok(detail.is_key_protection == Some(true))
    };

    let encryption = Encryption::Kms(KmsKey::name(KmsKeyName::new("kps/default")?));
    kps.send(CreateKeypair::new_hosted(name.clone(), encryption.clone()))?;
    println!("made, and hosted: {}", is_hosted()?);

    // A private key has no `Display`, and its `Debug` shows nothing: `expose` is the only way to it.
    let key = kps.send(ExportPrivateKey::new(name.clone()))?.keypair.private_key;
    println!("exported: {key:?}, {} characters", key.expose().len());

    kps.send(ClearPrivateKey::new(name.clone()))?;
    println!("cleared, and hosted: {}", is_hosted()?);
    if let Err(error) = kps.send(ExportPrivateKey::new(name.clone())) {
        println!("{error}");
    }

    kps.send(ImportPrivateKey::new(name.clone(), key, encryption))?;
    println!("imported, and hosted: {}", is_hosted()?);
    Ok(())
}
