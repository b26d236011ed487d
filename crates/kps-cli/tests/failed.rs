//! `kps failed` as a process: lists of any length, those that are looked on, all regions, outputs that end too early.
#![cfg(unix)]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "what tests share is a part of them")]

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use kps_emulator::{Emulator, FaultRule, Seed, Server};
use kps_ureq::{FailedTask, Timestamp};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use support::{asking, ended, kps};

mod support;

fn tasks(count: u32) -> Vec<FailedTask> {
    let task = |n: u32| {
        let id = format!("aee8d2fe-5484-4753-9177-{n:012x}");
        let mut task = FailedTask::new(kps_ureq::TaskId::new(id).unwrap());
        task.task_time = Some(Timestamp::from_millis(1_775_000_000_000 + i64::from(n)).as_text());
        task.server_name = Some(format!("web-{}", n % 3).as_str().into());
        task
    };
    (0..count).map(task).collect()
}

fn holding(count: u32) -> Seed {
    let seed = Seed::empty().with_access_key(Emulator::ACCESS_KEY_ID, Emulator::SECRET_ACCESS_KEY);
    seed.with_failed_tasks(Emulator::project_id(), tasks(count))
}

fn serve(count: u32) -> (Emulator, Server) {
    let emulator = Emulator::with_seed(holding(count));
    (emulator.clone(), Server::start(emulator).unwrap())
}

fn ids(lines: &str) -> Vec<String> {
    let id = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["task_id"].to_string();
    lines.lines().map(id).collect()
}

#[test]
fn all_pages_are_listed_and_no_more_than_are_wanted() {
    let (emulator, server) = serve(3500);
    let (out, said, code) = ended(&mut asking(&server, &["failed", "--output", "ndjson"]));
    assert_eq!((said.as_str(), code), ("", 0));
    let listed = ids(&out);
    assert_eq!((listed.len(), listed.iter().collect::<BTreeSet<_>>().len()), (3500, 3500));
    assert!(listed.is_sorted());

    for (arguments, count, calls) in [
        (&["failed", "--limit", "7"][..], 7, 1),
        (&["failed", "--limit", "1001"], 1001, 2),
        (&["failed", "--limit", "2", "--server", "web-2"], 2, 1),
        (&["failed", "--server", "web-2"], 1166, 4),
        (&["failed", "--server", "db-*"], 0, 4),
    ] {
        let before = emulator.calls().len();
        let (out, _, code) = ended(asking(&server, arguments).args(["--output", "ndjson"]));
        assert_eq!(
            (ids(&out).len(), code, emulator.calls().len() - before),
            (count, 0, calls),
            "{arguments:?}"
        );
    }
}

#[test]
fn what_comes_is_told_once_whatever_happens_meanwhile_and_an_interruption_ends_it_quietly() {
    let (emulator, server) = serve(2);
    let mut command = asking(&server, &["failed", "--watch=1ms", "--timeout", "500ms", "--output", "ndjson"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut told: Vec<String> = lines.by_ref().take(2).collect();

    let broken = r#"{"faults": [{"fault": {"status": 503}, "on": "ListFailedTask"}]}"#;
    FaultRule::list_from_json(broken.as_bytes()).unwrap().into_iter().for_each(|rule| emulator.inject(rule));
    let trouble = said.next().unwrap();
    assert!(trouble.contains("503") && trouble.contains("it is asked again"), "{trouble}");
    emulator.clear_faults();
    assert!(said.next().unwrap().contains("it answers again"));

    emulator.replace_seed(holding(4));
    told.extend(lines.by_ref().take(2));
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    told.extend(lines);
    assert_eq!(ids(&told.join("\n")).into_iter().collect::<BTreeSet<_>>().len(), 4);
    assert_eq!(told.len(), 4);
    assert_eq!(said.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn what_does_not_pass_ends_a_watch() {
    let (emulator, server) = serve(1);
    let mut command = asking(&server, &["failed", "--watch=1ms", "--output", "csv"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    emulator.refuse_next("ListFailedTask", "KPS.9003").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("KPS.9003"));
}

#[test]
fn a_region_that_cannot_be_read_does_not_hide_the_others() {
    let json = format!(
        r#"{{"access_keys":[{{"id":"{}","secret":"{}"}}],
            "identity":{{"projects":[{{"id":"p1","name":"cn-north-4"}},{{"id":"p2","name":"la-south-2"}},{{"id":"p3","name":"cn-east-3"}}]}},
            "projects":{{"p1":{{"failed_tasks":[{{"task_id":"t-1"}},{{"task_id":"t-2"}}]}},"p2":{{"failed_tasks":[{{"task_id":"t-3"}}]}}}}}}"#,
        Emulator::ACCESS_KEY_ID,
        Emulator::SECRET_ACCESS_KEY
    );
    let server = Server::start(Emulator::with_seed(Seed::from_json(json.as_bytes()).unwrap())).unwrap();
    let asking = |arguments: &[&str]| {
        let mut command = kps(arguments);
        command
            .env("HUAWEICLOUD_SDK_AK", Emulator::ACCESS_KEY_ID)
            .env("HUAWEICLOUD_SDK_SK", Emulator::SECRET_ACCESS_KEY)
            // It names a project of one region, which is not meant here.
            .env("HUAWEICLOUD_SDK_PROJECT_ID", "p1")
            .env("HUAWEICLOUD_SDK_IAM_ENDPOINT", server.endpoint());
        for region in ["CN_NORTH_4", "LA_SOUTH_2", "CN_EAST_3"] {
            command.env(format!("HUAWEICLOUD_SDK_REGION_KPS_{region}"), server.endpoint());
        }
        ended(&mut command)
    };
    let (out, said, code) = asking(&["failed", "--all-regions", "--output", "ndjson"]);
    let listed: Vec<&str> = out.lines().collect();
    assert_eq!(
        listed,
        [
            r#"{"region":"cn-north-4","task_id":"t-1"}"#,
            r#"{"region":"cn-north-4","task_id":"t-2"}"#,
            r#"{"region":"la-south-2","task_id":"t-3"}"#,
        ]
    );
    let said: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&said[0]["error"]["region"], &said[0]["error"]["code"]),
        (&"cn-east-3".into(), &"APIGW.0310".into())
    );
    assert!(said[1]["note"].as_str().unwrap().starts_with("no project in 27 of 30 regions: af-north-1, "));
    assert_eq!((said.len(), code), (2, 1));

    // The one that is refused is not asked again, and the others go on.
    let (out, said, code) =
        asking(&["failed", "--all-regions", "--watch=1ms", "--limit", "3", "--output", "csv"]);
    assert_eq!((out.lines().count(), code), (4, 0));
    assert!(said.starts_with("kps: cn-east-3: "), "{said}");
}

#[test]
fn who_reads_no_more_ends_it_quietly() {
    let (_, server) = serve(3000);
    for form in ["table", "csv", "json", "ndjson", "yaml"] {
        let mut command = asking(&server, &["failed", "--output", form]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{form}");
    }
}

#[test]
fn a_watch_ends_when_nobody_reads_any_more_though_there_is_nothing_new() {
    let (_, server) = serve(1);
    let mut command = asking(&server, &["failed", "--watch=1h", "--output", "csv"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.by_ref().take(2).filter_map(Result::ok).count(), 2);
    drop(lines);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_an_error() {
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    for arguments in [
        &["failed", "--demo"][..],
        &["failed", "--demo", "--output", "csv"],
        &["failed", "--demo", "--output", "json"],
        &["failed", "--demo", "--output", "ndjson"],
        &["failed", "--demo", "--output", "yaml"],
        &["failed", "--demo", "--query", "[0]"],
        &["failed", "--demo", "--group-by", "day"],
        &["failed", "--demo", "--all-regions", "--output", "ndjson"],
        &["failed", "--demo", "--dry-run"],
        &["failed", "--demo", "--watch=1ms", "--output", "csv"],
        &["failed", "clear", "--demo", "--yes"],
        &["region", "list"],
        &["--version"],
        &["failed", "--help"],
    ] {
        let output = kps(arguments).stdout(full()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("cannot be written"), "{arguments:?}: {said}");
    }
}
