//! Secrets as they stand in a snapshot, which holds them by right. Nothing else writes them with these.

use kps_model::{PrivateKey, Secret};
use serde::Serializer;

pub(crate) fn secret<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

pub(crate) fn if_any<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => self::secret(secret, serializer),
        None => serializer.serialize_none(),
    }
}

pub(crate) fn all<S: Serializer>(secrets: &[Secret], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(secrets.iter().map(Secret::expose))
}

pub(crate) fn key<S: Serializer>(key: &PrivateKey, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(key.expose())
}
