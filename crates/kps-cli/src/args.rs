//! What `kps` is told on its command line.

use std::time::Duration;

use clap::{Args, Parser};
use kps_ureq::{ProjectId, Region};

use crate::commands::Command;
use crate::output::Format;

/// SSH key pairs of Huawei Cloud (KPS), and their binding to cloud servers.
///
/// Credentials come from the variables HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, the file ~/.huaweicloud/credentials and
/// the other places where the official clients look; `kps configure` writes the file. `--demo` needs none.
#[derive(Debug, Parser)]
#[command(name = "kps", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What holds for all commands.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// The region, such as cn-north-4 [else: HUAWEICLOUD_SDK_REGION, HW_REGION_NAME, `region` in the credentials file]
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<Region>,
    /// The address of the service, in place of the region's
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The project [else: HUAWEICLOUD_SDK_PROJECT_ID, the credentials file, or looked up by the region]
    #[arg(long, global = true, value_name = "ID", value_parser = |id: &str| ProjectId::new(id))]
    pub(crate) project_id: Option<ProjectId>,
    /// The section of the credentials file
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// How long one call may take in sum, with its repetitions
    #[arg(long, global = true, value_name = "TIME", default_value = "2m", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Duration,
    /// The form of what is printed
    #[arg(long, short, global = true, value_name = "FORM", default_value = "table")]
    pub(crate) output: Format,
    /// Print what this JMESPath expression finds in the JSON
    #[arg(long, global = true, value_name = "JMESPATH")]
    pub(crate) query: Option<String>,
    /// No colours; nor are there any where NO_COLOR is set, or in a pipe
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Tell of each call on standard error
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// Tell of each attempt of a call and each pause too
    #[arg(long, global = true)]
    pub(crate) trace: bool,
    /// Print the request, without secrets, and send nothing
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Ask a service within this program, which begins anew each time
    #[cfg(feature = "emulator")]
    #[arg(long, global = true)]
    pub(crate) demo: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Cli::command().debug_assert();
    }
}
