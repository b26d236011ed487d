//! How a request of the Huawei Cloud **Key Pair Service** (KPS) travels: written, signed, sent, judged, read;
//! and both clients, [`Client`] to be awaited and [`blocking::Client`].
//!
//! This crate opens no socket and knows no runtime and no TLS. It sends through an [`AsyncTransport`] or a
//! [`Transport`]; `kps-reqwest` and `kps-ureq` bring one each, and a closure is one too. A program depends on
//! one of those two, which re-export all of this.
//!
//! | module or type | what it is |
//! | --- | --- |
//! | [`Client`], [`blocking::Client`], [`Builder`] | the clients |
//! | [`Operation`], [`Paged`], [`Meta`], [`Draft`] | what an operation of the service is |
//! | [`CredentialsSource`], [`Credentials`] | who makes the calls |
//! | [`Region`], [`Site`], [`Environment`], [`HttpOptions`], [`ProxyRules`], [`Retries`] | what a client is told |
//! | [`sign`], [`Signatory`] | the signature, also for requests of one's own |
//! | [`Transport`], [`AsyncTransport`], [`Prepared`], [`Failure`] | the seam to an HTTP client |
//! | [`Client::import_keypairs`], [`Client::export_private_keys`], [`Client::associate_keypairs`], [`Outcomes`] | batches of any size |
//! | [`Client::ensure_keypair`], [`Client::ensure_absent`], [`Client::ensure_bound`], [`Client::ensure_unbound`], [`Client::create_described`] | verbs that can be repeated |
//! | [`PrivateKeyArchive`] | several private keys, exported at once |
//! | [`Error`] | what went wrong |
//! | [`Observer`], [`Answer`], [`MaskedRequest`] | how calls went, and what is sent |
//! | [`Contact`], [`SourceReport`] | what to look at where they do not go |
//! | [`Resolve`], [`Resolution`] | whether a call was applied whose answer was lost |
//! | [`WaitOptions`], [`TaskState`], [`TaskWatch`] | waiting for tasks |
//!
//! The vocabulary of `kps-model` is re-exported.
//!
//! # Features
//!
//! `zip` (off by default): `PrivateKeyArchive::keys` reads the private keys out of the archive of an export.
//! Without it the archive is there all the same, to be written to a file.
//!
//! `stream` (off by default): [`Pages`], [`Items`] and [`Lists`] are `Stream`s of `futures-core`, and a [`TaskWatch`] can be made one.
//!
//! `tracing` (off by default): spans of `tracing` for calls (`kps.call`), their attempts (`kps.attempt`) and waits
//! (`kps.wait`), for waiting for tasks (`kps.task`, `kps.tasks`), and events where something works and should be mended.

mod archive;
mod base;
mod batches;
pub mod blocking;
mod builder;
mod call_options;
mod client;
mod clock;
mod contact;
mod course;
mod credentials;
mod endpoint;
mod endpoints;
mod ensure;
mod error;
mod events;
mod exchange;
mod extras;
mod flight;
mod http_options;
mod list;
mod masked;
mod observe;
mod operation;
mod ops;
mod project;
mod proxy;
mod redact;
mod region;
mod regions_file;
mod request;
mod resolve;
mod retry;
mod settings;
pub mod sign;
mod signatory;
mod site;
mod sorted;
mod system;
mod transport;
mod wait;
mod yaml;

pub use archive::PrivateKeyArchive;
#[cfg(feature = "zip")]
pub use archive::{ArchiveError, ExportedKey};
pub use batches::{BatchOptions, ItemReport, Outcome, Outcomes};
pub use builder::Builder;
pub use client::Client;
pub use contact::{Contact, ListedProject};
pub use credentials::{
    Agency, AsyncCredentialsProvider, Credentials, CredentialsProvider, CredentialsReport, CredentialsSource,
    IdToken, Oidc, Password, SourceOutcome, SourceReport, StsAgency,
};
pub use ensure::{BindingOptions, DescribedKeypair, EnsuredBinding, EnsuredKeypair};
pub use error::{Error, ErrorKind};
pub use http_options::{HttpOptions, Tls};
pub use kps_model::*;
pub use list::{
    Bookmark, Glimpse, ItemMark, Items, KeypairFilter, ListProgress, Listed, Lists, Paged, Pages, Position,
    Shifts, TaskFilter, TaskRecord,
};
pub use masked::MaskedRequest;
pub use observe::{Answer, AttemptReport, CallReport, Observer};
pub use operation::{Meta, Operation, Replay, Verb};
pub use proxy::{Proxy, ProxyRules};
pub use region::Region;
pub use request::{Draft, Prepared};
pub use resolve::{Resolution, Resolve};
pub use retry::Retries;
pub use signatory::Signatory;
pub use site::Site;
pub use system::Environment;
pub use transport::{AsyncTransport, BoxFuture, Failure, FailureKind, Ready, Sent, Transport};
pub use wait::{TaskState, TaskWatch, WaitOptions};
