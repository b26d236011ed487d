//! One peer among the clients of several languages: it does a job, and prints how long that took as a line of
//! JSON, `{"ops":N,"wall_s":…,"cpu_s":…,"check":…}`.
//!
//! ```text
//! cargo build --profile peer --example bench_peer
//! bench_peer --transport ureq|reqwest list ENDPOINT [W]   all failed tasks, 1000 a page, W pages at once, kept
//!                                     small ENDPOINT N    N calls of ten tasks, one after another
//!                                     sign N              N requests built and signed, none sent
//!                                     decode FILE N       the page in FILE, N times
//! ```
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it is a program that measures"
)]

use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand, ValueEnum};
use cpu_time::ProcessTime;
use kps_core::{
    Builder, Credentials, Error, FailedTask, HttpOptions, Limit, ListFailedTask, ListFailedTaskResponse,
    Offset, ProjectId, Proxy, from_json,
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Parser)]
struct Args {
    #[arg(long)]
    transport: Transport,
    #[command(subcommand)]
    job: Job,
}

#[derive(Clone, Copy, ValueEnum)]
enum Transport {
    Ureq,
    Reqwest,
}

#[derive(Subcommand)]
enum Job {
    List {
        endpoint: String,
        /// How many pages to ask for at once
        #[arg(default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=16))]
        window: u8,
    },
    Small {
        endpoint: String,
        count: usize,
    },
    Sign {
        count: u32,
    },
    Decode {
        file: String,
        count: usize,
    },
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    match (&args.job, args.transport) {
        (Job::List { endpoint, window }, Transport::Ureq) => {
            let job = || ureq(endpoint)?.items(all()).with_window(usize::from(*window)).collect();
            report(job, |tasks: &Vec<_>| tally(tasks))
        }
        (Job::List { endpoint, window }, Transport::Reqwest) => {
            let runtime = tokio::runtime::Runtime::new()?;
            let job =
                async { reqwest(endpoint)?.items(all()).with_window(usize::from(*window)).collect().await };
            report(|| runtime.block_on(job), |tasks| tally(tasks))
        }
        (Job::Small { endpoint, count }, Transport::Ureq) => {
            let job = || -> Result<usize, Failure> {
                let (kps, ten) = (ureq(endpoint)?, ten()?);
                (0..*count).try_fold(0, |sum, _| Ok(sum + kps.send(ten.clone())?.tasks.len()))
            };
            report(job, |sum| (*count, *sum))
        }
        (Job::Small { endpoint, count }, Transport::Reqwest) => {
            let runtime = tokio::runtime::Runtime::new()?;
            report(|| runtime.block_on(small(endpoint, *count)), |sum| (*count, *sum))
        }
        (Job::Sign { count }, Transport::Ureq) => {
            let kps = ureq("http://kps.example.com")?;
            let job = || -> Result<usize, Failure> {
                (0..*count).try_fold(0, |sum, n| Ok(sum + kps.prepare(page(n)?)?.headers().len()))
            };
            report(job, |sum| (*count as usize, *sum))
        }
        (Job::Sign { count }, Transport::Reqwest) => {
            let runtime = tokio::runtime::Runtime::new()?;
            report(|| runtime.block_on(sign(*count)), |sum| (*count as usize, *sum))
        }
        (Job::Decode { file, count }, _) => {
            let bytes = std::fs::read(file)?;
            let job = || -> Result<usize, Failure> {
                (0..*count)
                    .try_fold(0, |sum, _| Ok(sum + from_json::<ListFailedTaskResponse>(&bytes)?.tasks.len()))
            };
            report(job, |sum| (*count, *sum))
        }
    }
}

async fn small(endpoint: &str, count: usize) -> Result<usize, Failure> {
    let (kps, ten) = (reqwest(endpoint)?, ten()?);
    let mut sum = 0;
    for _ in 0..count {
        sum += kps.send(ten.clone()).await?.tasks.len();
    }
    Ok(sum)
}

async fn sign(count: u32) -> Result<usize, Failure> {
    let kps = reqwest("http://kps.example.com")?;
    let mut sum = 0;
    for n in 0..count {
        sum += kps.prepare(page(n)?).await?.headers().len();
    }
    Ok(sum)
}

fn all() -> ListFailedTask {
    ListFailedTask::new().with_limit(Limit::MAX)
}

fn ten() -> Result<ListFailedTask, Failure> {
    Ok(ListFailedTask::new().with_limit(Limit::new(10)?).with_offset(Offset::START))
}

fn page(n: u32) -> Result<ListFailedTask, Failure> {
    Ok(ListFailedTask::new().with_limit(Limit::MAX).with_offset(Offset::new(n % 100_000)?))
}

fn ureq(endpoint: &str) -> Result<kps_ureq::Client, Error> {
    site(kps_ureq::builder(), endpoint)?.build()
}

fn reqwest(endpoint: &str) -> Result<kps_reqwest::Client, Error> {
    site(kps_reqwest::builder(), endpoint)?.build()
}

fn site<C>(builder: Builder<C>, endpoint: &str) -> Result<Builder<C>, Error> {
    let project = ProjectId::new("0a1b2c3d4e5f60718293a4b5c6d7e8f9")
        .map_err(|error| Error::config(error.to_string()))?;
    Ok(builder
        .endpoint(endpoint)
        .project_id(project)
        .credentials(Credentials::access_key(
            "AKIDEXAMPLE0123456789",
            "sk0123456789abcdefghijklmnopqrstuvwxyzAB",
        ))
        .http(HttpOptions::new().with_proxy(Proxy::None)))
}

fn tally(tasks: &[FailedTask]) -> (usize, usize) {
    (tasks.len(), tasks.iter().filter(|task| task.task_error_code.is_none()).count())
}

fn report<T, E: Into<Failure>>(
    job: impl FnOnce() -> Result<T, E>,
    sum: impl FnOnce(&T) -> (usize, usize),
) -> Result<(), Failure> {
    let (cpu, wall) = (ProcessTime::try_now()?, Instant::now());
    let outcome = job().map_err(Into::into)?;
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu.try_elapsed()?.as_secs_f64());
    let (ops, check) = sum(&outcome);
    println!(r#"{{"ops":{ops},"wall_s":{wall:.9},"cpu_s":{cpu:.6},"check":{check}}}"#);
    Ok(())
}
