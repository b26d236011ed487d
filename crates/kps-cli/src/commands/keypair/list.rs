//! `kps keypair list`.

use std::num::NonZeroUsize;

use kps_ureq::{Fingerprint, FrozenState, Keypair, KeypairFilter, KeypairType, ListKeypairs, Scope};

use super::ScopeArg;
use crate::args;
use crate::commands::tasks::some;
use crate::context::Context;
use crate::output::{Cell, Row};
use crate::stop::Stop;
use crate::waiting::Reading;

#[derive(Debug, Default, clap::Args)]
#[command(after_long_help = args::examples(&[
    "kps keypair list 'build-*' --hosted=no",
    "kps keypair list --output csv",
]))]
pub(crate) struct Args {
    /// Those with such a name; `*` stands for any characters and `?` for one
    #[arg(value_name = "PATTERN")]
    name: Option<String>,
    /// Those whose private key the service hosts, or with `no` the others
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "yes")]
    hosted: Option<YesNo>,
    /// Those of this sort
    #[arg(long = "type", value_name = "SORT", value_parser = ["ssh", "x509"])]
    keypair_type: Option<String>,
    /// Those that are seen by the user, or by the whole account
    #[arg(long, value_name = "SCOPE")]
    scope: Option<ScopeArg>,
    /// No more than so many
    #[arg(long, value_name = "N", value_parser = some)]
    limit: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum YesNo {
    Yes,
    No,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let filter = filter(args);
    let reading = Reading::new(context, Keypair::NAME);
    let keypairs = reading.of(context.items(&context.client()?, ListKeypairs::new())?);
    let wanted = keypairs.filter(|keypair| keypair.as_ref().map_or(true, |keypair| filter.holds(keypair)));
    let limit = args.limit.map_or(usize::MAX, NonZeroUsize::get);
    context.output.list(reading.rows(wanted.take(limit).map(|keypair| keypair.map_err(Stop::from))))
}

fn filter(args: &Args) -> KeypairFilter {
    let mut filter = KeypairFilter::new();
    if let Some(name) = &args.name {
        filter = filter.with_name(name);
    }
    if let Some(hosted) = args.hosted {
        filter = filter.with_hosted(hosted == YesNo::Yes);
    }
    if let Some(keypair_type) = &args.keypair_type {
        filter = filter.with_type(KeypairType::from(keypair_type.as_str()));
    }
    match args.scope {
        Some(scope) => filter.with_scope(scope.into()),
        None => filter,
    }
}

impl Row for Keypair {
    const NAME: &'static str = "key pairs";
    const COLUMNS: &'static [&'static str] = &["NAME", "TYPE", "SCOPE", "HOSTED", "FROZEN", "FINGERPRINT"];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::of(Some(self.name.as_str())),
            Cell::of(self.keypair_type.as_ref().map(KeypairType::as_str)),
            Cell::of(self.scope.as_ref().map(Scope::as_str)),
            yes_no(self.is_key_protection),
            frozen(self.frozen_state.as_ref()),
            Cell::of(self.fingerprint.as_ref().map(Fingerprint::as_str)),
        ]
    }
}

pub(super) fn yes_no(flag: Option<bool>) -> Cell {
    Cell::of(flag.map(|flag| if flag { "yes" } else { "no" }))
}

/// Why it is frozen, in words.
pub(super) fn frozen(state: Option<&FrozenState>) -> Cell {
    let Some(state) = state.filter(|state| state.is_frozen()) else {
        return Cell::of(state.map(|_| "no"));
    };
    let reasons: Vec<_> = [
        (FrozenState::ORDINARY, "ordinary"),
        (FrozenState::POLICE, "police"),
        (FrozenState::VIOLATION, "violation"),
        (FrozenState::UNVERIFIED, "unverified"),
    ]
    .into_iter()
    .filter_map(|(flag, reason)| state.has(flag).then_some(reason))
    .collect();
    Cell::Bad(if reasons.is_empty() { "yes".into() } else { reasons.join(", ") })
}
