use std::io::{Cursor, Write as _};

use bytes::Bytes;
use http::{Response, StatusCode};
use kps_model::{
    BatchExportPrivateKey, BatchImportKeypair, BatchImportKeypairResponse, CreateKeypair, CreatedKeypair,
    FailedKeypair, KeyMaterial, KeypairName, PrivateKey, from_json, to_json,
};
use serde_json::Value;
use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

use crate::KeySource;
use crate::answer;
use crate::refusal::Refusal;
use crate::service::private_keys::Named;
use crate::service::{Call, Ids, Outcome, Project};

impl Project {
    pub(crate) fn batch_import_keypair(
        &mut self,
        call: &Call<'_>,
        keys: &dyn KeySource,
        ids: &mut Ids,
    ) -> Outcome {
        let items: Vec<Value> = call.items()?;
        if items.len() > BatchImportKeypair::MAX_ITEMS {
            return Err(Refusal::bad_parameter("more than 10 key pairs"));
        }
        let mut response = BatchImportKeypairResponse::default();
        for item in items {
            // One without a name has no place among the outcomes.
            let name = item.pointer("/keypair/name").and_then(Value::as_str);
            let name = name.and_then(|name| KeypairName::existing(name).ok());
            let name = name.ok_or_else(|| Refusal::bad_parameter("a key pair has no name"))?;
            let request = to_json(&item).unwrap_or_default();
            let outcome = from_json(&request).map_err(Refusal::bad_body);
            match outcome.and_then(|request| self.import_one(request, call.now, keys, ids)) {
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
        ids: &mut Ids,
    ) -> Result<CreatedKeypair, Refusal> {
        let private_key = match &request.material {
            KeyMaterial::Imported(_) => None,
            // A batch hands the key back, where importing one by one does not.
            KeyMaterial::ImportedAndHosted { private_key, .. } => Some(private_key.clone()),
            _ => return Err(Refusal::bad_parameter("the public key is missing")),
        };
        let mut created = self.create(request, now, keys, ids)?;
        created.private_key = private_key;
        Ok(created)
    }

    pub(crate) fn batch_export_private_key(&self, call: &Call<'_>) -> Outcome {
        let named: Vec<Named> = call.items()?;
        let names: Vec<KeypairName> = named.into_iter().map(|named| named.keypair.name).collect();
        BatchExportPrivateKey::new(names.iter().cloned())
            .map_err(|error| Refusal::bad_parameter(&error.to_string()))?;
        let keys: Result<Vec<_>, Refusal> =
            names.iter().map(|name| Ok((name, self.hosted(name.as_str())?))).collect();
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
