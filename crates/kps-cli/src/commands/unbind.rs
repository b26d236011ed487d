//! `kps unbind`.

use crate::args;
use crate::binding::{Aim, BindingArgs, settle};
use crate::context::Context;
use crate::stop::Stop;

/// Takes the key pair off servers
///
/// A server that runs is logged in to with the private key of the key pair; one that is shut off takes no login.
/// Afterwards passwords work again for SSH: reset the password of root if nobody knows it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps unbind web-1 --private-key team-web.pem --wait",
    "kps unbind 3a8f506b-4092-4b5b-aa76-7c76fb008f86 --stopped",
]))]
pub(crate) struct Args {
    #[command(flatten)]
    binding: BindingArgs,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    settle(context, &args.binding, Aim::Unbound, false)
}
