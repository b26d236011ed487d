use bytes::Bytes;
use http::Response;
use kps_model::{
    BatchExportPrivateKey, BatchImportKeypair, BatchImportKeypairResponse, DecodeError, KeyMaterial,
    from_json,
};

use crate::ops::with_body;
use crate::{Draft, Error, Meta, Operation, PrivateKeyArchive, Replay, Verb};

impl Operation for BatchImportKeypair {
    // What was imported the first time would be reported as failed the second.
    const META: Meta = Meta::new(
        "BatchImportKeypair",
        Verb::Post,
        "/v3/{project_id}/keypairs/batch-import",
        Replay::Never,
        200,
    )
    .with_secret_request()
    .with_secret_answer();
    type Output = BatchImportKeypairResponse;

    fn encode(&self) -> Result<Draft, Error> {
        let keys = self.keypairs().iter().filter_map(|keypair| match &keypair.material {
            KeyMaterial::ImportedAndHosted { private_key, .. } => Some(private_key),
            _ => None,
        });
        Ok(keys.fold(with_body(self)?, |draft, key| draft.secret(key.expose())))
    }

    fn decode(answer: &Response<Bytes>) -> Result<BatchImportKeypairResponse, DecodeError> {
        from_json(answer.body())
    }
}

impl Operation for BatchExportPrivateKey {
    // A POST that only reads.
    const META: Meta = Meta::new(
        "BatchExportPrivateKey",
        Verb::Post,
        "/v3/{project_id}/keypairs/private-key/batch-export",
        Replay::Safe,
        200,
    )
    .with_secret_answer();
    /// A zip file. (Documented as a string, which would spoil it.)
    type Output = PrivateKeyArchive;

    fn encode(&self) -> Result<Draft, Error> {
        with_body(self)
    }

    fn decode(answer: &Response<Bytes>) -> Result<PrivateKeyArchive, DecodeError> {
        Ok(PrivateKeyArchive::new(answer.body().clone()))
    }
}
