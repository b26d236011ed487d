//! What the program costs as a whole, as ratios of the processor time of processes: a list against the bare program that
//! prints the same lines, and a start against an empty program of clap's.
//!
//! `cargo bench -p kps-cli` builds the program and the bare ones, which are examples, as they would be released, and prints
//! the medians over pairs of runs. The server is a thread of this process, and does not count.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it is a program that measures"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kps_emulator::{Emulator, Seed, Server};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// So many tasks are listed, the whole of a page.
const TASKS: u32 = 1000;

fn main() {
    let programs = ["build", "--release", "--package", "kps-cli", "--bins", "--examples", "--quiet"];
    assert!(Command::new(env!("CARGO")).args(programs).status().unwrap().success());
    let server = Server::start(Emulator::with_seed(seed())).unwrap();
    let endpoint = server.endpoint().to_string();
    let host = endpoint.trim_start_matches("http://").to_owned();
    for form in ["table", "ndjson"] {
        let mut ours = kps(&["failed", "--output", form, "--endpoint", &endpoint]);
        ours.env("HUAWEICLOUD_SDK_AK", Emulator::ACCESS_KEY_ID)
            .env("HUAWEICLOUD_SDK_SK", Emulator::SECRET_ACCESS_KEY)
            .env("HUAWEICLOUD_SDK_PROJECT_ID", Emulator::PROJECT_ID);
        let mut bare = Command::new(example("bare"));
        bare.args([form, &host]);
        assert_eq!(ours.output().unwrap().stdout, bare.output().unwrap().stdout, "not the same lines");
        compare(&format!("list {TASKS} tasks as {form}"), 1.3, 100, &mut ours, &mut bare);
    }
    let mut empty = Command::new(example("empty"));
    compare("start", 1.5, 200, &mut kps(&["--version"]), empty.arg("--version"));
}

fn seed() -> Seed {
    let tasks: Vec<String> = (0..TASKS)
        .map(|n| {
            let kind = ["FAILED_RESET", "FAILED_REPLACE", "FAILED_UNBIND"][n as usize % 3];
            let code = if n % 4 == 3 { "" } else { r#""task_error_code":"KPS.0001","# };
            format!(
                r#"{{"task_id":"aee8d2fe-5484-4753-9177-{n:012x}","operate_type":"{kind}","task_time":"{}",{code}"task_error_msg":"Update public key error","server_name":"Test-{n:06}","server_id":"c9aa197b-a6b6-4c33-b3a6-{n:012x}","keypair_name":"KeyPair-{:04}"}}"#,
                1_523_342_130_000_u64 + u64::from(n) * 1000,
                n % 97,
            )
        })
        .collect();
    let seed = format!(
        r#"{{"access_keys":[{{"id":"{}","secret":"{}"}}],"projects":{{"{}":{{"failed_tasks":[{}]}}}}}}"#,
        Emulator::ACCESS_KEY_ID,
        Emulator::SECRET_ACCESS_KEY,
        Emulator::PROJECT_ID,
        tasks.join(",")
    );
    Seed::from_json(seed.as_bytes()).unwrap()
}

fn kps(arguments: &[&str]) -> Command {
    let mut kps = Command::new(env!("CARGO_BIN_EXE_kps"));
    kps.args(arguments).env_clear();
    kps
}

/// Beside the program, where `cargo build --examples` puts it.
fn example(name: &str) -> PathBuf {
    let place = Path::new(env!("CARGO_BIN_EXE_kps")).parent().unwrap().join("examples").join(name);
    assert!(place.exists(), "{} is not there", place.display());
    place
}

/// Runs both in turns and prints the median ratio of their processor times.
fn compare(what: &str, budget: f64, pairs: usize, ours: &mut Command, theirs: &mut Command) {
    let mut times: Vec<(f64, f64)> = (0..pairs).map(|_| (cost(ours), cost(theirs))).collect();
    times.sort_by(|one, other| (one.0 / one.1).total_cmp(&(other.0 / other.1)));
    let (ours, theirs) = times[pairs / 2];
    let ratio = ours / theirs;
    let mark = if ratio > budget { "  OVER BUDGET" } else { "" };
    println!("{what:28} {ratio:.2} × (budget {budget:.2} ×), {ours:.2} ms against {theirs:.2} ms{mark}");
}

/// Milliseconds of the processor that a run takes, in the program and for it.
fn cost(command: &mut Command) -> f64 {
    let so_far = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
        usage.user_time().num_microseconds() + usage.system_time().num_microseconds()
    };
    let before = so_far();
    assert!(command.stdout(Stdio::null()).status().unwrap().success());
    (so_far() - before) as f64 / 1000.0
}
