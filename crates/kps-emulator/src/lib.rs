//! An emulator of the Huawei Cloud **Key Pair Service** (KPS): the service in memory, against which any client
//! can be tested without a cloud.
//!
//! ```
//! use kps_core::{ListFailedTask, Region, blocking};
//! use kps_emulator::Emulator;
//!
//! let emulator = Emulator::new();
//! let kps = blocking::Client::builder(emulator.in_process())
//!     .region(Region::CN_NORTH_4)
//!     .credentials(Emulator::credentials())
//!     .project_id(Emulator::project_id())
//!     .build()?;
//! let first = kps.items(ListFailedTask::new()).next().unwrap()?;
//! assert_eq!(first.task_id, "aee8d2fe-5484-4753-9177-5a38dc15546c");
//! # Ok::<(), kps_core::Error>(())
//! ```
//!
//! For a client that takes an address, `Emulator::builder().start()?` answers over HTTP until it is dropped; its `endpoint()` is
//! that address.
//!
//! # What it does
//!
//! | what it does | as the service does |
//! | --- | --- |
//! | all 18 operations | by the documents, where they agree; [`Emulator::operations`] lists them |
//! | key pairs | with real keys: RSA 2048 made by the service, what OpenSSH reads imported, halves that must match |
//! | binding | tasks that become ready, run and end by a clock that can be set ([`Emulator::advance`]) and stopped ([`Emulator::freeze`]), on servers that run or are shut off; a wrong password fails the task, not the call, and leaves a record with the reason |
//! | servers | listed with their names, whether they run and the key pairs they carry, by the one request of another service (ECS) that clients make for that, `ListServersDetails` |
//! | errors | each with its documented code, some when asked for ([`Emulator::refuse_next`]) |
//! | faults | when asked for ([`Emulator::inject`]), in code or [from JSON](FaultRule::list_from_json): connections that are refused, break or are slow, answers that are cut, garbled or not the service's, throttling, a wrong clock; and what the service did all the same ([`Emulator::applied`]) |
//! | credentials | handed out by its identity, security token, metadata and pod services, whose ends are by the clock that can be set; any of them can be revoked ([`Emulator::revoke_key`], [`Emulator::revoke_issued`]) |
//! | signatures and tokens | checked by code of its own, refused with `APIGW.0301` and the canonical request, and [explained](WrongSignature); or [not](Builder::lenient_auth) |
//! | its forms | as its documents say, as it was seen, or as hostile as can be ([`Quirks`]) |
//! | a project that is not there | refused with `APIGW.0310` |
//! | anything else | `APIGW.0101`: it does not pretend |
//!
//! It answers in process ([`Emulator::handle`], [`Emulator::in_process`]) and over HTTP (`Server`). What is in it comes from a
//! [`Seed`]; all of it can be saved as a [`Snapshot`] and gone on from. What it was asked is in a journal without secrets
//! ([`Emulator::calls`]). In process the time can be one that goes only while somebody waits
//! ([`InProcess::with_virtual_clock`]).
//!
//! Over HTTP it can be steered too, under `/_emulator/` ([`Emulator::control`]), by requests from its own address alone, and from
//! a page for people at `/_emulator/ui`.
//!
//! # Features
//!
//! | feature | what |
//! | --- | --- |
//! | `server` | the emulator behind HTTP; on by default |
//! | `cli` | the program `kps-emulator`, for clients in any language: `cargo install kps-emulator --features cli`; off by default, so that tests that use the library do not build what the program takes. It is there for other programs too (`program`) |
//! | `fresh-keys` | `Fresh`, a source of key pairs that makes each anew; off by default |
//! | `tracing` | an event for each request; off by default |
//! | `external-tools` | nothing but tests of this crate that need other programs; off by default |

mod answer;
mod builder;
mod callers;
mod clock;
mod control;
mod date;
mod emulator;
mod exposed;
mod faults;
mod identity;
mod journal;
mod keys;
mod load;
#[cfg(feature = "cli")]
pub mod program;
mod query;
mod quirks;
mod refusal;
mod route;
mod seed;
#[cfg(feature = "server")]
mod server;
mod service;
mod signature;
mod snapshot;
mod transport;
mod ui;
mod verify;
mod world;

pub use builder::Builder;
pub use emulator::{Emulator, UnknownName};
pub use faults::{AuthFault, Fault, FaultRule, RefusalCode};
pub use journal::CallRecord;
#[cfg(feature = "fresh-keys")]
pub use keys::Fresh;
pub use keys::{KeySource, MadeBefore};
pub use load::LoadError;
pub use quirks::Quirks;
pub use seed::{Seed, SeedServer};
#[cfg(feature = "server")]
pub use server::Server;
pub use service::{ServerState, Trouble};
pub use signature::{Difference, Mistake, WrongSignature};
pub use snapshot::Snapshot;
pub use transport::InProcess;
