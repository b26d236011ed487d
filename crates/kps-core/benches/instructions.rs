//! How many instructions decoding, signing and a whole call take. Unlike times they are the same on a busy machine, so that
//! CI can tell when one grows.
//!
//! `cargo bench -p kps-core --bench instructions` runs itself under callgrind, a tool of valgrind, and compares with what is recorded in
//! `benches/instructions.json`; it fails if one has grown by more than 3 %. `-- --write` records them anew. The counts are
//! those of the compiler that is named there, on a processor with AVX2.
#![allow(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "it is a program that measures"
)]

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::process::{Command, ExitCode};

use kps_core::{
    Credentials, Limit, ListFailedTask, ListFailedTaskResponse, Offset, Prepared, ProjectId, blocking,
    from_json,
};
use serde::{Deserialize, Serialize};

/// Its name, and what does it so many times.
type Job = (&'static str, fn(u64));

const JOBS: [Job; 3] = [
    ("decode a page of 1000 tasks", decode),
    ("build and sign a request", sign),
    ("a call over a closure", call),
];

/// More than this, and something was added that was not meant to cost.
const MOST: f64 = 1.03;

#[derive(Serialize, Deserialize)]
struct Record {
    compiler: String,
    instructions: BTreeMap<String, u64>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--job") {
        let job: usize = arguments[at + 1].parse().unwrap();
        JOBS[job].1(arguments[at + 2].parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let counted = JOBS.iter().enumerate().map(|(job, (name, _))| ((*name).to_owned(), count(job)));
    let now = Record { compiler: compiler(), instructions: counted.collect() };
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.json");
    if arguments.iter().any(|argument| argument == "--write") {
        fs::write(path, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    }
    compare(&serde_json::from_slice(&fs::read(path).unwrap()).unwrap(), &now)
}

fn compare(recorded: &Record, now: &Record) -> ExitCode {
    let mut grown = false;
    for (name, count) in &now.instructions {
        let Some(before) = recorded.instructions.get(name) else { panic!("{name} is not recorded") };
        let ratio = *count as f64 / *before as f64;
        grown |= ratio > MOST;
        let mark = if ratio > MOST { "  GROWN" } else { "" };
        println!(
            "{name:30} {count:>12} instructions, {ratio:.3} × of what is recorded (at most {MOST}){mark}"
        );
    }
    if recorded.compiler != now.compiler {
        println!(
            "recorded with {}, and this is {}: record them anew, with -- --write",
            recorded.compiler, now.compiler
        );
        return ExitCode::FAILURE;
    }
    if grown { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn compiler() -> String {
    String::from_utf8(Command::new("rustc").arg("--version").output().unwrap().stdout)
        .unwrap()
        .trim()
        .to_owned()
}

/// Of one time, without what comes before the first.
fn count(job: usize) -> u64 {
    (collected(job, 30) - collected(job, 10)) / 20
}

fn collected(job: usize, times: u64) -> u64 {
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["--job", &job.to_string(), &times.to_string()])
        .output()
        .unwrap_or_else(|error| panic!("valgrind: {error}"));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    let count = said.lines().find_map(|line| line.split_once("Collected :"));
    count.unwrap_or_else(|| panic!("{said}")).1.trim().parse().unwrap()
}

/// A page of so many failed tasks, as the service writes them.
fn page(tasks: usize) -> String {
    let task = |n: usize| {
        format!(
            r#"{{"task_id":"{n:08x}-5484-4753-9177-5a38dc15546c","operate_type":"FAILED_RESET","task_time":"{}","task_error_code":null,"task_error_msg":"Update public key error","server_name":"web-{n}","server_id":"{n:08x}-a6b6-4c33-b3a6-fa0b4ec50006","keypair_name":"team-{}"}}"#,
            1_775_032_200_000 + n,
            n % 7,
        )
    };
    let tasks: Vec<String> = (0..tasks).map(task).collect();
    format!(r#"{{"total":{},"tasks":[{}]}}"#, tasks.len(), tasks.join(","))
}

fn decode(times: u64) {
    let page = page(1000);
    for _ in 0..times {
        black_box(from_json::<ListFailedTaskResponse>(page.as_bytes()).unwrap());
    }
}

fn request(number: u64) -> ListFailedTask {
    let offset = Offset::new(u32::try_from(number).unwrap()).unwrap();
    ListFailedTask::new().with_limit(Limit::MAX).with_offset(offset)
}

fn client(answer: String) -> blocking::Client {
    let answer = bytes::Bytes::from(answer);
    let transport = move |_: Prepared| Ok(http::Response::new(answer.clone()));
    blocking::Client::builder(transport)
        .endpoint("http://kms.example.com")
        .credentials(Credentials::access_key(
            "AKIDEXAMPLE0123456789",
            "sk0123456789abcdefghijklmnopqrstuvwxyzAB",
        ))
        .project_id(ProjectId::new("0a1b2c3d4e5f60718293a4b5c6d7e8f9").unwrap())
        .build()
        .unwrap()
}

fn sign(times: u64) {
    let kps = client(String::new());
    for number in 0..times {
        black_box(kps.prepare(request(number)).unwrap());
    }
}

fn call(times: u64) {
    let kps = client(page(10));
    for number in 0..times {
        black_box(kps.send(request(number)).unwrap());
    }
}
