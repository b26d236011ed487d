//! What `kps` is told on its command line.

use std::ffi::OsString;
use std::time::Duration;

use clap::{ArgMatches, Args, FromArgMatches, Parser, ValueEnum as _};
use kps_ureq::{ProjectId, Region};

use crate::commands::Command;
use crate::output::Format;
use crate::stop::Failure;

/// SSH key pairs of Huawei Cloud (KPS), and their binding to cloud servers.
///
/// Credentials come from the variables HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, the file ~/.huaweicloud/credentials and
/// the other places where the official clients look; `kps configure` writes the file. `--demo` needs none.
#[derive(Debug, Parser)]
#[command(name = "kps", version, arg_required_else_help = true, mut_args(|arg| arg.global(false)))]
#[command(after_long_help = examples(&[
    "kps failed --since 8h --region cn-north-4",
    "kps keypair list --output json --query '[?hosted].name'",
    "kps bind web-1 --keypair team-web --wait --profile production",
]))]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

// What holds for all commands. A doc comment would be printed as what each of them says of itself.
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
    #[arg(long, global = true, value_name = "TIME", default_value = "2m", value_parser = some_time)]
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
    #[arg(long, global = true, conflicts_with = "endpoint")]
    pub(crate) demo: bool,
}

/// The arguments of a command, and those that hold for all. Each command has the latter by itself, once it is the one that
/// is called: given by the root, they would be copied to all commands at every start.
#[derive(Debug)]
pub(crate) struct Called<T>(pub(crate) T);

impl<T: Args> Args for Called<T> {
    fn augment_args(command: clap::Command) -> clap::Command {
        Globals::augment_args(T::augment_args(command))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Globals::augment_args_for_update(T::augment_args_for_update(command))
    }
}

impl<T: FromArgMatches> FromArgMatches for Called<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// What stands at the end of the help of a command.
pub(crate) fn examples(lines: &[&str]) -> String {
    format!("Examples:\n  {}", lines.join("\n  "))
}

/// A time in which something can happen.
pub(crate) fn some_time(text: &str) -> Result<Duration, &'static str> {
    match time(text)? {
        Duration::ZERO => Err("nothing can be done in no time"),
        time => Ok(time),
    }
}

/// A length of time.
pub(crate) fn time(text: &str) -> Result<Duration, &'static str> {
    humantime::parse_duration(text).map_err(|_| "expected a time with its unit, such as 90s, 5m or 8h")
}

/// Whether `--output json` or `ndjson` is among arguments that clap could not make sense of.
pub(crate) fn ask_for_json(arguments: impl IntoIterator<Item = OsString>) -> bool {
    let mut arguments = arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned());
    let mut form = None;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--" => break,
            "-o" | "--output" => form = arguments.next(),
            given => {
                let value = given.strip_prefix("--output=").or_else(|| given.strip_prefix("-o"));
                form = value.map(|value| value.trim_start_matches('=').to_owned()).or(form);
            }
        }
    }
    form.and_then(|form| Format::from_str(&form, false).ok()).is_some_and(Format::is_json)
}

/// What clap says of wrong arguments, without the name of the program, the usage, and where there is help.
pub(crate) fn fault(told: &clap::Error) -> Failure {
    let text = told.render().to_string();
    let said = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let said: Vec<&str> = said.filter(|line| !line.is_empty() && !line.starts_with("For more ")).collect();
    let (cures, message): (Vec<&str>, Vec<&str>) =
        said.into_iter().partition(|line| line.starts_with("tip: "));
    let message = message.join(" ");
    let failure = Failure::usage(message.strip_prefix("error: ").unwrap_or(&message));
    let cures: Vec<&str> = cures.iter().map(|cure| cure.trim_start_matches("tip: ")).collect();
    if cures.is_empty() {
        failure.with_cure("`--help` shows what can be said")
    } else {
        failure.with_cure(cures.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_well_formed() {
        Cli::command().debug_assert();
    }

    /// All commands that have none below them, with what they are called by.
    fn leaves(command: &clap::Command, path: &str) -> Vec<(String, clap::Command)> {
        let path = format!("{path}{} ", command.get_name());
        let below = command.get_subcommands().filter(|below| below.get_name() != "help");
        let below: Vec<_> = below.flat_map(|below| leaves(below, &path)).collect();
        if below.is_empty() { vec![(path, command.clone())] } else { below }
    }

    /// As a shell parts it, where it knows no quotes but `'`.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        for (at, part) in line.split('\'').enumerate() {
            let parts = if at % 2 == 1 { vec![part] } else { part.split(' ').collect() };
            for (at, part) in parts.into_iter().enumerate() {
                if at > 0 {
                    words.push(String::new());
                }
                words.last_mut().unwrap().push_str(part);
            }
        }
        words.into_iter().take_while(|word| word != ">" && word != "|").collect()
    }

    #[test]
    fn every_command_shows_examples_that_are_read() {
        let mut root = Cli::command();
        root.build();
        let mut commands = leaves(&root, "");
        assert!(commands.len() > 20);
        commands.push(("kps ".into(), root));
        for (path, command) in commands {
            let help = command.get_after_long_help().unwrap_or_else(|| panic!("{path}")).to_string();
            let examples: Vec<&str> = help.strip_prefix("Examples:\n").unwrap().lines().collect();
            let of_another = if path == "kps failed list " { "kps failed " } else { &path };
            for example in examples {
                assert!(example.trim_start().starts_with(of_another), "{path}: {example}");
                let read = Cli::try_parse_from(words(example.trim_start()));
                assert!(read.is_ok(), "{example}: {}", read.err().unwrap());
            }
        }
    }

    #[test]
    fn what_holds_for_all_commands_is_said_before_or_behind_them_and_the_last_counts() {
        for (line, output, timeout) in [
            ("kps -o json --timeout 3s failed", Format::Json, 3),
            ("kps failed -o json --timeout 3s", Format::Json, 3),
            ("kps -o json failed --timeout 3s list", Format::Json, 3),
            ("kps failed list -o json --timeout 3s", Format::Json, 3),
            ("kps -o json --timeout 3s failed -o csv list --timeout 4s", Format::Csv, 4),
            ("kps failed -o json list", Format::Json, 120),
            ("kps failed list", Format::Table, 120),
        ] {
            let globals = Cli::try_parse_from(line.split(' ')).unwrap().globals;
            assert_eq!((globals.output, globals.timeout.as_secs()), (output, timeout), "{line}");
        }
    }

    #[test]
    fn json_is_asked_for_by_the_last_that_is_said_of_it() {
        for (arguments, json) in [
            (&["-o", "json", "x"][..], true),
            (&["x", "--output=ndjson"], true),
            (&["-ojson"], true),
            (&["-o=json"], true),
            (&["--output", "json", "-o", "csv"], false),
            (&["--output"], false),
            (&["-o", "xml"], false),
            (&["--", "-o", "json"], false),
            (&[], false),
        ] {
            assert_eq!(ask_for_json(arguments.iter().map(OsString::from)), json, "{arguments:?}");
        }
    }
}
