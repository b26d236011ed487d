//! What both examples share: their arguments, where they ask, and how they print a task.

#[path = "../embedded/mod.rs"]
mod embedded;

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use kps_core::{Builder, Environment, FailedTask, Limit, ListFailedTask, Region};
use kps_emulator::Server;

pub use embedded::Failure;

/// Lists the failed tasks of a project, a line each: id, operation, time, error, server, key pair.
#[derive(Parser)]
pub struct Args {
    /// The region, such as cn-north-4
    #[arg(long, value_name = "ID")]
    region: Option<Region>,
    /// How many tasks to ask for at once, 1 to 1000
    #[arg(long, value_name = "N", value_parser = limit)]
    limit: Option<Limit>,
}

fn limit(text: &str) -> Result<Limit, String> {
    let number: u64 = text.parse().map_err(|_| format!("{text:?} is no number"))?;
    Limit::try_from(number).map_err(|error| error.to_string())
}

impl Args {
    pub fn operation(&self) -> ListFailedTask {
        match self.limit {
            Some(limit) => ListFailedTask::new().with_limit(limit),
            None => ListFailedTask::new(),
        }
    }
}

/// Sets up a client for the service, or, where no access key is set, for an emulator that lives as long as the
/// server that is returned.
pub fn site<C>(args: &Args, builder: Builder<C>) -> Result<(Builder<C>, Option<Server>), Failure> {
    let environment = Environment::process();
    if environment.credentials()?.is_some() {
        let builder = builder.environment(environment);
        return Ok((args.region.iter().cloned().fold(builder, Builder::region), None));
    }
    let (_, server, builder) = embedded::start(builder)?;
    eprintln!(
        "no access key (HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK): asking the embedded emulator at {}",
        server.endpoint(),
    );
    Ok((builder, Some(server)))
}

/// Standard output, a line a task; what it holds back is written when it is dropped at the latest. A reader that has
/// seen enough ends the program quietly.
pub struct Lines(io::BufWriter<io::Stdout>);

impl Lines {
    pub fn new() -> Self {
        Self(io::BufWriter::new(io::stdout()))
    }

    pub fn print(&mut self, task: &FailedTask) -> io::Result<()> {
        let known = |value: Option<String>| one_line(&value.unwrap_or_else(|| "-".into()));
        let error = match (&task.task_error_code, &task.task_error_msg) {
            (Some(code), Some(message)) => Some(format!("{code} {message}")),
            (code, message) => code.as_ref().or(message.as_ref()).map(ToString::to_string),
        };
        writeln!(
            self.0,
            "{}\t{}\t{}\t{}\t{}\t{}",
            one_line(task.task_id.as_str()),
            known(task.operate_type.as_ref().map(ToString::to_string)),
            known(task.task_time.as_ref().map(ToString::to_string)),
            known(error),
            known(task.server_name.as_ref().map(ToString::to_string)),
            known(task.keypair_name.as_ref().map(ToString::to_string)),
        )
    }

    pub fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// Reads the arguments and runs the example; what fails is said on standard error.
pub fn main(run: impl FnOnce(&Args) -> Result<(), Failure>) -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help is no failure, and goes to standard output.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    let Err(error) = run(&args) else { return ExitCode::SUCCESS };
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    match error.downcast_ref::<kps_core::Error>() {
        Some(error) => eprintln!("{}", error.report()),
        None => eprintln!("{error}"),
    }
    ExitCode::FAILURE
}
