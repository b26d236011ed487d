//! `kps keypair import`.

use std::path::PathBuf;

use kps_ureq::{
    BatchOptions, Client, CreateKeypair, Encryption, EnsuredKeypair, Error, ImportPrivateKey, KeyMaterial,
    KeypairName, KeypairType,
};

use super::{ScopeArg, outcome};
use crate::args;
use crate::context::Context;
use crate::input;
use crate::keys::PrivateHalf;
use crate::stop::{Failure, Stop};

/// Imports key pairs that were made elsewhere
///
/// One that is there already with the same key is no error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps keypair import laptop --public-key laptop.pub",
    "kps keypair import ann=ann.pub bob=bob.pub",
    "kps keypair import ci --private-key ci.key",
]))]
pub(crate) struct Args {
    /// The name of the key pair, or NAME=FILE with the file of its public key, for any number of them
    #[arg(required = true, value_name = "NAME[=FILE]", value_parser = item)]
    items: Vec<Item>,
    /// The public key, or - for standard input
    #[arg(long, value_name = "FILE")]
    public_key: Option<PathBuf>,
    /// The private key, which the service is to host; the public key follows from it
    #[arg(long, value_name = "FILE")]
    private_key: Option<PathBuf>,
    /// How the service encrypts the private key: default, or kms: and the name or id of a key
    #[arg(long, value_name = "HOW", requires = "private_key", default_value = "default", value_parser = super::encryption)]
    encryption: Encryption,
    /// Who sees it
    #[arg(long, value_name = "SCOPE")]
    scope: Option<ScopeArg>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    name: KeypairName,
    file: Option<PathBuf>,
}

fn item(text: &str) -> Result<Item, String> {
    let (name, file) = match text.split_once('=') {
        Some((_, "")) => return Err("no file stands behind the =".into()),
        Some((name, file)) => (name, Some(file.into())),
        None => (text, None),
    };
    let name = super::new(name).map_err(|error| error.to_string())?;
    Ok(Item { name, file })
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let imports = imports(args)?;
    let kps = context.client()?;
    if context.globals.dry_run {
        for import in imports {
            context.output.request(&kps.prepare(import)?)?;
        }
        return Ok(());
    }
    let outcomes = kps.import_keypairs(imports.clone(), &BatchOptions::new());
    let results = outcomes.into_iter().zip(imports).map(|(outcome, import)| {
        let told = outcome.result.and_then(|keypair| after(&keypair, import.material, &kps));
        (outcome.item, told.map_err(Stop::from))
    });
    outcome::tell(results.collect(), context)
}

/// A key pair that was there may not be hosted as it is to be.
fn after(keypair: &EnsuredKeypair, wanted: KeyMaterial, kps: &Client) -> Result<&'static str, Error> {
    match (keypair, wanted) {
        (EnsuredKeypair::Made(_), _) => Ok("imported"),
        (EnsuredKeypair::Found(found), KeyMaterial::ImportedAndHosted { private_key, encryption, .. })
            if found.is_key_protection != Some(true) =>
        {
            kps.send(ImportPrivateKey::new(found.name.clone(), private_key, encryption))?;
            Ok("was there, hosted now")
        }
        _ => Ok("was there"),
    }
}

/// All files are read before anything is sent.
fn imports(args: &Args) -> Result<Vec<CreateKeypair>, Stop> {
    let mut imports = Vec::with_capacity(args.items.len());
    if args.public_key.is_some() || args.private_key.is_some() {
        let [Item { name, file: None }] = args.items.as_slice() else {
            return Err(Failure::usage("--public-key and --private-key go with one NAME")
                .with_cure("say NAME=FILE for each of several")
                .into());
        };
        imports.push(alone(args, name)?);
    } else {
        for Item { name, file } in &args.items {
            let Some(file) = file else {
                return Err(Failure::usage(format_args!("nothing is said of the key of {name}"))
                    .with_cure(format!("say --public-key FILE or --private-key FILE, or {name}=FILE"))
                    .into());
            };
            imports.push(CreateKeypair::import(name.clone(), input::public_key(file)?));
        }
    }
    let imports = imports.into_iter().map(|import| {
        let import = import.with_type(KeypairType::Ssh);
        match args.scope {
            Some(scope) => import.with_scope(scope.into()),
            None => import,
        }
    });
    Ok(imports.collect())
}

fn alone(args: &Args, name: &KeypairName) -> Result<CreateKeypair, Stop> {
    let public_key = args.public_key.as_deref().map(input::public_key).transpose()?;
    let Some(path) = &args.private_key else {
        let public_key = public_key.ok_or_else(|| Failure::usage("no public key is named"))?;
        return Ok(CreateKeypair::import(name.clone(), public_key));
    };
    let private_key = input::private_key(path)?;
    let half = PrivateHalf::read(&private_key);
    let public_key = match (public_key, half.and_then(|half| half.public(name.as_str()))) {
        (Some(given), Ok(own)) if given.base64() != own.base64() => {
            return Err(Failure::usage("the private key is not that of the public key").into());
        }
        (Some(given), _) => given,
        (None, Ok(own)) => own,
        (None, Err(fault)) => {
            return Err(Failure::usage(format_args!("{}: {fault}", path.display()))
                .with_cure("say --public-key too, which is then not read from it")
                .into());
        }
    };
    Ok(CreateKeypair::import_hosted(name.clone(), public_key, private_key, args.encryption.clone()))
}
