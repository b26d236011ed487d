//! `kps keypair`.

mod change;
mod create;
mod export;
mod import;
mod list;
mod outcome;
mod show;

use clap::Subcommand;
use kps_ureq::{Encryption, InvalidId, KeypairName, KmsKey, KmsKeyId, KmsKeyName, Scope};

use crate::context::Context;
use crate::stop::Stop;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
enum What {
    /// Lists key pairs, all pages of them; so does no command
    List(list::Args),
    /// Tells all about a key pair
    Show(show::Args),
    /// Makes a key pair, on this machine with --type, else at the service
    Create(create::Args),
    /// Imports key pairs that were made elsewhere
    Import(import::Args),
    /// Describes a key pair
    Describe(change::DescribeArgs),
    /// Deletes key pairs for good; servers that carry them keep them
    Delete(change::DeleteArgs),
    /// Gets private keys that the service hosts
    Export(export::Args),
    /// Gives the service the private half of a key pair, to be hosted
    Host(change::HostArgs),
    /// Removes a hosted private key from the service; the key pair stays
    Unhost(change::UnhostArgs),
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let Some(what) = &args.what else { return list::run(&list::Args::default(), context) };
    match what {
        What::List(args) => list::run(args, context),
        What::Show(args) => show::run(args, context),
        What::Create(args) => create::run(args, context),
        What::Import(args) => import::run(args, context),
        What::Describe(args) => change::describe(args, context),
        What::Delete(args) => change::delete(args, context),
        What::Export(args) => export::run(args, context),
        What::Host(args) => change::host(args, context),
        What::Unhost(args) => change::unhost(args, context),
    }
}

/// The name of a key pair that is there, and may be older than the rule for names.
fn existing(name: &str) -> Result<KeypairName, InvalidId> {
    KeypairName::existing(name)
}

/// The name of a key pair that is to be.
fn new(name: &str) -> Result<KeypairName, InvalidId> {
    KeypairName::new(name)
}

/// How the service encrypts a private key: `default`, or `kms:` and the name or id of a key.
fn encryption(text: &str) -> Result<Encryption, String> {
    if text == "default" {
        return Ok(Encryption::Default);
    }
    let key = text.strip_prefix("kms:").ok_or("it is `default`, or `kms:` and the name or id of a key")?;
    if let Ok(id) = KmsKeyId::new(key) {
        return Ok(Encryption::Kms(KmsKey::id(id)));
    }
    let name = KmsKeyName::new(key).map_err(|error| error.to_string())?;
    Ok(Encryption::Kms(KmsKey::name(name)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ScopeArg {
    /// The user who made it
    User,
    /// The whole account
    Domain,
}

impl From<ScopeArg> for Scope {
    fn from(scope: ScopeArg) -> Self {
        match scope {
            ScopeArg::User => Self::User,
            ScopeArg::Domain => Self::Domain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryptions_are_read() {
        let id = "0b6f3c1e-9a47-4d52-8e13-7c25d9f0a864";
        let Encryption::Kms(by_id) = encryption(&format!("kms:{id}")).unwrap() else { panic!() };
        assert_eq!(by_id.key_id().unwrap().as_str(), id);
        let Encryption::Kms(by_name) = encryption("kms:kps/default").unwrap() else { panic!() };
        assert_eq!(by_name.key_name().unwrap().as_str(), "kps/default");
        assert_eq!(encryption("default"), Ok(Encryption::Default));
        for wrong in ["", "kms", "kms:", "Default", "rot13"] {
            assert!(encryption(wrong).is_err(), "{wrong}");
        }
    }
}
