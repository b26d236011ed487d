use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use crate::Quirks;

// The comment is what a command that has these arguments says of itself.
/// Runs an emulator of the service until it is told to stop
///
/// When it accepts connections it prints one line of JSON with the endpoint, the credentials and the servers. It ends at SIGTERM
/// or SIGINT.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where it listens; port 0 is a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8650")]
    pub(super) listen: SocketAddr,
    /// What is in it at the start, as JSON; a built-in seed if nothing is said
    #[arg(long, value_name = "FILE")]
    pub(super) seed: Option<PathBuf>,
    /// How long a task takes from its acceptance to its end, such as 2s or 500ms; 12s if nothing is said
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) task_time: Option<Duration>,
    /// Make each key pair anew, which takes time, in place of handing out ones that are public
    #[cfg(feature = "fresh-keys")]
    #[arg(long)]
    pub(super) fresh_keys: bool,
    /// Do not check signatures and tokens
    #[arg(long)]
    pub(super) lenient_auth: bool,
    /// In which form it answers
    #[arg(long, value_name = "PROFILE", default_value = "observed")]
    pub(super) quirks: Profile,
    /// What is to go wrong, as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) faults: Option<PathBuf>,
    /// Where all that is in it is saved at the end, and gone on from at the start, if the file is there; it holds secrets
    #[arg(long, value_name = "FILE")]
    pub(super) persist: Option<PathBuf>,
    /// Do not answer under /_emulator/, where it can be steered
    #[arg(long)]
    pub(super) no_control: bool,
    /// How the log on standard error is written
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(super) log: Form,
}

fn time(text: &str) -> Result<Duration, &'static str> {
    humantime::parse_duration(text).map_err(|_| "expected a time with its unit, such as 2s or 500ms")
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Form {
    /// An object on each line
    Json,
    /// For people
    Text,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Profile {
    /// As the documents say, where they are clear
    Documented,
    /// As it was seen in the field
    Observed,
    /// Each thing in the form that is the hardest to read
    Hostile,
}

impl From<Profile> for Quirks {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Documented => Self::Documented,
            Profile::Observed => Self::Observed,
            Profile::Hostile => Self::Hostile,
        }
    }
}
