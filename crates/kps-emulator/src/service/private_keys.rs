use http::StatusCode;
use kps_model::{
    ExportPrivateKey, ExportPrivateKeyResponse, ImportPrivateKey, ImportPrivateKeyResponse, PrivateKey,
};

use crate::Emulator;
use crate::answer::{empty, json};
use crate::refusal::Refusal;
use crate::service::project::Hosted;
use crate::service::{Call, Outcome, Project};

impl Project {
    pub(crate) fn import_private_key(&mut self, call: &Call<'_>) -> Outcome {
        let request: ImportPrivateKey = call.body()?;
        if request.user_id.as_ref().is_some_and(|id| *id != Emulator::USER_ID) {
            return Err(Refusal::known("KPS.0006"));
        }
        let keypair = self.keypair_mut(request.name.as_str())?;
        keypair.half.check(&request.private_key)?;
        keypair.hosted = Some(Hosted { private_key: request.private_key, encryption: request.encryption });
        keypair.updated = Some(call.now);
        Ok(json(StatusCode::OK, &ImportPrivateKeyResponse::new(request.name)))
    }

    pub(crate) fn export_private_key(&self, call: &Call<'_>) -> Outcome {
        let request: ExportPrivateKey = call.body()?;
        let key = self.hosted(request.name.as_str())?.clone();
        Ok(json(StatusCode::OK, &ExportPrivateKeyResponse::new(request.name, key)))
    }

    /// The one operation that is documented to answer 404.
    pub(crate) fn clear_private_key(&mut self, call: &Call<'_>) -> Outcome {
        let gone = |refusal: Refusal| refusal.with_status(StatusCode::NOT_FOUND);
        let keypair = self.keypair_mut(call.resource).map_err(gone)?;
        if keypair.hosted.take().is_none() {
            return Err(gone(Refusal::known("KPS.6005")));
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
