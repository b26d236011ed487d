//! `kps region`.

use clap::Subcommand;
use kps_ureq::Region;
use serde::Serialize;

use crate::args;
use crate::context::Context;
use crate::output::{Cell, Row};
use crate::stop::Stop;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
#[command(defer = true)]
enum What {
    /// Lists the regions that have the service
    #[command(after_long_help = args::examples(&["kps region list --output csv"]))]
    List,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<(), Stop> {
    let What::List = args.what;
    context.output.list(Region::KNOWN.iter().map(|region| Ok(Line { region: region.id() })))
}

#[derive(Serialize)]
struct Line {
    region: &'static str,
}

impl Row for Line {
    const COLUMNS: &'static [&'static str] = &["REGION"];

    fn cells(&self) -> Vec<Cell> {
        vec![Cell::of(Some(self.region))]
    }
}
