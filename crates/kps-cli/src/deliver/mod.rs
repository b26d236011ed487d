//! Where a private key goes: to a file, to ssh-agent, or, if it is to be seen, to standard output.

mod agent;
mod file;
mod halves;
mod unanswered;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use kps_ureq::PrivateKey;
use serde::Serialize;

use crate::args::some_time;
use crate::context::Context;
use crate::deliver::agent::Agent;
use crate::deliver::file::{KeyFile, NotKept, public_path};
pub(crate) use crate::deliver::halves::Halves;
pub(crate) use crate::deliver::unanswered::{Unanswered, anew, nowhere_else, unread};
use crate::keys::KeyFormat;
use crate::machine;
use crate::output::Format;
use crate::stop::{Exit, Failure, Stop};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DestinationArgs {
    /// Write the private key to this file, which nobody else can read, and the public key to PATH.pub
    #[arg(long, value_name = "PATH")]
    save: Option<PathBuf>,
    /// Write over files that are there
    #[arg(long, requires = "save")]
    force: bool,
    /// Hand the private key to ssh-agent
    #[arg(long, value_name = "agent")]
    to: Option<To>,
    /// Let ssh-agent forget the key after this time, such as 8h
    #[arg(long, requires = "to", value_name = "TIME", value_parser = some_time)]
    lifetime: Option<Duration>,
    /// Print the private key
    #[arg(long)]
    reveal: bool,
    /// The form of the private key [default: as the service has it, openssh for keys made here]
    #[arg(long, value_name = "FORM")]
    pub(crate) format: Option<KeyFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    Agent,
}

impl DestinationArgs {
    /// Whether the key goes anywhere.
    pub(crate) const fn is_given(&self) -> bool {
        self.save.is_some() || self.to.is_some() || self.reveal
    }

    /// Refuses to go on if it does not, where it must, or if it would not be seen.
    pub(crate) fn check(&self, must: bool, context: &Context) -> Result<(), Failure> {
        if self.reveal && context.output.format() == Format::Csv {
            return Err(
                Failure::usage("--reveal does not go with --output csv").with_cure("say json or yaml")
            );
        }
        if self.is_given() || !must {
            return Ok(());
        }
        Err(Failure::usage("nothing is said of where the private key is to go")
            .with_cure("say --save PATH, --to agent or --reveal"))
    }

    /// Opens all places, so that nothing is asked of the service unless the key can be kept. In a directory, and for
    /// `many` keys, the file has the name of the key pair.
    pub(crate) fn open(&self, name: &str, many: bool, context: &Context) -> Result<Destination, Stop> {
        let path = self.save.as_deref().map(|path| path_of(path, name, many)).transpose()?;
        Ok(Destination {
            file: path.map(|path| KeyFile::open(&path, self.force)).transpose()?,
            agent: self.to.map(|To::Agent| Agent::find(context.environment())).transpose()?,
            lifetime: self.lifetime,
            reveal: self.reveal,
            is_filled: false,
        })
    }

    /// What can be told without opening anything.
    pub(crate) fn check_paths(&self, name: &str, many: bool) -> Result<(), Failure> {
        match &self.save {
            Some(path) => KeyFile::check(&path_of(path, name, many)?, self.force),
            None => Ok(()),
        }
    }
}

/// The file of this key pair.
fn path_of(path: &Path, name: &str, many: bool) -> Result<PathBuf, Failure> {
    if !path.is_dir() {
        if many {
            return Err(Failure::usage(format_args!("{} is no directory", path.display()))
                .with_cure("several keys are saved in a directory, which must be there"));
        }
        if path.as_os_str().to_string_lossy().ends_with(std::path::is_separator) {
            return Err(machine::no_directory("the private key cannot be saved", path));
        }
        return Ok(path.to_owned());
    }
    // An old name may hold anything.
    if name.contains(['/', '\\', ':', '\0']) || name.starts_with('.') {
        return Err(Failure::usage(format_args!("{name} cannot be the name of a file"))
            .with_cure("export it by itself, with --save and a whole path"));
    }
    Ok(path.join(name))
}

/// The places a private key goes to. They are open, and hold nothing yet.
pub(crate) struct Destination {
    file: Option<KeyFile>,
    agent: Option<Agent>,
    lifetime: Option<Duration>,
    reveal: bool,
    /// Whether the file holds the key already, not yet under its name.
    is_filled: bool,
}

/// Where a private key went.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Delivered {
    #[serde(rename = "private_key_file", skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) public_key_file: Option<PathBuf>,
    #[serde(rename = "ssh_agent", skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<bool>,
    /// The key itself, to be seen by `--reveal`.
    #[serde(rename = "private_key", skip_serializing_if = "Option::is_none", serialize_with = "seen")]
    pub(crate) revealed: Option<PrivateKey>,
    /// Whether it is in another file than it was to be.
    #[serde(skip)]
    is_elsewhere: bool,
    /// Where it did not go, and why.
    #[serde(skip)]
    faults: Vec<String>,
}

fn seen<S: serde::Serializer>(key: &Option<PrivateKey>, serializer: S) -> Result<S::Ok, S::Error> {
    key.as_ref().map(PrivateKey::expose).serialize(serializer)
}

impl Destination {
    /// The files, which do not have their names yet.
    pub(crate) fn unnamed(&self) -> Vec<PathBuf> {
        self.file.as_ref().map(KeyFile::unnamed).unwrap_or_default()
    }

    /// Writes a key to its file, not yet under its name, so that it can be kept whatever happens next.
    pub(crate) fn fill(&mut self, halves: &Halves) -> Result<(), Failure> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.fill(&halves.private, halves.public.as_ref())
            .map_err(|unsaved| Failure::new(Exit::Failed, unsaved.tell()))?;
        self.is_filled = true;
        Ok(())
    }

    /// Brings a key to all its places. One that cannot be reached does not keep it from the others.
    pub(crate) fn deliver(mut self, halves: Halves) -> Delivered {
        let mut delivered = Delivered { faults: halves.fault.into_iter().collect(), ..Delivered::default() };
        if let Some(file) = self.file {
            let path = file.path().to_owned();
            match save(file, &halves.private, halves.public.as_ref(), self.is_filled) {
                Ok(()) => {
                    delivered.public_key_file = halves.public.is_some().then(|| public_path(&path));
                    delivered.file = Some(path);
                }
                Err(NotKept::Public(unsaved)) => {
                    delivered.file = Some(path);
                    delivered.faults.push(unsaved.tell());
                }
                Err(NotKept::Private(unsaved)) => {
                    delivered.is_elsewhere = unsaved.elsewhere.is_some();
                    delivered.faults.push(unsaved.tell());
                }
            }
        }
        if let Some(agent) = &mut self.agent {
            let added = halves.half.map_err(str::to_owned);
            match added.and_then(|half| agent.add(&half, &halves.name, self.lifetime)) {
                Ok(()) => delivered.agent = Some(true),
                Err(reason) => {
                    delivered.faults.push(format!("the private key is not in ssh-agent: {reason}"));
                }
            }
        }
        if self.reveal {
            delivered.revealed = Some(halves.private);
        }
        delivered
    }
}

fn save(
    mut file: KeyFile,
    private: &PrivateKey,
    public: Option<&kps_ureq::PublicKey>,
    is_filled: bool,
) -> Result<(), NotKept> {
    if !is_filled {
        file.fill(private, public).map_err(NotKept::Private)?;
    }
    file.keep(public.is_some())
}

impl Delivered {
    /// Whether the key goes to standard output and nowhere else.
    pub(crate) const fn is_seen_alone(&self) -> bool {
        self.revealed.is_some() && self.file.is_none() && self.agent.is_none()
    }

    /// What is wrong with it, with what to do if the key is nowhere at all.
    pub(crate) fn fault(&self, if_lost: &str) -> Option<Failure> {
        if self.faults.is_empty() {
            return None;
        }
        let failure = Failure::new(Exit::Failed, self.faults.join("; "));
        let is_kept =
            self.file.is_some() || self.is_elsewhere || self.agent.is_some() || self.revealed.is_some();
        Some(if is_kept { failure } else { failure.with_cure(if_lost) })
    }
}
