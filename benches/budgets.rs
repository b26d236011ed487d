//! What the clients cost, as ratios against bare programs that do the same by hand, in one run.
//!
//! `cargo bench --bench budgets` prints, for each job, the median over pairs of runs of our processor time over theirs. Only
//! the thread that works is timed, so that the server, a thread of this process, does not count. For windows it is the
//! time that passes, of a server that is 20 ms away. Behind `--`, parts of names choose jobs.
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::semicolon_if_nothing_returned,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "it is a program that measures"
)]

mod support;

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use cpu_time::ThreadTime;
use hmac::{Hmac, KeyInit, Mac};
use kps_core::sign::Signer;
use kps_core::{Limit, ListFailedTask, ListFailedTaskResponse, Offset, Secret, from_json};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use support::{AK, PROJECT, SK, TASKS, over, page, serve, site, target};

fn main() {
    let page = page(TASKS, 1000, 0);
    compare(
        "decode a page of 1000 tasks",
        0.7,
        60,
        || {
            for _ in 0..20 {
                black_box(from_json::<ListFailedTaskResponse>(page.as_bytes()).unwrap());
            }
        },
        || {
            for _ in 0..20 {
                black_box(serde_json::from_slice::<BarePage>(page.as_bytes()).unwrap());
            }
        },
    );
    sign();
    let address = serve(Duration::ZERO);
    blocking_calls(&address);
    awaited_calls(&address);
    windows();
}

/// Runs both in turns and prints the median ratio of their processor times.
fn compare(what: &str, budget: f64, pairs: usize, ours: impl FnMut(), theirs: impl FnMut()) {
    let timed = |job: &mut dyn FnMut()| {
        let start = ThreadTime::now();
        job();
        start.elapsed().as_secs_f64()
    };
    compare_by(timed, what, budget, pairs, ours, theirs);
}

/// The same, of the time that passes.
fn compare_wall(what: &str, budget: f64, pairs: usize, ours: impl FnMut(), theirs: impl FnMut()) {
    let timed = |job: &mut dyn FnMut()| {
        let start = Instant::now();
        job();
        start.elapsed().as_secs_f64()
    };
    compare_by(timed, what, budget, pairs, ours, theirs);
}

fn compare_by(
    timed: impl Fn(&mut dyn FnMut()) -> f64,
    what: &str,
    budget: f64,
    pairs: usize,
    mut ours: impl FnMut(),
    mut theirs: impl FnMut(),
) {
    if !is_chosen(what) {
        return;
    }
    // One run each that does not count.
    timed(&mut ours);
    timed(&mut theirs);
    let mut ratios: Vec<f64> = (0..pairs).map(|_| timed(&mut ours) / timed(&mut theirs)).collect();
    ratios.sort_by(f64::total_cmp);
    let ratio = ratios[pairs / 2];
    println!("{what:44} {ratio:.2} × (budget {budget:.2} ×){}", over(ratio > budget));
}

/// Whether the job is among those that are named, by a part of its name, behind `--`; if none is, all are.
fn is_chosen(what: &str) -> bool {
    let mut named = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).peekable();
    named.peek().is_none() || named.any(|name| what.contains(&name))
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what a bare program would read")]
struct BarePage {
    total: usize,
    tasks: Vec<BareTask>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what a bare program would read")]
struct BareTask {
    task_id: String,
    operate_type: String,
    task_time: String,
    task_error_code: Option<String>,
    task_error_msg: Option<String>,
    server_name: String,
    server_id: String,
    keypair_name: String,
}

/// Building and signing a request, against hashing the same bytes alone.
fn sign() {
    let kps = site(kps_ureq::builder(), "http://kps.example.com").build().unwrap();
    let operation =
        |n: u32| ListFailedTask::new().with_limit(Limit::MAX).with_offset(Offset::new(n).unwrap());
    let url = format!("http://kms.example.com/v3/{PROJECT}/failed-tasks?limit=1000&offset=0");
    let headers = [("content-type", "application/json"), ("x-project-id", PROJECT)];
    let signer = Signer::new(AK, &Secret::new(SK)).unwrap();
    let signed = signer.sign("GET", &url, &headers, b"", SystemTime::UNIX_EPOCH).unwrap();
    let (canonical, date) = (signed.canonical_request(), "19700101T000000Z");
    compare(
        "build and sign a request",
        1.7,
        60,
        || {
            for n in 0..5000 {
                black_box(kps.prepare(operation(n)).unwrap());
            }
        },
        || {
            for _ in 0..5000 {
                let hash = hex::encode(Sha256::digest(black_box(canonical)));
                let mut mac = Hmac::<Sha256>::new_from_slice(SK.as_bytes()).unwrap();
                mac.update(format!("SDK-HMAC-SHA256\n{date}\n{hash}").as_bytes());
                black_box(hex::encode(mac.finalize().into_bytes()));
            }
        },
    );
}

fn small() -> ListFailedTask {
    ListFailedTask::new().with_limit(Limit::new(10).unwrap()).with_offset(Offset::START)
}

fn all() -> ListFailedTask {
    ListFailedTask::new().with_limit(Limit::MAX)
}

/// Whole calls, against the same by hand on the bare HTTP client.
fn blocking_calls(address: &str) {
    let endpoint = format!("http://{address}");
    let bare = ureq::Agent::new_with_defaults();
    let bare_page = |limit, offset| {
        let mut request = bare.get(format!("{endpoint}{}", target(limit, offset)));
        for (name, value) in bare_headers(address, limit, offset) {
            request = request.header(name, value);
        }
        let body = request.call().unwrap().body_mut().read_to_vec().unwrap();
        serde_json::from_slice::<BarePage>(&body).unwrap()
    };
    let kps = site(kps_ureq::builder(), &endpoint).build().unwrap();
    compare(
        "2000 small calls, kps-ureq",
        1.05,
        9,
        || {
            (0..2000).for_each(|_| drop(black_box(kps.send(small()).unwrap())));
        },
        || (0..2000).for_each(|_| drop(black_box(bare_page(10, 0)))),
    );
    compare(
        "list 100,000 tasks, kps-ureq",
        0.85,
        9,
        || {
            black_box(kps.items(all()).collect::<Result<Vec<_>, _>>().unwrap());
        },
        || {
            black_box(
                (0..TASKS).step_by(1000).flat_map(|offset| bare_page(1000, offset).tasks).collect::<Vec<_>>(),
            );
        },
    );
}

/// The same with the clients that are awaited.
fn awaited_calls(address: &str) {
    let endpoint = format!("http://{address}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // A bare program has to choose a provider; both sides are given the same.
    drop(rustls::crypto::ring::default_provider().install_default());
    let bare = reqwest::Client::builder().no_proxy().build().unwrap();
    let bare_page = async |limit, offset| {
        let mut request = bare.get(format!("{endpoint}{}", target(limit, offset)));
        for (name, value) in bare_headers(address, limit, offset) {
            request = request.header(name, value);
        }
        let body = request.send().await.unwrap().bytes().await.unwrap();
        serde_json::from_slice::<BarePage>(&body).unwrap()
    };
    let kps = site(kps_reqwest::builder(), &endpoint).build().unwrap();
    compare(
        "2000 small calls, kps-reqwest",
        1.05,
        9,
        || {
            runtime.block_on(async {
                for _ in 0..2000 {
                    black_box(kps.send(small()).await.unwrap());
                }
            })
        },
        || {
            runtime.block_on(async {
                for _ in 0..2000 {
                    black_box(bare_page(10, 0).await);
                }
            })
        },
    );
    compare(
        "list 100,000 tasks, kps-reqwest",
        0.85,
        9,
        || {
            runtime.block_on(async {
                black_box(kps.items(all()).collect().await.unwrap());
            })
        },
        || {
            runtime.block_on(async {
                let mut tasks = Vec::new();
                for offset in (0..TASKS).step_by(1000) {
                    tasks.extend(bare_page(1000, offset).await.tasks);
                }
                black_box(tasks);
            })
        },
    );
}

/// Lists with a window of eight pages, against page by page, of a service that is 20 ms away.
fn windows() {
    let endpoint = format!("http://{}", serve(Duration::from_millis(20)));
    let kps = site(kps_ureq::builder(), &endpoint).build().unwrap();
    let list = |window| {
        let tasks: Result<Vec<_>, _> = kps.items(all()).with_window(window).collect();
        assert_eq!(black_box(tasks.unwrap()).len(), TASKS);
    };
    compare_wall("list, window 8, 20 ms away, kps-ureq", 0.2, 3, || list(8), || list(1));
    let one = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    windows_on(&one, "the same, kps-reqwest, on one thread", 0.22, &endpoint);
    let several = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    windows_on(&several, "the same, kps-reqwest, on several threads", 0.2, &endpoint);
}

/// With a client of its own, whose connections are bound to the runtime.
fn windows_on(runtime: &tokio::runtime::Runtime, what: &str, budget: f64, endpoint: &str) {
    let kps = site(kps_reqwest::builder(), endpoint).build().unwrap();
    let list = async |window| {
        let tasks = kps.items(all()).with_window(window).collect().await;
        assert_eq!(black_box(tasks.unwrap()).len(), TASKS);
    };
    compare_wall(what, budget, 3, || runtime.block_on(list(8)), || runtime.block_on(list(1)));
}

/// The headers of a request signed by hand, as a program without an SDK would write it.
fn bare_headers(host: &str, limit: usize, offset: usize) -> [(&'static str, String); 4] {
    const SIGNED: &str = "content-type;host;x-project-id;x-sdk-date";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let utc = kps_core::Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap()).utc().unwrap();
    let date = format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second,
    );
    let canonical = format!(
        "GET\n/v3/{PROJECT}/failed-tasks/\nlimit={limit}&offset={offset}\ncontent-type:application/json\nhost:{host}\n\
         x-project-id:{PROJECT}\nx-sdk-date:{date}\n\n{SIGNED}\n{EMPTY}"
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(SK.as_bytes()).unwrap();
    mac.update(format!("SDK-HMAC-SHA256\n{date}\n{}", hex::encode(Sha256::digest(canonical))).as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    let authorization = format!("SDK-HMAC-SHA256 Access={AK}, SignedHeaders={SIGNED}, Signature={signature}");
    [
        ("content-type", "application/json".into()),
        ("x-project-id", PROJECT.into()),
        ("x-sdk-date", date),
        ("authorization", authorization),
    ]
}
