//! What the tests have in common: clients of an emulator on a clock that goes only while somebody waits, and key pairs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kps_conformance::{Awaited, Subject};
use kps_core::{
    Builder, Client, CreateKeypair, EnsuredKeypair, KeypairName, ListKeypairDetail, Outcomes, PublicKey,
    Region, Transport as _, blocking,
};
use kps_emulator::{Emulator, InProcess};

use crate::line::Line;

pub(crate) fn start() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

pub(crate) fn on_site<C>(builder: Builder<C>) -> Builder<C> {
    builder.region(Region::CN_NORTH_4).credentials(Emulator::credentials()).project_id(Emulator::project_id())
}

/// An emulator, and a transport to it on a clock of its own.
pub(crate) struct Place {
    pub(crate) emulator: Emulator,
    pub(crate) transport: InProcess,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::of(Emulator::new())
    }

    pub(crate) fn of(emulator: Emulator) -> Self {
        let transport = emulator.in_process().with_virtual_clock(start());
        Self { emulator, transport }
    }

    pub(crate) fn line(&self) -> Line {
        Line::whole(self.transport.clone())
    }

    /// A client for the test itself.
    pub(crate) fn kps(&self) -> blocking::Client {
        blocking(self.line())
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.transport.sleep(time);
    }
}

pub(crate) fn blocking(line: Line) -> blocking::Client {
    on_site(blocking::Client::builder(line)).build().unwrap()
}

pub(crate) fn client(line: Line) -> Client {
    on_site(Client::builder(line)).build().unwrap()
}

/// The same, run to its end on a runtime.
pub(crate) fn awaited(line: Line) -> Awaited {
    Awaited::new(|| client(line))
}

pub(crate) fn name(text: impl AsRef<str>) -> KeypairName {
    KeypairName::new(text).unwrap()
}

/// A public key of its own for each number, with a comment.
pub(crate) fn public(number: usize) -> PublicKey {
    let line = format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA{number:0>42} user-{number}");
    PublicKey::new(line).unwrap()
}

pub(crate) fn import(number: usize) -> CreateKeypair {
    CreateKeypair::import(name(format!("user-{number}")), public(number))
}

pub(crate) fn imports(count: usize) -> Vec<CreateKeypair> {
    (0..count).map(import).collect()
}

/// The number that the service gave the key pair, if it is there with the key of this number: it is another if the key
/// pair was made anew.
pub(crate) fn id_of(kps: &impl Subject, number: usize) -> Option<u64> {
    let found = kps.send(ListKeypairDetail::new(name(format!("user-{number}")))).ok()?.keypair;
    assert_eq!(found.public_key, Some(public(number)));
    found.id
}

/// Each outcome in a word: `made`, `found`, or the id of the error.
pub(crate) fn words(outcomes: &Outcomes<KeypairName, EnsuredKeypair>) -> Vec<&'static str> {
    let word = |result: &Result<EnsuredKeypair, kps_core::Error>| match result {
        Ok(keypair) if keypair.was_made() => "made",
        Ok(_) => "found",
        Err(error) => error.id(),
    };
    outcomes.iter().map(|outcome| word(&outcome.result)).collect()
}

pub(crate) fn in_order(outcomes: &Outcomes<KeypairName, EnsuredKeypair>, imports: &[CreateKeypair]) -> bool {
    let own = |keypair: &EnsuredKeypair, item: &KeypairName| keypair.name() == item;
    outcomes.iter().map(|outcome| &outcome.item).eq(imports.iter().map(|import| &import.name))
        && outcomes.succeeded().all(|(item, keypair)| own(keypair, item))
}
