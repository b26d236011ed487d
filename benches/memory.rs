//! How much memory lists take that are handed out one by one, as pages over idle.
//!
//! `cargo bench --bench memory` prints, for a list of 100,000 tasks, how far the heap rose above what the client holds before
//! and after, in pages as they come over the wire. Beside it stands what the bare HTTP client takes for the same pages, which
//! are read and thrown away.
#![allow(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "it is a program that measures"
)]

mod support;

use std::alloc::System;

use kps_core::{Limit, ListFailedTask};
use peakmem_alloc::{INSTRUMENTED_SYSTEM, PeakMemAlloc, PeakMemAllocTrait as _};
use support::{TASKS, over, page, serve, site, target};

#[global_allocator]
static HEAP: &PeakMemAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let endpoint = format!("http://{}", serve(std::time::Duration::ZERO));
    let all = || ListFailedTask::new().with_limit(Limit::MAX);
    let page = page(TASKS, 1000, 0).len();

    let kps = site(kps_ureq::builder(), &endpoint).build().unwrap();
    for window in [1, 8] {
        compare("kps-ureq", window, page, || {
            kps.items(all()).with_window(window).map(Result::unwrap).count()
        });
    }

    let bare = ureq::Agent::new_with_defaults();
    compare("ureq", 1, page, || {
        let page = |offset| {
            let request = bare.get(format!("{endpoint}{}", target(1000, offset)));
            drop(request.call().unwrap().body_mut().read_to_vec().unwrap());
            1000
        };
        (0..TASKS).step_by(1000).map(page).sum()
    });

    // A bare program has to choose a provider.
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let kps = site(kps_reqwest::builder(), &endpoint).build().unwrap();
    for window in [1, 8] {
        compare("kps-reqwest", window, page, || {
            runtime.block_on(async {
                let (mut items, mut count) = (kps.items(all()).with_window(window), 0);
                while let Some(task) = items.next().await {
                    task.unwrap();
                    count += 1;
                }
                count
            })
        });
    }
    let bare = reqwest::Client::builder().no_proxy().build().unwrap();
    compare("reqwest", 1, page, || {
        runtime.block_on(async {
            for offset in (0..TASKS).step_by(1000) {
                let request = bare.get(format!("{endpoint}{}", target(1000, offset)));
                drop(request.send().await.unwrap().bytes().await.unwrap());
            }
            TASKS
        })
    });
}

fn compare(who: &str, window: usize, page: usize, mut list: impl FnMut() -> usize) {
    // Connections and what else stays is there after the first time.
    assert_eq!(list(), TASKS);
    HEAP.reset_peak_memory();
    assert_eq!(list(), TASKS);
    let pages = HEAP.get_peak_memory() as f64 / page as f64;
    let has_budget = window == 1 && who.starts_with("kps");
    let budget = if has_budget { " (budget 3.00)" } else { "" };
    let mark = over(has_budget && pages > 3.0);
    println!("list one by one, window {window}, {who:12} {pages:5.2} pages over idle{budget}{mark}");
}
