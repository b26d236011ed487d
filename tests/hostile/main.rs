//! No server, however broken, makes a client hang, panic or grow: what both adapters make of one, over sockets.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod case;
mod json;
mod reuse;
mod says;
mod server;
#[path = "../support/mod.rs"]
mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::answers::{
    cut_answers, large_answers, large_heads, lengths_that_lie, odd_bodies, odd_statuses, packed_bodies,
    slow_answers, what_is_no_http,
};
use crate::json::{odd_json, odd_refusals};

#[test]
fn each_ends_in_what_it_is() {
    let mut cases = Vec::new();
    for some in [
        large_answers,
        slow_answers,
        cut_answers,
        lengths_that_lie,
        odd_bodies,
        odd_statuses,
        what_is_no_http,
        large_heads,
        odd_json,
        odd_refusals,
        packed_bodies,
    ] {
        cases.extend(some());
    }
    let next = AtomicUsize::new(0);
    // Some of them wait for a time-out, and others need not wait for those.
    let faults: Vec<String> = thread::scope(|scope| {
        let worker = || {
            let mut faults = Vec::new();
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                faults.extend(case.run());
            }
            faults
        };
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    println!("{} hostile servers, each in both colours", cases.len());
}
