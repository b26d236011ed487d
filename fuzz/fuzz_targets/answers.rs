//! What all operations make of an answer: the first byte picks the operation and the status, the rest is the body.
#![no_main]

use std::sync::LazyLock;

use kps_fuzz::{Answered, check, one_line, pick};
use kps_model::{
    AssociateKeypair, BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair, BatchServer,
    ClearPrivateKey, CreateKeypair, DeleteAllFailedTask, DeleteFailedTask, DeleteKeypair, Description,
    DisassociateKeypair, Encryption, ExportPrivateKey, ImportPrivateKey, KeypairName, ListFailedTask,
    ListKeypairDetail, ListKeypairTask, ListKeypairs, ListRunningTask, PrivateKey, PublicKey, Server,
    ServerId, TaskId, ToJson, UpdateKeypairDescription, from_json, to_json,
};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;

/// Those of success that differ, and of each class that is judged in a way of its own.
const STATUSES: [u16; 15] = [200, 200, 200, 201, 202, 204, 206, 302, 400, 401, 403, 404, 429, 500, 503];

static CLIENT: LazyLock<Answered> = LazyLock::new(Answered::new);
static VALUES: LazyLock<Values> = LazyLock::new(Values::new);

/// The values of the requests, made once.
struct Values {
    name: KeypairName,
    task: TaskId,
    server: ServerId,
    public_key: PublicKey,
    private_key: PrivateKey,
}

impl Values {
    fn new() -> Self {
        Self {
            name: KeypairName::new("a").unwrap(),
            task: TaskId::new("t").unwrap(),
            server: ServerId::new("s").unwrap(),
            public_key: PublicKey::new("ssh-ed25519 AAAA").unwrap(),
            private_key: PrivateKey::new("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n").unwrap(),
        }
    }
}

/// What was read is written, read and written again, and stays the same. Not all types can be compared.
fn again<T: DeserializeOwned + ToJson>(read: Option<T>) {
    let Some(read) = read else { return };
    let json = to_json(&read).unwrap();
    let second: T = from_json(&json).unwrap_or_else(|error| panic!("{error}: {}", json.escape_ascii()));
    if to_json(&second).unwrap() != json {
        panic!("{} is not what is read of {}", to_json(&second).unwrap().escape_ascii(), json.escape_ascii());
    }
}

fn again_and_equal<T: DeserializeOwned + ToJson + PartialEq + std::fmt::Debug>(read: Option<T>) {
    let Some(read) = read else { return };
    let second: T = from_json(&to_json(&read).unwrap()).unwrap();
    assert_eq!(second, read);
}

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = pick(data) else { return };
    let Values { name, task, server, public_key, private_key } = &*VALUES;
    let status = STATUSES[first / 18];
    macro_rules! answer {
        ($operation:expr) => {
            CLIENT.send($operation, status, body).inspect_err(check).ok()
        };
    }
    let import = || CreateKeypair::import(name.clone(), public_key.clone());
    let stopped = || Server::stopped(server.clone());
    match first % 18 {
        0 => again(answer!(CreateKeypair::new(name.clone()))),
        1 => again_and_equal(answer!(ListKeypairs::new())),
        2 => again_and_equal(answer!(ListKeypairDetail::new(name.clone()))),
        3 => drop(answer!(UpdateKeypairDescription::new(name.clone(), Description::new("d").unwrap()))),
        4 => drop(answer!(DeleteKeypair::new(name.clone()))),
        5 => again(answer!(ImportPrivateKey::new(name.clone(), private_key.clone(), Encryption::Default))),
        6 => again(answer!(ExportPrivateKey::new(name.clone()))),
        7 => drop(answer!(ClearPrivateKey::new(name.clone()))),
        8 => {
            let read = answer!(BatchImportKeypair::new([import()]).unwrap());
            for failed in read.iter().flat_map(|read| &read.failed_keypairs) {
                let _ = failed.reason();
            }
            again(read);
        }
        9 => {
            let archive = answer!(BatchExportPrivateKey::new([name.clone()]).unwrap());
            assert!(archive.is_none_or(|archive| archive.as_bytes() == body));
        }
        10 => {
            let receipt = answer!(AssociateKeypair::new(name.clone(), stopped()));
            if let Some(Err(refused)) = receipt.as_ref().map(|receipt| receipt.accepted()) {
                one_line(&refused.to_string());
            }
            again_and_equal(receipt);
        }
        11 => {
            let batch = BatchAssociateKeypair::new(name.clone(), [BatchServer::new(server.clone(), "pw")]);
            again_and_equal(answer!(batch.unwrap()));
        }
        12 => again_and_equal(answer!(DisassociateKeypair::new(stopped()))),
        13 => again_and_equal(answer!(ListKeypairTask::new(task.clone()))),
        14 => again_and_equal(answer!(ListRunningTask::new())),
        15 => again_and_equal(answer!(ListFailedTask::new())),
        16 => drop(answer!(DeleteFailedTask::new(task.clone()))),
        _ => drop(answer!(DeleteAllFailedTask::new())),
    }
});
