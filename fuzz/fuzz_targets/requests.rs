//! Stored requests: the first byte picks the type, the rest is its JSON. What is read is written and read again, and stays
//! the same.
#![no_main]

use kps_fuzz::{one_line, pick};
use kps_model::{
    AssociateKeypair, BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair, ClearPrivateKey,
    CreateKeypair, DeleteAllFailedTask, DeleteFailedTask, DeleteKeypair, DisassociateKeypair,
    ExportPrivateKey, ImportPrivateKey, ListFailedTask, ListKeypairDetail, ListKeypairTask, ListKeypairs,
    ListRunningTask, ToJson, UpdateKeypairDescription, UpdateKeypairDescriptionBody, from_json, to_json,
};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;

fn again<T: DeserializeOwned + ToJson>(json: &[u8]) -> Option<(T, T)> {
    let read: T = match from_json(json) {
        Ok(read) => read,
        Err(error) => {
            one_line(&error.to_string());
            return None;
        }
    };
    let written = to_json(&read).unwrap();
    let second: T = from_json(&written).unwrap_or_else(|error| panic!("{error}: {}", written.escape_ascii()));
    if to_json(&second).unwrap() != written {
        panic!(
            "{} is not what is read of {}",
            to_json(&second).unwrap().escape_ascii(),
            written.escape_ascii()
        );
    }
    Some((read, second))
}

fn again_and_equal<T: DeserializeOwned + ToJson + PartialEq + std::fmt::Debug>(json: &[u8]) {
    if let Some((read, second)) = again::<T>(json) {
        assert_eq!(second, read);
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, json)) = pick(data) else { return };
    match first % 19 {
        0 => drop(again::<CreateKeypair>(json)),
        1 => again_and_equal::<ListKeypairs>(json),
        2 => again_and_equal::<ListKeypairDetail>(json),
        3 => again_and_equal::<UpdateKeypairDescription>(json),
        4 => again_and_equal::<DeleteKeypair>(json),
        5 => drop(again::<ImportPrivateKey>(json)),
        6 => again_and_equal::<ExportPrivateKey>(json),
        7 => again_and_equal::<ClearPrivateKey>(json),
        8 => drop(again::<BatchImportKeypair>(json)),
        9 => again_and_equal::<BatchExportPrivateKey>(json),
        10 => drop(again::<AssociateKeypair>(json)),
        11 => drop(again::<BatchAssociateKeypair>(json)),
        12 => drop(again::<DisassociateKeypair>(json)),
        13 => again_and_equal::<ListKeypairTask>(json),
        14 => again_and_equal::<ListRunningTask>(json),
        15 => again_and_equal::<ListFailedTask>(json),
        16 => again_and_equal::<DeleteFailedTask>(json),
        17 => again_and_equal::<DeleteAllFailedTask>(json),
        _ => again_and_equal::<UpdateKeypairDescriptionBody>(json),
    }
});
