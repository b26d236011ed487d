//! Lists the failed tasks of a project with the async client.
//!
//! `cargo run --example list_failed_tasks_async -- --region cn-north-4`
#![allow(clippy::print_stderr, unreachable_pub, reason = "it is a program")]

mod support;

use std::process::ExitCode;

fn main() -> ExitCode {
    support::main(|args| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(list(args))
    })
}

async fn list(args: &support::Args) -> Result<(), support::Failure> {
    let (builder, _server) = support::site(args, kps_reqwest::builder())?;
    let kps = builder.build()?;
    let mut lines = support::Lines::new();
    let mut tasks = kps.items(args.operation());
    while let Some(task) = tasks.next().await {
        lines.print(&task?)?;
    }
    Ok(lines.flush()?)
}
