//! `kps configure`.

mod ask;
mod section;

use std::path::{Path, PathBuf};

use kps_ureq::sign::Signer;
use kps_ureq::{ProjectId, Region, Secret};
use serde::Serialize;

use crate::args;
use crate::context::Context;
use crate::input;
use crate::machine::{self, NewFile, Readers};
use crate::output::{Cell, Record};
use crate::stop::{Failure, Stop};

/// The longest credentials file that is added to, in bytes.
const MOST: usize = 1 << 20;

#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps configure --region cn-north-4",
    "kps configure --ak AKEXAMPLE --sk-file secret --profile production",
]))]
pub(crate) struct Args {
    /// The access key id (AK)
    #[arg(long, value_name = "AK")]
    ak: Option<String>,
    /// Take the secret access key (SK) from standard input
    #[arg(long, conflicts_with = "sk_file")]
    sk_stdin: bool,
    /// Take the secret access key (SK) from this file
    #[arg(long, value_name = "FILE")]
    sk_file: Option<PathBuf>,
    /// Take the security token of a temporary key from this file
    #[arg(long, value_name = "FILE")]
    security_token_file: Option<PathBuf>,
    /// Write over a section that is there
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let environment = context.environment();
    let section = environment.profile_name(context.globals.profile.as_deref())?;
    if section.trim() != section || section.is_empty() || section.contains(['[', ']', '\n', '\r']) {
        return Err(Failure::usage(format_args!("a section cannot be called {section:?}")).into());
    }
    let path = environment.credentials_file()?.ok_or_else(|| {
        Failure::usage("there is no home directory")
            .with_cure("say where in HUAWEICLOUD_SDK_CREDENTIALS_FILE")
    })?;
    // What cannot be read is not written over.
    environment.profile_entry(Some(&section), "ak")?;
    let text = input::text_if_there(&path, "the credentials file", MOST)?;
    if section::is_there(&text, &section) && !args.force {
        let there = format!("{} has a section [{section}] already", path.display());
        return Err(Failure::usage(there).with_cure("say --force, or another --profile").into());
    }

    let keys = ask::keys(args, context)?;
    Signer::new(&keys.ak, &keys.sk).map_err(|error| Failure::usage(error.report()))?;
    let mut entries = vec![("ak", keys.ak.as_str()), ("sk", keys.sk.expose())];
    entries.extend(keys.security_token.as_ref().map(|token| ("security_token", token.expose())));
    entries.extend(keys.project_id.as_ref().map(|id| ("project_id", id.as_str())));
    entries.extend(keys.region.as_ref().map(|region| ("region", region.id())));
    let written = Written {
        path: path.display().to_string(),
        section: &section,
        project_id: keys.project_id.as_ref().map(ProjectId::as_str),
        region: keys.region.as_ref().map(Region::id),
        is_written: !context.globals.dry_run,
    };
    if written.is_written {
        write(&path, &section::write(&text, &section, &entries))?;
    }
    context.output.one(&written)
}

/// What is given, and never printed.
struct Keys {
    ak: String,
    sk: Secret,
    security_token: Option<Secret>,
    project_id: Option<ProjectId>,
    region: Option<Region>,
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let fault = |error: std::io::Error| {
        Failure::usage(format_args!("{} cannot be written: {}", path.display(), machine::reason(&error)))
            .with_cure("say where in HUAWEICLOUD_SDK_CREDENTIALS_FILE")
    };
    if let Some(directory) = path.parent() {
        machine::private_directory(directory).map_err(fault)?;
    }
    // Where it is a link, what it leads to is written.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    Ok(NewFile::create(&target, true, Readers::Owner)?.write(text.as_bytes())?)
}

/// What was written where.
#[derive(Serialize)]
struct Written<'a> {
    path: String,
    section: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip)]
    is_written: bool,
}

impl Record for Written<'_> {
    fn fields(&self) -> Vec<(&'static str, Cell)> {
        vec![
            (if self.is_written { "Written to" } else { "Not written to" }, Cell::of(Some(&self.path))),
            ("Section", Cell::of(Some(self.section))),
            ("Project", Cell::of(self.project_id)),
            ("Region", Cell::of(self.region)),
        ]
    }
}
