use bytes::Bytes;
use http::Response;
use kps_model::{
    CreateKeypair, CreateKeypairResponse, DecodeError, DeleteKeypair, KeyMaterial, Keypair,
    ListKeypairDetail, ListKeypairDetailResponse, ListKeypairs, ListKeypairsResponse,
    UpdateKeypairDescription, from_json,
};

use crate::ops::with_body;
use crate::{Draft, Error, Glimpse, Meta, Operation, Paged, Position, Replay, Verb};

impl Operation for CreateKeypair {
    // The answer is the only copy of the private key, and a repetition would find the name taken.
    const META: Meta =
        Meta::new("CreateKeypair", Verb::Post, "/v3/{project_id}/keypairs", Replay::Never, 200)
            .with_secret_request()
            .with_secret_answer();
    type Output = CreateKeypairResponse;

    fn encode(&self) -> Result<Draft, Error> {
        let draft = with_body(self)?;
        Ok(match &self.material {
            KeyMaterial::ImportedAndHosted { private_key, .. } => draft.secret(private_key.expose()),
            _ => draft,
        })
    }

    fn decode(answer: &Response<Bytes>) -> Result<CreateKeypairResponse, DecodeError> {
        from_json(answer.body())
    }
}

impl Operation for ListKeypairs {
    const META: Meta = Meta::new("ListKeypairs", Verb::Get, "/v3/{project_id}/keypairs", Replay::Safe, 200);
    type Output = ListKeypairsResponse;

    fn encode(&self) -> Result<Draft, Error> {
        let mut draft = Draft::new();
        if let Some(limit) = self.limit {
            draft = draft.query("limit", limit.get().to_string());
        }
        if let Some(marker) = self.marker.as_deref().filter(|marker| !marker.is_empty()) {
            draft = draft.query("marker", marker.to_owned());
        }
        Ok(draft)
    }

    fn decode(answer: &Response<Bytes>) -> Result<ListKeypairsResponse, DecodeError> {
        from_json(answer.body())
    }
}

impl Paged for ListKeypairs {
    type Item = Keypair;

    fn at(&self, position: &Position) -> Self {
        match position {
            Position::Marker(marker) => self.clone().with_marker(marker.as_str()),
            Position::Offset(_) => self.clone(),
        }
    }

    fn glimpse(&self, page: &ListKeypairsResponse) -> Glimpse {
        Glimpse::Marker {
            here: self.marker.as_deref().unwrap_or_default().to_owned(),
            received: page.keypairs.len(),
            ends: page
                .keypairs
                .first()
                .zip(page.keypairs.last())
                .map(|(first, last)| (first.name.to_string(), last.name.to_string())),
            next: page.next_marker().map(str::to_owned),
        }
    }

    fn items(page: ListKeypairsResponse) -> Vec<Keypair> {
        page.keypairs
    }

    fn id(keypair: &Keypair) -> &str {
        keypair.name.as_str()
    }
}

impl Operation for ListKeypairDetail {
    const META: Meta = Meta::new(
        "ListKeypairDetail",
        Verb::Get,
        "/v3/{project_id}/keypairs/{keypair_name}",
        Replay::Safe,
        200,
    );
    type Output = ListKeypairDetailResponse;

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new().path("keypair_name", self.keypair_name.as_str()))
    }

    fn decode(answer: &Response<Bytes>) -> Result<ListKeypairDetailResponse, DecodeError> {
        from_json(answer.body())
    }
}

impl Operation for UpdateKeypairDescription {
    const META: Meta = Meta::new(
        "UpdateKeypairDescription",
        Verb::Put,
        "/v3/{project_id}/keypairs/{keypair_name}",
        Replay::Idempotent,
        200,
    );
    type Output = ();

    fn encode(&self) -> Result<Draft, Error> {
        Ok(with_body(&self.body())?.path("keypair_name", self.keypair_name.as_str()))
    }

    fn decode(_: &Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Operation for DeleteKeypair {
    const META: Meta = Meta::new(
        "DeleteKeypair",
        Verb::Delete,
        "/v3/{project_id}/keypairs/{keypair_name}",
        Replay::Idempotent,
        204,
    );
    type Output = ();

    fn encode(&self) -> Result<Draft, Error> {
        Ok(Draft::new().path("keypair_name", self.keypair_name.as_str()))
    }

    fn decode(_: &Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}
