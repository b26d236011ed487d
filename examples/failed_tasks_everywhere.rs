//! The failed tasks of a whole account: of several regions at once, with what went wrong how often. One region cannot be
//! reached, and does not hide the others.
//!
//! `cargo run --example failed_tasks_everywhere`
#![allow(clippy::print_stdout, unreachable_pub, reason = "it is a program")]

mod embedded;

use std::collections::BTreeMap;

use kps_reqwest::{Limit, ListFailedTask, Lists, Phase, TaskFilter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), embedded::Failure> {
    let (_, _first, north) = embedded::start(kps_reqwest::builder())?;
    let (_, _second, south) = embedded::start(kps_reqwest::builder())?;
    let (_, third, west) = embedded::start(kps_reqwest::builder())?;
    // Nobody listens there any more.
    drop(third);

    let clients = [("cn-north-4", north), ("cn-south-1", south), ("eu-west-101", west)];
    let clients = clients.into_iter().map(|(region, builder)| Ok((region, builder.build()?)));
    let clients: Vec<_> = clients.collect::<Result<_, embedded::Failure>>()?;

    let failed = TaskFilter::new().with_phase(Phase::Failed);
    let request = ListFailedTask::new().with_limit(Limit::new(10)?);
    let mut lists = Lists::new(clients, |kps| {
        let failed = failed.clone();
        kps.items(request.clone()).with_window(4).with_filter(move |task| failed.holds(task))
    });
    while let Some(list) = lists.next().await {
        println!("{}: {} failed tasks", list.tag, list.items.len());
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for task in &list.items {
            *reasons.entry(task.task_error_msg.as_deref().unwrap_or("no reason given")).or_default() += 1;
        }
        for (reason, count) in reasons {
            println!("  {count} x {reason}");
        }
        if let Some(error) = list.error {
            println!("  not all: {error}");
        }
    }
    Ok(())
}
