//! The operations of the service by their official names.

use kps_ureq::{
    AssociateKeypair, BatchAssociateKeypair, BatchExportPrivateKey, BatchImportKeypair, ClearPrivateKey,
    CreateKeypair, DeleteAllFailedTask, DeleteFailedTask, DeleteKeypair, DisassociateKeypair,
    ExportPrivateKey, ImportPrivateKey, KeyMaterial, KeypairName, ListFailedTask, ListKeypairDetail,
    ListKeypairTask, ListKeypairs, ListRunningTask, Meta, Operation, UpdateKeypairDescription,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::commands::call::{Call, plain, text, zip};
use crate::output::{Cell, Row};
use crate::stop::Stop;

/// An operation whose request is JSON.
pub(super) trait Raw: Operation + DeserializeOwned {
    /// The key pair whose private key is in the answer and nowhere else.
    fn only_copy(&self) -> Option<&KeypairName> {
        None
    }

    /// Whether one private key is in the answer.
    fn hands_out_a_key(&self) -> bool {
        false
    }
}

/// What there is to call.
pub(super) struct Entry {
    pub(super) meta: Meta,
    /// All that its request may hold.
    pub(super) skeleton: &'static str,
    pub(super) run: fn(&Call<'_>) -> Result<(), Stop>,
}

macro_rules! operations {
    ($($operation:ident $run:ident $skeleton:literal;)+) => {
        pub(super) const OPERATIONS: [Entry; 18] = [
            $(Entry { meta: $operation::META, skeleton: $skeleton, run: $run::<$operation> },)+
        ];
        $(operations!(@ $operation);)+

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn every_skeleton_is_a_request() {
                $(
                    let read = kps_ureq::from_json::<$operation>($skeleton.as_bytes());
                    assert!(read.is_ok(), "{}: {:?}", stringify!($operation), read.err());
                    assert_eq!($operation::META.name, stringify!($operation));
                )+
            }
        }
    };
    (@ CreateKeypair) => {
        impl Raw for CreateKeypair {
            fn only_copy(&self) -> Option<&KeypairName> {
                matches!(self.material, KeyMaterial::Made).then_some(&self.name)
            }

            fn hands_out_a_key(&self) -> bool {
                matches!(self.material, KeyMaterial::Made | KeyMaterial::MadeAndHosted(_))
            }
        }
    };
    (@ ExportPrivateKey) => {
        impl Raw for ExportPrivateKey {
            fn hands_out_a_key(&self) -> bool {
                true
            }
        }
    };
    (@ $operation:ident) => {
        impl Raw for $operation {}
    };
}

operations! {
    CreateKeypair plain r#"{"keypair":{"name":"NAME","type":"ssh","scope":"user","user_id":"USERID","public_key":"ssh-ed25519 AAAA","key_protection":{"private_key":"-----BEGIN PRIVATE KEY-----","encryption":{"type":"kms","kms_key_name":"KEY"}}}}"#;
    ListKeypairs plain r#"{"limit":50,"marker":"NAME"}"#;
    ListKeypairDetail plain r#"{"keypair_name":"NAME"}"#;
    UpdateKeypairDescription plain r#"{"keypair_name":"NAME","description":"TEXT"}"#;
    DeleteKeypair plain r#"{"keypair_name":"NAME"}"#;
    ImportPrivateKey plain r#"{"keypair":{"name":"NAME","user_id":"USERID","key_protection":{"private_key":"-----BEGIN PRIVATE KEY-----","encryption":{"type":"default"}}}}"#;
    ExportPrivateKey plain r#"{"keypair":{"name":"NAME"}}"#;
    ClearPrivateKey text r#"{"keypair_name":"NAME"}"#;
    BatchImportKeypair plain r#"[{"keypair":{"name":"NAME","type":"ssh","scope":"user","public_key":"ssh-ed25519 AAAA"}}]"#;
    BatchExportPrivateKey zip r#"[{"keypair":{"name":"NAME"}}]"#;
    AssociateKeypair plain r#"{"keypair_name":"NAME","server":{"id":"SERVER_ID","auth":{"type":"password","key":"PASSWORD"},"disable_password":false,"port":22}}"#;
    BatchAssociateKeypair plain r#"{"batch_keypairs":[{"keypair_name":"NAME","server":{"id":"SERVER_ID","auth":{"type":"password","key":"PASSWORD"},"disable_password":false,"port":22}}]}"#;
    DisassociateKeypair plain r#"{"server":{"id":"SERVER_ID","auth":{"type":"keypair","key":"-----BEGIN PRIVATE KEY-----"},"port":22}}"#;
    ListKeypairTask plain r#"{"task_id":"TASK_ID"}"#;
    ListRunningTask plain r#"{"limit":50,"offset":0}"#;
    ListFailedTask plain r#"{"limit":50,"offset":0}"#;
    DeleteFailedTask plain r#"{"task_id":"TASK_ID"}"#;
    DeleteAllFailedTask plain "{}";
}

/// A line of the list of operations.
#[derive(Serialize)]
pub(super) struct Line {
    operation: &'static str,
    method: &'static str,
    path: &'static str,
}

impl From<&'static Entry> for Line {
    fn from(entry: &'static Entry) -> Self {
        let Meta { name, verb, path, .. } = entry.meta;
        Self { operation: name, method: verb.as_str(), path }
    }
}

impl Row for Line {
    const COLUMNS: &'static [&'static str] = &["OPERATION", "METHOD", "PATH"];
    const IS_CUT: bool = false;

    fn cells(&self) -> Vec<Cell> {
        [self.operation, self.method, self.path].map(|text| Cell::of(Some(text))).into()
    }
}
