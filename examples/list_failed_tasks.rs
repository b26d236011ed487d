//! Lists the failed tasks of a project with the blocking client.
//!
//! `cargo run --example list_failed_tasks -- --region cn-north-4`
#![allow(clippy::print_stderr, unreachable_pub, reason = "it is a program")]

mod support;

use std::process::ExitCode;

fn main() -> ExitCode {
    support::main(|args| {
        let (builder, _server) = support::site(args, kps_ureq::builder())?;
        let kps = builder.build()?;
        let mut lines = support::Lines::new();
        for task in kps.items(args.operation()) {
            lines.print(&task?)?;
        }
        Ok(lines.flush()?)
    })
}
