//! `kps unbind`.

use crate::binding::{Aim, BindingArgs, settle};
use crate::context::Context;
use crate::stop::Stop;

/// Takes the key pair off servers
///
/// A server that runs is logged in to with the private key of the key pair; one that is shut off takes no login.
/// Afterwards passwords work again for SSH: reset the password of root if nobody knows it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    binding: BindingArgs,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    settle(context, &args.binding, Aim::Unbound, false)
}
