//! What the emulator bears, in processor time of the emulator alone, with 100,000 failed tasks in it.
//!
//! `cargo bench --bench load` prints how many lists of ten failed tasks it answers in a second of one core, all of them
//! signed: in this process, where only the calls of the emulator are timed, and over HTTP, where it is a process of its
//! own, which is this program again. Then how many of its failed tasks are deleted one by one in a second, and what the
//! heap grows by while the journal, which is full, goes on. What is over its budget is marked.
#![allow(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "it is a program that measures"
)]

#[allow(dead_code, reason = "what the other benches use")]
mod support;

use std::alloc::System;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use cpu_time::{ProcessTime, ThreadTime};
use http::Request;
use kps_core::{
    DeleteFailedTask, Limit, ListFailedTask, ListFailedTaskResponse, Offset, Operation, ProjectId, TaskId,
    from_json,
};
use kps_emulator::{Emulator, Seed};
use peakmem_alloc::{INSTRUMENTED_SYSTEM, PeakMemAlloc, PeakMemAllocTrait as _};
use support::{AK, PROJECT, SK, TASKS, over, page, site};

#[global_allocator]
static HEAP: &PeakMemAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Of calls in a second of one core.
const BUDGET: f64 = 2000.0;
/// What tells this program to be the emulator.
const SERVE: &str = "serve";

fn main() {
    if std::env::args().any(|argument| argument == SERVE) {
        return serve();
    }
    let signer = site(kps_ureq::builder(), "http://kps.example.com").build().unwrap();
    in_process(&signer);
    over_http();
    deletes(&signer);
    journal(&signer);
}

fn emulator() -> Emulator {
    Emulator::with_seed(seed())
}

fn seed() -> Seed {
    let held: ListFailedTaskResponse = from_json(page(TASKS, TASKS, 0).as_bytes()).unwrap();
    let project = ProjectId::new(PROJECT).unwrap();
    Seed::empty().with_access_key(AK, SK).with_failed_tasks(project, held.tasks)
}

fn signed(signer: &kps_ureq::Client, operation: impl Operation) -> Request<Bytes> {
    signer.prepare(operation).unwrap().into_http()
}

/// A list of ten, anywhere among all.
fn list(at: usize) -> ListFailedTask {
    let offset = u32::try_from(at * 7919 % (TASKS - 10)).unwrap();
    ListFailedTask::new().with_limit(Limit::new(10).unwrap()).with_offset(Offset::new(offset).unwrap())
}

fn lists(signer: &kps_ureq::Client, count: usize) -> Vec<Request<Bytes>> {
    (0..count).map(|at| signed(signer, list(at))).collect()
}

/// How long the emulator takes for these requests, which must succeed.
fn answer(emulator: &Emulator, requests: &[Request<Bytes>]) -> Duration {
    let (now, start) = (SystemTime::now(), ThreadTime::now());
    for request in requests {
        assert_eq!(emulator.handle(request, now).status(), 200);
    }
    start.elapsed()
}

fn in_process(signer: &kps_ureq::Client) {
    let (emulator, requests) = (emulator(), lists(signer, 10_000));
    answer(&emulator, &requests);
    let time: Duration = (0..5).map(|_| answer(&emulator, &requests)).sum();
    rate("lists of ten, in process", 5 * requests.len(), time);
}

fn over_http() {
    const COUNT: usize = 20_000;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg(SERVE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut ask, told) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut told = BufReader::new(told).lines().map(Result::unwrap);
    let kps = site(kps_ureq::builder(), &told.next().unwrap()).build().unwrap();
    let mut processor_time = || {
        writeln!(ask).unwrap();
        Duration::from_nanos(told.next().unwrap().parse().unwrap())
    };
    let send = |count| (0..count).for_each(|at| assert_eq!(kps.send(list(at)).unwrap().tasks.len(), 10));
    send(COUNT / 10);
    let start = processor_time();
    send(COUNT);
    rate("lists of ten, over HTTP", COUNT, processor_time() - start);
    drop(ask);
    assert!(child.wait().unwrap().success());
}

/// Is the emulator: tells its endpoint, and for each line how much processor time it has taken, in nanoseconds.
fn serve() {
    let server = Emulator::builder().seed(seed()).start().unwrap();
    println!("{}", server.endpoint());
    for _ in std::io::stdin().lines() {
        println!("{}", ProcessTime::now().as_duration().as_nanos());
    }
}

fn deletes(signer: &kps_ureq::Client) {
    let emulator = emulator();
    let held: ListFailedTaskResponse = from_json(page(TASKS, TASKS, 0).as_bytes()).unwrap();
    let ids: Vec<TaskId> = held.tasks.into_iter().map(|task| task.task_id).collect();
    // Each once, up and down the list.
    let ids: Vec<&TaskId> = (0..TASKS).map(|at| &ids[at * 7919 % TASKS]).collect();
    let time = ids.chunks(1000).map(|ids| {
        let requests: Vec<_> =
            ids.iter().map(|id| signed(signer, DeleteFailedTask::new((*id).clone()))).collect();
        answer(&emulator, &requests)
    });
    rate("deletes of all 100,000, one by one", TASKS, time.sum());
    assert_eq!(emulator.applied("DeleteFailedTask"), TASKS);
}

/// The journal keeps 10,000 requests. Of many more, the heap must not tell how many there were.
fn journal(signer: &kps_ureq::Client) {
    let emulator = emulator();
    let requests = lists(signer, 10_000);
    let grown_by = |times| {
        HEAP.reset_peak_memory();
        (0..times).for_each(|_| {
            answer(&emulator, &requests);
        });
        HEAP.get_peak_memory() as f64 / 1024.0
    };
    let (full, _, growth) = (grown_by(1), grown_by(1), grown_by(4));
    println!("{:44} {full:9.0} KiB", "the journal, full of 10,000 requests");
    let budget = 16.0;
    println!(
        "{:44} {growth:9.1} KiB (budget {budget} KiB){}",
        "its growth from request 20,000 to 60,000",
        over(growth > budget),
    );
    assert_eq!(emulator.calls().len(), 10_000);
}

fn rate(what: &str, count: usize, time: Duration) {
    let rate = count as f64 / time.as_secs_f64();
    println!("{what:44} {rate:9.0} /s (budget {BUDGET} /s){}", over(rate < BUDGET));
}
