//! Clients of an emulator on a clock that goes only while somebody waits.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kps_conformance::Awaited;
use kps_core::{Builder, Client, Region, Transport as _, blocking};
use kps_emulator::{Emulator, Fault, FaultRule, InProcess};

pub(crate) type Connect<'a, S> = &'a dyn Fn(InProcess) -> S;

pub(crate) fn start() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

pub(crate) fn on_site<C>(builder: Builder<C>) -> Builder<C> {
    builder.region(Region::CN_NORTH_4).credentials(Emulator::credentials()).project_id(Emulator::project_id())
}

pub(crate) fn blocking(transport: InProcess) -> blocking::Client {
    on_site(blocking::Client::builder(transport)).build().unwrap()
}

pub(crate) fn awaited(transport: InProcess) -> Awaited {
    Awaited::new(|| on_site(Client::builder(transport)).build().unwrap())
}

/// Each call waits once, so that the others go on meanwhile.
pub(crate) fn interleaved(transport: InProcess) -> Client {
    let send = move |request| {
        let transport = transport.clone();
        async move {
            tokio::task::yield_now().await;
            transport.send(request)
        }
    };
    on_site(Client::builder(send)).build().unwrap()
}

pub(crate) fn on(operation: &str, fault: Fault) -> FaultRule {
    FaultRule::new(fault).on(operation).unwrap()
}
