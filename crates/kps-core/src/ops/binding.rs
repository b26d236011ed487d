use bytes::Bytes;
use http::Response;
use kps_model::{
    AssociateKeypair, BatchAssociateKeypair, BatchAssociateKeypairResponse, DecodeError, DisassociateKeypair,
    Login, Secret, Server, ServerId, TaskReceipt, from_json,
};

use crate::ops::with_body;
use crate::{Draft, Error, Meta, Operation, Replay, Verb};

/// What the login of a server must not leave behind in an error.
fn with_login(draft: Draft, server: &Server) -> Result<Draft, Error> {
    let Server::Running(server) = server else { return Ok(draft) };
    match &server.login {
        Login::Password(password) => with_password(draft, password, &server.id),
        Login::PrivateKey(key) => Ok(draft.secret(key.expose())),
        _ => Ok(draft),
    }
}

fn with_password(draft: Draft, password: &Secret, server: &ServerId) -> Result<Draft, Error> {
    if password.is_empty() {
        return Err(Error::input(format!("the password of server {server} is empty")));
    }
    Ok(draft.secret(password.expose()))
}

impl Operation for AssociateKeypair {
    // A second task would find the server changed by the first.
    const META: Meta =
        Meta::new("AssociateKeypair", Verb::Post, "/v3/{project_id}/keypairs/associate", Replay::Never, 202)
            .with_secret_request();
    type Output = TaskReceipt;

    fn encode(&self) -> Result<Draft, Error> {
        with_login(with_body(self)?, &self.server)
    }

    fn decode(answer: &Response<Bytes>) -> Result<TaskReceipt, DecodeError> {
        from_json(answer.body())
    }
}

impl Operation for BatchAssociateKeypair {
    const META: Meta = Meta::new(
        "BatchAssociateKeypair",
        Verb::Post,
        "/v3/{project_id}/keypairs/batch-associate",
        Replay::Never,
        202,
    )
    .with_secret_request();
    type Output = BatchAssociateKeypairResponse;

    fn encode(&self) -> Result<Draft, Error> {
        let draft = with_body(self)?;
        self.servers()
            .iter()
            .try_fold(draft, |draft, server| with_password(draft, &server.password, &server.id))
    }

    fn decode(answer: &Response<Bytes>) -> Result<BatchAssociateKeypairResponse, DecodeError> {
        from_json(answer.body())
    }
}

impl Operation for DisassociateKeypair {
    const META: Meta = Meta::new(
        "DisassociateKeypair",
        Verb::Post,
        "/v3/{project_id}/keypairs/disassociate",
        Replay::Never,
        202,
    )
    .with_secret_request();
    type Output = TaskReceipt;

    fn encode(&self) -> Result<Draft, Error> {
        with_login(with_body(self)?, &self.server)
    }

    fn decode(answer: &Response<Bytes>) -> Result<TaskReceipt, DecodeError> {
        from_json(answer.body())
    }
}
