use bytes::Bytes;
use http::{Response, StatusCode};
use kps_model::{
    ExportPrivateKeyResponse, ImportPrivateKey, ImportPrivateKeyResponse, KeyProtection, KeypairName,
    PrivateKey, UserId, from_json, to_json,
};
use serde::Deserialize;

use crate::Emulator;
use crate::answer::{empty, json};
use crate::refusal::Refusal;
use crate::service::project::Hosted;
use crate::service::{Call, Outcome, Project};

/// A key pair that is named. Older clients send more beside the name, and the schema of a batch has more.
#[derive(Deserialize)]
pub(crate) struct Named {
    pub(crate) keypair: Name,
}

#[derive(Deserialize)]
pub(crate) struct Name {
    pub(crate) name: KeypairName,
}

impl Project {
    pub(crate) fn import_private_key(&mut self, call: &Call<'_>) -> Outcome {
        let request: ImportPrivateKey = call.body()?;
        if request.user_id.as_ref().is_some_and(|id| *id != Emulator::USER_ID) {
            return Err(Refusal::known("KPS.0006"));
        }
        let keypair = self.keypair_mut(request.name.as_str())?;
        keypair.half.check(&request.private_key)?;
        let answer = imported(&request);
        keypair.hosted = Some(Hosted { private_key: request.private_key, encryption: request.encryption });
        keypair.updated = Some(call.now);
        Ok(answer)
    }

    pub(crate) fn export_private_key(&self, call: &Call<'_>) -> Outcome {
        let request: Named = call.body()?;
        let name = request.keypair.name;
        let key = self.hosted(name.as_str())?.clone();
        Ok(json(StatusCode::OK, &ExportPrivateKeyResponse::new(name, key)))
    }

    /// The one operation that is documented to answer 404.
    pub(crate) fn clear_private_key(&mut self, call: &Call<'_>) -> Outcome {
        let keypair = self.keypair_mut(call.resource).map_err(Refusal::not_found_as_404)?;
        if keypair.hosted.take().is_none() {
            return Err(Refusal::known("KPS.6005").not_found_as_404());
        }
        keypair.updated = Some(call.now);
        Ok(empty(StatusCode::OK))
    }

    pub(crate) fn hosted(&self, name: &str) -> Result<&PrivateKey, Refusal> {
        let (_, keypair) = self.keypair(name)?;
        let hosted = keypair.hosted.as_ref().ok_or_else(|| Refusal::known("KPS.6005"))?;
        Ok(&hosted.private_key)
    }
}

/// All that was sent.
fn imported(request: &ImportPrivateKey) -> Response<Bytes> {
    let mut answer = ImportPrivateKeyResponse::new(request.name.clone());
    answer.keypair.user_id = UserId::new(Emulator::USER_ID).ok();
    let mut protection = KeyProtection::default();
    protection.private_key = Some(request.private_key.clone());
    // It is read in the form in which it is written.
    protection.encryption = to_json(&request.encryption).ok().and_then(|json| from_json(&json).ok());
    answer.keypair.key_protection = Some(protection);
    json(StatusCode::OK, &answer)
}
