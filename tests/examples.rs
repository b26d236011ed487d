//! The examples as the programs they are: what they print, where, and how they end.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::TcpListener;
use std::process::{Command, Output};

const LISTS: [&str; 2] = ["list_failed_tasks", "list_failed_tasks_async"];
/// Where nobody listens: what is embedded is not to be reached by way of a proxy.
const PROXY: (&str, &str) = ("HTTP_PROXY", "http://127.0.0.1:9");

/// `cargo test` builds the examples beside the tests.
fn run(example: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().unwrap().parent().unwrap().join("examples").join(example);
    let mut command = Command::new(program);
    for name in ["AK", "SK", "SECURITY_TOKEN", "PROJECT_ID", "REGION_KPS_CN_NORTH_4"] {
        command.env_remove(format!("HUAWEICLOUD_SDK_{name}"));
    }
    for name in ["HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    let output = command.args(arguments).envs(variables.iter().copied()).output();
    output.unwrap_or_else(|error| {
        panic!("{example}: {error}; alone, this test needs `cargo build --examples` before it")
    })
}

#[test]
fn without_a_key_they_list_the_emulators_tasks() {
    for example in LISTS {
        let output = run(example, &["--limit", "5"], &[PROXY]);
        assert!(output.status.success());
        let lines = String::from_utf8(output.stdout).unwrap();
        assert!(
            lines.lines().count() > 36 && lines.lines().all(|line| line.split('\t').count() == 6),
            "{lines}"
        );
        let sample = "aee8d2fe-5484-4753-9177-5a38dc15546c\tRUNNING_RESET\t2018-04-10T06:35:30Z\tUpdate public key error\tTest\tKeyPair-xt\n";
        assert!(lines.starts_with(sample), "{lines}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("embedded emulator at http://127.0.0.1:"));
    }
}

#[test]
fn what_fails_is_said_on_standard_error() {
    let free = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let (ak, sk) = (("HUAWEICLOUD_SDK_AK", "ak"), ("HUAWEICLOUD_SDK_SK", "sk"));
    let (project, endpoint) =
        (("HUAWEICLOUD_SDK_PROJECT_ID", "p"), ("HUAWEICLOUD_SDK_REGION_KPS_CN_NORTH_4", free.as_str()));
    let iam = ("HUAWEICLOUD_SDK_IAM_ENDPOINT", free.as_str());
    let region = &["--region", "cn-north-4"][..];
    for example in LISTS {
        for (arguments, variables, text) in [
            (region, &[ak][..], "HUAWEICLOUD_SDK_SK is not; set both"),
            (region, &[sk], "HUAWEICLOUD_SDK_AK is not; set both"),
            (&[], &[ak, sk, project], "no region"),
            (
                region,
                &[ak, sk, endpoint, iam],
                &format!("ListFailedTask: the look-up of the project: could not connect to {free}"),
            ),
            (
                region,
                &[ak, sk, project, endpoint],
                &format!("ListFailedTask: could not connect to {free} (3 attempts): "),
            ),
            (&["--limit", "0"], &[], "a limit must be 1 to 1000, not 0"),
        ] {
            let output = run(example, arguments, variables);
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains(text), "{said}");
            assert!(output.stdout.is_empty());
        }
    }
}

/// What an example prints that needs no arguments.
fn printed(example: &str) -> String {
    let output = run(example, &[], &[PROXY]);
    assert!(output.status.success(), "{example}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_life_of_a_key_pair_is_the_same_in_both_colours() {
    let (blocking, awaited) = (printed("keypair_life"), printed("keypair_life_async"));
    assert_eq!(blocking, awaited);
    let readme = include_str!("../README.md");
    assert!(readme.contains(&format!("```text\n{blocking}```\n")), "the README does not show:\n{blocking}");
}

#[test]
fn a_task_that_fails_and_one_that_does_not_are_waited_for() {
    let expected = "binding\n  READY_BIND\n  RUNNING_BIND\n  FAILED_BIND\n\
                    Failed to log in to the server: the password is wrong\n\
                    binding\n  READY_BIND\n  RUNNING_BIND\n  SUCCESS_BIND\nended as SUCCESS_BIND after 3 looks\n";
    assert_eq!(printed("bind_and_wait"), expected);
}

#[test]
fn an_example_for_each_group_runs() {
    for (example, lines) in [
        (
            "key_pairs",
            &[
                "made deploy, a private key of ",
                "ann-laptop\tSSH_ED25519\tSHA256:0rIl3neHx/FAqXqjC7sVEzAxhDqf1BN7kSLhse773sg\tAnn's laptop",
                "deploy\tSSH_RSA_2048\tSHA256:",
                "ListKeypairDetail: the service answered status 400, request id ",
            ][..],
        ),
        (
            "private_keys",
            &[
                "made, and hosted: true",
                "exported: PrivateKey(<redacted>), ",
                "cleared, and hosted: false",
                "ExportPrivateKey: the service answered status 400, request id ",
                "imported, and hosted: true",
            ],
        ),
        (
            "failed_tasks_everywhere",
            &[
                "cn-north-4: 31 failed tasks",
                "  4 x The root password is wrong",
                "cn-south-1: 31 failed tasks",
                "eu-west-101: 0 failed tasks",
                "  not all: ListFailedTask: could not connect to http://127.0.0.1:",
            ],
        ),
        (
            "batches",
            &[
                "imported bob",
                "not imported build-agents: BatchImportKeypair: `build-agents` is there with another key: it has SHA256:",
                "accepted task ",
                "an archive of ",
                "build-agents, ",
                "ann: ExportPrivateKey: the service answered status 400, request id ",
            ],
        ),
        (
            "import_many",
            &[
                "125 of 252, and then nothing more",
                "given up",
                "imported now: ",
                "build-agents: BatchImportKeypair: `build-agents` is there with another key: it has SHA256:",
                "user-0: `user-0` is item 1 of the batch already",
            ],
        ),
    ] {
        let text = printed(example);
        for expected in lines {
            assert!(text.lines().any(|line| line.starts_with(expected)), "{expected}: {text}");
        }
        assert!(!text.contains("PRIVATE KEY"), "{text}");
    }
}

#[test]
fn an_import_that_was_given_up_is_completed() {
    let text = printed("import_many");
    let line = text.lines().find(|line| line.starts_with("imported now: ")).unwrap();
    let numbers: Vec<usize> =
        line.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
    let &[now, before, all] = &numbers[..] else { panic!("{line}") };
    assert!(all == 250 && now + before == 250 && before >= 125 && now > 0, "{line}");
}

#[test]
fn a_key_pair_is_replaced_on_many_servers_and_one_tells_why_not() {
    let expected = "web-17: The file /root/.ssh/authorized_keys was changed\n\
                    49 of 50 servers carry team-2026\nteam-2025 stays, since it is in use\n";
    assert_eq!(printed("rotate_keys"), expected);
}

#[test]
fn what_one_brings_oneself_works_like_the_rest() {
    let names = printed("own_transport");
    assert!(names.lines().any(|name| name == "build-agents"), "{names}");
    assert_eq!(printed("own_operation"), "43 tasks failed\n");
}
