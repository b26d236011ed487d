//! How a request of the Huawei Cloud **Key Pair Service** (KPS) travels: written, signed, sent, judged, read;
//! and both clients, [`Client`] to be awaited and [`blocking::Client`].
//!
//! This crate opens no socket and knows no runtime and no TLS. It sends through an [`AsyncTransport`] or a
//! [`Transport`]; `kps-reqwest` and `kps-ureq` bring one each, and a closure is one too. A program depends on
//! one of those two, which re-export all of this.
//!
//! # A call
//!
//! ```
//! use kps_core::{Credentials, ListKeypairs, Prepared, ProjectId, Region, blocking};
//!
//! // In the place of an HTTP client, as in a program's own tests.
//! let transport = |request: Prepared| {
//!     assert_eq!(request.uri().to_string(), "https://kms.cn-north-4.myhuaweicloud.com/v3/0a1b/keypairs");
//!     Ok(http::Response::new(r#"{"keypairs":[{"keypair":{"name":"deploy"}}]}"#.into()))
//! };
//! let kps = blocking::Client::builder(transport)
//!     .region(Region::CN_NORTH_4)
//!     .credentials(Credentials::access_key("AKEXAMPLE", "SKexample"))
//!     .project_id(ProjectId::new("0a1b")?)
//!     .build()?;
//! for keypair in kps.items(ListKeypairs::new()) {
//!     assert_eq!(keypair?.name, "deploy");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What there is
//!
//! | module or type | what it is |
//! | --- | --- |
//! | [`Client`], [`blocking::Client`], [`Builder`] | the clients |
//! | [`Client::items`], [`Client::pages`], [`Lists`], [`TaskFilter`], [`KeypairFilter`], [`Bookmark`] | lists of any length, read whole, in part, or on from where one was |
//! | [`Client::wait`], [`Client::watch`], [`Client::wait_all`], [`WaitOptions`], [`TaskState`] | the end of a task, or of many |
//! | [`Operation`], [`Paged`], [`Meta`], [`Draft`] | what an operation of the service is, also one of one's own |
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
//!
//! The vocabulary of `kps-model` is re-exported: requests such as [`CreateKeypair`], their answers, and the values in them.
//!
//! # Features
//!
//! All are off by default.
//!
//! - `zip`: `PrivateKeyArchive::keys` reads the private keys out of the archive of an export, and
//!   [`Client::export_private_keys`] asks for ten in a call. Without it the archive is there all the same, to be written to a
//!   file.
//! - `stream`: [`Pages`], [`Items`] and [`Lists`] are `Stream`s of `futures-core`, and a [`TaskWatch`] can be made one.
//! - `tracing`: spans of `tracing` for calls (`kps.call`), their attempts (`kps.attempt`) and waits (`kps.wait`), for waiting
//!   for tasks (`kps.task`, `kps.tasks`), and events where something works and should be mended.

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
