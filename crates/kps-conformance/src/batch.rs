//! The operations on many key pairs at once.

use kps_core::{
    BatchExportPrivateKey, BatchImportKeypair, CreateKeypair, Encryption, ExportPrivateKey, ListKeypairs,
};

use kps_emulator::Quirks;

use crate::stage::{LAPTOP, name, public, refusal};
use crate::{Stage, Subject};

/// The whole group.
pub fn all<S: Subject>(stage: &Stage<'_, S>) {
    key_pairs_are_imported_one_by_one(stage);
    private_keys_are_handed_out_in_one_archive(stage);
}

/// Each with its own outcome.
pub fn key_pairs_are_imported_one_by_one<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("batch-import");
    let kps = &project.kps;
    let (made, key) = project.made("exists");
    let hosted = |named: &str, public_key| {
        CreateKeypair::import_hosted(name(named), public_key, key.clone(), Encryption::Default)
    };
    let batch = BatchImportKeypair::new([
        CreateKeypair::import(name("laptop"), public(LAPTOP)),
        CreateKeypair::import(name("exists"), public(LAPTOP)),
        hosted("hosted", made.public_key.unwrap()),
        hosted("mismatch", public(LAPTOP)),
        CreateKeypair::import(name("laptop"), public(LAPTOP)),
    ]);
    let answer = kps.send(batch.unwrap()).unwrap();
    let succeeded: Vec<&str> =
        answer.succeeded_keypairs.iter().map(|keypair| keypair.name.as_str()).collect();
    assert_eq!(succeeded, ["laptop", "hosted"]);
    let handed_back: Vec<bool> =
        answer.succeeded_keypairs.iter().map(|keypair| keypair.private_key.is_some()).collect();
    assert_eq!(handed_back, [false, stage.quirks() != Quirks::Documented]);
    let failed: Vec<(String, String)> = answer
        .failed_keypairs
        .iter()
        .map(|failed| (failed.keypair_name.to_string(), failed.reason().code.unwrap()))
        .collect();
    let expected = [("exists", "KPS.7004"), ("mismatch", "KPS.6011"), ("laptop", "KPS.7004")];
    assert_eq!(failed, expected.map(|(name, code)| (name.to_owned(), code.to_owned())));

    let exported = kps.send(ExportPrivateKey::new(name("hosted"))).unwrap().keypair;
    assert_eq!(exported.private_key.expose(), key.expose());
    let ten = (0..10).map(|n| CreateKeypair::import(name(&format!("ten-{n}")), public(LAPTOP)));
    assert_eq!(kps.send(BatchImportKeypair::new(ten).unwrap()).unwrap().succeeded_keypairs.len(), 10);
    assert_eq!(kps.items(ListKeypairs::new()).len(), 13);
}

/// Byte for byte, and nothing if one of them is missing.
pub fn private_keys_are_handed_out_in_one_archive<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("batch-export");
    let kps = &project.kps;
    let names: Vec<_> = (0..10).map(|n| name(&format!("key-{n}"))).collect();
    let mut made = Vec::new();
    for named in &names {
        let request = CreateKeypair::new_hosted(named.clone(), Encryption::Default);
        made.push(kps.send(request).unwrap().keypair.private_key.unwrap());
    }
    let archive = kps.send(BatchExportPrivateKey::new(names.clone()).unwrap()).unwrap();
    let keys = archive.keys().unwrap();
    assert_eq!(keys.len(), 10);
    for ((key, named), made) in keys.iter().zip(&names).zip(&made) {
        assert_eq!((key.name.as_str(), key.private_key.expose()), (named.as_str(), made.expose()));
    }

    kps.send(CreateKeypair::import(name("laptop"), public(LAPTOP))).unwrap();
    for (other, expected) in [("absent", stage.no_keypair()), ("laptop", (400, "KPS.6005".into()))] {
        let request = BatchExportPrivateKey::new([names[0].clone(), name(other)]).unwrap();
        assert_eq!(refusal(kps.send(request)), expected);
    }
}
