//! `kps keypair create`.

use std::fmt;

use kps_ureq::{
    Client, CreateKeypair, Description, Encryption, KeypairName, KeypairType, PublicKey,
    UpdateKeypairDescription,
};
use serde::Serialize;

use super::{ScopeArg, show};
use crate::args;
use crate::context::Context;
use crate::deliver::{Delivered, DestinationArgs, Halves, Unanswered, anew, nowhere_else};
use crate::keys::{KeyFormat, Kind};
use crate::machine;
use crate::output::{Cell, Format, Record};
use crate::stop::{Exit, Failure, Stop};

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps keypair create ci --type ed25519 --save ci.key",
    "kps keypair create ci --save ci.key --description 'Build agents' --scope domain",
    "kps keypair create ci --host --encryption kms:ci-keys",
    "kps keypair create ci --type ed25519 --to agent --lifetime 8h",
]))]
pub(crate) struct Args {
    /// The name of the key pair
    #[arg(value_parser = super::new)]
    name: KeypairName,
    /// Make the pair on this machine and upload the public key alone; without it the service makes RSA with 2048 bits
    #[arg(long = "type", value_name = "KIND", conflicts_with = "host")]
    kind: Option<Kind>,
    #[command(flatten)]
    destination: DestinationArgs,
    /// Describe it so
    #[arg(long, value_name = "TEXT", value_parser = |text: &str| Description::new(text))]
    description: Option<Description>,
    /// Who sees it
    #[arg(long, value_name = "SCOPE")]
    scope: Option<ScopeArg>,
    /// Let the service keep the private key too, so that it can be exported
    #[arg(long)]
    host: bool,
    /// How a hosted private key is encrypted: default, or kms: and the name or id of a key
    #[arg(long, value_name = "HOW", requires = "host", default_value = "default", value_parser = super::encryption)]
    encryption: Encryption,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    args.destination.check(!args.host, context)?;
    if args.destination.format == Some(KeyFormat::Pkcs1) && !matches!(args.kind, None | Some(Kind::Rsa3072)) {
        return Err(Failure::usage("--format pkcs1 is for RSA keys alone")
            .with_cure("say openssh or pkcs8")
            .into());
    }
    args.destination.check_paths(args.name.as_str(), false)?;
    let kps = context.client()?;
    match args.kind {
        Some(kind) => here(args, kind, &kps, context),
        None => at_the_service(args, &kps, context),
    }
}

/// The private half stays here. It is in its file before the call, so that it is there whatever becomes of the answer.
fn here(args: &Args, kind: Kind, kps: &Client, context: &Context) -> Result<(), Stop> {
    let name = args.name.as_str();
    let halves = Halves::make(kind, args.destination.format, name);
    let halves =
        halves.map_err(|fault| Failure::new(Exit::Failed, format_args!("no key is made: {fault}")))?;
    let Some(public_key) = halves.public.clone() else { return Ok(()) };
    let operation = request(args, CreateKeypair::import(args.name.clone(), public_key.clone()));
    if context.globals.dry_run {
        return context.send(kps, operation).map(drop);
    }
    let mut destination = args.destination.open(name, false, context)?;
    // Whoever interrupts it before the call wants none of it.
    machine::remove_when_interrupted(destination.unnamed());
    destination.fill(&halves)?;
    let unanswered = match destination.unnamed().first() {
        Some(file) => Unanswered::new(unsure(name, &file.display()), context),
        None => Unanswered::only_copy(&args.name, context),
    };
    unanswered.watch(Vec::new())?;
    let ensured = kps.ensure_keypair(operation);
    unanswered.hold();
    if let Err(error) = ensured {
        if !error.may_have_been_applied() {
            return Err(error.into());
        }
        // It may be there, and then this is its only private half.
        let delivered = destination.deliver(halves);
        return Err(match (delivered.file, delivered.agent) {
            (Some(path), _) => Failure::from(error).with_cure(unsure(name, &path.display())).into(),
            (None, Some(_)) => Failure::from(error).with_cure(unsure(name, &"ssh-agent")).into(),
            (None, None) => unanswered.of(error),
        });
    }
    let delivered = destination.deliver(halves);
    let _unprinted = unanswered.end(delivered.is_seen_alone());
    let if_lost = format!("its private key is nowhere: {}", anew(&args.name));
    end(args, Some(public_key), delivered, &if_lost, kps, context)
}

/// Whether the key pair is there is not known, and if it is, its private key is there.
fn unsure(name: &str, place: &dyn fmt::Display) -> String {
    format!(
        "the key pair may be there all the same, with its private key in {place}: `kps keypair show {name}` tells"
    )
}

/// The private half is in the answer, and unless it is hosted nowhere else.
fn at_the_service(args: &Args, kps: &Client, context: &Context) -> Result<(), Stop> {
    let name = args.name.as_str();
    let (operation, unanswered, if_lost) = if args.host {
        let operation = CreateKeypair::new_hosted(args.name.clone(), args.encryption.clone());
        let if_lost = format!("`kps keypair export {name}` gets it again");
        let cure = format!("if `kps keypair show {name}` finds it, {if_lost}");
        (operation, Unanswered::new(cure, context), if_lost)
    } else {
        let if_lost = nowhere_else(&args.name);
        (CreateKeypair::new(args.name.clone()), Unanswered::only_copy(&args.name, context), if_lost)
    };
    let operation = request(args, operation);
    if context.globals.dry_run {
        return context.send(kps, operation).map(drop);
    }
    let destination = args.destination.open(name, false, context)?;
    unanswered.watch(destination.unnamed())?;
    let made = kps.send(operation);
    unanswered.hold();
    let made = made.map_err(|error| unanswered.of(error))?.keypair;
    let delivered = match made.private_key {
        Some(private) => {
            let halves = Halves::given(private, made.public_key.clone(), args.destination.format, name);
            destination.deliver(halves)
        }
        None if args.destination.is_given() => {
            let failure = Failure::new(Exit::Failed, "the service made the key pair and told no private key");
            return Err(failure.with_cure(if_lost).into());
        }
        None => Delivered::default(),
    };
    let _unprinted = unanswered.end(delivered.is_seen_alone());
    end(args, made.public_key, delivered, &if_lost, kps, context)
}

fn request(args: &Args, operation: CreateKeypair) -> CreateKeypair {
    let operation = operation.with_type(KeypairType::Ssh);
    match args.scope {
        Some(scope) => operation.with_scope(scope.into()),
        None => operation,
    }
}

/// Describes the key pair and tells of it. What went wrong is told last, since the rest is done.
fn end(
    args: &Args,
    public_key: Option<PublicKey>,
    delivered: Delivered,
    if_lost: &str,
    kps: &Client,
    context: &Context,
) -> Result<(), Stop> {
    let fault = delivered.fault(if_lost);
    let is_seen_alone = delivered.is_seen_alone();
    let described = args
        .description
        .as_ref()
        .map(|text| kps.send(UpdateKeypairDescription::new(args.name.clone(), text.clone())).map(drop));
    let (sha256, md5) = public_key.as_ref().map(show::fingerprints).unwrap_or_default();
    let made = Made {
        name: args.name.clone(),
        description: described.as_ref().filter(|described| described.is_ok()).and(args.description.clone()),
        public_key,
        sha256,
        md5,
        hosted: args.host,
        delivered,
    };
    match print(&made, context) {
        // Nobody reads any more, and this was for reading.
        Err(_) if is_seen_alone => {
            return Err(Failure::new(Exit::Failed, "the private key cannot be printed")
                .with_cure(if_lost)
                .into());
        }
        printed => printed?,
    }
    if let Some(fault) = fault {
        return Err(fault.into());
    }
    match described {
        Some(Err(error)) => {
            let cure = format!("it is made; `kps keypair describe {} TEXT` describes it", args.name);
            Err(Failure::from(error).with_cure(cure).into())
        }
        _ => Ok(()),
    }
}

/// For a person a key that is revealed is all there is to see, so that it can go through a pipe.
fn print(made: &Made, context: &Context) -> Result<(), Stop> {
    match &made.delivered.revealed {
        Some(key) if context.output.format() == Format::Table && context.globals.query.is_none() => {
            Ok(super::export::reveal(key, context)?)
        }
        _ => context.output.one(made),
    }
}

#[derive(Serialize)]
struct Made {
    name: KeypairName,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<PublicKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    md5: Option<String>,
    hosted: bool,
    #[serde(flatten)]
    delivered: Delivered,
}

impl Record for Made {
    fn fields(&self) -> Vec<(&'static str, Cell)> {
        let path = |path: &Option<std::path::PathBuf>| {
            Cell::of(path.as_ref().map(|path| path.display().to_string()))
        };
        vec![
            ("Name", Cell::of(Some(self.name.as_str()))),
            ("Description", Cell::of(self.description.as_ref().map(Description::as_str))),
            ("SHA-256", Cell::of(self.sha256.as_ref())),
            ("MD5", Cell::of(self.md5.as_ref())),
            ("Private key", path(&self.delivered.file)),
            ("Public key", path(&self.delivered.public_key_file)),
            ("ssh-agent", Cell::of(self.delivered.agent.map(|_| "has the private key"))),
            ("Hosted", Cell::of(self.hosted.then_some("yes"))),
        ]
    }
}
