//! `kps keypair show`.

use std::io::{self, Write as _};

use kps_ureq::{
    Fingerprint, KeypairDetail, KeypairName, KeypairType, ListKeypairDetail, PublicKey, Scope, UserId,
};
use serde::Serialize;

use super::list::{frozen, yes_no};
use crate::args;
use crate::context::Context;
use crate::output::{Cell, Record, escape};
use crate::stop::{Exit, Failure, Stop};

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps keypair show team-web",
    "kps keypair show team-web --public-key",
]))]
pub(crate) struct Args {
    /// The key pair
    #[arg(value_parser = super::existing)]
    name: KeypairName,
    /// Print the public key alone, as ~/.ssh/authorized_keys has it
    #[arg(long)]
    public_key: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let keypair = context.send(&context.client()?, ListKeypairDetail::new(args.name.clone()))?.keypair;
    if !args.public_key {
        return context.output.one(&Detail::new(keypair));
    }
    let Some(public_key) = &keypair.public_key else {
        return Err(Failure::new(
            Exit::Failed,
            format_args!("the service tells no public key of {}", args.name),
        )
        .into());
    };
    Ok(writeln!(io::stdout(), "{}", escape(public_key.as_str().trim()))?)
}

#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    keypair: KeypairDetail,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    md5: Option<String>,
}

impl Detail {
    fn new(keypair: KeypairDetail) -> Self {
        let (sha256, md5) = keypair.public_key.as_ref().map(fingerprints).unwrap_or_default();
        Self { keypair, sha256, md5 }
    }
}

/// The fingerprints as `ssh-keygen -l` prints them, by SHA-256 and MD5.
pub(super) fn fingerprints(key: &PublicKey) -> (Option<String>, Option<String>) {
    let sha256 = Fingerprint::sha256(key).ok().map(|fingerprint| fingerprint.to_string());
    let md5 = Fingerprint::md5(key).ok().map(|fingerprint| format!("MD5:{fingerprint}"));
    (sha256, md5)
}

impl Record for Detail {
    fn fields(&self) -> Vec<(&'static str, Cell)> {
        let keypair = &self.keypair;
        // What the service says is shown where it is not the fingerprint of the key that it shows.
        let odd = keypair.fingerprint.as_ref().filter(|fingerprint| {
            keypair.public_key.as_ref().and_then(|key| fingerprint.is_of(key)) != Some(true)
        });
        vec![
            ("Name", Cell::of(Some(keypair.name.as_str()))),
            ("Description", Cell::of(keypair.description.as_ref().filter(|text| !text.as_str().is_empty()))),
            ("Type", Cell::of(keypair.keypair_type.as_ref().map(KeypairType::as_str))),
            ("Algorithm", Cell::of(keypair.algorithm.as_ref())),
            ("Scope", Cell::of(keypair.scope.as_ref().map(Scope::as_str))),
            ("Hosted", yes_no(keypair.is_key_protection)),
            ("KMS key", Cell::of(keypair.key_id.as_ref())),
            ("Frozen", frozen(keypair.frozen_state.as_ref())),
            ("User", Cell::of(keypair.user_id.as_ref().map(UserId::as_str))),
            ("Made", Cell::time(keypair.create_time.as_ref())),
            ("Changed", Cell::time(keypair.update_time.as_ref())),
            ("Deleted", Cell::time(keypair.delete_time.as_ref())),
            ("Id", Cell::of(keypair.id.map(|id| id.to_string()))),
            ("SHA-256", Cell::of(self.sha256.as_ref())),
            ("MD5", Cell::of(self.md5.as_ref())),
            ("Service says", Cell::of(odd.map(Fingerprint::as_str))),
            ("Public key", Cell::of(keypair.public_key.as_ref().map(|key| key.as_str().trim()))),
        ]
    }
}
