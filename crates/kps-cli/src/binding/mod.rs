//! Putting key pairs on servers and taking them off: what both commands are told, and their way from the names of servers
//! to the ends of tasks.

mod checks;
mod judge;
mod line;
mod login;
mod names;
mod order;
mod step;

use std::path::PathBuf;
use std::time::Duration;

use kps_ureq::Port;

pub(crate) use judge::Aim;
pub(crate) use line::{Line, TaskLine};
pub(crate) use order::settle;

use crate::input::PasswordArgs;
use crate::servers::ServerArgs;
use crate::waiting::PollArgs;

// What both commands are told.
#[derive(Debug, clap::Args)]
pub(crate) struct BindingArgs {
    /// The servers, by their names or ids
    #[arg(value_name = "SERVER", required_unless_present = "servers_file")]
    servers: Vec<String>,
    /// Take more servers from this file, one on each line, or from standard input if it is `-`
    #[arg(long, value_name = "FILE")]
    servers_file: Option<PathBuf>,
    #[command(flatten)]
    password: PasswordArgs,
    /// The private key of the key pair that the servers carry now, to log in with
    #[arg(long, value_name = "FILE")]
    private_key: Option<PathBuf>,
    /// The port on which SSH listens on servers that run [else: 22]
    #[arg(long, value_name = "PORT", value_parser = port)]
    port: Option<Port>,
    /// Wait for the end, if nothing is said for up to 30 minutes
    #[arg(
        long,
        value_name = "TIME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "30m",
        value_parser = crate::args::time
    )]
    wait: Option<Duration>,
    #[command(flatten)]
    poll: PollArgs,
    #[command(flatten)]
    find: ServerArgs,
}

fn port(text: &str) -> Result<Port, String> {
    let number: u32 = text.parse().map_err(|_| "it is no number".to_owned())?;
    Port::new(number).map_err(|error| error.to_string())
}
