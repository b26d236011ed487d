use bytes::Bytes;
use http::Response;
use kps_model::{
    ClearPrivateKey, ClearPrivateKeyResponse, DecodeError, ExportPrivateKey, ExportPrivateKeyResponse,
    ImportPrivateKey, ImportPrivateKeyResponse, from_json,
};

use crate::ops::with_body;
use crate::{Draft, Error, Meta, Operation, Replay, Verb};

impl Operation for ImportPrivateKey {
    // It sends the same state again.
    const META: Meta = Meta::new(
        "ImportPrivateKey",
        Verb::Post,
        "/v3/{project_id}/keypairs/private-key/import",
        Replay::Idempotent,
        200,
    )
    .with_secret_request()
    .with_secret_answer();
    type Output = ImportPrivateKeyResponse;

    fn encode(&self) -> Result<Draft, Error> {
        Ok(with_body(self)?.secret(self.private_key.expose()))
    }

    fn decode(answer: &Response<Bytes>) -> Result<ImportPrivateKeyResponse, DecodeError> {
        from_json(answer.body())
    }
}

impl Operation for ExportPrivateKey {
    // A POST that only reads.
    const META: Meta = Meta::new(
        "ExportPrivateKey",
        Verb::Post,
        "/v3/{project_id}/keypairs/private-key/export",
        Replay::Safe,
        200,
    )
    .with_secret_answer();
    type Output = ExportPrivateKeyResponse;

    fn encode(&self) -> Result<Draft, Error> {
        with_body(self)
    }

    fn decode(answer: &Response<Bytes>) -> Result<ExportPrivateKeyResponse, DecodeError> {
        from_json(answer.body())
    }
}

impl Operation for ClearPrivateKey {
    const META: Meta = Meta::new(
        "ClearPrivateKey",
        Verb::Delete,
        "/v3/{project_id}/keypairs/{keypair_name}/private-key",
        Replay::Idempotent,
        200,
    );
    type Output = ClearPrivateKeyResponse;

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new().path("keypair_name", self.keypair_name.as_str()))
    }

    fn decode(answer: &Response<Bytes>) -> Result<ClearPrivateKeyResponse, DecodeError> {
        Ok(ClearPrivateKeyResponse::from_body(answer.body()))
    }
}
