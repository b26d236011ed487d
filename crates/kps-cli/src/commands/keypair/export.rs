//! `kps keypair export`.

use std::io::{self, Write as _};

use kps_ureq::{BatchOptions, ExportPrivateKey, KeypairName, PrivateKey};
use serde::Serialize;

use super::outcome;
use crate::args;
use crate::context::Context;
use crate::deliver::{Delivered, Destination, DestinationArgs, Halves};
use crate::machine;
use crate::output::{Cell, Format, Record, Row, escape};
use crate::stop::Stop;

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps keypair export ci --save ci.key --format openssh",
    "kps keypair export ci build-agents --save keys",
    "kps keypair export ci --reveal",
]))]
pub(crate) struct Args {
    /// The key pairs; several are saved in the directory that --save names
    #[arg(required = true, value_name = "NAME", value_parser = super::existing)]
    names: Vec<KeypairName>,
    #[command(flatten)]
    destination: DestinationArgs,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    args.destination.check(true, context)?;
    let many = args.names.len() > 1;
    for name in &args.names {
        args.destination.check_paths(name.as_str(), many)?;
    }
    let kps = context.client()?;
    if context.globals.dry_run {
        for name in &args.names {
            context.output.request(&kps.prepare(ExportPrivateKey::new(name.clone()))?)?;
        }
        return Ok(());
    }
    let mut places = Vec::with_capacity(args.names.len());
    for name in &args.names {
        places.push(args.destination.open(name.as_str(), many, context)?);
    }
    machine::remove_when_interrupted(places.iter().flat_map(Destination::unnamed).collect());
    let keys = kps.export_private_keys(args.names.clone(), &BatchOptions::new());
    let mut failures = Vec::new();
    let mut exported = Vec::with_capacity(args.names.len());
    for (key, place) in keys.into_iter().zip(places) {
        let name = key.item;
        match key.result {
            Ok(private) => {
                let delivered = deliver(&name, private, place, args);
                let fault = delivered.fault("it can be exported again");
                let error = fault.as_ref().map(crate::stop::Failure::text);
                failures.extend(fault);
                exported.push(Exported { name, delivered, error });
            }
            Err(error) => {
                let Stop::Failed(failure) = Stop::from(error) else { continue };
                let error = Some(failure.text());
                failures.push(*failure);
                exported.push(Exported { name, delivered: Delivered::default(), error });
            }
        }
    }
    print(exported, context)?;
    outcome::end(failures, args.names.len())
}

fn deliver(name: &KeypairName, private: PrivateKey, place: Destination, args: &Args) -> Delivered {
    place.deliver(Halves::given(private, None, args.destination.format, name.as_str()))
}

/// For a person a key that is revealed is all there is to see, so that it can go through a pipe.
fn print(exported: Vec<Exported>, context: &Context) -> Result<(), Stop> {
    let for_a_person = context.output.format() == Format::Table && context.globals.query.is_none();
    if for_a_person && exported.iter().any(|exported| exported.delivered.revealed.is_some()) {
        let mut keys = exported.iter().filter_map(|exported| exported.delivered.revealed.as_ref());
        return Ok(keys.try_for_each(|key| reveal(key, context))?);
    }
    match <[Exported; 1]>::try_from(exported) {
        Ok([exported]) if exported.error.is_none() => context.output.one(&exported),
        Ok(_) => Ok(()),
        Err(exported) => context.output.list(exported.into_iter().map(Ok)),
    }
}

/// Prints a private key: byte for byte in a pipe, and so that nothing steers a terminal.
pub(super) fn reveal(key: &PrivateKey, context: &Context) -> io::Result<()> {
    let (mut out, text) = (io::stdout(), key.expose());
    if context.output.is_for_a_person() {
        text.lines().try_for_each(|line| writeln!(out, "{}", escape(line)))?;
    } else {
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
    }
    out.flush()
}

#[derive(Serialize)]
struct Exported {
    name: KeypairName,
    #[serde(flatten)]
    delivered: Delivered,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Exported {
    fn file(&self) -> Cell {
        Cell::of(self.delivered.file.as_ref().map(|path| path.display().to_string()))
    }

    fn public_file(&self) -> Cell {
        Cell::of(self.delivered.public_key_file.as_ref().map(|path| path.display().to_string()))
    }
}

impl Record for Exported {
    fn fields(&self) -> Vec<(&'static str, Cell)> {
        vec![
            ("Name", Cell::of(Some(self.name.as_str()))),
            ("Private key", self.file()),
            ("Public key", self.public_file()),
            ("ssh-agent", Cell::of(self.delivered.agent.map(|_| "has the private key"))),
        ]
    }
}

impl Row for Exported {
    const COLUMNS: &'static [&'static str] = &["NAME", "PRIVATE KEY", "PUBLIC KEY", "SSH-AGENT", "ERROR"];
    const IS_CUT: bool = false;

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::of(Some(self.name.as_str())),
            self.file(),
            self.public_file(),
            Cell::of(self.delivered.agent.map(|_| "yes")),
            self.error.clone().map_or(Cell::Empty, Cell::Bad),
        ]
    }
}
