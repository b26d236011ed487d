//! The vocabulary of the Huawei Cloud **Key Pair Service** (KPS, API version 3): requests, answers and error
//! bodies as plain data, read from and written to JSON. It knows no HTTP and does no I/O; the clients are
//! `kps-ureq` (blocking) and `kps-reqwest` (async).
//!
//! ```
//! use kps_model::{Action, ListFailedTaskResponse, Phase};
//!
//! let body = br#"{"total":1,"tasks":[{"task_id":"aee8d2fe-5484-4753-9177-5a38dc15546c",
//!     "operate_type":"RUNNING_RESET","task_time":"1523342130000","task_error_code":null,
//!     "task_error_msg":"Update public key error","server_name":"Test",
//!     "server_id":"c9aa197b-a6b6-4c33-b3a6-fa0b4ec50006","keypair_name":"KeyPair-xt"}]}"#;
//! let page: ListFailedTaskResponse = kps_model::from_json(body)?;
//!
//! let task = &page.tasks[0];
//! assert_eq!(task.operate_type.as_ref().and_then(|kind| kind.action()), Some(Action::Reset));
//! assert_eq!(task.task_time.as_ref().map(ToString::to_string).as_deref(), Some("2018-04-10T06:35:30Z"));
//! assert_eq!(task.server_name.as_deref(), Some("Test"));
//! # Ok::<(), kps_model::DecodeError>(())
//! ```
//!
//! # What an answer may look like
//!
//! The documents of the service contradict each other and its answers, so reading is lenient: unknown fields
//! are passed over, unknown values of an enumeration are kept as they are, a number may come as a string and
//! the other way round, `null` and absent mean the same. Only the field that *is* the object, such as a task's
//! id, must be there. What cannot be read is a [`DecodeError`] that names the JSON path.
//!
//! # What a request may look like
//!
//! A request cannot be built wrong: names and ids are types that are never empty ([`KeypairName`], [`TaskId`]),
//! numbers have types with the documented range ([`Limit`], [`Port`]), what excludes each other is an enumeration
//! ([`KeyMaterial`], [`Server`], [`Encryption`]). Requests are data: they can be stored and queued, and an
//! unknown field in a stored one is an error.
//!
//! # Secrets
//!
//! A private key is a [`PrivateKey`], a password a [`Secret`]: no `Display`, a `Debug` that shows nothing, no
//! comparison, memory that is wiped. What holds one is not `Serialize`, so that nothing writes it by accident;
//! [`to_json`] is the one way to its JSON.
//!
//! # Features
//!
//! `fingerprint` (off by default, on in the clients): [`Fingerprint`] computes fingerprints of public keys, to compare one that
//! was told with that of a key.
//!
//! The crate is `no_std` and needs `alloc`.

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod batch;
mod binding;
mod checked;
mod codec;
mod creation;
mod description;
mod encryption;
mod enums;
mod envelope;
mod error_body;
mod error_code;
mod fingerprint;
mod frozen;
mod handle;
mod id;
mod inline;
mod key;
mod keypair;
mod one_line;
mod place;
mod private_key;
mod progress;
mod range;
mod receipt;
mod scalar;
mod secret;
mod shorten;
mod task;
mod text;
mod time;

pub use batch::{
    BatchExportPrivateKey, BatchImportKeypair, BatchImportKeypairResponse, FailedKeypair, InvalidBatch,
};
pub use binding::{
    AssociateKeypair, BatchAssociateKeypair, BatchServer, DisassociateKeypair, Login, RunningServer, Server,
};
pub use codec::{DecodeError, EncodeError, ToJson, from_json, to_json};
pub use creation::{CreateKeypair, CreateKeypairResponse, CreatedKeypair, KeyMaterial};
pub use description::{Description, TooLong, UpdateKeypairDescription, UpdateKeypairDescriptionBody};
pub use encryption::{Encryption, HostedEncryption, KmsKey};
pub use enums::{EncryptionType, KeypairType, Scope, UnknownValue};
pub use error_body::ErrorBody;
pub use error_code::{ErrorCode, ErrorOrigin};
pub use fingerprint::{Fingerprint, FingerprintAlgorithm};
pub use frozen::FrozenState;
pub use handle::TaskHandle;
pub use id::{InvalidId, KeypairName, KmsKeyId, KmsKeyName, ProjectId, ServerId, TaskId, UserId};
pub use key::{InvalidKey, PrivateKey, PublicKey};
pub use keypair::{
    DeleteKeypair, Keypair, KeypairDetail, ListKeypairDetail, ListKeypairDetailResponse, ListKeypairs,
    ListKeypairsResponse, PageInfo,
};
pub use private_key::{
    ClearPrivateKey, ClearPrivateKeyResponse, ExportPrivateKey, ExportPrivateKeyResponse, ExportedPrivateKey,
    HostedKeypair, ImportPrivateKey, ImportPrivateKeyResponse, KeyProtection,
};
pub use progress::{Action, OperateType, Phase, TaskStatus};
pub use range::{Limit, Offset, OutOfRange, Port};
pub use receipt::{BatchAssociateKeypairResponse, ReceiptStatus, TaskReceipt, TaskRefused};
pub use secret::Secret;
pub use task::{
    DeleteAllFailedTask, DeleteFailedTask, FailedTask, ListFailedTask, ListFailedTaskResponse,
    ListKeypairTask, ListKeypairTaskResponse, ListRunningTask, ListRunningTaskResponse, RunningTask,
};
pub use text::Text;
pub use time::{Timestamp, Utc};
