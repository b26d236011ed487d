use std::ops::Bound;

use http::StatusCode;
use kps_model::{
    CreateKeypair, CreateKeypairResponse, CreatedKeypair, Encryption, FrozenState, KeyMaterial,
    Keypair as Listed, KeypairDetail, KeypairName, KeypairType, ListKeypairDetailResponse,
    ListKeypairsResponse, PageInfo, Scope, Timestamp, UpdateKeypairDescriptionBody, UserId,
};

use crate::answer::{empty, json};
use crate::keys::{Halves, Mismatch};
use crate::query::Query;
use crate::refusal::Refusal;
use crate::service::project::{Hosted, Keypair};
use crate::service::{Call, Ids, Outcome, Project};
use crate::{Emulator, KeySource};

/// What four digits can say, which is all that is documented.
const MAX_LIMIT: u64 = 9999;
/// How many key pairs a page holds if nothing is said.
const DEFAULT_LIMIT: usize = 50;

impl Project {
    pub(crate) fn create_keypair(&mut self, call: &Call<'_>, keys: &dyn KeySource, ids: &mut Ids) -> Outcome {
        let keypair = self.create(call.body()?, call.now, keys, ids)?;
        Ok(json(StatusCode::OK, &CreateKeypairResponse::new(keypair)))
    }

    /// Makes or imports a key pair. What is answered has the private key where the service made it.
    pub(crate) fn create(
        &mut self,
        request: CreateKeypair,
        now: i64,
        keys: &dyn KeySource,
        ids: &mut Ids,
    ) -> Result<CreatedKeypair, Refusal> {
        if matches!(request.keypair_type, Some(KeypairType::Unknown(_))) {
            return Err(Refusal::bad_parameter("type is invalid"));
        }
        if matches!(request.scope, Some(Scope::Unknown(_))) {
            return Err(Refusal::bad_parameter("scope is invalid"));
        }
        if self.keypairs.contains_key(&request.name) {
            return Err(Refusal::keypair_exists(request.name.as_str()));
        }
        if request.user_id.as_ref().is_some_and(|id| *id != Emulator::USER_ID) {
            return Err(Refusal::known("KPS.0006"));
        }
        let is_made = matches!(request.material, KeyMaterial::Made | KeyMaterial::MadeAndHosted(_));
        let (halves, encryption) = halves(request.material, keys)?;

        let mut created = CreatedKeypair::new(request.name.clone());
        let keypair_type = request.keypair_type.unwrap_or(KeypairType::Ssh);
        created.keypair_type = Some(keypair_type.clone());
        created.public_key = Some(halves.public_key.clone());
        created.private_key = halves.private_key.clone().filter(|_| is_made);
        created.user_id = UserId::new(Emulator::USER_ID).ok();

        let hosted = encryption.zip(halves.private_key);
        let keypair = Keypair {
            id: ids.number(),
            keypair_type,
            scope: request.scope.unwrap_or(Scope::User),
            public_key: halves.public_key,
            half: halves.half,
            hosted: hosted.map(|(encryption, private_key)| Hosted { private_key, encryption }),
            description: String::new(),
            created: now,
            updated: None,
        };
        created.fingerprint = Some(keypair.fingerprint());
        self.keypairs.insert(request.name, keypair);
        Ok(created)
    }

    pub(crate) fn list_keypairs(&self, call: &Call<'_>) -> Outcome {
        let query = Query::parse(call.query, MAX_LIMIT)?;
        // One may be an address whose query has the name.
        let marker = query.marker.as_deref().map(|marker| marker.rsplit("marker=").next().unwrap_or(marker));
        let start = match marker.filter(|marker| !marker.is_empty()) {
            None => Bound::Unbounded,
            Some(marker) => Bound::Excluded(
                KeypairName::new(marker).map_err(|_| Refusal::bad_parameter("marker is invalid"))?,
            ),
        };
        let limit = query.limit.and_then(|limit| usize::try_from(limit.get()).ok()).unwrap_or(DEFAULT_LIMIT);
        let mut behind = self.keypairs.range((start, Bound::Unbounded));
        let page: Vec<Listed> =
            behind.by_ref().take(limit).map(|(name, keypair)| listed(name, keypair)).collect();

        let mut info = PageInfo::default();
        info.current_count = u64::try_from(page.len()).ok();
        info.previous_marker = page.first().map(|keypair| keypair.name.as_str().into());
        if behind.next().is_some() {
            info.next_marker = page.last().map(|keypair| keypair.name.as_str().into());
        }
        let mut answer = ListKeypairsResponse::default();
        answer.keypairs = page;
        answer.page_info = Some(info);
        Ok(json(StatusCode::OK, &answer))
    }

    pub(crate) fn list_keypair_detail(&self, call: &Call<'_>) -> Outcome {
        let (name, keypair) = self.keypair(call.resource)?;
        Ok(json(StatusCode::OK, &ListKeypairDetailResponse::new(detail(name, keypair))))
    }

    pub(crate) fn update_keypair_description(&mut self, call: &Call<'_>) -> Outcome {
        let body: UpdateKeypairDescriptionBody = call.body()?;
        let keypair = self.keypair_mut(call.resource)?;
        keypair.description = body.description.as_str().to_owned();
        keypair.updated = Some(call.now);
        Ok(empty(StatusCode::OK))
    }

    /// Servers that carry the key pair keep it.
    pub(crate) fn delete_keypair(&mut self, call: &Call<'_>) -> Outcome {
        let name = self.keypair(call.resource)?.0.clone();
        self.keypairs.remove(&name);
        Ok(empty(StatusCode::NO_CONTENT))
    }
}

fn halves(material: KeyMaterial, keys: &dyn KeySource) -> Result<(Halves, Option<Encryption>), Refusal> {
    // Without a key from its source the service is broken.
    let made = || Halves::made(keys).map_err(|_| Refusal::known("KPS.0004"));
    match material {
        KeyMaterial::Made => Ok((made()?, None)),
        KeyMaterial::MadeAndHosted(encryption) => Ok((made()?, Some(encryption))),
        KeyMaterial::Imported(public_key) => Ok((Halves::public(public_key).map_err(Mismatch::from)?, None)),
        KeyMaterial::ImportedAndHosted { public_key, private_key, encryption } => {
            Ok((Halves::both(public_key, private_key)?, Some(encryption)))
        }
        _ => Err(Refusal::bad_parameter("the key pair is of an unknown making")),
    }
}

fn listed(name: &KeypairName, keypair: &Keypair) -> Listed {
    let mut listed = Listed::new(name.clone());
    listed.keypair_type = Some(keypair.keypair_type.clone());
    listed.scope = Some(keypair.scope.clone());
    listed.public_key = Some(keypair.public_key.clone());
    listed.fingerprint = Some(keypair.fingerprint());
    listed.is_key_protection = Some(keypair.hosted.is_some());
    listed.frozen_state = Some(FrozenState::from_bits(0).as_text());
    listed
}

fn detail(name: &KeypairName, keypair: &Keypair) -> KeypairDetail {
    let mut detail = KeypairDetail::new(name.clone());
    detail.id = Some(keypair.id);
    detail.keypair_type = Some(keypair.keypair_type.clone());
    detail.scope = Some(keypair.scope.clone());
    detail.public_key = Some(keypair.public_key.clone());
    detail.fingerprint = Some(keypair.fingerprint());
    detail.is_key_protection = Some(keypair.hosted.is_some());
    detail.deleted = Some(false);
    detail.description = Some(keypair.description.as_str().into());
    detail.user_id = UserId::new(Emulator::USER_ID).ok();
    detail.create_time = Some(Timestamp::from_millis(keypair.created));
    detail.update_time = keypair.updated.map(Timestamp::from_millis);
    detail.frozen_state = Some(FrozenState::from_bits(0));
    if let Some(Hosted { encryption: Encryption::Kms(key), .. }) = &keypair.hosted {
        detail.key_id = key.key_id().map(|id| id.as_str().into());
    }
    detail.algorithm = Some(keypair.half.algorithm().as_str().into());
    detail
}
