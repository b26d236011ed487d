//! `kps bind`.

use kps_ureq::KeypairName;

use crate::args;
use crate::binding::{Aim, BindingArgs, settle};
use crate::context::Context;
use crate::stop::Stop;

/// Puts a key pair on servers
///
/// A server that runs is logged in to: with the password of root if it carries no key pair, else with the private key of the
/// one it carries. A server that is shut off takes no login. Which servers run and what they carry is asked of the
/// service for cloud servers (ECS).
#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps bind web-1 web-2 --keypair team-web --wait",
    "kps bind db-2 --keypair db-admin --replace --private-key old.pem",
    "kps bind --servers-file servers --keypair team-web --password-file password --wait=5m",
]))]
pub(crate) struct Args {
    /// The key pair to put on them
    #[arg(long, value_name = "NAME", value_parser = |name: &str| KeypairName::existing(name))]
    keypair: KeypairName,
    /// Put it in the place of the key pair that a server carries: one that is shut off is reset without a login
    #[arg(long)]
    replace: bool,
    /// Have the servers take no passwords for SSH from then on
    #[arg(long)]
    disable_password: bool,
    #[command(flatten)]
    binding: BindingArgs,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let aim = Aim::Bound { keypair: &args.keypair, anew: args.replace };
    settle(context, &args.binding, aim, args.disable_password)
}
