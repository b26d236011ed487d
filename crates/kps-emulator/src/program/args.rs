use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use kps_emulator::Quirks;

/// An emulator of the Huawei Cloud Key Pair Service (KPS) over HTTP.
///
/// When it accepts connections it prints one line of JSON with the endpoint, the credentials and the servers. It ends
/// at SIGTERM or SIGINT.
#[derive(Debug, Parser)]
#[command(name = "kps-emulator", version)]
pub(crate) struct Args {
    /// Where it listens; port 0 is a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8650")]
    pub(crate) listen: SocketAddr,
    /// What is in it at the start, as JSON; a built-in seed if nothing is said
    #[arg(long, value_name = "FILE")]
    pub(crate) seed: Option<PathBuf>,
    /// How long a task takes from its acceptance to its end, such as 2s or 500ms; 12s if nothing is said
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) task_time: Option<Duration>,
    /// Make each key pair anew, which takes time, in place of handing out ones that are public
    #[cfg(feature = "fresh-keys")]
    #[arg(long)]
    pub(crate) fresh_keys: bool,
    /// Do not check signatures and tokens
    #[arg(long)]
    pub(crate) lenient_auth: bool,
    /// In which form it answers
    #[arg(long, value_name = "PROFILE", default_value = "observed")]
    pub(crate) quirks: Profile,
    /// What is to go wrong, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Where all that is in it is saved at the end, and gone on from at the start, if the file is there; it holds secrets
    #[arg(long, value_name = "FILE")]
    pub(crate) persist: Option<PathBuf>,
    /// Do not answer under /_emulator/, where it can be steered
    #[arg(long)]
    pub(crate) no_control: bool,
    /// How the log on standard error is written
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub(crate) log: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Form {
    /// An object on each line
    Json,
    /// For people
    Text,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Profile {
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Args::command().debug_assert();
    }
}
