use std::io::{Cursor, Write as _};

use bytes::Bytes;
use http::{Response, StatusCode};
use kps_model::{
    BatchExportPrivateKey, BatchImportKeypair, BatchImportKeypairResponse, CreateKeypair, CreatedKeypair,
    FailedKeypair, KeyMaterial, KeypairName, PrivateKey, to_json,
};
use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

use crate::KeySource;
use crate::answer;
use crate::refusal::Refusal;
use crate::service::{Call, Outcome, Project};

impl Project {
    pub(crate) fn batch_import_keypair(&mut self, call: &Call<'_>, keys: &dyn KeySource) -> Outcome {
        let requests: Vec<CreateKeypair> = call.body()?;
        if requests.len() > BatchImportKeypair::MAX_ITEMS {
            return Err(Refusal::bad_parameter("more than 10 key pairs"));
        }
        let mut response = BatchImportKeypairResponse::default();
        for request in requests {
            let name = request.name.clone();
            match self.import_one(request, call.now, keys) {
                Ok(keypair) => response.succeeded_keypairs.push(keypair),
                Err(refusal) => response.failed_keypairs.push(failed(name, refusal)),
            }
        }
        Ok(answer::json(StatusCode::OK, &response))
    }

    fn import_one(
        &mut self,
        request: CreateKeypair,
        now: i64,
        keys: &dyn KeySource,
    ) -> Result<CreatedKeypair, Refusal> {
        let private_key = match &request.material {
            KeyMaterial::Imported(_) => None,
            // A batch hands the key back, where importing one by one does not.
            KeyMaterial::ImportedAndHosted { private_key, .. } => Some(private_key.clone()),
            _ => return Err(Refusal::bad_parameter("the public key is missing")),
        };
        let mut created = self.create(request, now, keys)?;
        created.private_key = private_key;
        Ok(created)
    }

    pub(crate) fn batch_export_private_key(&self, call: &Call<'_>) -> Outcome {
        let request: BatchExportPrivateKey = call.body()?;
        let keys: Result<Vec<_>, Refusal> =
            request.names().iter().map(|name| Ok((name, self.hosted(name.as_str())?))).collect();
        // Writing to memory fails for names that come twice alone.
        zipped(&keys?).map_err(|_| Refusal::bad_parameter("a key pair is named twice"))
    }
}

/// Why a key pair failed is a string that holds JSON.
fn failed(name: KeypairName, refusal: Refusal) -> FailedKeypair {
    let reason = to_json(&refusal.into_body()).unwrap_or_default();
    FailedKeypair::new(name, String::from_utf8_lossy(&reason))
}

fn zipped(keys: &[(&KeypairName, &PrivateKey)]) -> ZipResult<Response<Bytes>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, key) in keys {
        zip.start_file(format!("{name}.pem"), SimpleFileOptions::default())?;
        zip.write_all(key.expose().as_bytes())?;
    }
    Ok(answer::zip(zip.finish()?.into_inner()))
}
