//! The operations on hosted private keys.

use kps_core::{
    ClearPrivateKey, CreateKeypair, Encryption, ExportPrivateKey, ImportPrivateKey, KmsKey, KmsKeyId,
    ListKeypairDetail, PrivateKey, UserId,
};

use kps_emulator::Quirks;

use crate::stage::{LAPTOP, name, public, refusal};
use crate::{Stage, Subject};

/// The whole group.
pub fn all<S: Subject>(stage: &Stage<'_, S>) {
    a_private_key_is_hosted_handed_out_and_cleared(stage);
}

/// Byte for byte, as often as wanted, until it is cleared.
pub fn a_private_key_is_hosted_handed_out_and_cleared<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("private-key");
    let kps = &project.kps;
    let (_, key) = project.made("a");
    let kms = || Encryption::Kms(KmsKey::id(KmsKeyId::new("0b6f3c1e-9a47-4d52-8e13-7c25d9f0a864").unwrap()));
    let spaced = PrivateKey::new(format!("\n{}\n\n", key.expose())).unwrap();
    for (key, encryption) in [(&key, Encryption::Default), (&spaced, kms())] {
        let request = ImportPrivateKey::new(name("a"), key.clone(), encryption);
        assert_eq!(kps.send(request).unwrap().keypair.name, "a");
        for _ in 0..2 {
            let exported = kps.send(ExportPrivateKey::new(name("a"))).unwrap().keypair;
            assert_eq!((exported.name, exported.private_key.expose()), (name("a"), key.expose()));
        }
    }
    let detail = || kps.send(ListKeypairDetail::new(name("a"))).unwrap().keypair;
    let imported = detail().update_time.unwrap();
    project.advance(1);
    kps.send(ImportPrivateKey::new(name("a"), spaced, kms())).unwrap();
    let again = detail().update_time.unwrap();
    assert!(again > imported);
    project.advance(1);
    let detail = detail();
    assert_eq!(detail.is_key_protection, Some(true));
    assert_eq!(detail.key_id.as_deref(), Some("0b6f3c1e-9a47-4d52-8e13-7c25d9f0a864"));

    let told = kps.send(ClearPrivateKey::new(name("a"))).unwrap().body;
    assert_eq!(told.as_deref(), (stage.quirks() == Quirks::Hostile).then_some("cleared"));
    let cleared = kps.send(ListKeypairDetail::new(name("a"))).unwrap().keypair;
    assert!(cleared.update_time.unwrap() > again);
    assert_eq!(cleared.is_key_protection, Some(false));
    kps.send(CreateKeypair::import(name("laptop"), public(LAPTOP))).unwrap();
    let import = |named: &str| ImportPrivateKey::new(name(named), key.clone(), Encryption::Default);
    for (found, status, code) in [
        (refusal(kps.send(ExportPrivateKey::new(name("a")))), 400, "KPS.6005"),
        (refusal(kps.send(ClearPrivateKey::new(name("a")))), 404, "KPS.6005"),
        (refusal(kps.send(ClearPrivateKey::new(name("absent")))), 404, "KPS.4016"),
        (refusal(kps.send(import("laptop"))), 400, "KPS.6011"),
        (refusal(kps.send(import("a").with_user_id(UserId::new("nobody").unwrap()))), 400, "KPS.0006"),
    ] {
        assert_eq!(found, (status, code.into()));
    }
    assert_eq!(refusal(kps.send(ExportPrivateKey::new(name("absent")))), stage.no_keypair());
    assert_eq!(refusal(kps.send(import("absent"))), stage.no_keypair());
}
