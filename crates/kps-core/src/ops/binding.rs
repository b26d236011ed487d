use bytes::Bytes;
use http::Response;
use kps_model::{
    AssociateKeypair, BatchAssociateKeypair, BatchAssociateKeypairResponse, DecodeError, DisassociateKeypair,
    Login, Server, TaskReceipt, from_json,
};

use crate::ops::with_body;
use crate::{Draft, Error, Meta, Operation, Replay, Verb};

/// What the login of a server must not leave behind in an error.
fn with_login(draft: Draft, server: &Server) -> Draft {
    let Server::Running(server) = server else { return draft };
    match &server.login {
        Login::Password(password) => draft.secret(password.expose()),
        Login::PrivateKey(key) => draft.secret(key.expose()),
        _ => draft,
    }
}

impl Operation for AssociateKeypair {
    const META: Meta = Meta {
        secret_request: true,
        // A second task would find the server changed by the first.
        ..Meta::new("AssociateKeypair", Verb::Post, "/v3/{project_id}/keypairs/associate", Replay::Never, 202)
    };
    type Output = TaskReceipt;

    fn encode(&self) -> Result<Draft, Error> {
        Ok(with_login(with_body(self)?, &self.server))
    }

    fn decode(answer: &Response<Bytes>) -> Result<TaskReceipt, DecodeError> {
        from_json(answer.body())
    }
}

impl Operation for BatchAssociateKeypair {
    const META: Meta = Meta {
        secret_request: true,
        ..Meta::new(
            "BatchAssociateKeypair",
            Verb::Post,
            "/v3/{project_id}/keypairs/batch-associate",
            Replay::Never,
            202,
        )
    };
    type Output = BatchAssociateKeypairResponse;

    fn encode(&self) -> Result<Draft, Error> {
        let draft = with_body(self)?;
        Ok(self.servers().iter().fold(draft, |draft, server| draft.secret(server.password.expose())))
    }

    fn decode(answer: &Response<Bytes>) -> Result<BatchAssociateKeypairResponse, DecodeError> {
        from_json(answer.body())
    }
}

impl Operation for DisassociateKeypair {
    const META: Meta = Meta {
        secret_request: true,
        ..Meta::new(
            "DisassociateKeypair",
            Verb::Post,
            "/v3/{project_id}/keypairs/disassociate",
            Replay::Never,
            202,
        )
    };
    type Output = TaskReceipt;

    fn encode(&self) -> Result<Draft, Error> {
        Ok(with_login(with_body(self)?, &self.server))
    }

    fn decode(answer: &Response<Bytes>) -> Result<TaskReceipt, DecodeError> {
        from_json(answer.body())
    }
}
