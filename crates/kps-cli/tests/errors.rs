//! What errors tell a person, who has flags and commands and no library.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use http::StatusCode;
use kps_emulator::{Fault, FaultRule};
use support::service::Service;

mod support;

#[test]
fn an_error_names_flags_and_commands() {
    for (arguments, variables, code, told) in [
        (
            &["failed", "--endpoint", "http://127.0.0.1:1"][..],
            &[("HUAWEICLOUD_SDK_AK", "AK"), ("HUAWEICLOUD_SDK_SK", "hunter2")][..],
            2,
            "no project id: set HUAWEICLOUD_SDK_PROJECT_ID, name it with --project-id, or set a region",
        ),
        (
            &["failed", "--region", "cn-nort-4"],
            &[("HUAWEICLOUD_SDK_AK", "AK"), ("HUAWEICLOUD_SDK_SK", "hunter2")],
            2,
            "name its endpoint with --endpoint or the variable ",
        ),
        (
            &["sign", "https://a.example/"],
            &[("HUAWEICLOUD_SDK_SK", "hunter2")],
            3,
            "HUAWEICLOUD_SDK_SK is set and HUAWEICLOUD_SDK_AK is not; set both; `kps configure` writes a key down",
        ),
        (&["failed"], &[], 2, "no region is named; say --region"),
        (
            // Who is asked for the project is not reached, which is no fault of the credentials.
            &["failed", "--region", "cn-north-4"],
            &[
                ("HUAWEICLOUD_SDK_AK", "AK"),
                ("HUAWEICLOUD_SDK_SK", "hunter2"),
                ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "http://127.0.0.1:1"),
            ],
            4,
            "; `kps doctor` finds out why",
        ),
        (&["configure", "--ak", "A K", "--sk-file", "Cargo.toml"], &[], 2, "is not one word"),
        (&["keypair", "create", "a", "--save", "none/", "--demo"], &[], 2, "; make it with `mkdir -p none/`"),
        (&["bind", "", "--keypair", "bastion", "--demo"], &[], 2, "the name of a server is empty"),
        (
            &["call", "ListKeypairs", "limit=x", "--demo"],
            &[],
            2,
            "expected a number; `kps call ListKeypairs --skel",
        ),
        (
            &["call", "ListKeypairs", "--json", "-", "--demo"],
            &[],
            2,
            "the request of ListKeypairs is empty; ",
        ),
        (
            &["keypair", "import", "a", "--public-key", "-", "--demo"],
            &[],
            2,
            "standard input: not a public key: ",
        ),
        (
            &["task", "wait", "no-such", "--demo"],
            &[],
            1,
            "take the id unchanged from a receipt or a list of tasks\n",
        ),
    ] {
        for form in ["table", "json"] {
            let mut command = support::kps(arguments);
            command.args(["-o", form]).envs(variables.iter().copied()).stdin(std::process::Stdio::null());
            let output = command.output().unwrap();
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code), "{error}");
            assert!(form == "json" || error.contains(told), "{error}");
            assert!(!error.contains("`project_id`") && !error.contains("hunter2"), "{error}");
        }
    }
}

#[test]
fn what_the_system_tells_by_numbers_is_told_in_words() {
    let nobody = ["failed", "--endpoint", "http://127.0.0.1:1", "--timeout", "1s"];
    for (arguments, variables, code, told) in [
        (&nobody[..], &support::credentials()[..], 4, "): nobody listens there"),
        (
            &["failed", "--region", "cn-north-4"],
            &[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "tests")],
            3,
            "tests cannot be read: it is a directory",
        ),
        (&["emulator", "--seed", "none"], &[], 2, "the seed file none cannot be read: it is not there"),
        (
            &["emulator", "--persist", "none/a"],
            &[],
            2,
            "none/a cannot be written: its directory is not there",
        ),
    ] {
        for form in ["table", "json"] {
            let mut command = support::kps(arguments);
            let (_, error, exit) = support::ended(command.args(["-o", form]).envs(variables.iter().copied()));
            assert!(exit == code && error.contains(told), "{error}");
            assert!(!error.contains("os error") && !error.contains(".tmp"), "{error}");
        }
    }
}

#[test]
fn wrong_arguments_are_told_in_json_where_that_is_asked_for() {
    for (arguments, told, cure) in [
        (&["faild", "-o", "json"][..], "unrecognized subcommand 'faild'", "failed"),
        (&["failed", "--limit", "x", "--output=ndjson"], "invalid value 'x' for '--limit", "--help"),
        (&["-ojson", "bind", "a", "--keypair", "b", "--wait=x"], "such as 90s, 5m or 8h", "--help"),
        (
            &["-ojson", "keypair", "create", "a", "--lifetime", "0s"],
            "nothing can be done in no time",
            "--help",
        ),
        (
            &["-ojson", "task", "show", "33c4774e…"],
            "it was cut to fit a terminal; lists show it whole with",
            "--help",
        ),
        (&["-ojson", "keypair", "list", "--limit", "0"], "expected a number, 1 or more", "--help"),
        (&["-ojson", "keypair", "show"], "required arguments were not provided: <", "--help"),
    ] {
        let output = support::kps(arguments).output().unwrap();
        let error: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
        let error = &error["error"];
        assert_eq!((&error["id"], &error["exit"]), (&"usage".into(), &2.into()), "{error}");
        assert!(error["message"].as_str().unwrap().contains(told), "{error}");
        assert!(error["cure"].as_str().unwrap().contains(cure), "{error}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    }
    for arguments in [&["--help", "-o", "json"][..], &["--version", "-o", "json"], &["faild", "-o", "csv"]] {
        let output = support::kps(arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        assert!(!text.starts_with(b"{"), "{arguments:?}");
    }
}

#[test]
fn a_file_that_cannot_be_had_is_named_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("file"), "text").unwrap();
    let (there_is_none, its_path) =
        ("there is no directory none; make it with `mkdir -p none`", "; see whether its path");
    for (arguments, named, cure) in [
        (&["keypair", "create", "a", "--save", "none/a"][..], "none/a cannot be written", there_is_none),
        (
            &["keypair", "create", "a", "--type", "ed25519", "--save", "none/a"],
            "none/a cannot",
            there_is_none,
        ),
        (&["keypair", "create", "a", "--save", "file/a"], "file/a cannot be written", "name another place"),
        (&["keypair", "export", "bastion", "--save", "none/a"], "none/a cannot be written", there_is_none),
        (
            &["keypair", "import", "a", "--public-key", "none"],
            "the public key in none cannot be read",
            its_path,
        ),
        (&["keypair", "import", "a=none"], "the public key in none cannot be read", its_path),
        (
            &["keypair", "import", "a", "--private-key", "."],
            "the private key in . cannot be read",
            "name a file in it",
        ),
        (
            &["keypair", "host", "a", "--private-key", "none"],
            "the private key in none cannot be read",
            its_path,
        ),
        (
            &["call", "ExportPrivateKey", "keypair.name=bastion", "--save", "none/a"],
            "none/a cannot",
            there_is_none,
        ),
        (&["call", "ListKeypairs", "--json", "none"], "none cannot be read", its_path),
        (&["sign", "https://a.example/", "--body-file", "none"], "the body none cannot be read", its_path),
        (&["unbind", "--servers-file", "none"], "none cannot be read", its_path),
        (
            &["bind", "web-1", "--keypair", "bastion", "--password-file", "none"],
            "none cannot be read",
            its_path,
        ),
        (&["configure", "--ak", "AK", "--sk-file", "none"], "none cannot be read", its_path),
        (&["man", "none"], "the manual cannot be written", there_is_none),
        (&["man", "file"], "the manual cannot be written", "file is no directory; name another place"),
    ] {
        let mut command = support::kps(arguments);
        command.current_dir(directory.path()).stdin(std::process::Stdio::null());
        if !matches!(arguments[0], "configure" | "man") {
            command.arg("--demo");
        }
        let output = command.output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(named) && error.contains(cure), "{arguments:?}: {error}");
        assert!(!error.contains("os error"), "{arguments:?}: {error}");
    }
    let files = std::fs::read_dir(directory.path()).unwrap();
    assert_eq!(files.map(|file| file.unwrap().file_name()).collect::<Vec<_>>(), ["file"]);
}

#[test]
fn what_comes_in_place_of_an_answer_is_told_with_what_to_do() {
    let service = Service::new();
    for (fault, code, cure) in [
        (Fault::Garbage, 1, "; see whether it is the service that answers there"),
        (Fault::Status(StatusCode::NOT_FOUND), 7, "; see whether it is the service that answers there"),
        (Fault::Status(StatusCode::SERVICE_UNAVAILABLE), 1, "; it may pass; try again later"),
        (Fault::CutBody, 4, "; `kps doctor` finds out why"),
    ] {
        service.emulator().clear_faults();
        service.emulator().inject(FaultRule::new(fault).on("ListRunningTask").unwrap());
        let told = service.run(&["running", "--timeout", "1s"]).failed(code);
        assert!(told.contains(cure), "{told}");
    }
}
