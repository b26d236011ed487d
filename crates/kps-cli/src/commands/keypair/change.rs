//! What changes a key pair that is there: its description, its private half at the service, its end.

use std::path::PathBuf;

use kps_ureq::{
    ClearPrivateKey, Client, DeleteKeypair, Description, Encryption, Fingerprint, ImportPrivateKey,
    KeypairName, ListKeypairDetail, PrivateKey, PublicKey, UpdateKeypairDescription,
};

use super::outcome;
use crate::args;
use crate::context::Context;
use crate::input;
use crate::keys::PrivateHalf;
use crate::stop::{Failure, Stop};

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&["kps keypair describe bastion 'The way in'"]))]
pub(crate) struct DescribeArgs {
    /// The key pair
    #[arg(value_parser = super::existing)]
    name: KeypairName,
    /// The description; an empty one clears it
    #[arg(value_name = "TEXT", value_parser = |text: &str| Description::new(text))]
    text: Description,
}

pub(super) fn describe(args: &DescribeArgs, context: &Context) -> Result<(), Stop> {
    let kps = context.client()?;
    context.send(&kps, UpdateKeypairDescription::new(args.name.clone(), args.text.clone()))?;
    context.output.note(&format!("{} is described", args.name))
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&["kps keypair delete ann bob --yes"]))]
pub(crate) struct DeleteArgs {
    /// The key pairs
    #[arg(required = true, value_name = "NAME", value_parser = super::existing)]
    names: Vec<KeypairName>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

pub(super) fn delete(args: &DeleteArgs, context: &Context) -> Result<(), Stop> {
    let kps = context.client()?;
    if !context.globals.dry_run {
        input::confirm(&deletion(&args.names), args.yes)?;
    }
    let delete = |name: &KeypairName| {
        let deleted = context.send(&kps, DeleteKeypair::new(name.clone()));
        (name.clone(), deleted.map(|()| "deleted"))
    };
    outcome::tell(args.names.iter().map(delete).collect(), context)
}

fn deletion(names: &[KeypairName]) -> String {
    match names {
        [name] => format!("delete the key pair {name}, and with it a private key that is hosted"),
        names => {
            let names: Vec<_> = names.iter().map(KeypairName::as_str).collect();
            format!(
                "delete the key pairs {}, and with them the private keys that are hosted",
                names.join(", ")
            )
        }
    }
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&["kps keypair host ci --private-key ci.key"]))]
pub(crate) struct HostArgs {
    /// The key pair
    #[arg(value_parser = super::existing)]
    name: KeypairName,
    /// Its private key, or - for standard input
    #[arg(long, value_name = "FILE")]
    private_key: PathBuf,
    /// How the service encrypts it: default, or kms: and the name or id of a key
    #[arg(long, value_name = "HOW", default_value = "default", value_parser = super::encryption)]
    encryption: Encryption,
}

pub(super) fn host(args: &HostArgs, context: &Context) -> Result<(), Stop> {
    let private_key = input::private_key(&args.private_key)?;
    let kps = context.client()?;
    if !context.globals.dry_run {
        check(&args.name, &private_key, &kps)?;
    }
    context.send(&kps, ImportPrivateKey::new(args.name.clone(), private_key, args.encryption.clone()))?;
    context.output.note(&format!("{} is hosted", args.name))
}

/// A private key of another pair is not sent anywhere. Where it cannot be known, the service will say.
fn check(name: &KeypairName, private_key: &PrivateKey, kps: &Client) -> Result<(), Stop> {
    let there = match kps.send(ListKeypairDetail::new(name.clone())) {
        Ok(answer) => answer.keypair.public_key,
        Err(error) if error.is_not_found() => return Err(error.into()),
        Err(_) => None,
    };
    let own = PrivateHalf::read(private_key).and_then(|half| half.public(name.as_str()));
    match (there, own) {
        (Some(there), Ok(own)) if there.base64() != own.base64() => {
            let print = |key: &PublicKey| {
                Fingerprint::sha256(key).map_or_else(|_| "-".into(), |print| print.to_string())
            };
            let (there, own) = (print(&there), print(&own));
            Err(Failure::usage(format_args!("the private key is of {own}, and {name} is {there}"))
                .with_cure("take the private key of this key pair; nothing was sent")
                .into())
        }
        _ => Ok(()),
    }
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&["kps keypair unhost ci --yes"]))]
pub(crate) struct UnhostArgs {
    /// The key pair
    #[arg(value_parser = super::existing)]
    name: KeypairName,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

pub(super) fn unhost(args: &UnhostArgs, context: &Context) -> Result<(), Stop> {
    let kps = context.client()?;
    if !context.globals.dry_run {
        let deed =
            format!("remove the private key of {} from the service, which may be the only copy", args.name);
        input::confirm(&deed, args.yes)?;
    }
    context.send(&kps, ClearPrivateKey::new(args.name.clone()))?;
    context.output.note(&format!("{} is not hosted any more", args.name))
}
